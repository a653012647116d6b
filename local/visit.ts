import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { resolve } from './outside.ts';

const PATIENCE_MS = 1000;
const REDIRECTS_MAX = 5;

/** How one visit ended: the server that gave content, or why there was none; `sentOnBy` are the addresses that redirected. */
export type Visited = { end: string; sentOnBy: string[] };

/**
 * A visit as a browser makes it: of several addresses the next is taken when one refuses the connection, and redirects are
 * followed. `addresses` are those that the visitor has from before, whatever DNS says now; without them DNS is asked.
 */
export const visit = async (
  dns: string,
  name: string,
  port: number,
  addresses?: string[],
): Promise<Visited> => {
  const sentOnBy: string[] = [];
  let url = new URL(`http://${name}:${port}/`);
  let known = addresses;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
    let end = 'no address';
    let next: URL | undefined;
    for (const address of known ?? (await resolve(dns, url.hostname))) {
      const found = await fetchAt(address, url);
      end = found.end;
      next = found.next;
      if (next !== undefined) sentOnBy.push(address);
      if (end !== 'ECONNREFUSED') break;
    }
    if (next === undefined) return { end, sentOnBy };
    url = next;
    known = undefined;
  }
  return { end: `more than ${REDIRECTS_MAX} redirects`, sentOnBy };
};

const fetchAt = async (address: string, url: URL): Promise<{ end: string; next?: URL }> => {
  try {
    const request = get({
      host: address,
      port: url.port,
      path: url.pathname,
      headers: { host: url.host },
      agent: false,
    });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
    response.resume();
    const { statusCode = 0, headers } = response;
    if (statusCode === 307) return { end: 'sent on', next: new URL(headers.location ?? '', url) };
    return { end: statusCode === 200 ? String(headers['x-served-by']) : `status ${statusCode}` };
  } catch (error) {
    return { end: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
};
