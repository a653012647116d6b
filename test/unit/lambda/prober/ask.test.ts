import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Code } from '../../../../lambda/core/probe/outcome.ts';
import type { ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import { observe, requestOf } from './probing.ts';
import { answer, type Behaviour, ok, onRequest, serve } from './servers.ts';

const head = 'HTTP/1.1 200 OK\r\n';
const status = (line: string, headers = '') =>
  answer(`HTTP/1.1 ${line}\r\n${headers}content-length: 0\r\n\r\n`);
const json = (value: unknown) => ok(JSON.stringify(value));
const at = (pointer: string, equals: string | number | boolean | null) => ({ bodyJson: { pointer, equals } });
const headers = (expectHeaders: ProbeRequest['expectHeaders']) => ({ expectHeaders });

type Row = [what: string, server: Behaviour, code: Code, changes: Partial<ProbeRequest>, detail?: RegExp];

const ANSWERS: Row[] = [
  ['a status within a range', status('204 No Content'), 'ok', { expectStatus: [404, '200-299'] }],
  ['the last status of a range', status('299 Odd'), 'ok', { expectStatus: ['200-299'] }],
  [
    'a status beyond a range',
    status('300 Choices'),
    'redirect',
    { expectStatus: ['200-299', 404] },
    /200-299 or 404, received 300$/,
  ],

  [
    'text that must not be there',
    ok('all errors'),
    'body',
    { bodyExcludes: 'error' },
    /to lack "error", received/,
  ],
  ['text that is not there', ok('all well'), 'ok', { bodyExcludes: 'error' }],

  ['a value in JSON', json({ a: [{ 'b/c~': 'ok' }] }), 'ok', at('/a/0/b~1c~0', 'ok')],
  ['a whole document', ok('true'), 'ok', at('', true)],
  ['JSON after a byte order mark', ok('\ufeff{"a":null}'), 'ok', at('/a', null)],
  ['another value', json({ status: 'bad' }), 'body', at('/status', 'ok'), /hold "ok" at \/status, not "bad"/],
  ['a number that is written as text', json({ a: '1' }), 'body', at('/a', 1), /hold 1 at \/a, not "1"/],
  ['a long number', json({ a: 1_234_567 }), 'body', at('/a', 1), /hold 1 at \/a, not a longer number/],
  ['a status that is a long number', status('012345678 OK'), 'status', {}, /received a longer number$/],
  [
    'the size of a chunk that is a long number',
    answer(`${head}transfer-encoding: chunked\r\n\r\n0f3a9c77d1e24b6688aa\r\n`),
    'http-protocol',
    {},
    /the size of a chunk is too large$/,
  ],
  ['no value', json({}), 'body', at('/status', 'ok'), /not nothing/],
  ['an object', json({ a: {} }), 'body', at('/a', 'ok'), /not an object/],
  ['what every object has', json({}), 'body', at('/constructor/name', 'Object'), /not nothing/],
  ['what every list has', json({ a: [1] }), 'body', at('/a/length', 1), /not nothing/],
  ['no JSON', ok('<html>'), 'body', at('/status', 'ok'), /be JSON with "ok" at \/status, received "<html>/],
  [
    'half of a JSON answer',
    ok(`["${'x'.repeat(70_000)}"]`),
    'body',
    at('', 'x'),
    /be JSON and end within the first/,
  ],
  ['JSON as deep as it is long', ok('['.repeat(65_000)), 'body', at('/0', 1), /be JSON with/],
  ['lists in lists', ok('['.repeat(30_000) + ']'.repeat(30_000)), 'body', at('/0', 1), /not a list/],

  [
    'a header that is there',
    ok('', 'X-Role: primary\r\n'),
    'ok',
    headers({ 'X-Role': 'primary', server: false }),
  ],
  ['a header that matches', ok('', 'age: 5\r\n'), 'ok', headers({ age: { matches: '^\\d$' }, Age: true })],
  ['one of several headers', ok('', 'via: a\r\nvia: b\r\n'), 'ok', headers({ via: 'b' })],
  ['a header missing', ok(''), 'header', headers({ 'x-role': true }), /x-role to be there, received none$/],
  [
    'a header too many',
    ok('', 'x: 1\r\n'),
    'header',
    headers({ x: false }),
    /x not to be there, received "1"$/,
  ],
  [
    'another header',
    ok('', 'x-role: b\r\n'),
    'header',
    headers({ 'x-role': 'a' }),
    /to be "a", received "b"$/,
  ],
  [
    'a header that does not match',
    ok('', 'x: b\r\n'),
    'header',
    headers({ x: { matches: '^a' } }),
    /match \/\^a\/u/,
  ],
  [
    'a header that takes too long',
    ok('', `x: ${'a'.repeat(50)}!\r\n`),
    'body-pattern',
    headers({ x: { matches: '(a+)+$' } }),
  ],

  [
    'a refusal',
    status('403 Forbidden'),
    'blocked',
    {},
    /allow User-Agent Switchover\/\* there; received status 403$/,
  ],
  ['a limit', status('429 Too Many Requests'), 'blocked', {}, /received status 429$/],
  ['a refusal that is expected', status('403 Forbidden'), 'ok', { expectStatus: [403] }],
  [
    'a challenge of Cloudflare',
    status('503 Wait', 'CF-Mitigated: challenge\r\n'),
    'blocked',
    {},
    /503 with cf-mitigated: challenge$/,
  ],
  [
    'a challenge that looks good',
    ok('ok', 'x-amzn-waf-action: challenge\r\n'),
    'blocked',
    { bodyIncludes: 'ok' },
  ],
  [
    'a page of Cloudflare',
    ok('<title>Attention Required! | Cloudflare</title>'),
    'blocked',
    { bodyIncludes: 'shop' },
    /a page with "Attention Required! \| Cloudflare"$/,
  ],
  ['a page about Cloudflare', ok('shop: Attention Required! | Cloudflare'), 'ok', { bodyIncludes: 'shop' }],
  [
    'a refusal of a probe with a secret',
    status('403 Forbidden'),
    'blocked',
    { headers: { 'X-Key': 'hunter2' }, secretHeaders: ['X-Key'] },
    /allow the secret header X-Key there/,
  ],
  [
    'a refusal of a probe with a name of its own',
    status('403 Forbidden'),
    'blocked',
    { headers: { 'User-Agent': 'mine' } },
    /allow the probe's User-Agent there/,
  ],
];

for (const [what, server, code, changes, detail] of ANSWERS) {
  test(`${what} is ${code}`, async (t) => {
    const { port } = await serve(t, server);
    const observation = await observe(requestOf(port, { timeoutMs: 2_000, ...changes }));
    assert.equal(observation.code, code, observation.detail);
    if (detail !== undefined) assert.match(observation.detail, detail);
  });
}

test('what a firewall answers can be made to mean nothing', async (t) => {
  const { port } = await serve(t, status('403 Forbidden'));
  assert.equal((await observe(requestOf(port))).outcome, 'failed');
  assert.equal((await observe(requestOf(port, { blockedIs: 'unknown' }))).outcome, 'unknown');
});

test('a body is sent with POST, and its length with it', async (t) => {
  let received = '';
  const { port } = await serve(t, (socket) => {
    socket.on('data', (chunk) => {
      received += chunk;
      if (received.endsWith('gr\u00fcn')) socket.end(`${head}content-length: 0\r\n\r\n`);
    });
  });
  const changes = { method: 'POST', body: 'gr\u00fcn', headers: { 'Content-Type': 'text/plain' } };
  assert.equal((await observe(requestOf(port, changes))).code, 'ok');
  assert.match(received, /^POST \/healthz\?full=1 HTTP\/1\.1\r\n/);
  assert.match(received, /\r\ncontent-length: 5\r\n/);
  assert.match(received, /\r\ncontent-type: text\/plain\r\n/);
});

test('a good answer that takes long is slow, and counts as the site says', async (t) => {
  const { port } = await serve(
    t,
    onRequest((s) => setTimeout(() => s.end(`${head}content-length: 0\r\n\r\n`), 250)),
  );
  const slow = { timeoutMs: 5_000, slowAfterMs: 100 };
  const passed = await observe(requestOf(port, slow));
  assert.deepEqual([passed.code, passed.outcome], ['slow', 'passed']);
  assert.match(passed.detail, /but slow: it took \d+ ms, and more than 100 is slow$/);
  assert.equal((await observe(requestOf(port, { ...slow, slowIs: 'failed' }))).outcome, 'failed');
  assert.equal((await observe(requestOf(port, { ...slow, slowAfterMs: 4_000 }))).code, 'ok');
  const wrong = await observe(requestOf(port, { ...slow, expectStatus: [204] }));
  assert.equal(wrong.code, 'status', 'a wrong answer is wrong first');
});

test('a stall of our own makes no server slow', async (t) => {
  const { port } = await serve(t, ok('ok'));
  const probing = observe(requestOf(port, { timeoutMs: 5_000, slowAfterMs: 400 }));
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600));
  const observation = await probing;
  assert.ok(observation.phases.totalMs > 500, JSON.stringify(observation.phases));
  assert.equal(observation.code, 'ok', observation.detail);
});

test('a secret that a server repeats is not told', async (t) => {
  const secret = 'Bearer S3cret/t0ken';
  const request = { headers: { authorization: secret }, secretHeaders: ['authorization'] };
  const word = 'S3cret/t0ken';
  const servers: [Behaviour, Partial<ProbeRequest>][] = [
    [ok(`you sent ${secret}`), { bodyIncludes: 'welcome' }],
    [ok(`${'x'.repeat(53)}${word}`), { bodyIncludes: 'welcome' }],
    [json({ sent: word }), at('/sent', 'ok')],
    [status('302 Found', `location: /?token=${encodeURIComponent(word)}\r\n`), {}],
    [ok('', `x: ${secret}\r\n`), headers({ x: 'a' })],
    [ok('', `x: ${'y'.repeat(63)}${word}\r\n`), headers({ x: 'a' })],
    [status('403 No', `cf-mitigated: ${word}\r\n`), {}],
    [ok('a', `content-encoding: ${word}\r\n`), { bodyIncludes: 'b' }],
    [ok('a', `content-encoding: ${word.toUpperCase()}\r\n`), { bodyIncludes: 'b' }],
    [ok(`you sent ${secret.toLowerCase()}`), { bodyIncludes: 'welcome' }],
    [status('302 Found', `location: http://${word.toUpperCase()}\r\n`), {}],
    [
      status('302 Found', `location: /?token=${encodeURIComponent(word).toLowerCase()}\r\n`),
      { followRedirects: 0 },
    ],
    [status('403 No', `cf-mitigated: ${word.toUpperCase()}\r\n`), {}],
  ];
  for (const [server, changes] of servers) {
    const { port } = await serve(t, server);
    const { outcome, detail } = await observe(requestOf(port, { ...request, ...changes }));
    assert.notEqual(outcome, 'passed');
    assert.doesNotMatch(detail, /s3cr|t0k/i);
  }
});

test('no field of an observation repeats a secret that is a number, and blanks hide nothing', async (t) => {
  const request = { headers: { key: '20394857' }, secretHeaders: ['key'] };
  const numbered = await serve(t, answer('HTTP/1.1 20394857 OK\r\ncontent-length: 0\r\n\r\n'));
  const observation = await observe(requestOf(numbered.port, request));
  assert.equal(observation.code, 'status', observation.detail);
  assert.doesNotMatch(JSON.stringify(observation), /20394857/);
  const blanks = await serve(t, status('302 Found', `location: /a${' '.repeat(5_000)}b\r\n`));
  const { detail } = await observe(requestOf(blanks.port, request));
  assert.equal(detail, 'expected status 200, received 302 to /a b');
});

test('a connection that ends without a byte is made again once, as browsers do', async (t) => {
  for (const end of ['end', 'resetAndDestroy'] as const) {
    const server = await serve(t, (socket) => {
      if (server.connections % 2 === 0) onRequest((s) => s[end]())(socket);
      else ok('ok')(socket);
    });
    assert.equal((await observe(requestOf(server.port))).code, 'ok');
    const posted = await observe(requestOf(server.port, { method: 'POST' }));
    assert.equal(posted.outcome, 'failed', 'what may change something is asked once');
    assert.equal(server.connections, 3);
  }
  const never = await serve(t, (socket) => socket.end());
  assert.equal((await observe(requestOf(never.port))).code, 'closed');
  assert.equal(never.connections, 2);
});

test('a fault behind a head that decides says nothing, in its segment or later', async (t) => {
  const behind = [
    'zz\r\n',
    '1\r\nxyz\r\n0\r\n\r\n',
    '<html>Moved</html>\n',
    `${'1\r\nx\r\n'.repeat(12_000)}0\r\n\r\n`,
  ];
  for (const [line, code] of [
    ['302 Found\r\nLocation: /ok', 'ok'],
    ['503 Unavailable', 'status'],
  ] as const)
    for (const bytes of behind) {
      const start = `HTTP/1.1 ${line}\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const cuts = [[start + bytes], [start, bytes], [start, ''], [...(start + bytes).slice(0, 400)]];
      for (const pieces of cuts) {
        const { port } = await serve(
          t,
          onRequest((socket, request) => {
            if (request.startsWith('GET /ok')) socket.end(`${head}content-length: 2\r\n\r\nok`);
            else for (const piece of pieces) socket.write(piece);
          }),
        );
        const seen = await observe(requestOf(port, { followRedirects: 1, timeoutMs: 2_000 }));
        assert.equal(seen.code, code, seen.detail);
      }
    }
});
