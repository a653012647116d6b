import { createHash, createHmac } from 'node:crypto';
import { required } from './baked-config.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Where the services of a region are: China and the European Sovereign Cloud have domains of their own. */
const domainOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com';
};

/** What is sent: the body, and headers that belong to it, their names in lower case. */
type Unsigned = { headers: Record<string, string>; body: string };

/**
 * A POST to the root of a service of AWS in the function's own region, signed with the keys that Lambda puts into its environment (IAM user
 * guide, "Create a signed AWS API request"). A client of the SDK for one call would weigh more than all that is posted with. The
 * local cloud says by AWS_ENDPOINT_URL where it is.
 */
export const awsRequest = (
  service: string,
  { headers, body }: Unsigned,
  nowMs: number,
): { url: string; headers: Record<string, string> } => {
  const region = required('AWS_REGION');
  const url = new URL(process.env.AWS_ENDPOINT_URL ?? `https://${service}.${region}.${domainOf(region)}`);
  const time = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const token = process.env.AWS_SESSION_TOKEN;
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-date': time,
    ...(token !== undefined && { 'x-amz-security-token': token }),
  };
  const signed: Record<string, string> = { ...sent, host: url.host };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]?.trim()}\n`).join('');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const canonical = ['POST', '/', '', lines, names.join(';'), sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${required('AWS_SECRET_ACCESS_KEY')}`);
  const signature = hmac(key, text).toString('hex');
  const credential = `Credential=${required('AWS_ACCESS_KEY_ID')}/${scope}`;
  return {
    url: url.href,
    headers: {
      ...sent,
      authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    },
  };
};
