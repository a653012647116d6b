/**
 * What one probe of each kind sends and receives on a wire, headers of IP and TCP included, counted by the kernel.
 * Prints JSON. Started by `bytes.ts` in a network namespace; the servers get one of their own, with a wire between the
 * two on which nobody else is.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { probe } from '../lambda/prober/http.ts';

const TIMES = 50;
/** Until the last acknowledgements are over. */
const SETTLED_MS = 300;
const HOST = 'www.site.test';
const [HERE, THERE] = ['10.98.0.1', '10.98.0.2'];
const ca = readFileSync(new URL('../fixtures/certificates/authority.pem', import.meta.url), 'utf8');

const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'inherit' });

const startServers = async () => {
  const program = fileURLToPath(new URL('wire-servers.ts', import.meta.url));
  const child = spawn('unshare', ['--net', process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [ports] = (await once(child, 'message')) as [{ plain: number; overTls: number }];
  const pid = String(child.pid);
  const there = (...args: string[]) => void execFileSync('nsenter', ['-t', pid, '-n', 'ip', ...args]);
  ip('link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'end');
  ip('link', 'set', 'end', 'netns', pid);
  ip('address', 'add', `${HERE}/24`, 'dev', 'wire');
  ip('link', 'set', 'wire', 'up');
  there('address', 'add', `${THERE}/24`, 'dev', 'end');
  there('link', 'set', 'end', 'up');
  return { ports, stop: () => child.disconnect() };
};

type Counted = { sent: number; received: number; packetsSent: number };

/** One line of names and one of numbers, as the kernel has them for this namespace. */
const counterOf = (file: string, start: string, name: string): number => {
  const [names = [], numbers = []] = readFileSync(`/proc/self/net/${file}`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(start))
    .map((line) => line.split(' '));
  return Number(numbers[names.indexOf(name)]);
};

const counted = (): Counted => ({
  sent: counterOf('netstat', 'IpExt:', 'OutOctets'),
  received: counterOf('netstat', 'IpExt:', 'InOctets'),
  packetsSent: counterOf('snmp', 'Tcp:', 'OutSegs'),
});

const measure = async (url: string, http?: 1): Promise<Counted> => {
  const request = { url, address: THERE, method: 'GET', headers: {}, expectStatus: [200], timeoutMs: 5_000 };
  const before = counted();
  for (let nth = 0; nth < TIMES; nth += 1) {
    const { code, detail } = await probe({ id: 'one', ...request, ...(http && { http }) }, { ca });
    if (code !== 'ok') throw new Error(`Expected the probe of ${url} to pass, received ${code}: ${detail}.`);
  }
  await new Promise((settled) => setTimeout(settled, SETTLED_MS));
  const after = counted();
  const each = (name: keyof Counted) => (after[name] - before[name]) / TIMES;
  return {
    sent: Math.round(each('sent')),
    received: Math.round(each('received')),
    packetsSent: Math.round(each('packetsSent') * 10) / 10,
  };
};

const { ports, stop } = await startServers();
const [plain, overTls] = [`${HOST}:${ports.plain}`, `${HOST}:${ports.overTls}`];
console.log(
  JSON.stringify({
    'HTTPS, HTTP/1.1': await measure(`https://${overTls}/healthz`, 1),
    'HTTPS, HTTP/2': await measure(`https://${overTls}/healthz`),
    tls: await measure(`tls://${overTls}`),
    HTTP: await measure(`http://${plain}/healthz`),
    tcp: await measure(`tcp://${plain}`),
  }),
);
stop();
