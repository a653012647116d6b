import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { required } from './baked-config.ts';

/** Where the services of a region are: China and the European Sovereign Cloud have domains of their own. */
const domainOf = (region: string): string => {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com';
};

/** What is sent: the body, and headers that belong to it, their names in lower case. */
export type Unsigned = { headers: Record<string, string>; body: string };

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
 * A POST to the root of a service of AWS, signed by the SDK's own signer. A whole client for one or two calls would weigh ten times as much.
 */
export const awsRequest = async (
  service: string,
  { headers, body }: Unsigned,
  nowMs: number,
  { region, keys, endpoint }: Signer,
): Promise<{ url: string; headers: Record<string, string> }> => {
  const { href, protocol, hostname, port, host } = new URL(
    endpoint ?? `https://${service}.${region}.${domainOf(region)}`,
  );
  const { sessionToken, ...pair } = keys;
  const credentials = { ...pair, ...(sessionToken !== undefined && { sessionToken }) };
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  const signed = await signer.sign(
    {
      method: 'POST',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: '/',
      query: {},
      headers: { ...headers, host },
      body,
    },
    { signingDate: new Date(nowMs) },
  );
  // `fetch` writes the host by itself, and takes none.
  const { host: _, ...sent } = signed.headers;
  return { url: href, headers: sent };
};
