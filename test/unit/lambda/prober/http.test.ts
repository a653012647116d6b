import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { Code } from '../../../../lambda/core/probe/outcome.ts';
import type { ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import packageJson from '../../../../package.json' with { type: 'json' };
import { observe, overTls, requestOf, TIMEOUT_MS } from './probing.ts';
import { answer, type Behaviour, keepSending, ok, onRequest, serve, serveTls } from './servers.ts';

const head = 'HTTP/1.1 200 OK\r\n';
const silence: Behaviour = () => {};
const reset = (socket: { resetAndDestroy(): void }) => socket.resetAndDestroy();
const wanted = { bodyIncludes: 'ok' };
const gzip = 'content-encoding: gzip\r\n';

type Row = [what: string, server: Behaviour, code: Code, changes?: Partial<ProbeRequest>, detail?: RegExp];

const PLAIN: Row[] = [
  ['a good answer', ok('all ok'), 'ok', wanted],
  ['a good answer in pieces', answer(...[...`${head}content-length: 2\r\n\r\nok`]), 'ok', wanted],
  ['a chunked answer', answer(`${head}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`), 'ok', wanted],
  ['a body that ends with its connection', answer(`${head}\r\nok`), 'ok', wanted],
  ['an empty answer', ok(''), 'ok'],
  [
    'early hints before the answer',
    answer(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${head}\r\nok`),
    'ok',
    wanted,
  ],
  [
    'a status that is expected',
    answer('HTTP/1.1 204 No Content\r\n\r\n'),
    'ok',
    { expectStatus: [200, 204] },
  ],
  [
    'a redirect that is expected',
    answer('HTTP/1.1 301 Moved\r\ncontent-length: 0\r\n\r\n'),
    'ok',
    { expectStatus: [301] },
  ],
  ['only headers asked for', answer(`${head}content-length: 5000\r\n\r\n`), 'ok', { method: 'HEAD' }],
  ['text that matches', ok('build 42\nok'), 'ok', { bodyMatches: '^build \\d+\nok$' }],
  ['a body in UTF-8', ok('gr\u00fcn'), 'ok', { bodyIncludes: 'gr\u00fcn' }],

  ['silence', silence, 'timeout-response'],
  ['an error', answer('HTTP/1.1 503 Away\r\n\r\n'), 'status', {}, /^expected status 200, received 503$/],
  [
    'an error with an endless body',
    onRequest((s) => {
      s.write('HTTP/1.1 500 Oops\r\n\r\n');
      keepSending(s, () => 'x', 5);
    }),
    'status',
    {},
    /received 500/,
  ],
  [
    'a redirect',
    answer('HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\u00ff\r\n\r\n'),
    'redirect',
    {},
    /302 to http:\/\/169\.254\.169\.254\/\u00ff$/,
  ],
  ['a redirect to nowhere', answer('HTTP/1.1 304 Not Modified\r\n\r\n'), 'redirect', {}, /received 304$/],
  ['another body', ok('Database error\u0007'), 'body', wanted, /include "ok", received "Database error/],
  ['text that does not match', ok('no'), 'body', { bodyMatches: '^yes' }, /match \/\^yes\/u/],
  ['no body at all', answer(`${head}content-length: 0\r\n\r\n`), 'body', wanted],
  ['a pattern that never ends', ok(`${'a'.repeat(50)}!`), 'body-pattern', { bodyMatches: '(a+)+$' }],

  ['an end before the answer', onRequest((s) => s.end()), 'closed'],
  ['an end at once', (s) => s.end(), 'closed'],
  ['an end within the headers', answer(`${head}content-le`), 'closed'],
  ['a reset before the answer', onRequest(reset), 'reset'],
  ['a reset at once', (s) => setImmediate(() => reset(s)), 'reset'],
  [
    'a reset within the headers',
    onRequest((s) => s.write(`${head}a: b\r\n`, () => setTimeout(() => reset(s), 20))),
    'reset',
  ],
  [
    'a reset within a body of known length',
    onRequest((s) => s.write(`${head}content-length: 9\r\n\r\nok`, () => setTimeout(() => reset(s), 20))),
    'body-cut-short',
  ],
  [
    'a reset within a body of unknown length',
    onRequest((s) => s.write(`${head}\r\nok`, () => setTimeout(() => reset(s), 20))),
    'body-cut-short',
  ],
  ['a body too short', answer(`${head}content-length: 9\r\n\r\nok`), 'body-cut-short'],
  [
    'a body too short, kept alive',
    answer(`${head}content-length: 9\r\nconnection: keep-alive\r\n\r\nok`),
    'body-cut-short',
    wanted,
  ],
  ['chunks that break off', answer(`${head}transfer-encoding: chunked\r\n\r\n9\r\nok`), 'body-cut-short'],

  ['garbage', answer('\x00\xffSSH-2.0-OpenSSH_9.2\r\n\r\n'), 'http-protocol'],
  ['garbage before any request', (s) => s.write('220 mail.site.test ESMTP\r\n'), 'http-protocol'],
  [
    'a chunk length that is none',
    answer(`${head}transfer-encoding: chunked\r\n\r\nzz\r\nok`),
    'http-protocol',
  ],
  // As to browsers: a length that is no number says nothing.
  ['a length that is none', answer(`${head}content-length: ten\r\n\r\nok`), 'ok', wanted],
  ['a status that is none', answer('HTTP/1.1 OK\r\n\r\n'), 'http-protocol'],
  ['a status that no rule could allow', answer('HTTP/1.1 020 OK\r\n\r\n'), 'status', {}, /received 20$/],
  ['two lengths', answer(`${head}content-length: 2\r\ncontent-length: 3\r\n\r\nok`), 'http-protocol'],
  [
    'a switch of protocols',
    answer('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
    'closed',
  ],
  [
    'a switch of protocols that nobody asked for, and an answer',
    answer(`HTTP/1.1 101 Switching\r\n\r\n${head}\r\nok`),
    'ok',
    wanted,
  ],
  [
    'one endless header',
    onRequest((s) => {
      s.write(`${head}x: `);
      keepSending(s, () => 'y'.repeat(20_000), 1);
    }),
    'headers-too-large',
  ],
  [
    'endless headers',
    onRequest((s) => {
      s.write(head);
      keepSending(s, () => `x: ${'y'.repeat(20_000)}\r\n`, 1);
    }),
    'headers-too-large',
  ],
  [
    'dripping headers',
    onRequest((s) => {
      s.write(`${head}x: `);
      keepSending(s, () => 'y', 10);
    }),
    'timeout-response',
  ],
  [
    'endless interim answers',
    onRequest((s) => keepSending(s, () => 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(50), 1)),
    'flood',
    { timeoutMs: 2_000 },
  ],
  [
    'a dripping body',
    onRequest((s) => {
      s.write(`${head}\r\nok`);
      keepSending(s, () => 'y', 10);
    }),
    'timeout-body',
    wanted,
  ],
  ['a body that stops', onRequest((s) => s.write(`${head}content-length: 9\r\n\r\nok`)), 'timeout-body'],

  ['a compressed answer', ok(gzipSync('all ok'), gzip), 'ok', wanted],
  ['a deflated answer', ok(deflateSync('all ok'), 'content-encoding: deflate\r\n'), 'ok', wanted],
  [
    'a brotli answer over http, where browsers take none',
    ok(brotliCompressSync('all ok'), 'Content-Encoding: BR\r\n'),
    'body-coding',
    wanted,
    /: br over http$/,
  ],
  [
    'a gzip bomb',
    ok(gzipSync(Buffer.alloc(40_000_000)), gzip),
    'body',
    wanted,
    /within the first 65,536 bytes/,
  ],
  [
    'a gzip bomb that begins well',
    ok(gzipSync(Buffer.concat([Buffer.from('ok'), Buffer.alloc(40_000_000)])), gzip),
    'ok',
    wanted,
  ],
  ['what is said to be compressed', ok('all ok', gzip), 'body-garbled', wanted],
  ['what is said to be compressed, and nobody looks into it', ok('all ok', gzip), 'body-garbled'],
  ['an unknown compression', ok('all ok', 'content-encoding: none\r\n'), 'ok', wanted],
  ['a known and an unknown compression', ok('all ok', 'content-encoding: gzip, foo\r\n'), 'ok', wanted],
];

for (const [what, server, code, changes, detail] of PLAIN) {
  test(`${what} is ${code}`, async (t) => {
    const { port, sockets } = await serve(t, server);
    const observation = await observe(requestOf(port, changes));
    assert.equal(observation.code, code, observation.detail);
    if (detail !== undefined) assert.match(observation.detail, detail);
    await gone(sockets);
  });
}

/** The server's side of every connection ends as well; half a second is generous on loopback. */
const gone = async (sockets: Set<unknown>): Promise<void> => {
  for (const socket of sockets) (socket as { end(): void }).end();
  for (let waited = 0; sockets.size > 0 && waited < 100; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(sockets.size, 0, 'the connection was left open');
};

const SECURE: [what: string, certificate: string, code: Code, detail?: RegExp][] = [
  ['a good certificate', 'site.pem', 'ok'],
  ['an expired certificate', 'expired.pem', 'tls-expired'],
  ['a certificate of the future', 'not-yet.pem', 'tls-expired'],
  ['a certificate for another host', 'other-host.pem', 'tls-name', /www\.other\.test/],
  ['a certificate signed by itself', 'self-signed.pem', 'tls-untrusted'],
];

for (const [what, certificate, code, detail] of SECURE) {
  test(`${what} is ${code}`, async (t) => {
    const { port, sockets } = await serveTls(t, certificate, ok('ok'));
    const observation = await observe(overTls(port, wanted));
    assert.equal(observation.code, code, observation.detail);
    if (detail !== undefined) assert.match(observation.detail, detail);
    await gone(sockets);
  });
}

test('an authority that nobody configured is not trusted', async (t) => {
  const { port } = await serveTls(t, 'site.pem', ok('ok'));
  assert.equal((await observe(overTls(port), { ca: undefined })).code, 'tls-untrusted');
});

const HANDSHAKES: [what: string, server: Behaviour, code: Code][] = [
  ['silence', silence, 'timeout-tls'],
  ['plain HTTP', (s) => s.once('data', () => s.end('HTTP/1.1 400 Bad Request\r\n\r\n')), 'tls-protocol'],
  ['an end', (s) => s.once('data', () => s.end()), 'reset'],
  ['a reset', (s) => s.once('data', () => reset(s)), 'reset'],
  ['a handshake that drips', (s) => keepSending(s, () => '\x16', 300), 'timeout-tls'],
];

for (const [what, server, code] of HANDSHAKES) {
  test(`instead of a TLS handshake, ${what} is ${code}`, async (t) => {
    const { port, sockets } = await serve(t, server);
    const observation = await observe(overTls(port));
    assert.equal(observation.code, code, observation.detail);
    await gone(sockets);
  });
}

test('TLS older than 1.2 is tls-protocol', async (t) => {
  const old: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  const { port } = await serveTls(t, 'site.pem', ok('ok'), old);
  const observation = await observe(overTls(port));
  assert.equal(observation.code, 'tls-protocol', observation.detail);
});

test('a reset within a body over TLS is body-cut-short', async (t) => {
  const { port, sockets } = await serveTls(
    t,
    'site.pem',
    onRequest((s) => {
      s.write(`${head}\r\nok`);
      setTimeout(() => sockets.forEach(reset), 20);
    }),
  );
  const observation = await observe(overTls(port, wanted));
  assert.equal(observation.code, 'body-cut-short', observation.detail);
});

test('the request says what a visitor would say, and which machine asks', async (t) => {
  let request = '';
  let servername: string | false | null = null;
  const { port } = await serveTls(
    t,
    'site.pem',
    onRequest((socket, received) => {
      request = received;
      servername = (socket as TLSSocket).servername;
      socket.end(`${head}content-length: 0\r\n\r\n`);
    }),
  );
  const url = `https://www.site.test:${port}/healthz?full=1#part`;
  await observe(overTls(port, { url, headers: { 'X-Probe': 'yes', 'Cache-Control': 'max-age=0' } }));
  assert.equal(servername, 'www.site.test');
  const [line, ...lines] = request.trimEnd().split('\r\n');
  assert.equal(line, 'GET /healthz?full=1 HTTP/1.1');
  assert.deepEqual(lines.sort(), [
    'accept-encoding: identity',
    'accept: */*',
    'cache-control: max-age=0',
    'connection: close',
    `host: www.site.test:${port}`,
    `user-agent: Switchover/${packageJson.version} (health check)`,
    'x-probe: yes',
  ]);
});

test('every probe has a connection of its own', async (t) => {
  const server = await serve(
    t,
    onRequest((s) => s.write(`${head}content-length: 0\r\n\r\n`)),
  );
  for (const id of ['one', 'two', 'three']) await observe(requestOf(server.port, { id }));
  assert.equal(server.connections, 3);
});

test('phases are told as far as the probe got', async (t) => {
  const { port } = await serveTls(
    t,
    'site.pem',
    onRequest((s) => setTimeout(() => s.end(`${head}content-length: 2\r\n\r\nok`), 60)),
  );
  const { phases, remoteAddress, status } = await observe(overTls(port, { timeoutMs: 5_000 }));
  const { connectMs = -1, tlsMs = -1, firstByteMs = -1, dnsMs, totalMs } = phases;
  assert.equal(dnsMs, undefined);
  assert.ok(connectMs >= 0 && tlsMs > 0 && firstByteMs >= 55, JSON.stringify(phases));
  assert.ok(totalMs >= connectMs + tlsMs + firstByteMs - 1, JSON.stringify(phases));
  assert.deepEqual({ remoteAddress, status }, { remoteAddress: '127.0.0.1', status: 200 });

  const mute = await serve(t, silence);
  const silent = await observe(overTls(mute.port));
  assert.equal(silent.phases.tlsMs, undefined);
  assert.equal(silent.status, undefined);
  assert.ok(silent.phases.totalMs >= TIMEOUT_MS - 1, JSON.stringify(silent.phases));
});

test('a flood is cut at the bound, and judged on what came before it', async (t) => {
  let sent = 0;
  const flood = (start: string) =>
    onRequest((socket) => {
      socket.write(`${head}\r\n${start}`);
      const block = Buffer.alloc(65_536, 'x');
      const more = () => {
        while (socket.writable && socket.write(block)) sent += block.length;
        sent += block.length;
      };
      socket.on('drain', more);
      more();
    });
  const good = await serve(t, flood('all ok'));
  assert.equal((await observe(requestOf(good.port, wanted))).code, 'ok');
  const bad = await serve(t, flood('all well'));
  const observation = await observe(requestOf(bad.port, wanted));
  assert.equal(observation.code, 'body');
  assert.match(observation.detail, /within the first 65,536 bytes, received "all well/);
  await gone(bad.sockets);
  // What the kernel buffers on loopback is some megabytes; a prober that read on would be sent gigabytes.
  assert.ok(sent < 64_000_000, `${sent} bytes were sent`);
});

test('a needle beyond the bound is not found', async (t) => {
  const late = await serve(t, ok(`${'x'.repeat(65_535)}ok`));
  const observation = await observe(requestOf(late.port, wanted));
  assert.equal(observation.code, 'body');
  assert.match(observation.detail, /within the first 65,536 bytes/);
  const justInTime = await serve(t, ok(`${'x'.repeat(65_534)}ok`));
  assert.equal((await observe(requestOf(justInTime.port, wanted))).code, 'ok');
});

test('a body that comes byte by byte is judged as a whole', async (t) => {
  const body = `${'x'.repeat(2_000)}ok`;
  const chunks = [...body].map((each) => `1\r\n${each}\r\n`).join('');
  const { port } = await serve(t, answer(`${head}transfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`));
  assert.equal((await observe(requestOf(port, { bodyMatches: '^x{2000}ok$' }))).code, 'ok');
});

test('a body that breaks off while compressed is cut short, not garbled', async (t) => {
  const whole = gzipSync('all ok, and more that does not compress: 5up3rc4l1fr4g1l1571c');
  const { port } = await serve(
    t,
    answer(`${head}${gzip}content-length: ${whole.length}\r\n\r\n`, whole.subarray(0, 30)),
  );
  assert.equal((await observe(requestOf(port, wanted))).code, 'body-cut-short');
});

test('what cannot be asked is our own trouble', async (t) => {
  const { port, sockets } = await serve(t, ok('ok'));
  assert.equal((await observe(requestOf(port, { url: 'not a URL' }))).code, 'internal');
  assert.equal((await observe(requestOf(port, { headers: { 'no good': 'x' } }))).code, 'internal');
  await gone(sockets);
});
