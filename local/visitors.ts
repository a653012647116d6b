import type { IncomingHttpHeaders } from 'node:http';

/** This machine as it is spoken of on itself: RFC 6761 gives `localhost` and all below it to loopback. */
const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])\.?(?::\d{1,5})?$/i;
/** How a browser says that a page of another site asks, also where it sends no `Origin` (W3C Fetch Metadata). */
const FOREIGN_SITES = ['cross-site', 'same-site'];

/**
 * Why a request does not come from a program on this machine but by way of somebody's web page in a browser here; undefined when
 * nothing speaks for it. A page elsewhere can reach loopback in two ways: it sends its requests across, and its `Origin` tells, or
 * it has its own name resolved to 127.0.0.1, and `Host` tells.
 */
export const foreignness = (headers: IncomingHttpHeaders): string | undefined => {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!LOOPBACK.test(host))
    return `Expected Host to be a name of this machine such as 127.0.0.1 or localhost, received "${host}".`;
  if (origin !== undefined && origin !== `http://${host}`)
    return `Expected no Origin, since no web page has business here, received "${origin}".`;
  if (typeof site === 'string' && FOREIGN_SITES.includes(site))
    return `Expected no request of another site's page, received Sec-Fetch-Site "${site}".`;
  return undefined;
};
