/** Whatever an application answers, the gate goes on, and a visitor can tell what is whole from what is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Application, type Behind, gateBefore, get, send } from './application.ts';
import { PAGE, REFUSED, SHAPES } from './browser-shapes.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
/** What the gate says itself: whole, of a right length, and of nothing that the application said. */
const OWN =
  /^HTTP\/1\.1 502 Bad Gateway\r\n((?:[A-Za-z-]+: [^\r]*\r\n)+)\r\nThe application behind this gate does not answer\.\n$/;

/** Answers what `say` says at /bad, and `ok` everywhere else. */
const says =
  (say: (method: string) => string | Buffer): Application =>
  (socket, head) => {
    const [method = '', path] = head.split(' ');
    socket.end(path === '/bad' ? say(method) : OK, 'latin1');
  };

const goesOn = async ({ port }: Behind): Promise<void> => {
  assert.match((await send(port, get('/'))).got, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/);
};

const isOwn = (got: string, what: string): void => {
  const [, headers = ''] = OWN.exec(got) ?? assert.fail(`${what}: ${got.slice(0, 300)}`);
  assert.match(headers, /^Content-Length: 50\r$/m, what);
  assert.match(headers, /^Connection: close\r$/m, what);
  assert.match(headers, /^Cache-Control: no-store\r$/m, what);
};

test('more bytes than its length: the answer as far as it goes', async (t) => {
  const behind = await gateBefore(
    t,
    says(() => `${OK}<!-- debug -->`),
  );
  const { got } = await send(behind.port, get('/bad'));
  assert.match(got, /\r\n\r\nok$/);
  await goesOn(behind);
});

test('a trailer that is announced, with HEAD, 304 and HTTP/1.0', async (t) => {
  const head = 'Trailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n\r\n';
  const body = '2\r\nok\r\n0\r\nX-Checksum: 1\r\n\r\n';
  let status = '200 OK';
  const behind = await gateBefore(
    t,
    says(
      (method) => `HTTP/1.1 ${status}\r\n${head}${method === 'HEAD' || status.startsWith('304') ? '' : body}`,
    ),
  );
  for (const [method, version, ends] of [
    ['HEAD', '1.1', /\r\n\r\n$/],
    ['GET', '1.0', /\r\n\r\nok$/],
    ['GET', '1.1', /\r\n\r\n2\r\nok\r\n0\r\n\r\n$/],
  ] as const) {
    const { got } = await send(behind.port, get('/bad', method, '', version));
    assert.match(got, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(got, ends);
    assert.doesNotMatch(got, /trailer/i);
  }
  status = '304 Not Modified';
  assert.match(
    (await send(behind.port, get('/bad'))).got,
    /^HTTP\/1\.1 304 Not Modified\r\n[\s\S]*\r\n\r\n$/,
  );
  await goesOn(behind);
});

test('it dies between head and body: a 502 with nothing of the broken answer', async (t) => {
  const behind = await gateBefore(t, (socket, head) => {
    if (!head.startsWith('GET /bad')) return void socket.end(OK);
    const broken =
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nSet-Cookie: sid=1\r\nContent-Length: 5000\r\n\r\n';
    socket.write(broken, () => setTimeout(() => socket.resetAndDestroy(), 30));
  });
  isOwn((await send(behind.port, get('/bad'))).got, 'reset behind the head');
  assert.equal(behind.lines.at(-1)?.code, 'ECONNRESET');
  await goesOn(behind);
});

test('a head without its body yet is sent on, so that a stream of events begins', async (t) => {
  const behind = await gateBefore(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
    setTimeout(() => socket.end(), 1500);
  });
  const startMs = performance.now();
  const answered = await fetch(`http://127.0.0.1:${behind.port}/`);
  const headMs = performance.now() - startMs;
  assert.ok(headMs < 1400, `${headMs} ms`);
  assert.equal(await answered.text(), '');
});

test('bytes of a head above 127 arrive as they were sent, whatever they mean', async (t) => {
  // A name in UTF-8, one in Latin-1, and a reason.
  const lines = 'Location: /f\xc3\xbcr\r\nSet-Cookie: n=\xfc\r\n';
  const framings: Record<string, [headers: string, body: string]> = {
    'a length': ['Content-Length: 2\r\n', 'ok'],
    chunks: ['Transfer-Encoding: chunked\r\n', '2\r\nok\r\n0\r\n\r\n'],
    'its end': ['', 'ok'],
    'no body': ['Content-Length: 0\r\n', ''],
  };
  for (const method of ['GET', 'HEAD'])
    for (const [framing, [headers, body]] of Object.entries(framings)) {
      const head = `HTTP/1.1 200 Gr\xfcn\r\n${lines}${headers}\r\n`;
      const behind = await gateBefore(
        t,
        says(() => (method === 'HEAD' ? head : head + body)),
      );
      const { got } = await send(behind.port, get('/bad', method));
      assert.match(got, /^HTTP\/1\.1 200 Gr\xfcn\r\n/, `${method}, ${framing}`);
      assert.ok(got.includes(lines), `${method}, ${framing}: ${got}`);
    }
});

test('what browsers show goes through whole', async (t) => {
  let now = '';
  const behind = await gateBefore(
    t,
    says(() => now),
  );
  for (const [shape, text] of Object.entries(SHAPES)) {
    now = text;
    const { got } = await send(behind.port, get('/bad', 'GET', '', '1.0'));
    const [head = '', body] = got.split('\r\n\r\n');
    assert.equal(body, PAGE, shape);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is looked for
    assert.doesNotMatch(head.replaceAll('\r\n', ''), /[\x00-\x08\x0a-\x1f\x7f]/, shape);
  }
  await goesOn(behind);
});

test('what browsers refuse is a 502 of the gate, or breaks off', async (t) => {
  let now = '';
  const behind = await gateBefore(
    t,
    says(() => now),
  );
  for (const [shape, text] of Object.entries(REFUSED)) {
    now = text;
    const { got } = await send(behind.port, get('/bad'));
    isOwn(got, shape);
  }
  await goesOn(behind);
});

test('an answer that breaks off does not look whole, however it is sent on', async (t) => {
  for (const [framing, answer] of [
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n5'],
  ]) {
    const behind = await gateBefore(
      t,
      says(() => answer as string),
    );
    const chunked = await send(behind.port, get('/bad'));
    assert.match(chunked.got, framing === 'chunks' ? /half\r\n$/ : /\r\n\r\nhalf$/, framing);
    const old = await send(behind.port, get('/bad', 'GET', '', '1.0'));
    // By HTTP/1.0 chunks become a body that ends with its connection; only a reset says that it is not whole.
    if (framing === 'chunks') assert.equal(old.end, 'reset');
    else assert.match(old.got, /Content-Length: 100\r\n[\s\S]*half$/);
    await goesOn(behind);
  }
});

test('headers of one connection do not reach the visitor', async (t) => {
  const behind = await gateBefore(
    t,
    says(
      () =>
        'HTTP/1.1 200 OK\r\nConnection: X-Internal, close\r\nX-Internal: 1\r\nKeep-Alive: timeout=99\r\nUpgrade: h2\r\n' +
        'Proxy-Connection: close\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Kept: 1\r\nContent-Length: 0\r\n\r\n',
    ),
  );
  const { got } = await send(behind.port, get('/bad'));
  assert.match(got, /\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nX-Kept: 1\r\n/);
  assert.doesNotMatch(got, /X-Internal|timeout=99|h2|Proxy-Connection/);
});

test('silence is a 502 in its time', async (t) => {
  const behind = await gateBefore(t, (socket, head) => void (head.startsWith('GET /bad') || socket.end(OK)), {
    limits: { silenceMs: 200 },
  });
  isOwn((await send(behind.port, get('/bad'))).got, 'silence');
  assert.equal(behind.lines.at(-1)?.code, 'timeout');
  await goesOn(behind);
});
