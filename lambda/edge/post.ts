import { createHmac } from 'node:crypto';
import { within } from '../async/deadline.ts';
import type { Post } from '../core/channels/post.ts';
import type { PostAnswer } from '../core/channels/verdict.ts';
import { withoutSecrets } from '../core/probe/without-secrets.ts';
import type { Clock, Poster } from '../ports.ts';
import { awsRequest, lambdaSigner } from './aws-request.ts';
import { systemClock } from './clock.ts';
import { POST_MS } from './limits.ts';

/** Bytes of an answer that are read, and characters of it that are shown: a service says in a word or two what it dislikes. */
const BODY_BYTES = 2000;
const SHOWN = 120;

/** Parts of a URL that are shorter are no secrets. */
const SECRET_PART = 6;

/** What an error of a connection is called for people. Its own words may name the host, and are not repeated. */
const TROUBLES: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'refused the connection'],
  [/^(ENOTFOUND|EAI_AGAIN|ENODATA)$/, 'was not found by its name'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH)$/, 'broke the connection'],
  [/^(UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/, 'did not answer in time'],
  [/^(HTTPParserError|HPE_|UND_ERR_HEADERS_OVERFLOW)/, 'did not answer in HTTP'],
  [/^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|UNABLE_TO|SELF_SIGNED)/, 'has a certificate that is not trusted'],
];

const troubleOf = (error: unknown): string => {
  // Node says "fetch failed", and why in the cause: by a code, or by the name of an error that has none.
  const { code = '', name = '' } = Object((error as Error).cause ?? error) as {
    code?: string;
    name?: string;
  };
  const [, words] = TROUBLES.find(([pattern]) => pattern.test(code === '' ? name : code)) ?? [];
  return words ?? `could not be reached${code === '' ? '' : ` (${code})`}`;
};

const SIGNING_KEY = /^whsec_([A-Za-z0-9+/=_-]+)$/;

/** The signature of Standard Webhooks: of id, time of this try and body, by the bytes that the key stands for. */
export const signatureOf = (key: string, id: string, seconds: number, body: string): string => {
  const [, encoded] = SIGNING_KEY.exec(key) ?? [];
  const bytes = Buffer.from(encoded ?? key, encoded === undefined ? 'utf8' : 'base64');
  return `v1,${createHmac('sha256', bytes).update(`${id}.${seconds}.${body}`).digest('base64')}`;
};

/** Several keys, a blank between them, while one takes the place of another. */
const signedHeaders = ({ signed, body }: Post, nowMs: number): Record<string, string> => {
  if (signed === undefined) return {};
  const seconds = Math.floor(nowMs / 1000);
  const keys = signed.key.split(/\s+/).filter((key) => key !== '');
  return {
    'webhook-id': signed.id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': keys.map((key) => signatureOf(key, signed.id, seconds, body)).join(' '),
  };
};

/** Whole secrets, and the parts of a URL, any of which may be one. */
const partsOf = (secret: string): string[] => [
  secret,
  ...secret.split(/[/?&=]+/).filter((part) => part.length >= SECRET_PART),
];

/** A few words of what a service said, without anything that was told to it. */
const shownOf = (body: string, secrets: readonly string[]): string => {
  const parts = [...new Set(secrets.flatMap(partsOf))].sort((a, b) => b.length - a.length);
  const headers = Object.fromEntries(parts.map((part, index) => [String(index), part]));
  const plain = body.replace(/[\p{C}\s]+/gu, ' ').trim();
  return withoutSecrets(plain, { headers, secretHeaders: Object.keys(headers) }, SHOWN).slice(0, SHOWN);
};

/** The beginning of a body; the rest is not waited for. */
const beginningOf = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader();
  let bytes = Buffer.alloc(0);
  while (reader !== undefined && bytes.length < BODY_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes = Buffer.concat([bytes, value]);
  }
  await reader?.cancel();
  return bytes.subarray(0, BODY_BYTES).toString('utf8');
};

const headersOf = (post: Post, nowMs: number) => ({
  'content-type': 'application/json',
  'user-agent': 'Switchover (notifier)',
  ...post.headers,
  ...signedHeaders(post, nowMs),
});

/** Where a post goes, and how. */
const requestOf = async (post: Post, nowMs: number) => {
  const { url, headers } =
    post.aws === undefined
      ? { url: post.url, headers: headersOf(post, nowMs) }
      : await awsRequest(post.aws, post, nowMs, lambdaSigner());
  return { url, init: { method: 'POST', headers, body: post.body, redirect: 'manual' as const } };
};

/**
 * Posts by Node's own undici. One request takes `limitMs` at most, whatever the other side does: silence, half an answer, one without end.
 * A status that was heard counts, whatever becomes of the rest. No redirect is followed, since it leads to somebody else.
 */
export const httpPoster =
  ({ clock = systemClock, limitMs = POST_MS }: { clock?: Clock; limitMs?: number } = {}): Poster =>
  (post, secrets) => {
    let heard: PostAnswer | undefined;
    return within<PostAnswer>(
      clock,
      limitMs,
      async (signal) => {
        const { url, init } = await requestOf(post, clock.now());
        const response = await fetch(url, { ...init, signal });
        const known = {
          status: response.status,
          retryAfter: response.headers.get('retry-after') ?? undefined,
        };
        heard = { ...known, body: '' };
        if (post.aws !== undefined) return { ...known, body: await beginningOf(response) };
        if (!response.ok) return { ...known, body: shownOf(await beginningOf(response), secrets) };
        await response.body?.cancel();
        return heard;
      },
      {
        late: () => Object.assign(new Error('late'), { code: 'ETIMEDOUT' }),
        otherwise: (error) => heard ?? { trouble: troubleOf(error) },
      },
    );
  };
