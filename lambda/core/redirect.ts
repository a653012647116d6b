import { type Finding, isExpected, OUTCOMES, statusFinding } from './outcome.ts';
import type { ProbeRequest } from './probe.ts';

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
};

export const firstHop = ({ url, method }: ProbeRequest): Hop => ({
  url: new URL(url),
  method,
  withOwn: true,
  atServer: true,
  before: [],
});

const REDIRECTS = [301, 302, 303, 307, 308];

/** Without the dot of the root, which changes the text and not the host. */
const hostOf = ({ hostname }: URL): string => hostname.toLowerCase().replace(/\.$/, '');

/**
 * Where an answer leads: the next request; what is wrong with it; or nothing, when it is to be judged as it is (it is what was
 * expected, no redirect, or redirects are not followed). Another host than the site's must be named in `redirectHosts`.
 */
export const nextHop = (
  request: ProbeRequest,
  hop: Hop,
  status: number,
  location: string | undefined,
): Hop | Finding | undefined => {
  const { followRedirects = 0, redirectHosts = [] } = request;
  if (followRedirects === 0 || location === undefined) return undefined;
  if (!REDIRECTS.includes(status) || isExpected(request.expectStatus, status)) return undefined;
  const refused = (why: string): Finding => ({
    code: 'redirect',
    detail: `${statusFinding(request, status, location)?.detail}, ${why}`,
  });
  const url = URL.parse(location, hop.url.href);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    return refused('which is no plain http or https URL');
  }
  const atServer = hostOf(url) === hostOf(new URL(request.url));
  if (!atServer && !redirectHosts.includes(hostOf(url).replace(/^\[|\]$/g, ''))) {
    return refused('another host, which `redirectHosts` does not name');
  }
  return hopTo(request, hop, status, url, atServer);
};

const hopTo = (
  request: ProbeRequest,
  hop: Hop,
  status: number,
  url: URL,
  atServer: boolean,
): Hop | Finding => {
  // As browsers do (Fetch standard, "HTTP-redirect fetch"): the form has been received, its result is to be fetched.
  const forgetsBody = (hop.method === 'POST' && status <= 302) || (status === 303 && hop.method !== 'HEAD');
  const method = forgetsBody ? 'GET' : hop.method;
  url.hash = '';
  url.hostname = hostOf(url);
  const before = [...hop.before, `${hop.method} ${hop.url.href}`];
  const circle = before.includes(`${method} ${url.href}`);
  if (circle || before.length > (request.followRedirects ?? 0)) {
    const why = circle ? 'it has been there before' : `${request.followRedirects} are followed`;
    return { code: 'redirect-loop', detail: `${OUTCOMES['redirect-loop'][1]}: ${why}, next ${url.href}` };
  }
  const exposed = !atServer || (hop.url.protocol === 'https:' && url.protocol === 'http:');
  return { url, method, withOwn: hop.withOwn && !exposed, atServer, before };
};
