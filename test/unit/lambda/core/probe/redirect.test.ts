import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { firstHop, nextHop } from '../../../../../lambda/core/probe/redirect.ts';
import type { ProbeRequest } from '../../../../../lambda/core/probe/request.ts';
import { nameServer } from '../../edge/name-server.ts';
import { observe, overTls, requestOf } from '../../prober/probing.ts';
import { onRequest, serve, serveTls } from '../../prober/servers.ts';

const NOW_MS = Date.UTC(2026, 10, 30);

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
  // A page may lead to itself and then be another one, so a circle ends where a chain does.
  assert.deepEqual([circle.code, seen.length], ['redirect-loop', 4]);
  assert.match(circle.detail, /it has been there before, next http:/);
  const self = await observe(follow(port, { url: `http://www.site.test:${port}/self` }));
  assert.deepEqual([self.code, seen.length], ['redirect-loop', 8]);
  const chain = await observe(follow(port, { url: `http://www.site.test:${port}/1` }));
  assert.equal(chain.code, 'redirect-loop');
  assert.match(chain.detail, /3 are followed, next http:.*\/5$/);
  assert.equal(seen.length, 12);
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
  'http://www.site.test:0/',
  'http://www.site.test:6000/',
  'http://www.site.test:99999/',
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
  const lead = (location: string) =>
    nextHop(request, firstHop(request), { status: 302, headers: { location } }, NOW_MS);
  assert.deepEqual(
    ['http://[0::1]/', 'http://B.test./', 'http://[::2]/', 'http://c.test/'].map(
      (location) => 'url' in (lead(location) ?? {}),
    ),
    [true, true, false, false],
  );
});

/** A server that answers each request by its first line and its cookies; what it answers is the bytes behind the status line. */
const answering = async (t: TestContext, answerTo: (line: string, cookie: string) => string) => {
  const lines: string[] = [];
  const { port } = await serve(
    t,
    onRequest((socket, request) => {
      const line = /^\S+ (\S+)/.exec(request)?.[1] ?? '';
      const cookie = /^cookie: (.*)$/m.exec(request)?.[1]?.trim() ?? '';
      lines.push(cookie === '' ? line : `${line} ${cookie}`);
      socket.end(Buffer.from(`HTTP/1.1 ${answerTo(line, cookie)}`, 'latin1'));
    }),
  );
  return { port, lines };
};
const GOOD = '200 OK\r\ncontent-length: 2\r\n\r\nok';
const found = (location: string, headers = '') =>
  `302 Found\r\nlocation: ${location}\r\n${headers}content-length: 0\r\n\r\n`;
const utf8 = (text: string) => Buffer.from(text).toString('latin1');

const LOCATIONS: [what: string, location: string, asked: string][] = [
  ['in UTF-8', utf8('/\u00fcber?\u00e4'), '/%C3%BCber?%C3%A4'],
  ['in latin-1', '/\u00fcber', '/%FCber'],
  ['with a control byte', '/a\u0001b', '/a%01b'],
  ['the same one twice', '/twice\r\nlocation: /twice', '/twice'],
  ['with a name and a password, which are left out', '//user:pass@HOST/in', '/in'],
];

for (const [what, location, asked] of LOCATIONS) {
  test(`a location ${what} is followed as in a browser`, async (t) => {
    const server: { port: number; lines: string[] } = await answering(t, (line) =>
      line === '/' ? found(location.replace('HOST', `www.site.test:${server.port}`)) : GOOD,
    );
    const observation = await observe(follow(server.port));
    assert.equal(observation.code, 'ok', observation.detail);
    assert.deepEqual(server.lines, ['/', asked]);
  });
}

test('two different locations are no answer to a browser', async (t) => {
  const { port } = await answering(t, () => found('/a\r\nlocation: /b'));
  assert.equal((await observe(follow(port))).code, 'http-protocol');
});

test('a host in UTF-8 is asked for by its name in DNS', () => {
  const request = { ...requestOf(80), followRedirects: 1, redirectHosts: ['xn--bcher-kva.test'] };
  const headers = { location: utf8('http://b\u00fccher.test/') };
  const hop = nextHop(request, firstHop(request), { status: 302, headers }, NOW_MS) as { url: URL };
  assert.equal(hop.url.href, 'http://xn--bcher-kva.test/');
});

test('a page that leads to itself until its cookie comes back is seen, and the next probe begins without it', async (t) => {
  const { port, lines } = await answering(t, (_line, cookie) =>
    cookie.includes('seen=1')
      ? GOOD
      : found('/', 'Set-Cookie: seen=1; Path=/\r\nset-cookie: old=; max-age=0\r\n'),
  );
  const own = { headers: { Cookie: 'mine=2' } };
  for (let times = 0; times < 2; times += 1) {
    const observation = await observe(follow(port, own));
    assert.equal(observation.code, 'ok', observation.detail);
  }
  assert.deepEqual(lines, ['/ mine=2', '/ mine=2; seen=1', '/ mine=2', '/ mine=2; seen=1']);
});

test('a page that is another one at the second look is seen', async (t) => {
  const server: { port: number; lines: string[] } = await answering(t, () =>
    server.lines.length === 1 ? found('/') : GOOD,
  );
  assert.equal((await observe(follow(server.port))).code, 'ok');
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
      const head = `HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: ${location}\r\n\r\n`;
      setTimeout(() => socket.end(head), 200);
    }),
  );
  const observation = await observe(follow(server.port, { timeoutMs: 500, followRedirects: 5 }));
  assert.equal(observation.code, 'timeout-response', observation.detail);
});
