import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  request,
  type Server,
} from 'node:http';
import { createServer as createTlsServer, request as tlsRequest } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates, connect as tlsConnect } from 'node:tls';
import type { View } from '../../../gate/answer.ts';
import { type Gate, type GateOptions, startGate } from '../../../gate/server.ts';

const PRIMARY = 'www-primary.example.com';
const PROBE = { header: 'x-probe-key', value: 'let me in' };
const pem = (name: string) =>
  readFileSync(new URL(`../../../fixtures/certificates/${name}`, import.meta.url));

type Scene = { gate: Gate; port: number; view: View; lines: Record<string, unknown>[]; upstream: Server };

/** A gate before an application. */
const scene = async (
  t: TestContext,
  application: RequestListener,
  given: Partial<GateOptions> = {},
): Promise<Scene> => {
  const upstream = createServer(application).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port } = upstream.address() as AddressInfo;
  const lines: Scene['lines'] = [];
  const stage = { view: 'stands-by' as View, lines, upstream } as Scene;
  stage.gate = await startGate({
    listen: { host: '127.0.0.1', port: 0 },
    upstream: new URL(`http://127.0.0.1:${port}`),
    primaryHost: PRIMARY,
    scheme: 'https',
    probe: PROBE,
    view: () => stage.view,
    say: (line) => void lines.push(line),
    ...given,
  });
  stage.port = stage.gate.address.port;
  t.after(async () => {
    upstream.closeAllConnections();
    upstream.close();
    await stage.gate.close(0);
  });
  return stage;
};

type Reply = { status: number; headers: IncomingMessage['headers']; body: string };
const ask = async (port: number, options: RequestOptions & { body?: string } = {}): Promise<Reply> => {
  const { body, ...rest } = options;
  const sent = request({
    host: '127.0.0.1',
    port,
    agent: false,
    setHost: false,
    ...rest,
    headers: { host: 'www.example.com', ...rest.headers },
  });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
};

const echo: RequestListener = async (incoming, response) => {
  const { method, url, headers } = incoming;
  response.setHeader('x-application', 'yes');
  response.end(
    JSON.stringify({ method, url, headers, body: await text(incoming).catch(() => 'broken off') }),
  );
};

test('sends visitors on, and says that nobody may keep it', async (t) => {
  const { port } = await scene(t, echo);
  const { status, headers } = await ask(port, {
    method: 'POST',
    path: '/a//b?c=%20',
    body: 'x'.repeat(100_000),
  });
  assert.equal(status, 307);
  assert.equal(headers.location, `https://${PRIMARY}/a//b?c=%20`);
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-application'], undefined);
});

test("never sends on who came for the primary's own name", async (t) => {
  const stage = await scene(t, echo);
  const refused = await ask(stage.port, { headers: { host: PRIMARY } });
  assert.deepEqual(
    [refused.status, refused.headers['cache-control'], refused.headers.location],
    [421, 'no-store', undefined],
  );
  stage.view = 'serves';
  assert.equal((await ask(stage.port, { headers: { host: PRIMARY } })).headers['x-application'], 'yes');
});

test('lets the probe through, and nobody who only guesses', async (t) => {
  const { port } = await scene(t, echo);
  const probe = await ask(port, { headers: { [PROBE.header]: PROBE.value } });
  assert.equal(probe.headers['x-application'], 'yes');
  for (const value of ['', 'let me i', 'let me in!', 'LET ME IN'])
    assert.equal((await ask(port, { headers: { [PROBE.header]: value } })).status, 307, value);
});

test('passes method, target, headers and body on as they are', async (t) => {
  const stage = await scene(t, echo);
  stage.view = 'serves';
  for (const path of ['/a//b/../c?x=1&x=2', '//a', '/%2e%2e/a', '/?', '/a?b?c']) {
    const { body } = await ask(stage.port, { method: 'PUT', path, body: 'hello' });
    const seen = JSON.parse(body);
    assert.deepEqual([seen.method, seen.url, seen.body], ['PUT', path, 'hello']);
    assert.equal(seen.headers.host, 'www.example.com');
    assert.match(seen.headers['x-forwarded-for'], /127\.0\.0\.1$/);
  }
  assert.equal(JSON.parse((await ask(stage.port, { path: 'http://www.example.com/a?b' })).body).url, '/a?b');
});

test('streams: what the application has sent is there before it ends', async (t) => {
  let end = () => {};
  const stage = await scene(t, (_, response) => {
    response.write('first');
    end = () => response.end('last');
  });
  stage.view = 'serves';
  const sent = request({ host: '127.0.0.1', port: stage.port, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const [first] = await once(response, 'data');
  assert.equal(String(first), 'first');
  end();
  assert.equal(await text(response), 'last');
});

test('asks for a large body only where it goes on', async (t) => {
  const stage = await scene(t, echo);
  const expecting = { method: 'POST', headers: { expect: '100-continue', 'content-length': '5' } };
  const raw = async (): Promise<string> => {
    const socket = connect(stage.port, '127.0.0.1');
    socket.write(
      'POST / HTTP/1.1\r\nhost: www.example.com\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n',
    );
    const [answer] = await once(socket, 'data');
    socket.destroy();
    return String(answer).split('\r\n')[0] as string;
  };
  assert.match(await raw(), / 307 /);
  stage.view = 'serves';
  assert.match(await raw(), / 100 /);
  const { body } = await ask(stage.port, { ...expecting, body: 'hello' });
  assert.equal(JSON.parse(body).body, 'hello');
});

test('sends 100 to whoever knows it, and expects nothing else of anybody', async (t) => {
  const stage = await scene(t, echo);
  stage.view = 'serves';
  const lines = async (version: string, expect: string[], connection = 'close'): Promise<string[]> => {
    const socket = connect(stage.port, '127.0.0.1');
    const headers = expect.map((value) => `expect: ${value}\r\n`).join('');
    socket.write(
      `POST / HTTP/${version}\r\nhost: www.example.com\r\nconnection: ${connection}\r\n${headers}content-length: 5\r\n\r\nhello`,
    );
    const all: Buffer[] = await socket.toArray();
    return String(Buffer.concat(all)).match(/^HTTP\/1\.1 \d+/gm) ?? [];
  };
  const rows: [version: string, expect: string[], statuses: number[]][] = [
    ['1.1', ['100-continue'], [100, 200]],
    ['1.1', ['100-Continue'], [100, 200]],
    ['1.1', ['100-continue', '100-continue'], [100, 200]],
    // RFC 9110, 10.1.1: of HTTP/1.0 it is ignored.
    ['1.0', ['100-continue'], [200]],
    ['1.0', ['the-unknown'], [200]],
    ['1.1', ['the-unknown'], [417]],
    ['1.1', ['100-continue, the-unknown'], [417]],
    ['1.1', ['the-unknown', '100-continue'], [417]],
    ['1.1', [''], [200]],
  ];
  for (const [version, expect, statuses] of rows)
    assert.deepEqual(
      await lines(version, expect),
      statuses.map((status) => `HTTP/1.1 ${status}`),
      `HTTP/${version} ${expect}`,
    );
});

test('says 502 when the application does not answer, and breaks off what it broke off', async (t) => {
  const stage = await scene(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half of', () => response.destroy());
  });
  stage.view = 'serves';
  await assert.rejects(ask(stage.port), /aborted|ECONNRESET|hang up/);
  stage.upstream.closeAllConnections();
  stage.upstream.close();
  const { status } = await ask(stage.port);
  assert.equal(status, 502);
  assert.equal(stage.lines.at(-1)?.code, 'ECONNREFUSED');
});

const upgrade = async (port: number, protocol: string): Promise<{ socket: Socket; head: string }> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `GET /chat?a=b HTTP/1.1\r\nhost: www.example.com\r\nconnection: upgrade\r\nupgrade: ${protocol}\r\n\r\n`,
  );
  const [data] = await once(socket, 'data');
  return { socket, head: String(data) };
};

test('lets WebSockets through where it serves, and sends them on where not', async (t) => {
  const stage = await scene(t, echo);
  stage.upstream.on('upgrade', (incoming: IncomingMessage, socket: Socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nx-url: ${incoming.url}\r\n\r\n`,
    );
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  const away = await upgrade(stage.port, 'websocket');
  assert.match(away.head, /^HTTP\/1\.1 307 /);
  assert.match(away.head, new RegExp(`\\r\\nlocation: https://${PRIMARY}/chat\\?a=b\\r\\n`));
  stage.view = 'serves';
  const { socket, head } = await upgrade(stage.port, 'websocket');
  assert.match(head, /^HTTP\/1\.1 101 /);
  assert.match(head, /x-url: \/chat\?a=b/);
  socket.write('ping');
  assert.equal(String((await once(socket, 'data'))[0]), 'ping');
  socket.destroy();
  // As curl does by itself over plain HTTP: who cannot have HTTP/2 is content with what there is.
  const plain = await upgrade(stage.port, 'h2c');
  assert.match(plain.head, /^HTTP\/1\.1 200 /);
  plain.socket.destroy();
});

test('ends TLS itself, takes a renewed certificate, and then every redirect is to https', async (t) => {
  const tls = { cert: pem('site.pem'), key: pem('test-only.key') };
  const stage = await scene(t, echo, { tls, scheme: 'http' });
  const sent = tlsRequest({
    host: '127.0.0.1',
    port: stage.port,
    rejectUnauthorized: false,
    agent: false,
    headers: { 'x-forwarded-proto': 'http', host: 'www.example.com:8443' },
  }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  assert.equal(response.headers.location, `https://${PRIMARY}:8443/`);
  stage.gate.renew(tls);
  assert.throws(() => stage.gate.renew({ cert: Buffer.from('none'), key: tls.key }));
});

test('lets WebSockets through TLS, both ways, and ends both sides together', async (t) => {
  const tls = { cert: pem('site.pem'), key: pem('test-only.key') };
  const stage = await scene(t, echo, { tls });
  stage.view = 'serves';
  const gone = Promise.withResolvers<void>();
  stage.upstream.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    assert.equal(incoming.headers['x-forwarded-proto'], 'https');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello',
    );
    socket.on('error', () => {}).on('close', () => gone.resolve());
    socket.write(head);
    socket.pipe(socket);
  });
  const socket = tlsConnect({ port: stage.port, host: '127.0.0.1', rejectUnauthorized: false });
  t.after(() => socket.destroy());
  socket.write(
    'GET / HTTP/1.1\r\nhost: www.example.com\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nearly ',
  );
  let got = '';
  socket.on('data', (bytes) => {
    got += bytes;
    if (got.endsWith('early ')) socket.write('late');
    if (got.endsWith('late')) socket.end();
  });
  await gone.promise;
  assert.match(got, /^HTTP\/1\.1 101 [\s\S]*\r\n\r\nhelloearly late$/);
});

test('an application that speaks TLS is asked for the host that visitors asked for, and has to prove it', async (t) => {
  const application = createTlsServer({ cert: pem('site.pem'), key: pem('test-only.key') }, echo).listen(
    0,
    '127.0.0.1',
  );
  await once(application, 'listening');
  t.after(() => application.close());
  const before = getCACertificates();
  t.after(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, String(pem('authority.pem'))]);
  const stage = await scene(t, echo, {
    upstream: new URL(`https://127.0.0.1:${(application.address() as AddressInfo).port}`),
  });
  stage.view = 'serves';
  const proven = await ask(stage.port, { headers: { host: 'www.site.test:8443' } });
  assert.equal(JSON.parse(proven.body).headers.host, 'www.site.test:8443');
  assert.equal((await ask(stage.port, { headers: { host: 'www.other.test' } })).status, 502);
  assert.equal(stage.lines.at(-1)?.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
});

test('when it ends, requests under way are answered, and nobody else is let in', async (t) => {
  let end = () => {};
  const arrived = Promise.withResolvers<void>();
  const stage = await scene(t, (_, response) => {
    end = () => response.end('whole');
    arrived.resolve();
  });
  stage.view = 'serves';
  const answer = ask(stage.port);
  await arrived.promise;
  const closed = stage.gate.close(10_000);
  await assert.rejects(ask(stage.port), /ECONNREFUSED/);
  end();
  assert.equal((await answer).body, 'whole');
  await closed;
});

for (const [what, asked] of Object.entries({
  CONNECT: 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  WebSocket: 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
})) {
  for (const view of ['serves', 'stands-by'] as const) {
    test(`${what} behind what is not answered yet ends that connection and no other, while it ${view}`, async (t) => {
      const at = await scene(t, (_, response) => void setTimeout(() => response.end('yes'), 50));
      at.view = view;
      for (const before of [1, 2]) {
        const socket = connect(at.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(before) + asked);
        await once(socket.resume(), 'close');
      }
      assert.equal((await ask(at.port)).status, view === 'serves' ? 200 : 307);
    });
  }
}
