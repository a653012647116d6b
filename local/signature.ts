import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What the `Authorization` header of a request signed with AWS Signature Version 4 says. */
export type Authorization = {
  accessKeyId: string;
  /** Of the credential scope, `YYYYMMDD`. */
  date: string;
  region: string;
  service: string;
  /** Lower case, in the order given. */
  signedHeaders: string[];
  /** Hexadecimal. */
  signature: string;
};

/** A request as it came over the wire; header names in lower case. */
export type SignedRequest = {
  method: string;
  /** Path and query, percent-encoded as sent. */
  target: string;
  headers: Record<string, string | undefined>;
  body: Buffer;
};

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Reads the header; undefined for anything else than Signature Version 4. */
export const readAuthorization = (header: string | undefined): Authorization | undefined => {
  const [, fields] = /^AWS4-HMAC-SHA256 +(.*)$/.exec(header ?? '') ?? [];
  const field = (name: string) => new RegExp(`(?:^|[,\\s])${name}=([^,\\s]+)`).exec(fields ?? '')?.[1] ?? '';
  const scope = /^([^/]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(field('Credential'));
  const [, accessKeyId, date, region, service] = scope ?? [];
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined)
    return undefined;
  const signedHeaders = field('SignedHeaders').toLowerCase().split(';');
  return { accessKeyId, date, region, service, signedHeaders, signature: field('Signature') };
};

/**
 * Whether the request was signed with this secret. Its date is not judged: the keys end with the process, and a clock that was set
 * must not stop everything here.
 */
export const isSignedWith = (secret: string, said: Authorization, request: SignedRequest): boolean => {
  // AWS wants the host signed, so that a call cannot be sent on to another endpoint.
  if (!said.signedHeaders.includes('host')) return false;
  const expected = Buffer.from(signatureOf(secret, said, request));
  const received = Buffer.from(said.signature);
  return expected.length === received.length && timingSafeEqual(expected, received);
};

/** The signature that the request should have (IAM User Guide, "Create a signed AWS API request"). */
export const signatureOf = (
  secret: string,
  { date, region, service, signedHeaders }: Omit<Authorization, 'signature' | 'accessKeyId'>,
  request: SignedRequest,
): string => {
  const canonical = createHash('sha256').update(canonicalRequest(request, signedHeaders)).digest('hex');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = [ALGORITHM, request.headers['x-amz-date'] ?? '', scope, canonical].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString('hex');
};

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

const canonicalRequest = (
  { method, target, headers, body }: SignedRequest,
  signedHeaders: string[],
): string => {
  const [path = '/', ...query] = target.split('?');
  const values = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  return [
    method,
    // Encoded once more than it is sent, as all services but S3 do.
    path.split('/').map(encode).join('/'),
    canonicalQuery(query.join('?')),
    values.join(''),
    signedHeaders.join(';'),
    createHash('sha256').update(body).digest('hex'),
  ].join('\n');
};

const canonicalQuery = (query: string): string =>
  query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=');
      return `${encode(decode(name))}=${encode(decode(value.join('=')))}`;
    })
    .sort()
    .join('&');

/** RFC 3986: `encodeURIComponent` leaves five characters that AWS encodes. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
