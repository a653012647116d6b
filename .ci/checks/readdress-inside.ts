/**
 * What stands inside a network namespace of readdress.test.ts, driven by messages of its parent: `dns ADDRESS ...` is the zone's name
 * servers, `client` fetches pages. Run as `ip netns exec NAMESPACE node readdress-inside.ts KIND [ADDRESS ...]`.
 */
import { get } from 'node:http';
import { startDns } from '../../local/dns.ts';

/** What the parent asks for: the role record's text from now on, at one name server or at all; or a page. */
export type Wanted = { id: number; role?: string; at?: string | undefined; url?: string };
export type Got = { id: number; answer: string };

const [, ...addresses] = process.argv.slice(2);
const ROLE_RECORD = '_switchover.www.dyn.example.test';
/** By name server. */
const texts = new Map<string, string>();

const tell = (got: Got): void => void process.send?.(got);

const page = (url: string): Promise<string> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false, signal: AbortSignal.timeout(800) }, (response) => {
      response.resume();
      resolve(String(response.headers['x-served-by']));
    });
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name));
  });

process.on('disconnect', () => process.exit(0));
process.on('message', async ({ id, role, at, url }: Wanted) => {
  if (role !== undefined) for (const address of at === undefined ? addresses : [at]) texts.set(address, role);
  tell({ id, answer: url === undefined ? '' : await page(url) });
});

for (const address of addresses) {
  await startDns({
    port: 53,
    host: address,
    answer: (name, type) => {
      const text = texts.get(address) ?? '';
      const isThere = name === ROLE_RECORD && type === 'TXT' && text !== '';
      const answers = isThere ? [{ name, type, ttlSeconds: 10, value: `"${text}"` }] : [];
      return { rcode: isThere ? 'NOERROR' : 'NXDOMAIN', aa: true, answers, authority: [] };
    },
  });
}
tell({ id: 0, answer: 'ready' });
