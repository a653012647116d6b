import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { ProbeRequest } from '../../../lambda/core/probe.ts';
import { firstHop, nextHop } from '../../../lambda/core/redirect.ts';
import { nameServer } from '../edge/name-server.ts';
import { observe, overTls, requestOf } from '../edge/probing.ts';
import { onRequest, serve, serveTls } from '../edge/servers.ts';

type Seen = { line: string; host: string; key: string | undefined; body: string };

/** A server that redirects each path as told, and answers all others; it keeps what it was asked. */
const redirecting = async (t: TestContext, map: Record<string, [status: number, location: string]>) => {
  const seen: Seen[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url = '', headers } = request;
    seen.push({
      line: `${method} ${url}`,
      host: headers.host ?? '',
      key: headers['x-key']?.toString(),
      body,
    });
    const [status, location] = map[url] ?? [200, undefined];
    response.writeHead(status, location === undefined ? {} : { location }).end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
};

const follow = (port: number, changes: Partial<ProbeRequest> = {}): ProbeRequest =>
  requestOf(port, { url: `http://www.site.test:${port}/`, followRedirects: 3, timeoutMs: 3_000, ...changes });

test('redirects to the same host are followed, at the address of the server', async (t) => {
  const { port, seen } = await redirecting(t, {
    '/': [301, '/a?b=1#c'],
    '/a?b=1': [307, '//WWW.site.test./x'],
  });
  const next = await redirecting(t, {});
  const there = await redirecting(t, { '/': [302, `http://www.site.test:${next.port}/deep`] });
  const observation = await observe(follow(port, { headers: { 'X-Key': '1' }, bodyIncludes: 'ok' }));
  // The third hop asks port 80, which nobody serves here.
  assert.deepEqual(
    seen.map(({ line }) => line),
    ['GET /', 'GET /a?b=1'],
  );
  assert.equal(observation.code, 'refused', observation.detail);
  assert.equal((await observe(follow(there.port, { headers: { 'X-Key': '1' } }))).code, 'ok');
  assert.deepEqual(next.seen, [
    { line: 'GET /deep', host: `www.site.test:${next.port}`, key: '1', body: '' },
  ]);
});

test('without followRedirects, and when it is expected, a redirect is judged as it is', async (t) => {
  const { port, seen } = await redirecting(t, { '/': [301, '/a'] });
  assert.equal((await observe(follow(port, { followRedirects: undefined }))).code, 'redirect');
  assert.equal((await observe(follow(port, { expectStatus: ['300-399'] }))).code, 'ok');
  assert.equal(seen.length, 2);
});

test('what is judged is the last answer', async (t) => {
  const { port } = await redirecting(t, { '/': [302, '/a'], '/a': [404, ''] });
  const observation = await observe(follow(port));
  assert.deepEqual([observation.code, observation.status], ['status', 404]);
});

test('a circle and too long a chain are redirect-loop', async (t) => {
  const { port, seen } = await redirecting(t, {
    '/': [302, '/a'],
    '/a': [302, '/'],
    '/1': [302, '/2'],
    '/2': [302, '/3'],
    '/3': [302, '/4'],
    '/4': [302, '/5'],
    '/self': [302, '/self'],
  });
  const circle = await observe(follow(port));
  assert.deepEqual([circle.code, seen.length], ['redirect-loop', 2]);
  assert.match(circle.detail, /it has been there before, next http:/);
  const self = await observe(follow(port, { url: `http://www.site.test:${port}/self` }));
  assert.deepEqual([self.code, seen.length], ['redirect-loop', 3]);
  const chain = await observe(follow(port, { url: `http://www.site.test:${port}/1` }));
  assert.equal(chain.code, 'redirect-loop');
  assert.match(chain.detail, /3 are followed, next http:.*\/5$/);
  assert.equal(seen.length, 7);
});

test('another host is followed only when it is named, and gets neither headers nor body', async (t) => {
  const other = await redirecting(t, {});
  const { nameServers } = await nameServer(t, { 'login.site.test': { a: ['127.0.0.1'] } });
  const { port } = await redirecting(t, { '/': [307, `http://login.site.test:${other.port}/in`] });
  const asked = { headers: { 'x-key': 'secret' }, method: 'POST', body: 'secret' };
  const refused = await observe(follow(port, asked), { nameServers });
  assert.equal(refused.code, 'redirect');
  assert.match(refused.detail, /another host, which `redirectHosts` does not name$/);
  const inside = await observe(follow(port, { ...asked, redirectHosts: ['login.site.test'] }), {
    nameServers,
  });
  assert.equal(inside.code, 'redirect');
  assert.match(inside.detail, /lies at 127\.0\.0\.1, a loopback address that `redirectHosts` does not name$/);
  assert.equal(other.seen.length, 0);
  const redirectHosts = ['login.site.test', '127.0.0.1'];
  const followed = await observe(follow(port, { ...asked, redirectHosts }), { nameServers });
  assert.equal(followed.code, 'ok', followed.detail);
  assert.deepEqual(other.seen, [
    { line: 'POST /in', host: `login.site.test:${other.port}`, key: undefined, body: '' },
  ]);
});

const INSIDE = [
  'http://169.254.169.254/latest/meta-data/',
  'http://127.0.0.1:9001/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://localhost/',
  'file:///etc/passwd',
  'gopher://www.site.test/',
  'http://user:pass@www.site.test/',
  'http://',
  'https://',
];

for (const location of INSIDE) {
  test(`a redirect to ${location} is not followed`, async (t) => {
    const { port, seen } = await redirecting(t, { '/': [302, location] });
    const observation = await observe(follow(port));
    assert.equal(observation.code, 'redirect', observation.detail);
    assert.equal(seen.length, 1);
  });
}

test('an address that is named is followed even where visitors cannot reach it', async (t) => {
  const other = await redirecting(t, {});
  const { port } = await redirecting(t, { '/': [302, `http://127.0.0.1:${other.port}/`] });
  assert.equal((await observe(follow(port, { redirectHosts: ['127.0.0.1'] }))).code, 'ok');
});

test('the core takes names and addresses as they are listed, IPv6 without brackets', () => {
  const request = { ...requestOf(80), followRedirects: 1, redirectHosts: ['::1', 'b.test'] };
  const lead = (location: string) => nextHop(request, firstHop(request), 302, location);
  assert.deepEqual(
    ['http://[0::1]/', 'http://B.test./', 'http://[::2]/', 'http://c.test/'].map(
      (location) => 'url' in (lead(location) ?? {}),
    ),
    [true, true, false, false],
  );
});

test('methods change as in a browser', async (t) => {
  const map: Record<string, [number, string]> = {
    '/301': [301, '/x'],
    '/302': [302, '/x'],
    '/303': [303, '/x'],
    '/308': [308, '/x'],
  };
  const { port, seen } = await redirecting(t, map);
  const lines: string[] = [];
  for (const [path, method] of [
    ['/301', 'POST'],
    ['/303', 'POST'],
    ['/308', 'POST'],
    ['/302', 'HEAD'],
    ['/303', 'HEAD'],
    ['/303', 'OPTIONS'],
  ] as const) {
    const body = method === 'POST' ? 'text' : undefined;
    await observe(follow(port, { url: `http://www.site.test:${port}${path}`, method, body }));
    const last = seen.at(-1);
    lines.push(`${last?.line} ${last?.body}`);
  }
  assert.deepEqual(lines, ['GET /x ', 'GET /x ', 'POST /x text', 'HEAD /x ', 'HEAD /x ', 'GET /x ']);
});

test('from https to http, headers are left behind', async (t) => {
  const plain = await redirecting(t, {});
  const { port } = await serveTls(
    t,
    'site.pem',
    onRequest((s) =>
      s.end(
        `HTTP/1.1 302 Found\r\nlocation: http://www.site.test:${plain.port}/\r\ncontent-length: 0\r\n\r\n`,
      ),
    ),
  );
  const request = overTls(port, { followRedirects: 1, headers: { 'x-key': 'secret' }, timeoutMs: 3_000 });
  assert.equal((await observe(request)).code, 'ok');
  assert.deepEqual(
    plain.seen.map(({ key }) => key),
    [undefined],
  );
});

test('one connection is open at a time, the last one is closed, and phases are summed', async (t) => {
  let open = 0;
  let most = 0;
  const server = await serve(t, (socket) => {
    open += 1;
    most = Math.max(most, open);
    socket.on('close', () => {
      open -= 1;
    });
    socket.on('data', (chunk: Buffer) => {
      const step = Number(/GET \/(\d*)/.exec(chunk.toString())?.[1] ?? 0);
      const line = step < 3 ? `302 Found\r\nlocation: /${step + 1}` : '200 OK';
      setTimeout(() => socket.end(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`), 30);
    });
  });
  const { code, phases } = await observe(follow(server.port));
  assert.equal(code, 'ok');
  assert.equal(server.connections, 4);
  assert.ok((phases.firstByteMs ?? 0) >= 4 * 29, JSON.stringify(phases));
  for (let waited = 0; server.sockets.size > 0 && waited < 100; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(server.sockets.size, 0);
  // The server may see a connection's end a moment after the prober has let go of it.
  assert.ok(most <= 2, `${most} were open at once`);
});

test('the time of a probe is for all its redirects together', async (t) => {
  let step = 0;
  const server = await serve(
    t,
    onRequest((socket) => {
      step += 1;
      const location = `/${step}`;
      setTimeout(() => socket.end(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\n\r\n`), 200);
    }),
  );
  const observation = await observe(follow(server.port, { timeoutMs: 500, followRedirects: 5 }));
  assert.equal(observation.code, 'timeout-response', observation.detail);
});
