import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressRefusal } from '../../../../lib/config/addresses.ts';

const REACHABLE: [string, 4 | 6][] = [
  ['192.0.2.1', 4],
  ['198.51.100.20', 4],
  ['203.0.113.10', 4],
  ['8.8.8.8', 4],
  ['100.63.255.255', 4],
  ['100.128.0.1', 4],
  ['172.15.255.255', 4],
  ['172.32.0.1', 4],
  ['2001:db8::1', 6],
  ['3fff::1', 6],
  ['2606:2800:220:1:248:1893:25C8:1946', 6],
];

const UNREACHABLE: [string, 4 | 6, RegExp][] = [
  ['127.0.0.2', 4, /loopback/],
  ['10.1.2.3', 4, /private/],
  ['172.16.0.1', 4, /private/],
  ['172.31.255.255', 4, /private/],
  ['192.168.1.1', 4, /private/],
  ['100.64.0.1', 4, /CGNAT/],
  ['100.127.255.255', 4, /CGNAT/],
  ['169.254.169.254', 4, /link-local/],
  ['224.0.0.1', 4, /multicast/],
  ['239.255.255.255', 4, /multicast/],
  ['198.18.0.1', 4, /benchmarks/],
  ['198.19.255.255', 4, /benchmarks/],
  ['0.0.0.0', 4, /reserved/],
  ['192.0.0.1', 4, /reserved/],
  ['192.88.99.1', 4, /reserved/],
  ['240.0.0.1', 4, /reserved/],
  ['255.255.255.255', 4, /reserved/],
  ['::1', 6, /loopback/],
  ['::', 6, /outside the global unicast range/],
  ['::ffff:203.0.113.10', 6, /IPv4 address/],
  ['64:ff9b::cb00:710a', 6, /IPv4 address/],
  ['fc00::1', 6, /private/],
  ['fdff::1', 6, /private/],
  ['fe80::1', 6, /link-local/],
  ['ff02::1', 6, /multicast/],
  ['2001::1', 6, /Teredo or 6to4/],
  ['2002:cb00:710a::1', 6, /Teredo or 6to4/],
  ['2001:2::1', 6, /benchmarks or identifiers/],
  ['2001:20::1', 6, /benchmarks or identifiers/],
  ['100::1', 6, /outside the global unicast range/],
  ['4000::1', 6, /outside the global unicast range/],
];

/** Refused with `local` as well. */
const NO_ADDRESS: [unknown, 4 | 6, RegExp][] = [
  ['bogus', 4, /received "bogus"; write one address, .*; a host name goes in `hostname`/],
  ['256.1.1.1', 4, /Expected an IPv4 address/],
  ['010.1.1.1', 4, /Expected an IPv4 address/],
  ['203.0.113.10:80', 4, /without port/],
  ['203.0.113.0/24', 4, /prefix length/],
  [' 203.0.113.10', 4, /Expected an IPv4 address/],
  ['', 4, /received ""/],
  [42, 4, /received 42/],
  [undefined, 6, /received nothing/],
  ['[2001:db8::1]', 6, /brackets/],
  ['2001:db8::1::2', 6, /Expected an IPv6 address/],
  ['2001:db8::1', 4, /belongs in `ipv6`/],
  ['203.0.113.10', 6, /belongs in `ipv4`/],
  ['fe80::1%eth0', 6, /zone index/],
];

test('addresses that visitors can reach, documentation included, pass', () => {
  for (const [address, family] of REACHABLE) {
    assert.equal(addressRefusal(address, family, false), undefined, address);
  }
});

test('addresses that nobody outside can reach are refused with their kind, and pass with local', () => {
  for (const [address, family, kind] of UNREACHABLE) {
    assert.match(addressRefusal(address, family, false) ?? 'passed', kind, address);
    assert.match(addressRefusal(address, family, false) ?? 'passed', /set `local: true`/, address);
    assert.equal(addressRefusal(address, family, true), undefined, address);
  }
});

test('what is no address of the family is refused, local or not', () => {
  for (const [value, family, message] of NO_ADDRESS) {
    assert.match(addressRefusal(value, family, false) ?? 'passed', message, String(value));
    assert.match(addressRefusal(value, family, true) ?? 'passed', message, String(value));
  }
});
