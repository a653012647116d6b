/** Whatever a visitor sends, the gate goes on, and the application gets what the gate understood. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Behind, gateBefore, get, opened, send, statusOf } from './application.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A gate before an application that keeps every head it gets. */
const listening = async (t: TestContext, given: object = {}): Promise<Behind & { heads: string[] }> => {
  const heads: string[] = [];
  const behind = await gateBefore(
    t,
    (socket, head) => {
      heads.push(head);
      socket.end(OK);
    },
    given,
  );
  return { ...behind, heads };
};

test('two Hosts, and Hosts with more in them than a host and a port, are refused', async (t) => {
  const { port, heads } = await listening(t);
  for (const lines of [
    'Host: www.example.com\r\nHost: other.example\r\n',
    'Host: www.example.com\r\nhost: www.example.com\r\n',
    'Host: user@www.example.com\r\n',
    'Host: www.example.com/path\r\n',
    'Host: www.example.com other.example\r\n',
    'Host: www.example.com:99999\r\n',
    'Host: [::1\r\n',
    'Host: gr\xfcn.example\r\n',
    '',
  ]) {
    const { got } = await send(port, `GET / HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
    assert.equal(statusOf(got), '400', lines);
  }
  for (const target of ['x', '*', 'ftp://www.example.com/', 'http://', 'http://user@www.example.com/'])
    assert.equal(statusOf((await send(port, get(target))).got), '400', target);
  assert.deepEqual(heads, []);
});

test('the host in the target is the one that is asked for', async (t) => {
  const { port, heads } = await listening(t);
  await send(port, get('http://other.example:8080/a/../b?c=//d'));
  assert.match(heads[0] ?? '', /^GET \/a\/\.\.\/b\?c=\/\/d HTTP\/1\.1\r\nHost: other\.example:8080\r\n/);
  assert.doesNotMatch(heads[0] ?? '', /www\.example\.com/);
  for (const host of ['WWW.Example.com.', '[2001:db8::1]:8080', 'under_score.example', 'www.example.com:']) {
    await send(port, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.ok(heads.at(-1)?.includes(`\r\nHost: ${host}\r\n`), host);
  }
  await send(port, 'OPTIONS * HTTP/1.1\r\nHost: www.example.com\r\nConnection: close\r\n\r\n');
  assert.match(heads.at(-1) ?? '', /^OPTIONS \* HTTP/);
  await send(port, 'GET / HTTP/1.0\r\n\r\n');
  assert.match(heads.at(-1) ?? '', /\r\nHost: 127\.0\.0\.1:\d+\r\n/);
});

test('headers of one connection do not reach the application, and Host cannot be taken away', async (t) => {
  const { port, heads } = await listening(t);
  const lines =
    'X-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nProxy-Connection: close\r\nUpgrade: h2c\r\nX-Forwarded-For: 192.0.2.1\r\nX-Kept: 1\r\n' +
    'X-Forwarded-Proto: https\r\nConnection: X-Hop, Host, X-Forwarded-For\r\n';
  await send(port, get('/', 'GET', lines));
  const [head = ''] = heads;
  assert.doesNotMatch(head, /X-Hop|\r\nTE:|Keep-Alive|Proxy-Connection|h2c/i);
  assert.match(head, /\r\nHost: www\.example\.com\r\n/);
  assert.match(head, /\r\nX-Kept: 1\r\n/);
  assert.match(head, /\r\nX-Forwarded-For: 192\.0\.2\.1, 127\.0\.0\.1\r\n/);
  assert.match(head, /\r\nX-Forwarded-Proto: https\r\n/);
  assert.match(head, /\r\nConnection: close\r\n\r\n$/);
});

test('what could be read in two ways does not reach the application', async (t) => {
  const { port, heads } = await listening(t);
  for (const request of [
    get('/', 'POST', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'),
    get('/', 'POST', 'Content-Length: 3\r\nContent-Length: 4\r\n'),
    get('/', 'POST', 'Transfer-Encoding: xchunked\r\n'),
    get('/', 'POST', 'Transfer-Encoding: chunked, gzip\r\n'),
    get('/', 'POST', 'Transfer-Encoding: gzip\r\n', '1.0'),
    get('/', 'POST', 'Transfer-Encoding : chunked\r\n'),
    get('/', 'GET', 'X-A: 1\r\n folded\r\n'),
    get('/').replaceAll('\r\n', '\n'),
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
  ])
    assert.equal(statusOf((await send(port, request)).got), '400', request);
  assert.deepEqual(heads, []);
});

test('a body goes on in chunks or by its length, as it came', async (t) => {
  const { port, heads } = await listening(t);
  await send(
    port,
    `${get('/', 'POST', 'Transfer-Encoding: chunked\r\n')}3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n`,
  );
  assert.match(heads[0] ?? '', /\r\nTransfer-Encoding: chunked\r\n/);
  assert.doesNotMatch(heads[0] ?? '', /Content-Length/);
  await send(port, `${get('/', 'POST', 'Content-Length: 3\r\n')}abc`);
  assert.match(heads.at(-1) ?? '', /\r\nContent-Length: 3\r\n/);
});

test('a WebSocket that the application refuses, breaks off or never answers', async (t) => {
  const asks = get('/socket', 'GET', 'Upgrade: websocket\r\nSec-WebSocket-Key: a\r\n').replace(
    'close',
    'Upgrade',
  );
  const answers = ['HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', 'HTTP/1.1 101', ''];
  for (const [index, status] of ['403', '502', '502'].entries()) {
    const { port } = await gateBefore(t, (socket) => void socket.end(answers[index] ?? ''));
    const { got } = await send(port, asks);
    assert.equal(statusOf(got), status);
    assert.match(got, /\r\nConnection: close\r\n/i);
  }
  const silent = await gateBefore(t, () => {}, { limits: { silenceMs: 100 } });
  assert.equal(statusOf((await send(silent.port, asks)).got), '502');
});

test('a visitor who leaves takes the request to the application along', async (t) => {
  let left = () => {};
  const gone = new Promise<void>((resolve) => {
    left = resolve;
  });
  const { port, lines } = await gateBefore(t, (socket) => void socket.on('close', left));
  const socket = await opened(t, port);
  socket.write(get('/'));
  await sleep(50);
  socket.destroy();
  await gone;
  assert.deepEqual(lines, []);
});

test('what the gate does not speak is answered as that, and does not reach the application', async (t) => {
  const { port, heads } = await listening(t);
  const chunked = 'Transfer-Encoding: chunked\r\n';
  for (const [status, request] of [
    ['405', 'CONNECT www.example.com:443 HTTP/1.1\r\nHost: www.example.com:443\r\n\r\n'],
    ['405', 'CONNECT www.example.com:443 HTTP/1.0\r\n\r\n'],
    ['501', `${get('/', 'POST', 'Transfer-Encoding: gzip, chunked\r\n')}0\r\n\r\n`],
    ['501', `${get('/', 'POST', `Transfer-Encoding: gzip\r\n${chunked}`)}0\r\n\r\n`],
    ['400', `${get('/', 'POST', chunked, '1.0')}0\r\n\r\n`],
    ['505', get('/', 'GET', '', '2.0')],
    ['505', 'GET /\r\n\r\n'],
  ] as const) {
    const { got, end } = await send(port, request);
    assert.equal(statusOf(got), status, request);
    assert.match(got, /\r\nConnection: close\r\n(.*\r\n)*\r\nExpected .*\.\n$/);
    assert.equal(end, 'end');
    assert.equal(/\r\nAllow: GET, HEAD, POST, /.test(got), status === '405');
  }
  assert.deepEqual(heads, []);
});

test('a health check in HTTP/1.0 without a Host is passed on, and said to have named none', async (t) => {
  const { port, heads } = await listening(t);
  for (const request of [
    'OPTIONS / HTTP/1.0\r\n\r\n',
    'GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  ]) {
    const { got } = await send(port, request);
    assert.match(got, /^HTTP\/1\.1 200 OK\r\n(.*\r\n)*\r\nok$/);
    assert.doesNotMatch(heads.at(-1) ?? '', /X-Forwarded-Host/);
    assert.match(heads.at(-1) ?? '', /\r\nHost: 127\.0\.0\.1:\d+\r\n(.*\r\n)*X-Forwarded-Port: 80\r\n/);
  }
  const standby = await listening(t, { view: () => 'stands-by' });
  const { got } = await send(standby.port, 'GET / HTTP/1.0\r\n\r\n');
  assert.match(got, /^HTTP\/1\.1 307 .*\r\n(.*\r\n)*location: http:\/\/www-primary\.example\.com\/\r\n/);
  assert.deepEqual(standby.heads, []);
});
