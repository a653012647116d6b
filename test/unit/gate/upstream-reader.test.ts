import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UpstreamHead } from '../../../gate/upstream-head.ts';
import { readUpstream } from '../../../gate/upstream-reader.ts';
import { PAGE, REFUSED, SHAPES } from './browser-shapes.ts';

type Heard = { head?: UpstreamHead; body: string; isWhole: boolean; rest?: string };

const hear = (text: string, pieceBytes: number, asked = { method: 'GET', upgrade: false }): Heard => {
  const heard: Heard = { body: '', isWhole: false };
  const reader = readUpstream(asked, {
    head: (head) => {
      assert.equal(heard.head, undefined);
      heard.head = head;
    },
    body: (bytes) => {
      assert.ok(!heard.isWhole);
      heard.body += bytes.toString('latin1');
    },
    end: () => {
      heard.isWhole = true;
    },
    switched: (_, rest) => {
      heard.rest = rest.toString('latin1');
    },
  });
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes));
  reader.ended();
  return heard;
};

/** In one piece, byte by byte, and in pieces that cut lines at other places. Large ones byte by byte would take minutes. */
const piecesFor = (text: string): number[] =>
  text.length > 20_000 ? [text.length, 1000] : [1, 2, 7, text.length + 1];

test('what browsers show is read, in pieces of any size', () => {
  for (const [shape, text] of Object.entries(SHAPES))
    for (const pieceBytes of piecesFor(text)) {
      const { body, isWhole } = hear(text, pieceBytes);
      assert.deepEqual([body, isWhole], [PAGE, true], `${shape}, ${pieceBytes} bytes a piece`);
    }
});

test('what browsers refuse is refused, in pieces of any size', () => {
  for (const [shape, text] of Object.entries(REFUSED))
    for (const pieceBytes of piecesFor(text))
      assert.throws(
        () => hear(text, pieceBytes),
        ({ name, code }) => name === 'Error' && code !== undefined,
        `${shape}, ${pieceBytes} bytes a piece`,
      );
});

test('an answer that breaks off is never whole', () => {
  const chunked = SHAPES.chunks as string;
  const plain = SHAPES.plain as string;
  for (const text of [chunked, plain])
    for (let bytes = 0; bytes < text.length; bytes++)
      assert.throws(
        () => hear(text.slice(0, bytes), 5),
        { code: 'ended-early' },
        `${bytes} bytes of ${text}`,
      );
});

test('no answer to HEAD, 204 or 304 has a body, whatever it says', () => {
  const text = SHAPES['a length and chunks'] as string;
  assert.deepEqual(hear(text, 9, { method: 'HEAD', upgrade: false }).body, '');
  for (const status of ['204', '304']) assert.equal(hear(text.replace('200', status), 9).body, '');
});

test('headers can be written again as they were, without what no header may have', () => {
  const { head } = hear('HTTP/1.1 200 Fine\r\nA: 1\r\nB:\t x\x02y\r\nA: 2\r\n 3\r\nn\xf6: 4\r\n\r\n', 3);
  assert.deepEqual(head, {
    status: 200,
    reason: 'Fine',
    headers: [
      ['A', '1'],
      ['B', 'x y'],
      ['A', '2 3'],
    ],
  });
});

test('a change of protocol that was asked for is told with what follows it', () => {
  const text =
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nframes';
  assert.equal(hear(text, text.length, { method: 'GET', upgrade: true }).rest, 'frames');
});

test('what is long takes no longer than it is: nothing is gone through again for each of its bytes', () => {
  const long = 250_000;
  const answers: [what: string, text: string, pieceBytes: number][] = [
    [
      'carriage returns in a value',
      `HTTP/1.1 200 OK\r\nX: a${'\r'.repeat(long)}b\r\nContent-Length: 0\r\n\r\n`,
      long,
    ],
    ['blanks in a value', `HTTP/1.1 200 OK\r\nX: a${' '.repeat(long)}b\r\nContent-Length: 0\r\n\r\n`, long],
    ['blanks in the status line', `HTTP/1.1${' '.repeat(long)}200 OK\r\nContent-Length: 0\r\n\r\n`, long],
    ['lines, byte by byte', `HTTP/1.1 200 OK\r\n${'a:\n'.repeat(50_000)}Content-Length: 0\r\n\r\n`, 1],
    [
      'a size of zeros',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${`${'0'.repeat(16_000)}1\r\na\r\n`.repeat(30)}0\r\n\r\n`,
      long,
    ],
  ];
  for (const [what, text, pieceBytes] of answers) {
    const startMs = performance.now();
    assert.equal(hear(text, pieceBytes).isWhole, true, what);
    const ms = performance.now() - startMs;
    assert.ok(ms < 2000, `${what}: ${ms.toFixed(0)} ms`);
  }
  for (const text of [
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'0'.repeat(16_000)}x\r\n`,
    '\r\n'.repeat(100_000),
  ]) {
    const startMs = performance.now();
    assert.throws(() => hear(text, 1));
    assert.ok(performance.now() - startMs < 2000);
  }
});

test('interim answers without end are refused', () => {
  assert.throws(() => hear('HTTP/1.1 102 Processing\r\n\r\n'.repeat(20_000), 1000), {
    code: 'head-too-large',
  });
});

test('an answer that is packed for this one connection is not passed on as if it were not', () => {
  const text = SHAPES.chunks as string;
  for (const coding of [
    'gzip, chunked',
    'chunked, gzip',
    'X-GZIP,chunked',
    'deflate;q=1, chunked',
    'compress',
  ])
    assert.throws(
      () => hear(text.replace('chunked', coding), 7),
      {
        code: 'coding',
        message: /^its answer has the Transfer-Encoding [a-z-]+, which it was not asked for$/,
      },
      coding,
    );
  // Only its head goes on, where there is no body.
  assert.equal(
    hear(text.replace('chunked', 'gzip, chunked'), 7, { method: 'HEAD', upgrade: false }).isWhole,
    true,
  );
});
