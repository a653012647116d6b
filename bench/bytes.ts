/**
 * What one probe sends and receives, in bytes. `npm run bench -- bytes [--json]`. Of an HTTPS probe as it is and with
 * the key exchange that Node offers by itself, counted by a relay, so without the headers of IP and TCP; and of each
 * kind of probe with them, counted by the kernel (`wire.ts`; Linux, root, iproute2). The servers' chain is one
 * certificate.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { probe } from '../lambda/prober/http.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const TIMES = 50;
const HOST = 'www.site.test';

const file = (name: string) =>
  readFileSync(new URL(`../fixtures/certificates/${name}`, import.meta.url), 'utf8');
const ca = file('authority.pem');

type Counted = { sent: number; received: number };

const listen = async (server: net.Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
};

/** A server over TLS, behind a relay that counts what goes each way. */
const start = async () => {
  const server = tls.createServer({ cert: file('site.pem'), key: file('test-only.key') }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  const port = await listen(server);
  const counted: Counted = { sent: 0, received: 0 };
  const relay = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    near.on('data', (bytes) => {
      counted.sent += bytes.length;
    });
    far.on('data', (bytes) => {
      counted.received += bytes.length;
    });
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) socket.on('error', () => near.destroy() && far.destroy());
  });
  const stop = () => {
    relay.close();
    server.close();
  };
  return { counted, port: await listen(relay), stop };
};

/** Bytes each way of one run, of many that are the same but for a few bytes of signature. */
const measure = async (run: (port: number) => Promise<void>): Promise<Counted> => {
  const { counted, port, stop } = await start();
  for (let left = TIMES; left > 0; left -= 1) await run(port);
  stop();
  return { sent: Math.round(counted.sent / TIMES), received: Math.round(counted.received / TIMES) };
};

const ours = async (port: number): Promise<void> => {
  const asked = { method: 'GET', headers: {}, expectStatus: [200], timeoutMs: 5_000 };
  const url = `https://${HOST}:${port}/healthz`;
  const { code, detail } = await probe({ id: 'one', url, address: '127.0.0.1', ...asked }, { ca });
  if (code !== 'ok') throw new Error(`Expected the probe to pass, received ${code}: ${detail}.`);
};

/** The same request by a socket as Node makes it when nobody says which groups to offer. */
const byDefault = async (port: number): Promise<void> => {
  const socket = tls.connect({ host: '127.0.0.1', port, servername: HOST, ca, ALPNProtocols: ['http/1.1'] });
  socket.on('secureConnect', () =>
    socket.write(
      `GET /healthz HTTP/1.1\r\nhost: ${HOST}:${port}\r\nuser-agent: Switchover/0.2.0 (health check)\r\naccept: */*\r\n` +
        'accept-encoding: identity\r\ncache-control: no-cache\r\nconnection: close\r\n\r\n',
    ),
  );
  socket.resume();
  socket.on('end', () => socket.destroy());
  await once(socket, 'close');
};

/** By kind of probe, on a wire; undefined where no namespace of a network may be made. */
const onTheWire = (): Record<string, Counted & { packetsSent: number }> | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const program = fileURLToPath(new URL('wire.ts', import.meta.url));
  return JSON.parse(
    execFileSync('unshare', ['--net', process.execPath, program], { encoding: 'utf8' }),
  ) as ReturnType<typeof onTheWire>;
};

const result = { ours: await measure(ours), byDefault: await measure(byDefault), wire: onTheWire() };
const print = (name: string, { sent, received }: Counted, more: string): void =>
  console.log(`${name.padEnd(18)} sends ${sent} bytes and receives ${received}, ${more}`);
if (values.json) console.log(JSON.stringify(result));
else {
  print('ours', result.ours, 'without headers of IP and TCP');
  print('byDefault', result.byDefault, 'without headers of IP and TCP');
  if (result.wire === undefined) console.log('On a wire they are counted by root on Linux alone.');
  for (const [name, counted] of Object.entries(result.wire ?? {}))
    print(name, counted, `on a wire, in ${counted.packetsSent} packets sent`);
}
