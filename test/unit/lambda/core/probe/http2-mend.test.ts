import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import {
  data,
  FLAG,
  frame,
  headers,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../../../../fixtures/hostile/http2-frames.ts';
import { mendHttp2, newHttp2Mender } from '../../../../../lambda/core/probe/http2-mend.ts';
import { packedName } from '../../../../../lambda/core/probe/http2-names.ts';

const mended = (bytes: Buffer, piece = bytes.length): Buffer => {
  const mender = newHttp2Mender();
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, nth) =>
    mendHttp2(mender, bytes.subarray(nth * piece, (nth + 1) * piece)),
  );
  return Buffer.concat(pieces);
};

const head = headers(1, [
  [':status', '200'],
  ['x-a', 'connection'],
]);
const page = Buffer.concat([head, data(1, 'connection')]);

test('what keeps to the standard is as it was, however it is cut', () => {
  const sound = Buffer.concat([SETTINGS, page]);
  for (let piece = 1; piece <= sound.length; piece += 1) assert.deepEqual(mended(sound, piece), sound);
});

test('SETTINGS are put in front of what comes without them', () => {
  const acknowledged = frame(TYPE.settings, FLAG.ack, 0);
  for (const without of [page, Buffer.concat([acknowledged, page])]) {
    for (const piece of [1, 7, without.length])
      assert.deepEqual(mended(without, piece), Buffer.concat([SETTINGS, without]));
  }
});

const NAMES = [
  ['connection', 'connectoin'],
  ['upgrade', 'upgraed'],
  ['keep-alive', 'keep-alvie'],
  ['proxy-connection', 'proxy-connectoin'],
  ['content-length', 'content-lenght'],
] as const;

test('headers that are about a connection of HTTP/1.1, and lengths, get a name that means nothing, however they are written', () => {
  for (const [from, to] of NAMES) {
    for (const literal of [0x00, 0x10, 0x40]) {
      const plain = (name: string) => Buffer.from([literal, name.length, ...Buffer.from(name), 1, 0x78]);
      const short = (name: string) =>
        Buffer.from([literal, 0x80 | packedName(name).length, ...packedName(name), 1, 0x78]);
      for (const written of [plain, short]) {
        const sent = (name: string) =>
          Buffer.concat([SETTINGS, frame(TYPE.headers, FLAG.endHeaders, 1, written(name))]);
        assert.equal(mended(sent(from), 5).toString('hex'), sent(to).toString('hex'), `${from}, ${literal}`);
      }
    }
  }
});

test('transfer-encoding, which Chromium refuses, stays', () => {
  const sent = Buffer.concat([
    SETTINGS,
    headers(1, [
      [':status', '200'],
      ['transfer-encoding', 'chunked'],
    ]),
  ]);
  assert.deepEqual(mended(sent), sent);
});

test('a length whose name is a number gets the number of a name that means nothing, and no value is touched', () => {
  const value = Buffer.from([2, 0x0f, 0x0d]);
  // x-a with that value, then the length: to be remembered, not to be, and never to be.
  const block = (number: number) => {
    const name = [0, 3, ...Buffer.from('x-a'), ...value];
    const lengths = [0x40 | number, ...value, 0x0f, number - 15, ...value, 0x1f, number - 15, ...value];
    return Buffer.from([...name, 0x88, 0x20, ...lengths]);
  };
  for (const [flags, before] of [
    [0, []],
    [0x8, [0]],
    [0x28, [0, 0, 0, 0, 0, 0]],
  ] as const) {
    const sent = (number: number) =>
      Buffer.concat([
        SETTINGS,
        frame(TYPE.headers, flags | FLAG.endHeaders, 1, Buffer.from([...before, ...block(number)])),
      ]);
    assert.equal(mended(sent(28), 5).toString('hex'), sent(27).toString('hex'), `flags ${flags}`);
  }
});

test('settings that may not be are left out, and so is a second word on ours', () => {
  const settings = (...each: [which: number, value: number][]) =>
    frame(
      TYPE.settings,
      0,
      0,
      Buffer.concat(each.flatMap(([which, value]) => [Buffer.of(0, which), number32(value)])),
    );
  const acknowledged = frame(TYPE.settings, FLAG.ack, 0);
  const odd = settings([2, 1], [3, 100], [4, 0x80000000], [5, 1], [5, 0x1000000]);
  assert.deepEqual(
    mended(Buffer.concat([odd, acknowledged, acknowledged, page])),
    Buffer.concat([settings([3, 100]), acknowledged, page]),
  );
});

test('what belongs to a stream that nobody opened is left out, and so is what trailers say', () => {
  const others = [data(3, 'x'), headers(2, [[':status', '200']]), rst(5, 0), frame(8, 0, 3, number32(1))];
  const trailers = headers(1, [[':status', '500']], FLAG.endStream);
  const begun = Buffer.concat([SETTINGS, head, data(1, 'x', 0)]);
  assert.deepEqual(mended(Buffer.concat([begun, ...others, trailers])), Buffer.concat([begun, data(1, '')]));
});

test('what is no HTTP/2 is handed on', () => {
  const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  for (const piece of [1, 8, answer.length]) assert.deepEqual(mended(answer, piece), answer);
});

test('names are packed as nghttp2 packs them', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on('error', () => {});
  t.after(() => {
    client.destroy();
    server.close();
  });
  const fields = Object.fromEntries(NAMES.map(([, to]) => [to, 'x']));
  client.request({ ':path': '/', ...fields }).on('error', () => {});
  const [socket] = await once(server, 'connection');
  t.after(() => socket.destroy());
  let received = Buffer.alloc(0);
  for await (const bytes of socket) {
    received = Buffer.concat([received, bytes]);
    if (NAMES.every(([, to]) => received.includes(packedName(to)))) break;
  }
  for (const [, to] of NAMES) {
    const packed = packedName(to);
    assert.ok(received.includes(Buffer.concat([Buffer.of(0x80 | packed.length), packed])), to);
  }
});
