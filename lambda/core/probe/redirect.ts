import { isBadPort } from './bad-ports.ts';
import type { Headers } from './blocked.ts';
import { type Cookie, withCookies } from './cookies.ts';
import { type Head, legible } from './head-lines.ts';
import { type Finding, isExpected, OUTCOMES, statusFinding } from './outcome.ts';
import type { ProbeRequest } from './request.ts';

/** One request of a probe: its own, or one that a redirect led to. */
export type Hop = {
  url: URL;
  method: string;
  /** Whether the configured headers and body go along. They may hold secrets, and are for the site alone. */
  withOwn: boolean;
  /** Whether this is the site's host, which is asked at the address of the server. */
  atServer: boolean;
  /** The requests before this one: method and URL. */
  before: string[];
  /** What the answers so far have set. */
  cookies: readonly Cookie[];
};

export const firstHop = ({ url, method }: ProbeRequest): Hop => ({
  url: new URL(url),
  method,
  withOwn: true,
  atServer: true,
  before: [],
  cookies: [],
});

const REDIRECTS = [301, 302, 303, 307, 308];

/** Without the dot of the root, which changes the text and not the host. */
const hostOf = ({ hostname }: URL): string => hostname.toLowerCase().replace(/\.$/, '');

/** Servers write a URL in UTF-8, or in whatever their disk has: bytes that are not ASCII are escaped one by one, as browsers do. */
const escaped = (location: string): string =>
  location.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);

const valuesOf = (headers: Headers, name: string): string[] => [headers[name] ?? []].flat();

/**
 * Where an answer leads: the next request; what is wrong with it; or nothing, when it is to be judged as it is (it is what was
 * expected, no redirect, or redirects are not followed). Another host than the site's must be named in `redirectHosts`. `nowMs`: the time,
 * milliseconds since 1970, by which cookies are over.
 */
export const nextHop = (
  request: ProbeRequest,
  hop: Hop,
  { status, headers }: Head,
  nowMs: number,
): Hop | Finding | undefined => {
  const { followRedirects = 0, redirectHosts = [] } = request;
  const [location] = valuesOf(headers, 'location');
  if (followRedirects === 0 || location === undefined) return undefined;
  if (!REDIRECTS.includes(status) || isExpected(request.expectStatus, status)) return undefined;
  const refused = (why: string): Finding => ({
    code: 'redirect',
    detail: `${statusFinding(request, status, legible(location))?.detail}, ${why}`,
  });
  const url = URL.parse(escaped(location), hop.url.href);
  if (url === null || !/^https?:$/.test(url.protocol)) return refused('which is no http or https URL');
  if (isBadPort(url)) return refused('a port that browsers do not ask');
  // Browsers give them only to a server that asks for them.
  url.username = '';
  url.password = '';
  const atServer = hostOf(url) === hostOf(new URL(request.url));
  if (!atServer && !redirectHosts.includes(hostOf(url).replace(/^\[|\]$/g, ''))) {
    return refused('another host, which `redirectHosts` does not name');
  }
  const cookies = withCookies(hop.cookies, hop.url, valuesOf(headers, 'set-cookie'), nowMs);
  return hopTo(request, { ...hop, cookies }, status, { url, atServer });
};

const hopTo = (
  request: ProbeRequest,
  hop: Hop,
  status: number,
  { url, atServer }: Pick<Hop, 'url' | 'atServer'>,
): Hop | Finding => {
  // As browsers do (Fetch standard, "HTTP-redirect fetch"): the form has been received, its result is to be fetched.
  const forgetsBody = (hop.method === 'POST' && status <= 302) || (status === 303 && hop.method !== 'HEAD');
  const method = forgetsBody ? 'GET' : hop.method;
  url.hash = '';
  url.hostname = hostOf(url);
  const before = [...hop.before, `${hop.method} ${hop.url.href}`];
  // A page that leads to itself may be another one the second time (a cookie, a session): browsers count and do not compare.
  if (before.length > (request.followRedirects ?? 0)) {
    const circle = before.includes(`${method} ${url.href}`);
    const why = `${circle ? 'it has been there before' : `${request.followRedirects} are followed`}, next ${url.href}`;
    return { code: 'redirect-loop', detail: `${OUTCOMES['redirect-loop'][1]}: ${why}` };
  }
  const exposed = !atServer || (hop.url.protocol === 'https:' && url.protocol === 'http:');
  return { url, method, withOwn: hop.withOwn && !exposed, atServer, before, cookies: hop.cookies };
};
