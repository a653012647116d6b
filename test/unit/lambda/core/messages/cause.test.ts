import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { commonCause, whereText } from '../../../../../lambda/core/messages/cause.ts';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';

describe('where dead servers are', () => {
  for (const [addresses, text] of [
    [[], ''],
    [['lb.example.net'], ''],
    [['198.51.100.7'], 'all at 198.51.100.7'],
    [['198.51.100.7', '198.51.100.7'], 'all at 198.51.100.7'],
    [['198.51.100.1', '198.51.100.2'], 'all at 198.51.100.0/30'],
    [['198.51.100.1', '198.51.100.200'], 'all at 198.51.100.0/24'],
    [['198.51.100.1', '198.51.7.1'], 'all at 198.51.0.0/17'],
    [['198.51.100.1', '203.0.113.1'], 'in 2 networks'],
    [['198.51.100.1', '203.0.113.1', '203.0.113.2'], 'in 2 networks'],
    [['2001:db8::1', '2001:db8::2'], 'all at 2001:db8::/126'],
    [['2001:db8:0:1::1', '2001:db8:0:2::1'], 'all at 2001:db8::/62'],
    [['2001:db8::1', '2a00::1'], 'in 2 networks'],
    [['198.51.100.1', '2001:db8::1'], 'in 2 networks'],
  ] as [string[], string][])
    test(`${addresses.join(' ') || 'no address'}: ${text || 'nothing'}`, () => {
      assert.equal(whereText(addresses), text);
    });
});

const dead = (address: string, code: string): { site: ReturnType<typeof virtualSite>; news: SiteNews } => {
  const site = virtualSite('www', {
    servers: [
      { name: 'primary', ipv4: [address], ipv6: [] },
      { name: 'standby', ipv4: ['203.0.113.1'], ipv6: [] },
    ],
  });
  const seen = { outcome: 'failed', code, detail: code, totalMs: 1 } as const;
  const evidence = {
    startMs: 0,
    sightings: { 'eu-west-2': { primary: seen }, 'eu-west-1': { primary: seen } },
  };
  const move = {
    reason: 'failover',
    row: 10,
    from: 'primary',
    to: 'standby',
    epoch: 2,
    members: [],
  } as const;
  return { site, news: { type: 'moved', ...move, members: [], evidence } };
};

describe('what dead servers have in common', () => {
  test('one code and one network', () => {
    const all = [dead('198.51.100.1', 'refused'), dead('198.51.100.2', 'refused')];
    assert.equal(commonCause(all), 'connection refused, all at 198.51.100.0/30');
  });

  test('several codes, the most frequent first, each with its number', () => {
    const all = ['status', 'refused', 'refused'].map((code, at) => dead(`198.51.100.${at + 1}`, code));
    assert.equal(commonCause(all), 'connection refused at 2, unexpected status at 1, all at 198.51.100.0/30');
  });

  test('a code without a short name has the words of the table', () => {
    assert.equal(
      commonCause([dead('198.51.100.1', 'body')]),
      'the body is not as expected, all at 198.51.100.1',
    );
  });

  test('a move back tells of no dead server', () => {
    const { site, news } = dead('198.51.100.1', 'refused');
    assert.equal(commonCause([{ site, news: { ...news, reason: 'failback' } as SiteNews }]), '');
  });
});
