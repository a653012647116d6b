import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalName, nameRefusal, zoneOf } from '../../../../lib/config/names.ts';

const label = (length: number): string => 'a'.repeat(length);
/** 63 + 63 + 63 + 61 characters and three dots: the longest name there is. */
const LONGEST = [label(63), label(63), label(63), label(61)].join('.');

test('host names pass, whatever their capitals and with a trailing dot', () => {
  const names = [
    'www.example.co.uk',
    'WWW.Example.CO.UK.',
    '1.example.com',
    'my_shop.example.com',
    'xn--mnchen-3ya.de',
  ];
  for (const name of [...names, LONGEST]) assert.equal(nameRefusal(name, 'a name'), undefined, name);
});

const REFUSED: [unknown, RegExp][] = [
  [undefined, /received nothing; write the name in full/],
  ['', /received ""; write the name in full/],
  ['  ', /write the name in full/],
  [5, /received 5/],
  ['203.0.113.10', /this is an address/],
  ['2001:db8::1', /this is an address/],
  ['[2001:db8::1]', /this is an address/],
  ['*.example.co.uk', /a wildcard stands for names without end, of which none can be probed or looked up/],
  ['www.*.example.co.uk', /a wildcard/],
  ['https://www.example.co.uk', /leave out scheme and path/],
  ['www.example.co.uk/healthz', /leave out scheme and path/],
  ['www.example.co.uk:8443', /leave out the port/],
  ['münchen.example', /ASCII form, xn--mnchen-3ya\.example/],
  ['_switchover.www.example.co.uk', /`_switchover\.NAME`/],
  ['www._tcp.example.co.uk', /labels that begin with an underscore/],
  [`${label(64)}.example`, /has 64 bytes, and DNS allows 63/],
  [`${LONGEST}a`, /has 256 bytes on the wire, and DNS allows 255/],
  ['www..example.co.uk', /each label/],
  ['www.example.co.uk..', /each label/],
  ['.example.co.uk', /each label/],
  ['-www.example.co.uk', /each label/],
  ['www-.example.co.uk', /each label/],
  ['www example.co.uk', /each label/],
  ['localhost', /write the name in full, with its domain/],
  ['www.example.123', /last label must not be a number/],
];

test('other names are refused with the reason', () => {
  for (const [value, message] of REFUSED) {
    const refusal = nameRefusal(value, 'a name') ?? 'passed';
    assert.match(refusal, message, String(value));
    assert.match(refusal, /^Expected a name, received .*; .*\.$/);
  }
});

test('a single label passes where it is allowed', () => {
  assert.equal(nameRefusal('localhost', 'a name', true), undefined);
});

test('canonical names are in lower case and lose one trailing dot', () => {
  assert.equal(canonicalName('WWW.Example.co.uk.'), 'www.example.co.uk');
});

test('the longest zone at or above a name holds it', () => {
  const zones = new Set(['example.co.uk', 'dyn.example.co.uk', 'test']);
  const cases: [string, string | undefined][] = [
    ['www.example.co.uk', 'example.co.uk'],
    ['www.dyn.example.co.uk', 'dyn.example.co.uk'],
    ['dyn.example.co.uk', 'dyn.example.co.uk'],
    ['example.co.uk', 'example.co.uk'],
    ['xdyn.example.co.uk', 'example.co.uk'],
    ['www.example.com', undefined],
    ['co.uk', undefined],
  ];
  for (const [name, zone] of cases) assert.equal(zoneOf(name, zones), zone, name);
});
