/**
 * Stands in a namespace of its own, whose IPv6 leads nowhere, and has `switchover-readdress FILE once` hear each of the texts that
 * are its argument (a list in JSON). The name server is named by a name that has an IPv6 address, too. Prints what was said, and how
 * long it took: run by hearing.test.ts as `unshare -n -m node hearing-inside.ts TEXTS`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { startDns } from '../../local/dns.ts';

export type Heard = { said: string; ms: number };

const NAME = 'ns-1.example.test';
const texts = JSON.parse(process.argv[2] ?? '[]') as string[];
const root = mkdtempSync(join(tmpdir(), 'switchover-hearing-'));
let now = '';

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const hosts = join(root, 'hosts');
writeFileSync(hosts, `127.0.0.1 localhost\n::1 ${NAME}\n127.0.0.1 ${NAME}\n`);
execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
// Options that a root may have for himself: with them dig prints more than the answer.
writeFileSync(join(root, '.digrc'), '+qr +ttlid\n');
const dns = await startDns({
  port: 0,
  host: '127.0.0.1',
  answer: (name, type) => ({
    rcode: 'NOERROR',
    aa: true,
    answers: type === 'TXT' && now !== '' ? [{ name, type, ttlSeconds: 10, value: `"${now}"` }] : [],
    authority: [],
  }),
});
const settings = join(root, 'readdress.conf');
writeFileSync(
  settings,
  `SITE=www.example.test SERVER=standby ADDRESS=198.51.100.7/24 INTERFACE=lo NAME_SERVERS=${NAME} PORT=${dns.port}\n`,
);

const heard: Heard[] = [];
for (now of texts) {
  const startMs = performance.now();
  const script = spawn('sh', ['readdress/switchover-readdress', settings, 'once'], {
    env: { PATH: process.env.PATH, HOME: root },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = await textOf(script.stderr);
  if (script.exitCode === null) await once(script, 'exit');
  heard.push({ said, ms: performance.now() - startMs });
}
await dns.close();
rmSync(root, { recursive: true });
console.log(JSON.stringify(heard));
