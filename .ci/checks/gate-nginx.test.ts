/**
 * The recipe in examples/gate-nginx with real nginx, dig and curl: it answers as our own gate does, and follows the role record.
 * Needs Debian's nginx-light, bind9-dnsutils and curl, so it is run by .ci/run and not by `npm test`.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerTo, type View } from '../../gate/answer.ts';
import { startDns } from '../../local/dns.ts';

const [SITE, HOST, PRIMARY_HOST] = [
  'www.dyn.example.co.uk',
  'www.example.co.uk',
  'www-primary.example.co.uk',
];
const SECRET = 'the-value-that-SSM-has';
const PORT = 18_700;
const root = mkdtempSync(join(tmpdir(), 'switchover-gate-nginx-'));
chmodSync(root, 0o755);
const map = join(root, 'role.map');
const children: ChildProcess[] = [];

/** What the name server says of the role; it says nothing at all while this is empty. */
let role = '';
const dns = await startDns({
  port: 0,
  host: '127.0.0.1',
  answer: (name, type) =>
    role === '' || name !== `_switchover.${SITE}`
      ? { rcode: 'SERVFAIL', aa: true, answers: [], authority: [] }
      : {
          rcode: 'NOERROR',
          aa: true,
          answers: type === 'TXT' ? [{ name, type, ttlSeconds: 10, value: role }] : [],
          authority: [],
        },
});
const says = (epoch: number, serving: string): void => {
  role = `"v=1 epoch=${epoch} serving=${serving} mode=auto set=1a2b3c4d since=1795341600"`;
};

const application = createServer((incoming, response) =>
  response.end(`${incoming.headers.host} ${incoming.url}`),
);
application.listen(0, '127.0.0.1');
await once(application, 'listening');
const primary = createServer((incoming, response) => {
  response.statusCode = incoming.headers.host?.startsWith(HOST) ? 200 : 404;
  response.end();
});
primary.listen(0, '127.0.0.1');
await once(primary, 'listening');
const portOf = (server: ReturnType<typeof createServer>): number => (server.address() as AddressInfo).port;

const startNginx = async (): Promise<void> => {
  const site = readFileSync('examples/gate-nginx/switchover-gate.conf', 'utf8')
    .replace('/etc/nginx/switchover-role.map', map)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${PORT};`)
    .replace(/^ *ssl_.*$/gm, '')
    .replace('127.0.0.1:8080', `127.0.0.1:${portOf(application)}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${root}/${name};`)
    .join(' ');
  writeFileSync(
    join(root, 'nginx.conf'),
    `daemon off; pid ${root}/pid; error_log ${root}/error.log; events {} http { access_log off; ${temporary}\n${site} }`,
  );
  children.push(spawn('nginx', ['-p', root, '-c', join(root, 'nginx.conf')], { stdio: 'inherit' }));
  for (let tries = 0; ; tries++) {
    try {
      await ask();
      return;
    } catch (error) {
      if (tries > 50) throw error;
      await sleep(100);
    }
  }
};

const startWatcher = (): void => {
  const env = {
    PATH: process.env.PATH,
    SITE,
    ME: 'standby',
    ZONE: 'dyn.example.co.uk',
    PRIMARY: '127.0.0.1',
    PROBE_URL: `http://${HOST}:${portOf(primary)}/healthz`,
    MAP: map,
    RELOAD: `nginx -p ${root} -c ${root}/nginx.conf -s reload`,
    NAME_SERVERS: '127.0.0.1',
    PORT: String(dns.port),
    EVERY: '1',
    KEEP: '3',
  };
  // Debian's sh is dash: nothing but POSIX.
  children.push(
    spawn('sh', ['examples/gate-nginx/switchover-gate-watch'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
};

type Reply = { status: number; location: string | undefined; cacheControl: string | undefined; body: string };
const ask = async (headers: Record<string, string> = {}, path = '/a//b?c=%2F'): Promise<Reply> => {
  const sent = request({
    host: '127.0.0.1',
    port: PORT,
    path,
    agent: false,
    method: 'POST',
    headers: { host: HOST, ...headers },
  }).end('x');
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode ?? 0,
    location: response.headers.location,
    cacheControl: response.headers['cache-control'],
    body: await text(response),
  };
};

const viewNow = async (): Promise<View> => ((await ask()).status === 200 ? 'serves' : 'stands-by');
/** Ten answers in a row: while nginx reloads, its old workers answer beside the new ones, or hang up. */
const becomes = async (view: View, withinMs = 15_000): Promise<void> => {
  const end = Date.now() + withinMs;
  for (let inARow = 0; inARow < 10; await sleep(50)) {
    const seen = await viewNow().catch(() => undefined);
    inARow = seen === view ? inARow + 1 : 0;
    assert.ok(Date.now() < end, `${view} within ${withinMs} ms`);
  }
};

/** nginx's answer to every kind of request is the one that the gate's own table gives. */
const answersAs = async (view: View): Promise<void> => {
  for (const host of [
    HOST,
    `${HOST}:8443`,
    PRIMARY_HOST,
    PRIMARY_HOST.toUpperCase(),
    `${PRIMARY_HOST}.`,
    `${PRIMARY_HOST}:8443`,
    'other.example',
  ]) {
    for (const secret of [undefined, SECRET, SECRET.toUpperCase(), `${SECRET}!`, '']) {
      const target = '/a//b?c=%2F';
      const asked = { authority: host, target, scheme: 'http' as const, isProbe: secret === SECRET };
      const expected = answerTo(asked, view, PRIMARY_HOST);
      const found = await ask({ host, ...(secret !== undefined && { 'x-probe-key': secret }) }, target);
      const what = `${view} ${host} ${secret}`;
      assert.equal(found.status, { pass: 200, redirect: 307, misdirected: 421 }[expected.act], what);
      assert.equal(found.location, expected.act === 'redirect' ? expected.location : undefined, what);
      assert.equal(found.cacheControl, expected.act === 'pass' ? undefined : 'no-store', what);
      if (expected.act === 'pass') assert.equal(found.body, `${host} ${target}`, what);
    }
  }
};

after(async () => {
  for (const child of children) child.kill('SIGTERM');
  application.close();
  primary.close();
  await dns.close();
  await sleep(300);
  rmSync(root, { recursive: true, force: true });
});

test('nginx with the watcher answers as our gate does, and follows the role record', async () => {
  writeFileSync(map, 'default stands-by;\n');
  says(1, 'primary');
  await startNginx();
  startWatcher();
  await answersAs('stands-by');
  says(2, 'standby');
  await becomes('serves');
  await answersAs('serves');
  says(3, 'primary');
  await becomes('stands-by');
  // An older epoch says nothing while a newer one is fresh: shorter than the three seconds that it is kept for here.
  says(2, 'standby');
  await sleep(1500);
  assert.equal(await viewNow(), 'stands-by');
  says(3, 'primary');
  await sleep(1500);
});

test('when no name server answers it keeps its role, then tries the primary, and serves only if that fails', async () => {
  role = '';
  await sleep(6000);
  assert.equal(await viewNow(), 'stands-by', 'the primary works');
  primary.close();
  primary.closeAllConnections();
  await becomes('serves');
  says(4, 'primary');
  await becomes('stands-by');
});

test('the watcher is plain POSIX', () => {
  execFileSync('sh', ['-n', 'examples/gate-nginx/switchover-gate-watch']);
});
