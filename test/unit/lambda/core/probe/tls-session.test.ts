import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateOfSession } from '../../../../../lambda/core/probe/tls-session.ts';

/** One value of DER with a length of one byte. */
const value = (tag: number, ...content: Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag, bytes.length), bytes]);
};

const CERTIFICATE = value(0x30, Buffer.from('ours'));
const OTHER = value(0x30, Buffer.from('other'));
const session = (...fields: Buffer[]) => value(0x30, value(0x02, Buffer.of(1)), ...fields);
const ENVELOPE = Buffer.from('\0nodejs:tls:session:1\0\0\x04host', 'latin1');

test('the certificate is found by its tag, with what Node puts before a session and without', () => {
  const plain = session(value(0xa1, OTHER), value(0xa3, CERTIFICATE), value(0xa4, OTHER));
  for (const bytes of [plain, Buffer.concat([ENVELOPE, plain])]) {
    assert.deepEqual(Buffer.from(certificateOfSession(bytes) as Uint8Array), CERTIFICATE);
  }
});

test('a certificate in a field of which the server decides is none', () => {
  const inTicket = session(value(0xaa, value(0x04, value(0xa3, OTHER))));
  assert.equal(certificateOfSession(inTicket), undefined);
});

test('bytes that are no session hold none', () => {
  const sound = session(value(0xa3, CERTIFICATE));
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.of(0),
    ENVELOPE,
    Buffer.from('\0nodejs:tls:session:2\0', 'latin1'),
    sound.subarray(0, -1),
    Buffer.concat([sound, Buffer.of(0)]),
    value(0x31, value(0xa3, CERTIFICATE)),
  ])
    assert.equal(certificateOfSession(bytes), undefined, bytes.toString('hex'));
});
