import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapedName, normaliseName } from '../../../../../lambda/core/zone/records.ts';

const NAMES: [given: string, normalised: string, escaped: string][] = [
  ['www.example.com', 'www.example.com', 'www.example.com'],
  ['WWW.Example.COM.', 'www.example.com', 'www.example.com'],
  ['\\052.example.com.', '*.example.com', '\\052.example.com'],
  ['*.example.com', '*.example.com', '\\052.example.com'],
  ['_switchover.www.example.com', '_switchover.www.example.com', '_switchover.www.example.com'],
  ['\\101b.example.com', 'ab.example.com', 'ab.example.com'],
  ['a@b.example.com', 'a@b.example.com', 'a\\100b.example.com'],
  ['a\\056b.example.com', 'a\\056b.example.com', 'a\\056b.example.com'],
  ['a\\b.example.com', 'a\\134b.example.com', 'a\\134b.example.com'],
  ['a b.example.com', 'a\\040b.example.com', 'a\\040b.example.com'],
  ['é.example.com', '\\303\\251.example.com', '\\303\\251.example.com'],
  ['😀.example.com', '\\360\\237\\230\\200.example.com', '\\360\\237\\230\\200.example.com'],
  ['\\777.example.com', '\\134777.example.com', '\\134777.example.com'],
  ['a..b', 'a..b', 'a..b'],
  ['.', '', ''],
];

test('a name has one spelling, whatever way it was written', () => {
  for (const [given, normalised, escaped] of NAMES) {
    assert.equal(normaliseName(given), normalised, given);
    assert.equal(normaliseName(normalised), normalised, `${given} again`);
    assert.equal(escapedName(given), escaped, given);
    assert.equal(normaliseName(escaped), normalised, `${given} and back`);
  }
});

/** A label of any bytes: each is written plainly, or as an octal escape, as whoever types it likes. */
const label = fc
  .array(fc.tuple(fc.nat(255), fc.boolean()), { minLength: 1, maxLength: 20 })
  .map((bytes) =>
    bytes
      .map(([byte, plainly]) =>
        plainly && /[A-Za-z0-9_*-]/.test(String.fromCharCode(byte))
          ? String.fromCharCode(byte)
          : `\\${byte.toString(8).padStart(3, '0')}`,
      )
      .join(''),
  );
const anyName = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));

test('whatever a name is made of, it has one spelling, which survives the spelling of AWS', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const plain = normaliseName(name);
      assert.equal(normaliseName(plain), plain);
      assert.equal(normaliseName(`${plain}.`), plain);
      assert.equal(normaliseName(escapedName(name)), plain);
      assert.equal(normaliseName(name.toUpperCase()), plain);
      assert.match(escapedName(name), /^[a-z0-9._\\-]+$/);
      assert.equal(plain.split('.').length, name.split('.').length, 'a dot in a label is no other label');
    }),
  );
});
