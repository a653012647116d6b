import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import {
  block,
  data,
  ERROR,
  FLAG,
  frame,
  goaway,
  headers,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../../../fixtures/hostile/http2-frames.ts';
import type { Code } from '../../../../lambda/core/probe/outcome.ts';
import { flood, wild } from './http2-servers.ts';
import { observe, overTls } from './probing.ts';
import { ok, serveTls } from './servers.ts';

const file = (name: string) =>
  readFileSync(new URL(`../../../../fixtures/certificates/${name}`, import.meta.url));

/** A sound server of HTTP/2, which speaks HTTP/1.1 to those that do not offer it. */
const sound = async (
  t: TestContext,
  onStream: (stream: http2.ServerHttp2Stream, asked: http2.IncomingHttpHeaders) => void,
) => {
  const server = http2.createSecureServer({
    cert: file('site.pem'),
    key: file('test-only.key'),
    allowHTTP1: true,
    maxSendHeaderBlockLength: 500_000,
  } as http2.SecureServerOptions);
  const seen: string[] = [];
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, asked) => {
    stream.on('error', () => {});
    seen.push('2');
    onStream(stream, asked);
  });
  server.on('request', (request, response) => {
    if (request.httpVersion !== '1.1') return;
    seen.push('1');
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
};

const good = (stream: http2.ServerHttp2Stream) => {
  stream.respond({ ':status': 200 });
  stream.end('ok');
};
const asking = { bodyIncludes: 'ok', timeoutMs: 5_000 };

test('HTTP/2 is spoken with a server that offers it, and the version that is asked for with one that offers both', async (t) => {
  const { port, seen } = await sound(t, good);
  for (const http of [undefined, 'auto', 1, 2] as const) {
    const { code, detail, phases, status } = await observe(overTls(port, { ...asking, http }));
    assert.equal(code, 'ok', detail);
    assert.equal(status, 200);
    assert.ok((phases.tlsMs ?? -1) > 0 && (phases.firstByteMs ?? -1) >= 0, JSON.stringify(phases));
  }
  assert.deepEqual(seen, ['2', '2', '1', '2']);
});

test('what a probe sends is the same over HTTP/2', async (t) => {
  let received: http2.IncomingHttpHeaders = {};
  let body = '';
  const { port } = await sound(t, (stream, asked) => {
    received = asked;
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => {
      body += chunk;
    });
    stream.on('end', () => good(stream));
  });
  const changes = { method: 'POST', body: 'gr\u00fcn', headers: { 'X-Key': '1' } };
  assert.equal((await observe(overTls(port, { ...asking, ...changes }))).code, 'ok');
  assert.equal(body, 'gr\u00fcn');
  const { ':authority': authority, ':method': method, 'content-length': length, 'x-key': key } = received;
  assert.deepEqual([authority, method, length, key], [`www.site.test:${port}`, 'POST', '5', '1']);
  assert.equal(received['accept-encoding'], 'identity');
});

test('headers, codings, redirects and bounds are those of HTTP/1.1', async (t) => {
  const { port } = await sound(t, (stream, asked) => {
    if (asked[':path'] === '/from') stream.respond({ ':status': 302, location: '/', 'set-cookie': 'seen=1' });
    else if (asked[':path'] === '/long') {
      stream.respond({ ':status': 200 });
      stream.end(`ok${'x'.repeat(200_000)}`);
    } else {
      stream.additionalHeaders({ ':status': 103 });
      stream.respond({ ':status': 200, 'content-encoding': 'gzip', 'x-cookie': asked.cookie ?? '' });
      stream.end(gzipSync('ok'));
    }
  });
  const url = (path: string) => `https://www.site.test:${port}${path}`;
  const cookie = { expectHeaders: { 'x-cookie': 'seen=1' }, followRedirects: 1 };
  const followed = await observe(overTls(port, { ...asking, ...cookie, url: url('/from') }));
  assert.equal(followed.code, 'ok', followed.detail);
  assert.equal((await observe(overTls(port, { ...asking, url: url('/long') }))).code, 'ok');
  const late = await observe(
    overTls(port, { ...asking, url: url('/long'), bodyMatches: 'x$', bodyIncludes: 'y' }),
  );
  assert.match(late.detail, /within the first 65,536 bytes/);
});

test('where Node has a limit that browsers do not have, the server is asked over HTTP/1.1', async (t) => {
  const { port, seen } = await sound(t, (stream) => {
    stream.respond({ ':status': 200, 'set-cookie': Array(200).fill(`a=${'b'.repeat(100)}`) });
    stream.end('ok');
  });
  const observation = await observe(overTls(port, asking));
  assert.equal(observation.code, 'ok', observation.detail);
  assert.deepEqual(seen, ['2', '1']);
});

test('a server that speaks no HTTP/2 fails a probe that asks for it', async (t) => {
  const { port } = await serveTls(t, 'site.pem', ok('ok'));
  assert.equal((await observe(overTls(port, { ...asking, http: 2 }))).code, 'http-protocol');
});

test('an answer that comes together with GOAWAY and the end is whole, one that breaks off is not', async (t) => {
  const body = frame(TYPE.data, 1, 1, Buffer.from('ok'));
  const goaway = frame(TYPE.goaway, 0, 0, number32(1, ERROR.none));
  const start = Buffer.concat([SETTINGS, headers(1, [[':status', '200']])]);
  const whole = await wild(t, (socket) => void socket.end(Buffer.concat([start, body, goaway])));
  const half = frame(TYPE.data, 0, 1, Buffer.from('ok'));
  const broken = await wild(t, (socket) => void socket.end(Buffer.concat([start, half, goaway])));
  const fields: [string, string][] = [
    [':status', '200'],
    ['upgrade', 'h2,h2c'],
  ];
  const mended = await wild(
    t,
    (socket) => void socket.end(Buffer.concat([SETTINGS, headers(1, fields), body, goaway])),
  );
  for (let times = 0; times < 10; times += 1) {
    for (const { port } of [whole, mended]) {
      const observation = await observe(overTls(port, asking));
      assert.equal(observation.code, 'ok', observation.detail);
    }
  }
  assert.equal((await observe(overTls(broken.port, asking))).code, 'body-cut-short');
});

test('what browsers take and nghttp2 refuses is mended: heads in many frames, long trailers, te', async (t) => {
  const fields: [string, string][] = Array.from({ length: 150 }, (_, nth) => [`x-${nth}`, 'y']);
  const inFrames = (count: number, ...more: [string, string][]) => {
    const all = block([[':status', '200'], ...more]);
    const rest = Array.from({ length: count }, (_, nth) =>
      frame(9, nth === count - 1 ? 4 : 0, 1, block([['x', 'y']])),
    );
    return Buffer.concat([frame(1, 0, 1, all), ...rest]);
  };
  const start = headers(1, [[':status', '200']]);
  const answers: Record<string, Buffer> = {
    'a head in thirty frames': Buffer.concat([inFrames(30), data(1, 'ok')]),
    'trailers in two frames': Buffer.concat([
      start,
      data(1, 'ok', 0),
      frame(1, 1, 1, block([['x', 'y']])),
      frame(9, 4, 1, block([['z', 'y']])),
    ]),
    'trailers of 150 fields': Buffer.concat([start, data(1, 'ok', 0), headers(1, fields, FLAG.endStream)]),
    te: Buffer.concat([
      headers(1, [
        [':status', '200'],
        ['te', 'gzip'],
      ]),
      data(1, 'ok'),
    ]),
  };
  for (const [what, bytes] of Object.entries(answers)) {
    const { port } = await wild(t, (socket) => void socket.write(Buffer.concat([SETTINGS, bytes])));
    const { code, detail } = await observe(
      overTls(port, { ...asking, bodyIncludes: 'ok', timeoutMs: 2_000 }),
    );
    assert.equal(code, 'ok', `${what}: ${detail}`);
  }
});

test('what comes behind a whole answer says nothing, with it or later', async (t) => {
  const whole = Buffer.concat([SETTINGS, headers(1, [[':status', '200']]), data(1, 'ok')]);
  const behind: Record<string, Buffer> = {
    'GOAWAY that asks for HTTP/1.1': goaway(ERROR.http11),
    'GOAWAY for an error': goaway(ERROR.internal),
    'GOAWAY for an error, and the answer counts': frame(TYPE.goaway, 0, 0, number32(1, ERROR.internal)),
    'GOAWAY because of too much': goaway(ERROR.calm),
    'RST_STREAM for an error': rst(1, ERROR.internal),
    'both at once': Buffer.concat([rst(1, ERROR.refused), goaway(ERROR.internal)]),
    'a PING of three bytes': frame(6, 0, 0, Buffer.alloc(3)),
    'DATA of no stream': frame(TYPE.data, 0, 0, Buffer.from('x')),
    'a second head': headers(1, [[':status', '500']]),
    'no HTTP/2': Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  };
  for (const [what, bytes] of Object.entries(behind)) {
    const together = await wild(t, (socket) => void socket.write(Buffer.concat([whole, bytes])));
    const apart = await wild(t, (socket) =>
      socket.write(whole, () => setImmediate(() => socket.write(bytes))),
    );
    const cut = await wild(t, (socket) => {
      for (const byte of Buffer.concat([whole, bytes])) socket.write(Buffer.of(byte));
    });
    for (const { port } of [together, apart, cut])
      for (const http of ['auto', 2] as const) {
        const { code, detail } = await observe(overTls(port, { ...asking, http }));
        assert.equal(code, 'ok', `${what}: ${detail}`);
      }
  }
});

test('nothing is left open or running after a probe over HTTP/2', async (t) => {
  const before = process.getActiveResourcesInfo().length;
  const { port } = await sound(t, good);
  const { port: mute } = await wild(t, () => {});
  await observe(overTls(port, asking));
  await observe(overTls(mute));
  // As at the end of a batch.
  await nextTurn();
  await nextTurn();
  // The servers of this test are still there, two of them.
  assert.ok(
    process.getActiveResourcesInfo().length <= before + 6,
    process.getActiveResourcesInfo().join(' '),
  );
});

test('a server that wants HTTP/1.1 fails a probe that keeps to HTTP/2', async (t) => {
  const { port } = await wild(
    t,
    (socket) => void socket.write(Buffer.concat([SETTINGS, rst(1, ERROR.http11)])),
  );
  const observation = await observe(overTls(port, { ...asking, http: 2 }));
  assert.equal(observation.code, 'http-protocol', observation.detail);
});

const WITH_HEADER: [name: string, value: string, code: Code, asked: number][] = [
  ['x-a', 'b', 'ok', 1],
  // What nginx hands on of an Apache behind it.
  ['upgrade', 'h2,h2c', 'ok', 2],
  ['connection', 'keep-alive', 'ok', 2],
  ['keep-alive', 'timeout=5', 'ok', 2],
  ['proxy-connection', 'close', 'ok', 2],
  ['transfer-encoding', 'chunked', 'http-protocol', 2],
  ['X-A', 'b', 'http-protocol', 2],
];

for (const [name, value, code, times] of WITH_HEADER) {
  test(`over HTTP/2, an answer with \`${name}: ${value}\` is ${code}, as in Chromium`, async (t) => {
    let asked = 0;
    const { port } = await wild(t, (socket) => {
      asked += 1;
      const head = headers(1, [
        [':status', '200'],
        [name, value],
      ]);
      socket.write(Buffer.concat([SETTINGS, head, frame(TYPE.data, FLAG.endStream, 1, Buffer.from('ok'))]));
    });
    const observation = await observe(overTls(port, asking));
    assert.equal(observation.code, code, observation.detail);
    assert.equal(asked, times);
  });
}

test('over HTTP/2, what a redirect leads to is mended too', async (t) => {
  let asked = 0;
  const { port } = await wild(t, (socket) => {
    asked += 1;
    const fields: [string, string][] =
      asked === 1
        ? [
            [':status', '302'],
            ['location', '/elsewhere'],
          ]
        : [
            [':status', '200'],
            ['upgrade', 'h2,h2c'],
          ];
    const end = frame(TYPE.data, FLAG.endStream, 1, Buffer.from('ok'));
    socket.write(Buffer.concat([SETTINGS, headers(1, fields), end]));
  });
  const observation = await observe(overTls(port, { ...asking, followRedirects: 1 }));
  assert.equal(observation.code, 'ok', observation.detail);
  assert.equal(asked, 3);
});

test('over HTTP/2, a server without SETTINGS is read, one that then says nothing more is silent', async (t) => {
  const page = [headers(1, [[':status', '200']]), frame(TYPE.data, FLAG.endStream, 1, Buffer.from('ok'))];
  const { port } = await wild(t, (socket) => void socket.write(Buffer.concat(page)));
  const observation = await observe(overTls(port, asking));
  assert.equal(observation.code, 'ok', observation.detail);
  const acknowledged = frame(TYPE.settings, FLAG.ack, 0);
  const { port: mute } = await wild(t, (socket) => void socket.write(acknowledged));
  assert.equal((await observe(overTls(mute, { ...asking, timeoutMs: 500 }))).code, 'timeout-response');
});

test('over HTTP/2, a flood that is asked for again is bounded there too', async (t) => {
  // An error of the protocol first, so that what comes the second time is mended.
  let asked = 0;
  const { port } = await wild(t, (socket) => {
    asked += 1;
    if (asked === 1) socket.write(frame(TYPE.data, 0, 0));
    else flood(SETTINGS, frame(8, 0, 0, number32(1)))(socket);
  });
  const observation = await observe(overTls(port, { ...asking, timeoutMs: 8_000 }));
  assert.equal(observation.code, 'flood', observation.detail);
  assert.equal(asked, 2);
});
