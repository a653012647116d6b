import assert from 'node:assert/strict';
import { test } from 'node:test';
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
