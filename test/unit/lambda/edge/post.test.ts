import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { virtualClock } from '../../../../fixtures/virtual/clock.ts';
import type { Post } from '../../../../lambda/core/channels/post.ts';
import { httpPoster, signatureOf } from '../../../../lambda/edge/post.ts';

const TIMEOUT = { timeout: 20_000 };
const LIMIT_MS = 400;

const listening = async (t: TestContext, server: ReturnType<typeof createTcpServer>): Promise<string> => {
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}`;
};

const httpServer = (t: TestContext, answer: RequestListener): Promise<string> => {
  const server = createServer(answer);
  t.after(() => server.closeAllConnections());
  return listening(t, server);
};

/** A server that does with a connection what it likes, once the request has come. */
const rawServer = (t: TestContext, answer: (socket: Socket) => void): Promise<string> => {
  const open = new Set<Socket>();
  t.after(() => {
    for (const socket of open) socket.destroy();
  });
  return listening(
    t,
    createTcpServer((socket) => {
      open.add(socket);
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
    }),
  );
};

/** Writes again and again, until the other side has had enough. */
const endless = (to: Writable, text: string): void => {
  const timer = setInterval(() => to.write(text), 5);
  to.on('close', () => clearInterval(timer));
};

const to = (url: string, more: Partial<Post> = {}): Post => ({ url, headers: {}, body: '{"a":1}', ...more });
const post = httpPoster({ limitMs: LIMIT_MS });

test('a message is posted as JSON, and what took it is not read', TIMEOUT, async (t) => {
  let got: { headers: IncomingHttpHeaders; body: string; method?: string | undefined } | undefined;
  const url = await httpServer(t, (request, response) => {
    let body = '';
    request.on('data', (bytes) => {
      body += bytes;
    });
    request.on('end', () => {
      got = { headers: request.headers, body, method: request.method };
      response.end('ok');
    });
  });
  const answer = await post(to(`${url}/services/T0`, { headers: { authorization: 'GenieKey k' } }), []);
  assert.deepEqual(answer, { status: 200, retryAfter: undefined, body: '' });
  assert.deepEqual([got?.method, got?.body, got?.headers.authorization], ['POST', '{"a":1}', 'GenieKey k']);
  assert.equal(got?.headers['content-type'], 'application/json');
  assert.equal(got?.headers['webhook-id'], undefined, 'what is not to be signed is not');
});

describe('a server that misbehaves costs its time and no more', { concurrency: true }, () => {
  const cases: [what: string, answer: (socket: Socket) => void, trouble: RegExp][] = [
    ['silence', () => {}, /^did not answer in time$/],
    ['half a head and then silence', (socket) => socket.write('HTTP/1.1 200 O'), /^did not answer in time$/],
    ['a reset', (socket) => socket.resetAndDestroy(), /^broke the connection$/],
    ['an end without an answer', (socket) => socket.end(), /^broke the connection$/],
    ['another protocol', (socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'), /^did not answer in HTTP$/],
    [
      'a head without end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        endless(socket, `x-a: ${'a'.repeat(60_000)}\r\n`);
      },
      /^did not answer in HTTP$/,
    ],
  ];
  for (const [what, answer, trouble] of cases)
    test(what, TIMEOUT, async (t) => {
      const url = await rawServer(t, answer);
      const startedMs = performance.now();
      const answered = await post(to(url), []);
      assert.match('trouble' in answered ? answered.trouble : JSON.stringify(answered), trouble);
      assert.ok(performance.now() - startedMs < LIMIT_MS + 2000);
    });

  test('half a body after it has refused', TIMEOUT, async (t) => {
    const url = await rawServer(t, (socket) =>
      socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 900\r\n\r\ninvalid_'),
    );
    const answered = await post(to(url), []);
    assert.deepEqual(answered, { status: 403, retryAfter: undefined, body: '' });
  });

  test('half a body after it has taken the message', TIMEOUT, async (t) => {
    const url = await rawServer(t, (socket) =>
      socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 900\r\n\r\n{"status"'),
    );
    assert.deepEqual(await post(to(url), []), { status: 202, retryAfter: undefined, body: '' });
  });

  test('an answer without end, of which the beginning is shown', TIMEOUT, async (t) => {
    const url = await httpServer(t, (_, response) => {
      response.writeHead(400);
      endless(response, 'no '.repeat(20_000));
    });
    const answered = await post(to(url), []);
    assert.ok('status' in answered && answered.status === 400);
    assert.equal(answered.body, 'no '.repeat(40).slice(0, 120));
  });

  test('nobody who listens, no such name, and a certificate of nobody', TIMEOUT, async (t) => {
    const url = await httpServer(t, () => {});
    const { port } = new URL(url);
    const gone = createTcpServer();
    const there = await listening(t, gone);
    await new Promise((done) => gone.close(done));
    assert.deepEqual(await post(to(there), []), { trouble: 'refused the connection' });
    assert.deepEqual(await post(to('http://nobody.invalid/secret'), []), {
      trouble: 'was not found by its name',
    });
    const tls = await post(to(`https://127.0.0.1:${port}/`), []);
    assert.match('trouble' in tls ? tls.trouble : '', /certificate|could not be reached|broke/);
  });
});

test('a redirect is not followed', TIMEOUT, async (t) => {
  let asked = 0;
  const other = await httpServer(t, (_, response) => {
    asked += 1;
    response.end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const url = await httpServer(t, (_, response) => response.writeHead(status, { location: other }).end());
    const answered = await post(to(url), []);
    assert.equal('status' in answered && answered.status, status);
  }
  assert.equal(asked, 0);
});

test('what a service repeats of its URL or key is not shown', TIMEOUT, async (t) => {
  const key = 'k3y-0123456789abcdef';
  const url = await httpServer(t, (request, response) => {
    const said = `no service at ${request.url} (${encodeURIComponent(request.url ?? '')}) for ${request.headers.authorization}`;
    response.writeHead(404).end(said);
  });
  const secret = `${url}/services/T0ABCDEF/B0ABCDEF/XyZsecretToken`;
  const answered = await post(to(secret, { headers: { authorization: `GenieKey ${key}` } }), [secret, key]);
  assert.ok('status' in answered);
  assert.match(answered.body, /^no service at/);
  assert.doesNotMatch(answered.body, /T0ABCDEF|B0ABCDEF|XyZsecretToken|k3y-/i);
});

test('Retry-After is handed on', TIMEOUT, async (t) => {
  const url = await httpServer(t, (_, response) =>
    response.writeHead(429, { 'retry-after': '7' }).end('{"message":"slow down"}'),
  );
  assert.deepEqual(await post(to(url), []), {
    status: 429,
    retryAfter: '7',
    body: '{"message":"slow down"}',
  });
});

describe('a signature', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

  test('is that of the specification', () => {
    // The example of standard-webhooks, spec/standard-webhooks.md.
    const body = '{"test": 2432232314}';
    const signature = signatureOf(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body);
    assert.equal(signature, 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test(
    'names the time of the try, and is made by each key while one takes the place of another',
    TIMEOUT,
    async (t) => {
      const seen: IncomingHttpHeaders[] = [];
      const url = await httpServer(t, (request, response) => {
        seen.push(request.headers);
        response.end();
      });
      const clock = virtualClock(1_795_341_600_900);
      const signed = {
        id: 'msg_1',
        key: `${secret} whsec_${Buffer.from('another key of 24 bytes!').toString('base64')}`,
      };
      await httpPoster({ clock })(to(url, { signed }), []);
      const [headers] = seen;
      assert.equal(headers?.['webhook-id'], 'msg_1');
      assert.equal(headers?.['webhook-timestamp'], '1795341600');
      const expected = [
        'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        Buffer.from('another key of 24 bytes!').toString('base64'),
      ].map(
        (key) =>
          `v1,${createHmac('sha256', Buffer.from(key, 'base64')).update('msg_1.1795341600.{"a":1}').digest('base64')}`,
      );
      assert.equal(headers?.['webhook-signature'], expected.join(' '));
    },
  );
});
