import packageJson from '../../package.json' with { type: 'json' };
import { cookieHeader } from '../core/probe/cookies.ts';
import type { Hop } from '../core/probe/redirect.ts';
import type { ProbeRequest } from '../core/probe/request.ts';

/** What is sent unless the probe says otherwise. The host and `connection: close` are not the probe's to change. */
const DEFAULT_HEADERS = {
  'user-agent': `Switchover/${packageJson.version} (health check)`,
  accept: '*/*',
  'accept-encoding': 'identity',
  'cache-control': 'no-cache',
};

/** Methods whose requests say how long their body is even when they have none (RFC 9110, section 8.6). */
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH'];

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What may be in a value: else one header could become two. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What goes with the request of a hop: its body, if there is one, and the headers of every version of HTTP. */
export const requestParts = (
  request: ProbeRequest,
  { method, withOwn, url, cookies }: Hop,
): { headers: Record<string, string>; body: string | undefined } => {
  const body = withOwn && method === request.method ? request.body : undefined;
  const own = withOwn ? Object.entries(request.headers) : [];
  for (const [name, value] of own) {
    // The value may be a secret.
    if (!NAME.test(name) || !VALUE.test(value)) throw new TypeError(`the header ${name} cannot be sent`);
  }
  const sendsLength = body !== undefined || METHODS_WITH_BODY.includes(method);
  const configured = Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value]));
  const cookie = [configured.cookie ?? [], cookieHeader(cookies, url) ?? []].flat().join('; ');
  const headers = {
    ...DEFAULT_HEADERS,
    ...configured,
    ...(cookie !== '' && { cookie }),
    ...(sendsLength && { 'content-length': String(Buffer.byteLength(body ?? '')) }),
  };
  return { headers, body };
};

/** Path and query, as Chromium writes them: a `?` alone stays, and a `|`, which some servers refuse, is escaped in the path. */
export const requestTarget = ({ href, pathname }: URL): string => {
  const [query] = /\?[^#]*/.exec(href.split('#')[0] as string) ?? [''];
  return `${pathname.replaceAll('|', '%7C')}${query}`;
};

/** The request as HTTP/1.1 has it. */
export const requestBytes = (request: ProbeRequest, hop: Hop): Buffer => {
  const { headers, body } = requestParts(request, hop);
  const lines = Object.entries({ host: hop.url.host, ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const head = `${hop.method} ${requestTarget(hop.url)} HTTP/1.1\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')]);
};
