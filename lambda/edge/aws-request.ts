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

/** Who calls, and where: the keys that it is signed with, and another endpoint than AWS's own. */
export type Signer = {
  region: string;
  keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };
  endpoint?: string | undefined;
};

/** A function, with the keys that Lambda puts into its environment. The local cloud says by AWS_ENDPOINT_URL where it is. */
export const lambdaSigner = (): Signer => ({
  region: required('AWS_REGION'),
  keys: {
    accessKeyId: required('AWS_ACCESS_KEY_ID'),
    secretAccessKey: required('AWS_SECRET_ACCESS_KEY'),
    sessionToken: process.env.AWS_SESSION_TOKEN,
  },
  endpoint: process.env.AWS_ENDPOINT_URL,
});

/**
 * A POST to the root of a service of AWS, signed (IAM user guide, "Create a signed AWS API request"). A client of the SDK for one or two
 * calls would weigh a hundred times as much.
 */
export const awsRequest = (
  service: string,
  { headers, body }: Unsigned,
  nowMs: number,
  { region, keys, endpoint }: Signer,
): { url: string; headers: Record<string, string> } => {
  const url = new URL(endpoint ?? `https://${service}.${region}.${domainOf(region)}`);
  const time = new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const sent: Record<string, string> = {
    ...headers,
    'x-amz-date': time,
    ...(keys.sessionToken !== undefined && { 'x-amz-security-token': keys.sessionToken }),
  };
  const signed: Record<string, string> = { ...sent, host: url.host };
  const names = Object.keys(signed).sort();
  const lines = names.map((name) => `${name}:${signed[name]?.trim()}\n`).join('');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const canonical = ['POST', '/', '', lines, names.join(';'), sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  const said = [
    `Credential=${keys.accessKeyId}/${scope}`,
    `SignedHeaders=${names.join(';')}`,
    `Signature=${hmac(key, text).toString('hex')}`,
  ];
  return { url: url.href, headers: { ...sent, authorization: `AWS4-HMAC-SHA256 ${said.join(', ')}` } };
};
