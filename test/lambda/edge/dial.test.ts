import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { type TestContext, test } from 'node:test';
import { type DecodedPacket, decode, encode } from 'dns-packet';
import { observe, overTls, requestOf } from './probing.ts';
import { answer, ok, serve, serveTls } from './servers.ts';

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1');

/** A port of 127.0.0.1 on which nothing listens. */
const deadPort = async (): Promise<number> => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

test('a port on which nobody listens is refused', async () => {
  const { code, detail, remoteAddress } = await observe(requestOf(await deadPort()));
  assert.equal(code, 'refused');
  assert.match(detail, /ECONNREFUSED 127\.0\.0\.1/);
  assert.equal(remoteAddress, '127.0.0.1');
});

test('IPv6 is dialled and its certificate checked', { skip: !hasIpv6 }, async (t) => {
  const plain = await serve(t, ok('ok'), '::1');
  const observation = await observe(requestOf(plain.port, { address: '::1', bodyIncludes: 'ok' }));
  assert.equal(observation.code, 'ok', observation.detail);
  assert.equal(observation.remoteAddress, '::1');
  assert.equal((await observe(requestOf(plain.port))).code, 'refused', 'only ::1 was listening');
});

test('a URL whose host is an address is checked against the addresses of the certificate', async (t) => {
  let servername: unknown = 'not asked';
  const { port } = await serveTls(t, 'site.pem', ok('ok'), {
    SNICallback: (name, done) => {
      servername = name;
      done(null);
    },
  });
  for (const host of ['127.0.0.1', '[::1]']) {
    const { code, detail } = await observe(overTls(port, { url: `https://${host}:${port}/` }));
    assert.equal(code, 'ok', detail);
  }
  assert.equal((await observe(overTls(port, { url: `https://127.0.0.9:${port}/` }))).code, 'tls-name');
  assert.equal(servername, 'not asked');
});

test('a server that no longer accepts is timeout-connect', {
  skip: process.platform !== 'linux',
}, async (t) => {
  // A process that listens and then never runs again: the kernel takes what fits its queue, and drops what comes after.
  const script = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('fs').writeSync(1, this.address().port + '\\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  const port = Number(line);
  const queued = Array.from({ length: 4 }, () => net.connect(port, '127.0.0.1').on('error', () => {}));
  t.after(() => queued.forEach((socket) => void socket.destroy()));
  await once(queued[0] as net.Socket, 'connect');
  const observation = await observe(requestOf(port));
  assert.equal(observation.code, 'timeout-connect', observation.detail);
  assert.equal(observation.phases.connectMs, undefined);
});

test('an address that our network cannot carry is unknown', {
  skip: process.platform !== 'linux',
}, async () => {
  // The broadcast address of the loopback network: the kernel refuses it before a packet is made.
  const observation = await observe(requestOf(1, { address: '127.255.255.255' }));
  assert.equal(observation.code, 'no-network', observation.detail);
  assert.equal(observation.outcome, 'unknown');
});

test('localhost is this machine, and no name server is asked', async (t) => {
  const { port } = await serve(t, ok('ok'));
  const nameServers = ['127.0.0.1:1'];
  assert.equal((await observe(requestOf(port, { address: 'localhost' }), { nameServers })).code, 'ok');
});

type Zone = Record<string, { a?: string[]; aaaa?: string[]; rcode?: number } | 'silent'>;

/** A name server that knows these names; all others do not exist. */
const nameServer = async (
  t: TestContext,
  zone: Zone,
): Promise<{ nameServers: string[]; asked: string[] }> => {
  const socket = dgram.createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (message, from) => {
    const query: DecodedPacket = decode(message);
    const [question] = query.questions ?? [];
    if (question === undefined) return;
    asked.push(`${question.name} ${question.type}`);
    const known = zone[question.name] ?? { rcode: 3 };
    if (known === 'silent') return;
    const values = (question.type === 'A' ? known.a : known.aaaa) ?? [];
    const { name } = question;
    const type = question.type as 'A' | 'AAAA';
    const answers = values.map((data) => ({ type, name, class: 'IN' as const, ttl: 60, data }));
    const flags = 0x0480 | (known.rcode ?? 0);
    socket.send(
      encode({ type: 'response', id: query.id, flags, questions: query.questions, answers }),
      from.port,
      from.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { nameServers: [`127.0.0.1:${socket.address().port}`], asked };
};

test('a host name to connect to is looked up, the host of the URL never', async (t) => {
  const { port } = await serve(t, ok('ok'));
  const { nameServers, asked } = await nameServer(t, {
    'lb.site.test': { a: ['127.0.0.1'], aaaa: ['::1'] },
    'six.site.test': { aaaa: ['::1'] },
    'none.site.test': {},
    'broken.site.test': { rcode: 2 },
    'refused.site.test': { rcode: 5 },
    'silent.site.test': 'silent',
  });
  const codeFor = async (address: string) =>
    (await observe(requestOf(port, { address }), { nameServers })).code;
  const good = await observe(requestOf(port, { address: 'lb.site.test' }), { nameServers });
  assert.equal(good.code, 'ok', good.detail);
  assert.equal(good.remoteAddress, '127.0.0.1');
  assert.ok((good.phases.dnsMs ?? -1) >= 0);
  assert.deepEqual(asked, ['lb.site.test A'], 'IPv6 is asked for only where there is no IPv4');
  assert.equal(await codeFor('six.site.test'), hasIpv6 ? 'refused' : 'no-network');
  assert.equal(await codeFor('missing.site.test'), 'dns-not-found');
  assert.equal(await codeFor('none.site.test'), 'dns-not-found');
  assert.equal(await codeFor('broken.site.test'), 'dns-unavailable');
  assert.equal(await codeFor('refused.site.test'), 'dns-unavailable');
  assert.equal(await codeFor('silent.site.test'), 'dns-unavailable');
  assert.ok(!asked.some((question) => question.startsWith('www.site.test')));
});

test('of several addresses the next is tried when one refuses, and not when one answers badly', async (t) => {
  const { port } = await serve(t, ok('ok'), '127.0.0.2');
  const { nameServers } = await nameServer(t, {
    'half.site.test': { a: ['127.0.0.3', '127.0.0.2'] },
    'dead.site.test': { a: ['127.0.0.3', '127.0.0.4'] },
  });
  const half = await observe(requestOf(port, { address: 'half.site.test' }), { nameServers });
  assert.equal(half.code, 'ok', half.detail);
  assert.equal(half.remoteAddress, '127.0.0.2');
  const dead = await observe(requestOf(port, { address: 'dead.site.test' }), { nameServers });
  assert.equal(dead.code, 'refused', dead.detail);

  const ill = await serve(t, answer('HTTP/1.1 500 Oops\r\n\r\n'), '127.0.0.3');
  const { nameServers: others } = await nameServer(t, { 'ill.site.test': { a: ['127.0.0.3', '127.0.0.2'] } });
  const observation = await observe(requestOf(ill.port, { address: 'ill.site.test' }), {
    nameServers: others,
  });
  assert.equal(observation.code, 'status', observation.detail);
});
