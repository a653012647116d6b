import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import { type Stalls, watchStalls } from '../../../../lambda/prober/stalls.ts';
import { observe, requestOf } from './probing.ts';
import { answer, ok, serve } from './servers.ts';

/** A watch that knows whether it is told that what runs now is for a server. */
const watched = (): { stalls: Stalls; isOurs: () => boolean } => {
  const stalls = watchStalls();
  let depth = 0;
  const ours = <T>(run: () => T): T => {
    depth += 1;
    assert.equal(depth, 1, 'time would be counted twice');
    try {
      return stalls.ours(run);
    } finally {
      depth -= 1;
    }
  };
  return { stalls: { ...stalls, ours }, isOurs: () => depth === 1 };
};

const RULES: [rule: keyof ProbeRequest, value: unknown][] = [
  ['expectHeaders', { 'x-role': { matches: '^primary$' } }],
  ['bodyIncludes', 'text'],
  ['bodyMatches', 'te.t'],
  ['bodyJson', { pointer: '/a', equals: 1 }],
  ['followRedirects', 5],
];

for (const [rule, value] of RULES) {
  test(`the time that ${rule} takes on an answer is none that we lost`, async (t) => {
    const { port } = await serve(t, ok('{"a":1,"b":"text"}', 'x-role: primary\r\n'));
    const { stalls, isOurs } = watched();
    t.after(stalls.stop);
    let looks = 0;
    const request = Object.defineProperty(requestOf(port), rule, {
      enumerable: true,
      get: () => {
        if (isOurs()) looks += 1;
        return value;
      },
    });
    const { code, detail } = await observe(request, { stalls });
    assert.equal(code, 'ok', detail);
    assert.ok(looks > 0, 'it was looked at while the watch did not know of it');
  });
}

test('a header in thousands of lines is judged by its first hundred, and says so', async (t) => {
  const lines = (count: number) => 'x-role: standby\r\n'.repeat(count);
  const expectHeaders = { 'x-role': { matches: '^primary$' } };
  const codes = [];
  for (const before of [99, 12_000]) {
    const { port } = await serve(t, ok('text', `${lines(before)}x-role: primary\r\n`));
    const { code, detail } = await observe(requestOf(port, { expectHeaders, timeoutMs: 5_000 }));
    codes.push(code);
    if (code !== 'ok')
      assert.match(detail, /\^primary\$\/u within the first 100 of 12001, received "standby/);
  }
  assert.deepEqual(codes, ['ok', 'header']);
});

test('a redirect with a cookie of nothing but semicolons is followed', async (t) => {
  const moved = `HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\nset-cookie: a=b${';'.repeat(250_000)}\r\n\r\n`;
  const { port } = await serve(t, answer(moved));
  const { code, detail } = await observe(requestOf(port, { followRedirects: 5, timeoutMs: 5_000 }));
  assert.equal(code, 'redirect-loop', detail);
});
