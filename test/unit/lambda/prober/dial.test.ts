import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { nameServer } from '../edge/name-server.ts';
import { observe, overTls, requestOf } from './probing.ts';
import { AUTHORITY, answer, ok, serve, serveTls } from './servers.ts';

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

test("a host's last dot is no part of its name in TLS, as in browsers", async (t) => {
  const names: string[] = [];
  const { port } = await serveTls(t, 'site.pem', ok('ok'), {
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  const { code, detail } = await observe(overTls(port, { url: `https://www.site.test.:${port}/` }));
  assert.deepEqual([code, names], ['ok', ['www.site.test']], detail);
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

test('a probe of tcp ends once the connection is there', async (t) => {
  const silent = await serve(t, () => {});
  const observation = await observe(requestOf(silent.port, { url: `tcp://www.site.test:${silent.port}` }));
  assert.deepEqual([observation.code, observation.detail], ['ok', 'the answer is as expected: a connection']);
  assert.deepEqual(Object.keys(observation.phases).sort(), ['connectMs', 'totalMs']);
  const dead = await deadPort();
  assert.equal((await observe(requestOf(dead, { url: `tcp://www.site.test:${dead}` }))).code, 'refused');
});

test('a probe of tls ends after the handshake, and validates as any other', async (t) => {
  const wanting = { ALPNProtocols: ['smtp'] };
  const tlsUrl = (port: number) => requestOf(port, { url: `tls://www.site.test:${port}`, timeoutMs: 2_000 });
  const good = await serveTls(t, 'site.pem', () => {}, wanting);
  const observation = await observe(tlsUrl(good.port));
  assert.equal(observation.code, 'ok', observation.detail);
  assert.equal(observation.certificateExpiresMs, Date.UTC(2120, 0, 1));
  for (const [certificate, code] of [
    ['expired.pem', 'tls-expired'],
    ['other-host.pem', 'tls-name'],
    ['self-signed.pem', 'tls-untrusted'],
  ] as const) {
    const { port } = await serveTls(t, certificate, () => {});
    assert.equal((await observe(tlsUrl(port))).code, code);
  }
  const plain = await serve(t, (s) => s.end('220 ready\r\n'));
  assert.equal((await observe(tlsUrl(plain.port))).code, 'tls-protocol');
  const silent = await serve(t, () => {});
  assert.equal((await observe({ ...tlsUrl(silent.port), timeoutMs: 300 })).code, 'timeout-tls');
});

test('an authority of the site is trusted instead of all others', async (t) => {
  const { port } = await serveTls(t, 'site.pem', ok('ok'));
  const other = await serveTls(t, 'self-signed.pem', ok('ok'));
  const selfSigned = readFileSync(
    new URL('../../../../fixtures/certificates/self-signed.pem', import.meta.url),
    'utf8',
  );
  const request = overTls(port, { timeoutMs: 2_000 });
  assert.equal((await observe({ ...request, ca: AUTHORITY }, { ca: undefined })).code, 'ok');
  assert.equal((await observe({ ...request, ca: selfSigned })).code, 'tls-untrusted');
  const pinned = overTls(other.port, { ca: selfSigned, timeoutMs: 2_000 });
  assert.equal((await observe(pinned)).code, 'ok');
});

test('a server that speaks nothing newer than the site wants is tls-protocol', async (t) => {
  const { port } = await serveTls(t, 'site.pem', ok('ok'), { maxVersion: 'TLSv1.2' });
  const request = overTls(port, { timeoutMs: 2_000 });
  assert.equal((await observe({ ...request, minTls: '1.2' })).code, 'ok');
  assert.equal((await observe({ ...request, minTls: '1.3' })).code, 'tls-protocol');
});

test('how long a certificate is valid is told for every server that was asked over TLS', async (t) => {
  const { port } = await serveTls(t, 'site.pem', answer('HTTP/1.1 500 Oops\r\n\r\n'));
  const observation = await observe(overTls(port));
  assert.equal(observation.certificateStartsMs, Date.UTC(2020, 0, 1));
  assert.equal(observation.certificateExpiresMs, Date.UTC(2120, 0, 1));
  const plain = await serve(t, ok('ok'));
  assert.equal((await observe(requestOf(plain.port))).certificateExpiresMs, undefined);
});

/** The groups for key exchange that a ClientHello offers, and its length in bytes (RFC 8446, 4.1.2 and 4.2.7). */
const helloOf = (hello: Buffer): { groups: number[]; bytes: number } => {
  const sessionAt = 5 + 4 + 2 + 32;
  const ciphersAt = sessionAt + 1 + hello.readUInt8(sessionAt);
  const compressionsAt = ciphersAt + 2 + hello.readUInt16BE(ciphersAt);
  let at = compressionsAt + 1 + hello.readUInt8(compressionsAt) + 2;
  while (hello.readUInt16BE(at) !== 10) at += 4 + hello.readUInt16BE(at + 2);
  const count = hello.readUInt16BE(at + 4) / 2;
  return {
    groups: Array.from({ length: count }, (_, index) => hello.readUInt16BE(at + 6 + 2 * index)),
    bytes: hello.length,
  };
};

test('X25519, P-256 and P-384 are offered and nothing else, so that a hello is small', async (t) => {
  const hellos: Buffer[] = [];
  const { port } = await serve(t, (s) =>
    s.once('data', (bytes: Buffer) => {
      hellos.push(bytes);
      s.end();
    }),
  );
  for (const changes of [{}, { minTls: '1.3' }, { ca: AUTHORITY }] as const)
    await observe(overTls(port, changes));
  for (const hello of hellos) {
    const { groups, bytes } = helloOf(hello);
    assert.deepEqual(groups, [29, 23, 24]);
    // One with the post-quantum share that Node offers by default has 1,500, and all its suites and signatures another 100.
    assert.ok(bytes < 300, `${bytes} bytes`);
  }
  assert.equal(hellos.length, 3);
});

test('a server that wants another group than the first is reached by a second hello', async (t) => {
  for (const [ecdhCurve, code] of [
    ['P-256', 'ok'],
    ['X25519', 'ok'],
    ['P-384', 'ok'],
    ['P-521', 'tls-protocol'],
  ] as const) {
    const { port } = await serveTls(t, 'site.pem', ok('ok'), { ecdhCurve });
    const { code: seen, detail } = await observe(overTls(port, { timeoutMs: 2_000 }));
    assert.equal(seen, code, detail);
  }
});

const chainRoot = readFileSync(
  new URL('../../../../fixtures/certificates/chain-root.pem', import.meta.url),
  'utf8',
);

for (const [what, certificate, code] of [
  ['a chain that leads to the root', 'chain.pem', 'ok'],
  ['a chain that lacks one in the middle', 'chain-without-middle.pem', 'tls-untrusted'],
  ['a chain that is expired in the middle', 'chain-expired-middle.pem', 'tls-expired'],
  ['a certificate for clients', 'client-only.pem', 'tls-untrusted'],
] as const) {
  test(`${what} is ${code}`, async (t) => {
    const { port } = await serveTls(t, certificate, ok('ok'));
    const observation = await observe(overTls(port, { timeoutMs: 2_000 }), { ca: chainRoot });
    assert.equal(observation.code, code, observation.detail);
  });
}
