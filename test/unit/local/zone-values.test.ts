import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameProblem, parseTxt, valueMessage } from '../../../local/zone-values.ts';

/** Each type with values that Route 53 takes, and values that it does not, with the words it has for them. */
const GOOD: Record<string, string[]> = {
  A: ['192.0.2.1', '0.0.0.0'],
  AAAA: ['2001:db8::1', '::', '::ffff:192.0.2.1', '2001:DB8:0:0:0:0:0:1'],
  CNAME: ['example.com', 'example.com.', '_a.b-c.example.', '172.21.200.100', '\\052.example.com'],
  MX: ['10 mail.example.com.', '0 mail'],
  SRV: ['1 2 443 host.example.com.'],
  CAA: ['0 issue "letsencrypt.org"', '128 iodef "mailto:a@example.com"', '0 issue ""'],
  HTTPS: [
    '1 .',
    '0 other.example.',
    '1 . alpn="h2,h3" ipv4hint="192.0.2.1,192.0.2.2" ipv6hint="2001:db8::1"',
  ],
  SVCB: [
    '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
    '1 a. key667="hello" port=8443',
  ],
  SOA: ['ns-1.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400'],
  TXT: [
    '"a"',
    '""',
    '"a" "b"',
    '"v=1 epoch=42"',
    '"say \\"hi\\""',
    '"\\303\\251"',
    `"${'x'.repeat(255)}"`,
    `"${'\\101'.repeat(255)}"`,
  ],
};

const BAD: [type: string, value: string, problem: string][] = [
  ['A', 'www.example.com', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
  ['A', '192.0.2.256', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
  ['A', '192.0.2.01', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
  ['A', '2001:db8::1', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
  ['A', '192.0.2.1 192.0.2.2', 'ARRDATANotSingleField (Value contains spaces)'],
  ['A', '', 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)'],
  ['AAAA', '192.0.2.1', 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'],
  ['AAAA', 'fe80::1%eth0', 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)'],
  ['CNAME', 'a..b', 'DomainLabelEmpty (Domain label is empty)'],
  ['CNAME', '', 'DomainLabelEmpty (Domain label is empty)'],
  ['CNAME', `${'x'.repeat(64)}.example.com`, 'DomainLabelTooLong (Domain label is too long)'],
  ['CNAME', `${'x.'.repeat(127)}xx`, 'DomainNameTooLong (Domain name is too long)'],
  ['CNAME', 'a b.example.com', 'UnsupportedCharacter (Value contains unsupported characters)'],
  ['MX', 'mail.example.com', "MXRRDATANotTwoFields (MX record doesn't have 2 fields)"],
  ['MX', '65536 mail.example.com', 'MXRRDATAIllegalPriority (MX priority is not valid)'],
  ['SRV', '1 2 host.example.com', "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)"],
  ['SRV', '1 2 x host.example.com', 'SRVRRDATAIllegalNumber (SRV priority, weight or port is not valid)'],
  ['CAA', '0 issue', "CAARRDATANotThreeFields (CAA record doesn't have 3 fields)"],
  ['CAA', '256 issue "a"', 'CAARRDATAIllegalFlags (CAA flags are not valid)'],
  ['CAA', '0 is-sue "a"', 'CAARRDATAIllegalTag (CAA tag is not valid)'],
  ['CAA', '0 issue a', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
  ...[
    '1',
    'x .',
    '65536 .',
    '1 . ipv4hint="2001:db8::1"',
    '1 . ipv6hint=192.0.2.1',
    '1 . ipv4hint=',
    '1 . alpn',
    '1 . no-default-alpn="h2"',
    '1 . port=65536',
    '1 . colour=red',
    '1 . alpn=h2 alpn=h3',
    '0 a. alpn=h2',
    '1 . key65535=x',
  ].map((value): [string, string, string] => [
    'HTTPS',
    value,
    'HTTPSRRDATAIllegal (HTTPS record is not valid)',
  ]),
  ['SVCB', '1 a..b', 'DomainLabelEmpty (Domain label is empty)'],
  ['SOA', 'a. b. 1 2 3 4', "SOARRDATANotSevenFields (SOA record doesn't have 7 fields)"],
  ['SOA', 'a. b. 1 2 3 4 x', 'SOARRDATAIllegalNumber (SOA number is not valid)'],
  ['TXT', 'v=spf1 -all', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
  ['TXT', '"owner="ZONEID",x"', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
  ['TXT', '"open', 'InvalidCharacterString (Value should be enclosed in quotation marks)'],
  ['TXT', '"é"', 'UnsupportedCharacter (Value contains unsupported characters)'],
  ['TXT', '"a\tb"', 'UnsupportedCharacter (Value contains unsupported characters)'],
  ['TXT', `"${'x'.repeat(256)}"`, 'CharacterStringTooLong (Value is too long)'],
  [
    'TXT',
    Array.from({ length: 20 }, () => `"${'x'.repeat(200)}"`).join(' '),
    'CharacterStringTooLong (Value is too long)',
  ],
];

test('values of each type are taken', () => {
  for (const [type, values] of Object.entries(GOOD)) {
    for (const value of values) assert.equal(valueMessage(type, value), undefined, `${type} ${value}`);
  }
});

test('values that their type does not allow are refused in the words of Route 53', () => {
  for (const [type, value, problem] of BAD) {
    const expected = `Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`;
    assert.equal(valueMessage(type, value), expected);
  }
});

test('a TXT value is read into its bytes', () => {
  const bytes = parseTxt('"a\\"b\\\\" "\\303\\251" ""');
  assert.deepEqual('strings' in bytes && bytes.strings.map((one) => Buffer.from(one).toString()), [
    'a"b\\',
    'é',
    '',
  ]);
});

test('a name may use all of its 255 bytes', () => {
  const label = 'x'.repeat(63);
  assert.equal(nameProblem(`${label}.${label}.${label}.${'x'.repeat(61)}`), undefined);
  assert.match(nameProblem(`${label}.${label}.${label}.${'x'.repeat(62)}`) ?? '', /^DomainNameTooLong/);
});
