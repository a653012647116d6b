/**
 * A small website, run as a child process so that it can be killed like a real one. Arguments: name, address, port (0: any
 * free one). Sends `{ port }` or `{ error: CODE }` to its parent and ends with it. `{ status }` from the parent, answered by the
 * port again, makes it answer so, `delayMs` later.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the process tells its parent, once. */
export type FromWeb = { port: number; error?: undefined } | { error: string };
/** What it is told. */
export type ToWeb = { status: number; delayMs: number };

const [name = 'server', address = '127.0.0.1', port = '0'] = process.argv.slice(2);

const page = (host: string): string => `<!doctype html>
<html lang="en">
<title>${host}</title>
<style>body { font: 1.2rem/1.5 system-ui, sans-serif; margin: 4rem auto; max-width: 34rem }</style>
<h1>${host}</h1>
<p>You are served by the <strong>${name}</strong> server at ${address}.</p>
</html>
`;

let [status, delayMs] = [200, 0];
const server = createServer(async (request, response) => {
  if (delayMs > 0) await sleep(delayMs);
  const host = (request.headers.host ?? 'no host').replace(/[^\w.:[\]-]/g, '');
  response.setHeader('x-served-by', name);
  response.statusCode = status;
  if (status !== 200) response.setHeader('content-type', 'text/plain').end('broken\n');
  else if (request.url === '/healthz') response.setHeader('content-type', 'text/plain').end('ok\n');
  else response.setHeader('content-type', 'text/html; charset=utf-8').end(page(host));
});

const tell = (message: FromWeb): void => {
  process.send?.(message);
};

process.on('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);
// The one who started us handles the terminal's Ctrl-C, and we end with it.
process.on('SIGINT', () => {});
server.on('error', (error: NodeJS.ErrnoException) => {
  tell({ error: error.code ?? error.message });
  process.exitCode = 1;
  process.disconnect?.();
});
const tellPort = (): void => tell({ port: (server.address() as AddressInfo).port });
process.on('message', (told: ToWeb) => {
  [status, delayMs] = [told.status, told.delayMs];
  tellPort();
});
server.listen(Number(port), address, tellPort);
