import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeRequest } from '../../../lambda/core/probe/request.ts';
import { checkedEvent } from '../../../lambda/prober/event.ts';
import { handler } from '../../../lambda/prober.ts';
import { requestOf } from './prober/probing.ts';
import { ok, serve } from './prober/servers.ts';

test('a well formed event is answered', async (t) => {
  const { port } = await serve(t, ok('ok'));
  const later = { probes: [{ ...requestOf(port), addedLater: true }], deadlineMs: 5_000, addedLater: {} };
  const { observations } = await handler(later);
  assert.deepEqual(
    observations.map(({ id, code }) => ({ id, code })),
    [{ id: 'one', code: 'ok' }],
  );
});

const REFUSED: [what: string, changes: Record<string, unknown>, message: RegExp][] = [
  ['an empty id', { id: '' }, /probes\[1\]\.id to be a text/],
  ['an id used twice', { id: 'one' }, /probes\[1\]\.id to be unlike/],
  ['another scheme', { url: 'ftp://www.site.test/' }, /probes\[1\]\.url .* received "ftp:/],
  ['a URL that is none', { url: '/healthz' }, /probes\[1\]\.url/],
  ['a password in the URL', { url: 'http://u:p@www.site.test/' }, /probes\[1\]\.url/],
  ['port 0', { url: 'http://www.site.test:0/' }, /probes\[1\]\.url/],
  ['no address', { address: undefined }, /probes\[1\]\.address .* received undefined/],
  ['an address that is none', { address: '127.0.0.256' }, /probes\[1\]\.address/],
  ['a name with a label too long', { address: `${'a'.repeat(64)}.test` }, /probes\[1\]\.address/],
  ['an address with a port', { address: '127.0.0.1:80' }, /probes\[1\]\.address/],
  ['a method with a blank', { method: 'GET /' }, /probes\[1\]\.method/],
  ['a tunnel', { method: 'CONNECT' }, /probes\[1\]\.method/],
  ['headers that are a list', { headers: [] }, /probes\[1\]\.headers to be an object/],
  ['a header name with a blank', { headers: { 'a b': '' } }, /headers\["a b"\] to be a header name/],
  ['another host', { headers: { Host: 'evil.test' } }, /headers\["Host"\]/],
  [
    'a header that splits the request',
    { headers: { a: 'secret\r\nc: d' } },
    /headers\["a"\] to be text on one line((?!secret).)*$/,
  ],
  ['a header that is a number', { headers: { a: 1 } }, /headers\["a"\] to be text/],
  ['no status', { expectStatus: [] }, /probes\[1\]\.expectStatus/],
  ['a status that is text', { expectStatus: ['200'] }, /probes\[1\]\.expectStatus/],
  ['a status that is none', { expectStatus: [600] }, /probes\[1\]\.expectStatus/],
  ['an empty needle', { bodyIncludes: '' }, /probes\[1\]\.bodyIncludes/],
  ['a broken pattern', { bodyMatches: '(' }, /probes\[1\]\.bodyMatches/],
  ['a range that is none', { expectStatus: ['200-'] }, /probes\[1\]\.expectStatus/],
  ['a range upside down', { expectStatus: ['299-200'] }, /probes\[1\]\.expectStatus/],
  ['tcp without a port', { url: 'tcp://www.site.test' }, /probes\[1\]\.url/],
  ['a body that is no text', { body: {} }, /probes\[1\]\.body to be absent, or text/],
  ['a header rule that is none', { expectHeaders: { a: 1 } }, /probes\[1\]\.expectHeaders/],
  ['a header rule that does not compile', { expectHeaders: { a: { matches: '(' } } }, /expectHeaders/],
  ['a text to lack that is empty', { bodyExcludes: '' }, /probes\[1\]\.bodyExcludes/],
  ['a pointer that is none', { bodyJson: { pointer: 'a', equals: 1 } }, /probes\[1\]\.bodyJson/],
  ['a pointer to nothing known', { bodyJson: { pointer: '/a' } }, /probes\[1\]\.bodyJson/],
  ['a large hello that is a word', { browserHello: 'yes' }, /probes\[1\]\.browserHello/],
  ['slow after no time', { slowAfterMs: 0 }, /probes\[1\]\.slowAfterMs/],
  ['slow as something else', { slowIs: 'unknown' }, /probes\[1\]\.slowIs/],
  ['blocked as something else', { blockedIs: 'passed' }, /probes\[1\]\.blockedIs/],
  ['redirects without end', { followRedirects: 6 }, /probes\[1\]\.followRedirects/],
  ['hosts that are none', { redirectHosts: [1] }, /probes\[1\]\.redirectHosts/],
  ['secrets that are no names', { secretHeaders: { a: 'b' } }, /probes\[1\]\.secretHeaders/],
  ['authorities that are no text', { ca: {} }, /probes\[1\]\.ca/],
  ['a TLS that nobody offers', { minTls: '1.1' }, /probes\[1\]\.minTls/],
  [
    'a body nested 100,000 deep',
    { body: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) },
    /probes\[1\]\.body .* received a value that is nested too deep to be shown/,
  ],
  ['an HTTP that nobody speaks', { http: 3 as never }, /probes\[1\]\.http/],
  ['no time', { timeoutMs: 0 }, /probes\[1\]\.timeoutMs .* received 0/],
  ['a time that is text', { timeoutMs: '3000' }, /probes\[1\]\.timeoutMs/],
  ['no end', { timeoutMs: Number.NaN }, /probes\[1\]\.timeoutMs/],
  ['more than a minute', { timeoutMs: 60_001 }, /probes\[1\]\.timeoutMs/],
];

for (const [what, changes, message] of REFUSED) {
  test(`${what} in one probe refuses the whole event, and nothing is sent`, async (t) => {
    const server = await serve(t, ok('ok'));
    const probes = [requestOf(server.port), { ...requestOf(server.port, { id: 'two' }), ...changes }];
    await assert.rejects(handler({ probes, deadlineMs: 5_000 }), (error: Error) => {
      assert.match(error.message, message);
      assert.match(error.message, /^Expected .*; no probe was sent\. /);
      return true;
    });
    assert.equal(server.connections, 0);
  });
}

test('everything that a site can configure is taken', () => {
  const asked: Partial<ProbeRequest> = {
    body: '',
    expectStatus: [200, '300-399'],
    expectHeaders: { a: true, b: 'x', c: { matches: '^x' } },
    bodyExcludes: 'x',
    bodyJson: { pointer: '', equals: null },
    slowAfterMs: 1,
    slowIs: 'failed',
    blockedIs: 'unknown',
    followRedirects: 5,
    redirectHosts: ['a.test'],
    secretHeaders: ['a'],
    ca: 'x',
    minTls: '1.3',
    http: 2,
  };
  const urls = ['tcp://www.site.test:25', 'tls://www.site.test:465', 'https://www.site.test/'];
  const probes = urls.map((url) => requestOf(1, { ...asked, id: url, url }));
  assert.equal(checkedEvent({ probes, deadlineMs: 1 }).probes.length, urls.length);
});

test('addresses of every kind are taken', async () => {
  const addresses = ['127.0.0.1', '::1', 'fe80::1%lo', 'lb-1.site.test', 'lb_1.site.test.', 'host', 'a.3com'];
  const probes = addresses.map((address, index) => requestOf(1, { id: `${index}`, address, timeoutMs: 1 }));
  assert.equal(checkedEvent({ probes, deadlineMs: 1 }).probes.length, addresses.length);
});

test('an event that is no event is refused', async () => {
  const probes: ProbeRequest[] = [];
  await assert.rejects(handler(undefined), /Expected event to be an object, received undefined/);
  await assert.rejects(handler([]), /Expected event to be an object/);
  await assert.rejects(handler({ deadlineMs: 1 }), /Expected probes to be a list, received undefined/);
  await assert.rejects(handler({ probes: [null], deadlineMs: 1 }), /Expected probes\[0\] to be an object/);
  await assert.rejects(handler({ probes }), /Expected deadlineMs to be above 0 .* received undefined/);
  await assert.rejects(handler({ probes, deadlineMs: -1 }), /Expected deadlineMs/);
});

test('a prober writes nothing of what it asks and sees: secrets stay out of its log', async (t) => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    t.mock.method(stream, 'write', (text: string | Uint8Array) => {
      written.push(String(text));
      return write(text);
    });
  }
  const { port } = await serve(t, ok('you sent hunter2-hunter2'));
  const secret = { headers: { 'x-key': 'hunter2-hunter2' }, secretHeaders: ['x-key'], bodyIncludes: 'well' };
  const { observations } = await handler({ probes: [requestOf(port, secret)], deadlineMs: 5_000 });
  const wrong = { ...secret, headers: { 'x-key': 'hunter2\nhunter2' } };
  const refused = await handler({ probes: [requestOf(port, wrong)], deadlineMs: 5_000 }).catch(String);
  t.mock.restoreAll();
  assert.equal(observations[0]?.code, 'body');
  assert.match(String(refused), /Expected probes\[0\]\.headers\["x-key"\] to be text on one line/);
  assert.doesNotMatch(JSON.stringify([observations, refused, written]), /hunter2/);
});

test('a prober keeps no alarm quiet: it prints nothing for a heartbeat, as an older controller may still send', async (t) => {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream);
    t.mock.method(stream, 'write', (text: string | Uint8Array) =>
      /rounds_?decided/i.test(String(text)) ? lines.push(String(text)) > 0 : write(text),
    );
  }
  const heartbeat = { deployment: 'main', roundsDecided: 6 };
  const result = await handler({ probes: [], deadlineMs: 1_000, heartbeat });
  t.mock.restoreAll();
  assert.deepEqual([result, lines], [{ observations: [] }, []]);
});
