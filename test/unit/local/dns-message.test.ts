import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode } from 'dns-packet';
import { respond } from '../../../local/dns-message.ts';
import { answerer, edns, header, query, rcodeOf } from './dns-fixture.ts';

/** The response to a query that must have one. */
const ask = (message: Buffer): Buffer =>
  respond(message, 'udp', answerer) ?? assert.fail('expected a response');

const withFlags = (message: Buffer, flags: number): Buffer => {
  const changed = Buffer.from(message);
  changed.writeUInt16BE(flags, 2);
  return changed;
};
const withClass = (message: Buffer, number: number): Buffer => {
  const changed = Buffer.from(message);
  changed.writeUInt16BE(number, message.length - 2);
  return changed;
};
const withCount = (message: Buffer, offset: number, count: number): Buffer => {
  const changed = Buffer.from(message);
  changed.writeUInt16BE(count, offset);
  return changed;
};

const WWW = query('www.example.com', 'A');

/** Messages that are not an ordinary question about our zone: rcode, AA. */
const ODD: [what: string, message: Buffer, rcode: number, aa: number][] = [
  ['outside our zones', query('www.example.org', 'A'), 5, 0],
  ['the root', query('.', 'NS'), 5, 0],
  ['a transfer', query('example.com', 'AXFR'), 5, 0],
  ['class CH', withClass(WWW, 3), 5, 0],
  ['NOTIFY', withFlags(WWW, 4 << 11), 4, 0],
  ['UPDATE', withFlags(WWW, 5 << 11), 4, 0],
  ['no question', withCount(WWW.subarray(0, 12), 4, 0), 1, 0],
  [
    'two questions',
    encode({
      id: 0x1234,
      questions: [
        { name: 'a', type: 'A' },
        { name: 'b', type: 'A' },
      ],
    }),
    1,
    0,
  ],
  ['a question cut short', WWW.subarray(0, 20), 1, 0],
  ['records that are not there', withCount(WWW, 10, 7), 1, 0],
  ['a header cut short', WWW.subarray(0, 5), 1, 0],
  ['an id and nothing else', WWW.subarray(0, 2), 1, 0],
  [
    'a label pointing at itself',
    Buffer.concat([WWW.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]),
    1,
    0,
  ],
  [
    'a label pointing into the header',
    Buffer.concat([WWW.subarray(0, 12), Buffer.from([0xc0, 0, 0, 1, 0, 1])]),
    1,
    0,
  ],
  ['a defect in us', query('broken.example.com', 'A'), 2, 0],
];

test('what cannot be answered is refused with its id, question and the right code', () => {
  for (const [what, message, rcode, aa] of ODD) {
    const response = ask(message);
    const seen = header(response);
    assert.deepEqual([seen.id, seen.qr, seen.rcode, seen.aa], [0x1234, 1, rcode, aa], what);
    assert.deepEqual(seen.counts.slice(1), [0, 0, 0], what);
  }
});

test('names with any bytes in their labels are answered as they were asked', () => {
  const asking = (labels: Buffer[]): Buffer => {
    const name = Buffer.concat([
      ...labels.flatMap((label) => [Buffer.from([label.length]), label]),
      Buffer.from([0]),
    ]);
    return Buffer.concat([WWW.subarray(0, 12), name, Buffer.from([0, 1, 0, 1])]);
  };
  const zone = [Buffer.from('example'), Buffer.from('com')];
  const hostile = asking([Buffer.alloc(63, 0xff), Buffer.from('wild'), ...zone]);
  const response = ask(hostile);
  assert.deepEqual(header(response).counts, [1, 1, 0, 0]);
  assert.deepEqual(response.subarray(12, hostile.length), hostile.subarray(12), 'the question, byte by byte');
  const dotted = asking([Buffer.from('a.b'), ...zone]);
  dotted.writeUInt16BE(16, dotted.length - 4);
  assert.equal(header(ask(dotted)).counts[1], 1, 'a dot inside a label is not a label border');
  assert.equal(rcodeOf(ask(query('a.b.example.com', 'TXT'))), 3);
});

test('responses and noise get no answer, and nothing makes the server fall', () => {
  assert.equal(respond(withFlags(WWW, 0x8000), 'udp', answerer), undefined);
  assert.equal(respond(Buffer.alloc(0), 'udp', answerer), undefined);
  assert.equal(respond(Buffer.alloc(1), 'udp', answerer), undefined);
  let seed = 1;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const originals = [
    WWW,
    query('long.example.com', 'A', edns(1232)),
    query('_switchover.www.example.com', 'TXT'),
  ];
  for (let count = 0; count < 4000; count += 1) {
    const message = Buffer.from(originals[count % originals.length]!);
    for (let flips = random(6); flips >= 0; flips -= 1) message[random(message.length)] = random(256);
    const cut = message.subarray(0, random(4) === 0 ? random(message.length + 1) : message.length);
    const response = respond(cut, 'udp', answerer);
    if (response !== undefined) assert.ok(response.length >= 12 && response.readUInt8(2) >= 0x80);
  }
});
