import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRdata } from '../../../local/dns-rdata.ts';

const name = (...labels: string[]): string =>
  `${labels.map((label) => `${label.length.toString(16).padStart(2, '0')}${Buffer.from(label).toString('hex')}`).join('')}00`;
const FOO = name('foo', 'example', 'com');

/** The test vectors of RFC 9460, appendix D, but for those with escapes in a value, which the local cloud refuses. */
const VECTORS: [value: string, hex: string][] = [
  ['0 foo.example.com.', `0000${FOO}`],
  ['1 .', '000100'],
  ['16 foo.example.com. port=53', `0010${FOO}000300020035`],
  ['1 foo.example.com. key667=hello', `0001${FOO}029b000568656c6c6f`],
  [
    '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
    `0001${FOO}0006002020010db800000000000000000000000120010db8000000000000000000530001`,
  ],
  [
    '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
    `0010${name('foo', 'example', 'org')}0000000400010004000100090268320568332d313900040004c0000201`,
  ],
];

test('values of HTTPS and SVCB records are written as RFC 9460 shows', () => {
  for (const [value, hex] of VECTORS) {
    assert.equal(encodeRdata('SVCB', value).toString('hex'), hex, value);
    assert.equal(encodeRdata('HTTPS', value).toString('hex'), hex, value);
  }
});

test('what the zone refuses is not written', () => {
  assert.throws(() => encodeRdata('HTTPS', '1 . key667="hello\\210qoo"'), /received 1 \. key667/);
});
