import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { escapedName, normaliseName } from '../../../lambda/core/zone/records.ts';
import { readAnswer } from '../../../lambda/edge/dns-answer.ts';
import { respond } from '../../../local/dns-message.ts';
import { encodeName, encodeRdata } from '../../../local/dns-rdata.ts';
import { parseTxt } from '../../../local/zone-values.ts';

const QUESTION: Packet = {
  type: 'query',
  id: 7,
  questions: [{ type: 'TXT', name: 'txt.example.com', class: 'IN' }],
};

/** A value as it is answered by our name server and read by our resolver. */
const overTheWire = (value: string): string | undefined => {
  const message = respond(encode(QUESTION), 'tcp', (name) => ({
    rcode: 'NOERROR',
    aa: true,
    answers: [{ name, type: 'TXT', ttlSeconds: 5, value }],
    authority: [],
  }));
  const answer = readAnswer(message ?? assert.fail('expected an answer'), QUESTION);
  return answer === 'truncated' ? answer : answer.answers[0]?.value;
};

const character = (byte: number): string =>
  /[\x20-\x7e]/.test(String.fromCharCode(byte)) && byte !== 0x22 && byte !== 0x5c
    ? String.fromCharCode(byte)
    : `\\${byte.toString(8).padStart(3, '0')}`;
const anyTxt = fc
  .array(fc.uint8Array({ maxLength: 255 }), { minLength: 1, maxLength: 3 })
  .map((strings) => strings.map((bytes) => `"${Array.from(bytes, character).join('')}"`).join(' '))
  .filter((value) => value.length <= 4000);

test('whatever a TXT value holds, the same bytes come out of DNS', () => {
  fc.assert(
    fc.property(anyTxt, (value) => {
      const read = overTheWire(value) ?? '';
      assert.deepEqual(parseTxt(read), parseTxt(value));
      assert.equal(overTheWire(read), read, 'what was read is written alike');
      assert.deepEqual(encodeRdata('TXT', read), encodeRdata('TXT', value));
    }),
  );
});

const anyName = fc
  .array(fc.stringMatching(/^[a-z0-9_*@!-]{1,20}$/), { minLength: 1, maxLength: 6 })
  .map((labels) => labels.join('.'));

test('a name has one wire form, however it is spelled', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const wire = encodeName(name);
      assert.deepEqual(encodeName(`${escapedName(name)}.`), wire);
      // Header, then the name of a question with its type and class.
      const message = Buffer.concat([
        Buffer.from([0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
        wire,
        Buffer.from([0, 1, 0, 1]),
      ]);
      assert.equal(normaliseName(decode(message).questions?.[0]?.name ?? ''), normaliseName(name));
    }),
  );
});
