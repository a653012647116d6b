import { createHash } from 'node:crypto';

/** An AWS key pair of the local cloud. */
export type Credentials = { accessKeyId: string; secretAccessKey: string };

/**
 * The access key names the caller, and that is all the local endpoint reads of a signature: it is not verified, so the
 * secret is the same text for everybody and protects nothing.
 */
const SECRET = 'local-signatures-are-not-verified';

const accessKey = (caller: string): string =>
  `AKIA${createHash('sha256').update(caller).digest('hex').slice(0, 16).toUpperCase()}`;

/** The key that a function signs with; it is the same in every run. */
export const accessKeyFor = (functionName: string, region: string): Credentials => ({
  accessKeyId: accessKey(`${functionName}@${region}`),
  secretAccessKey: SECRET,
});

/** The key of the person at this machine: it may call everything. */
export const OPERATOR: Credentials = { accessKeyId: accessKey('operator'), secretAccessKey: SECRET };

/** What the `Authorization` header of a request signed with AWS Signature Version 4 says; undefined for anything else. */
export const readAuthorization = (
  header: string | undefined,
): { accessKeyId: string; region: string; service: string } | undefined => {
  const scope =
    /^AWS4-HMAC-SHA256 .*?Credential=([^/,\s]+)\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request\b/;
  const [, accessKeyId, region, service] = scope.exec(header ?? '') ?? [];
  return accessKeyId === undefined || region === undefined || service === undefined
    ? undefined
    : { accessKeyId, region, service };
};
