import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, constants, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { BEHIND_METADATA, contextMaps, LARGE_BLOCK } from '../../../../fixtures/hostile/brotli-bombs.ts';
import type { Code } from '../../../../lambda/core/probe/outcome.ts';
import { startAttempt } from '../../../../lambda/prober/attempt.ts';
import { unpacked } from '../../../../lambda/prober/coding.ts';
import { newPatternBudget } from '../../../../lambda/prober/pattern.ts';
import { observe, overTls, requestOf } from './probing.ts';
import { ok, serve, serveTls } from './servers.ts';

const NEEDLE = 'all is well';
/** The needle, and 40 KB that do not compress well, so that a cut leaves something. */
const long = Buffer.from(
  `${NEEDLE} ${Array.from({ length: 5_000 }, (_, n) => (n * 7_919) % 10_007).join(' ')}`,
);
const half = (packed: Buffer) => packed.subarray(0, packed.length >> 1);
const broken = (packed: Buffer) =>
  Buffer.concat([half(packed), Buffer.alloc(40, 0xff), packed.subarray((packed.length >> 1) + 40)]);
const withTail = (packed: Buffer, tail: Buffer) => Buffer.concat([packed, tail]);
const wrongChecksum = withTail(gzipSync(long).subarray(0, -8), Buffer.alloc(8, 1));
const window = (log: number) => ({ params: { [constants.BROTLI_PARAM_LGWIN]: log } });
const named = withTail(Buffer.from([0x1f, 0x8b, 8, 8 + 2, 0, 0, 0, 0, 0, 3]), Buffer.from('page.html\0\0\0'));

/** As in browsers (browser-truth, section Content-Encoding), over https. */
const ROWS: [what: string, encoding: string, body: Buffer | string, code: Code][] = [
  ['gzip', 'gzip', gzipSync(long), 'ok'],
  ['x-gzip in capitals', 'X-GZIP', gzipSync(long), 'ok'],
  ['gzip with a file name and a checksum of its head', 'gzip', withTail(named, deflateRawSync(long)), 'ok'],
  ['bare deflate', 'deflate', deflateRawSync(long), 'ok'],
  ['gzip that is cut', 'gzip', half(gzipSync(long)), 'ok'],
  ['gzip that is broken in the middle', 'gzip', broken(gzipSync(long)), 'ok'],
  ['gzip without its end', 'gzip', gzipSync(long).subarray(0, -8), 'ok'],
  ['gzip with a wrong checksum', 'gzip', wrongChecksum, 'ok'],
  ['gzip and something behind it', 'gzip', withTail(gzipSync(long), Buffer.from('garbage')), 'ok'],
  ['two gzip files, the needle in the second', 'gzip', withTail(gzipSync('x'), gzipSync(long)), 'body'],
  ['br', 'br', brotliCompressSync(long), 'ok'],
  ['br that is cut', 'br', half(brotliCompressSync(long)), 'ok'],
  ['br with the largest window', 'br', brotliCompressSync(long, window(24)), 'ok'],
  ['zstd', 'zstd', zstdCompressSync(long), 'ok'],
  ['zstd that is cut', 'zstd', withTail(zstdCompressSync(long), half(zstdCompressSync(long))), 'ok'],
  ['none', 'none', long, 'ok'],
  ['identity', 'Identity', long, 'ok'],
  ['a comma', ',', long, 'ok'],
  ['a name in apostrophes', "'identity'", long, 'ok'],
  ['a name in quotes', '"identity"', long, 'body-garbled'],
  ['a name with a parameter', 'gzip;q=1', gzipSync(long), 'body-garbled'],
  ['two names without a comma', 'foo bar', long, 'body-garbled'],
  ['gzip twice', 'gzip, gzip', gzipSync(gzipSync(long)), 'ok'],
  ['br, then gzip', 'br, gzip', gzipSync(brotliCompressSync(long)), 'ok'],
  ['gzip twice, in two lines', 'gzip\r\ncontent-encoding: gzip', gzipSync(gzipSync(long)), 'ok'],
  ['gzip twice that is gzip once', 'gzip, gzip', gzipSync(long), 'body-garbled'],
  ['gzip five times', 'gzip,gzip,gzip,gzip,gzip', gzipSync(long), 'body-garbled'],
  ['gzip and a name that is none: the bytes as they are', 'gzip, foo', gzipSync(long), 'body'],
  ['no name, but gzip', '', gzipSync(long), 'body'],
  ['a plain page that says gzip', 'gzip', long, 'body-garbled'],
  ['a plain page that says br', 'br', long, 'body-garbled'],
  ['a plain page that says deflate', 'deflate', long, 'body-garbled'],
  ['a plain page that says zstd', 'zstd', long, 'body-garbled'],
  ['nothing that says gzip', 'gzip', '', 'body'],
];

for (const [what, encoding, body, code] of ROWS) {
  test(`as in browsers, ${what} is ${code}`, async (t) => {
    const { port } = await serveTls(t, 'site.pem', ok(body, `content-encoding: ${encoding}\r\n`));
    const observation = await observe(overTls(port, { bodyIncludes: NEEDLE, timeoutMs: 5_000 }));
    assert.equal(observation.code, code, observation.detail);
  });
}

const text = 'gr\u00fcn \u20ac';
const western = Buffer.from('gr\u00fcn \u0080', 'latin1');
const page = (meta: string) => Buffer.concat([Buffer.from(`<html><head>${meta}</head>`), western]);
const mark = (bytes: number[], body: Buffer) => Buffer.concat([Buffer.from(bytes), body]);
const utf16be = Buffer.from(text, 'utf16le').swap16();

/** As in browsers (section Character sets), but for UTF-8 that is not named. */
const TEXTS: [what: string, type: string, body: Buffer][] = [
  ['named in the header', 'text/html; charset=utf-8', Buffer.from(text)],
  ['that of the west', 'text/html; charset=iso-8859-1', western],
  ['in quotes', 'text/html; charset="ISO-8859-1"', western],
  ['in apostrophes', "text/html; charset='iso-8859-1'", western],
  ['of the page itself', 'text/html', page('<meta charset=iso-8859-1>')],
  [
    'of the page itself, long',
    'text/html',
    page('<META http-equiv="Content-Type" content="text/html; charset=windows-1252">'),
  ],
  [
    'of a mark against the header',
    'text/html; charset=iso-8859-1',
    mark([0xef, 0xbb, 0xbf], Buffer.from(text)),
  ],
  ['of a mark, UTF-16', 'text/html', mark([0xff, 0xfe], Buffer.from(text, 'utf16le'))],
  ['of a mark, UTF-16 the other way', 'text/html', mark([0xfe, 0xff], utf16be)],
  ['UTF-16 in the header', 'text/html; charset=utf-16', Buffer.from(text, 'utf16le')],
  ['none, and it is UTF-8', 'text/html', Buffer.from(text)],
  ['none, and it is not UTF-8', 'text/html', western],
  ['one that nobody knows', 'text/html; charset=foo', Buffer.from(text)],
];

for (const [what, type, body] of TEXTS) {
  test(`a text is read in its character set: ${what}`, async (t) => {
    const { port } = await serve(t, ok(body, `content-type: ${type}\r\n`));
    const observation = await observe(requestOf(port, { bodyIncludes: text, bodyExcludes: '\ufeff' }));
    assert.equal(observation.code, 'ok', observation.detail);
  });
}

test('what is not wanted is found in another character set too, and both texts can be read', async (t) => {
  const latin = ok(Buffer.from('St\u00f6rung', 'latin1'), 'content-type: text/html; charset=iso-8859-1\r\n');
  const { port } = await serve(t, latin);
  assert.equal((await observe(requestOf(port, { bodyExcludes: 'St\u00f6rung' }))).code, 'body');
  const { detail } = await observe(requestOf(port, { bodyIncludes: 'gr\u00fcn' }));
  assert.match(detail, /to include "gr\u00fcn", received "St\u00f6rung"/);
});

test('a mark before the text is no part of it', async (t) => {
  const { port } = await serve(t, ok('\ufeffok'));
  assert.equal((await observe(requestOf(port, { bodyMatches: '^ok$' }))).code, 'ok');
});

test('a letter that the bound cuts in two does not change the character set', async (t) => {
  const { port } = await serve(t, ok(`gr\u00fcn${'x'.repeat(65_530)}\u20ac`));
  assert.equal((await observe(requestOf(port, { bodyIncludes: 'gr\u00fcn', timeoutMs: 2_000 }))).code, 'ok');
});

const zstdWindow8Mb = zstdCompressSync(Buffer.alloc(8_388_608), {
  params: { [constants.ZSTD_c_windowLog]: 23 },
});

for (const [coding, body] of [
  ['zstd', zstdWindow8Mb],
  ['br', brotliCompressSync(long, window(24))],
] as const) {
  test(`a prober that is held back again and again unpacks ${coding} all the same`, async () => {
    const held = setInterval(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60), 1);
    const budget = newPatternBudget();
    const received = {
      bytes: body,
      cut: false,
      url: new URL('https://a/'),
      headers: { 'content-encoding': coding },
    };
    try {
      for (let nth = 1; nth <= 20; nth += 1) {
        const undone = await unpacked(received, startAttempt(), budget);
        const came = 'bytes' in undone ? undone.bytes.length : undone.code;
        assert.ok(Number(came) > 20_000, `number ${nth}: ${came}`);
      }
    } finally {
      clearInterval(held);
    }
  });
}

test('zstd in several frames is read to its end, but not in any number', async () => {
  const frame = zstdCompressSync('x');
  const skipped = Buffer.from([0x5f, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0]);
  const read = async (frames: number) => {
    const bytes = Buffer.concat(Array(frames).fill(Buffer.concat([skipped, frame])));
    const headers = { 'content-encoding': 'zstd' };
    const received = { bytes, cut: false, url: new URL('https://a/'), headers };
    return unpacked(received, startAttempt(), newPatternBudget());
  };
  assert.deepEqual(await read(8), { bytes: Buffer.from('xxxxxxxx'), cut: false });
  // Node 24.22 unpacks frames that follow one another by itself; before, each is a decoder of its own, and they are counted.
  const nine = await read(9);
  assert.ok('bytes' in nine);
  assert.deepEqual(nine.bytes, Buffer.from(nine.cut ? 'xxxxxxxx' : 'xxxxxxxxx'));
});

/** Four layers of brotli in 153 bytes. Each unpacks to the next one and 16 MB of zeros, of which its first block says nothing. */
const LAYERS = Buffer.from(
  [
    'DwCAD/z//wdAJsbl0+0TFAXMSBBCEZrabk1KdIUUPwbilO7/ATX4n/9/uI7NeU+5eSuNlwycpkTvNPovO2RzoxxHDnZ16Tg3hdpw',
    '90fJfOj/p+ATW5tTPmIrusZwJ2mxw75AfJjzLnC7PpO1Pp5/3/293/dUSZYnZDBGamb5xRgASWeCYKktAIANsEgEqgDhBgBAAiAC',
    'CyAB',
  ].join(''),
  'base64',
);

test('windows within windows take nothing from the other bodies of a batch', async () => {
  const budget = newPatternBudget();
  const before = budget.unpackingCpuMs;
  const undone = await unpacked(
    {
      bytes: LAYERS,
      cut: false,
      url: new URL('https://a/'),
      headers: { 'content-encoding': 'br, br, br, br' },
    },
    startAttempt(),
    budget,
  );
  assert.equal('code' in undone && undone.code, 'body-garbled');
  assert.equal(budget.unpackingCpuMs, before);
});

const undoneOf = (coding: string, bytes: Buffer, budget = newPatternBudget()) =>
  unpacked(
    { bytes, cut: false, url: new URL('https://a/'), headers: { 'content-encoding': coding } },
    startAttempt(),
    budget,
  );

test('brotli with a window of 16 MB takes little, whatever stands before its block', async () => {
  for (const bytes of [BEHIND_METADATA, LARGE_BLOCK]) {
    const tookMs: number[] = [];
    for (let tried = 0; tried < 10; tried += 1) {
      const budget = newPatternBudget();
      const before = budget.unpackingCpuMs;
      const undone = await undoneOf('br', bytes, budget);
      assert.deepEqual(undone, { bytes: Buffer.alloc(65_536), cut: true });
      tookMs.push(before - budget.unpackingCpuMs);
    }
    // The compiler works beside it at times. To fill the window takes 30.
    assert.ok(Math.min(...tookMs) < 5, `${tookMs} ms`);
  }
});

test('brotli of any window is read as it was written, as far as it is read', async () => {
  const letters = Array.from({ length: 300_000 }, (_, at) => 97 + ((at * at) % 23) + (at % 3));
  for (const size of [0, 1, 1_000, 65_535, 65_536, 100_000, 300_000]) {
    const text = Buffer.from(letters.slice(0, size));
    for (let bits = 10; bits <= 24; bits += 1) {
      for (const quality of [1, 5, 11]) {
        const params = { [constants.BROTLI_PARAM_LGWIN]: bits, [constants.BROTLI_PARAM_QUALITY]: quality };
        const undone = await undoneOf('br', brotliCompressSync(text, { params }), newPatternBudget());
        const what = `${size} bytes, window ${bits}, quality ${quality}`;
        assert.ok('bytes' in undone, what);
        assert.ok(undone.bytes.equals(text.subarray(0, 65_536)), what);
        assert.equal(undone.cut, size >= 65_536, what);
      }
    }
  }
});

test('a body that takes long to unpack is garbled each time, and ordinary ones behind it are read', async () => {
  const budget = newPatternBudget();
  const dear = contextMaps();
  const codes = new Set<string>();
  for (let nth = 0; nth < 27; nth += 1) {
    const undone = await undoneOf('br', dear, budget);
    codes.add('bytes' in undone ? 'unpacked' : undone.code);
  }
  assert.deepEqual([...codes], ['body-garbled']);
  assert.ok(budget.unpackingCpuMs < 0, `${budget.unpackingCpuMs} ms are left`);
  for (const [coding, bytes] of [
    ['br', brotliCompressSync(long)],
    ['br', LARGE_BLOCK],
    ['zstd', zstdCompressSync(long)],
    ['zstd', zstdWindow8Mb],
  ] as const) {
    const tries = await Promise.all([1, 2, 3, 4].map(() => undoneOf(coding, bytes, budget)));
    for (const undone of tries) assert.ok('bytes' in undone, `${coding}: ${JSON.stringify(undone)}`);
  }
});
