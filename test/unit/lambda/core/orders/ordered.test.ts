import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { siteLetter } from '../../../../../lambda/core/messages/site-letter.ts';
import type { Command } from '../../../../../lambda/core/orders/command.ts';
import { orderFor } from '../../../../../lambda/core/orders/order.ts';
import { nextEpoch, type Ordered } from '../../../../../lambda/core/orders/ordered.ts';
import { emptyState } from '../../../../../lambda/core/state/site-state.ts';
import { MAX_EPOCH, parseRole, roleRecordName } from '../../../../../lambda/core/zone/role-record.ts';
import { zoneViewOf } from '../../../../../lambda/core/zone/zone-view.ts';

const NOW_MS = 1_800_000_000_000;
const site = virtualSite('www');
const address = site.servers[0]?.ipv4[0] ?? assert.fail();

/** A site whose role record somebody set to these values by hand. */
const edited = (...values: string[]): Ordered => {
  const listing = [
    { name: site.name, type: 'A', ttlSeconds: 60, values: [address] },
    { name: roleRecordName(site.name), type: 'TXT', ttlSeconds: 10, values },
  ];
  const view = zoneViewOf(site, listing, { epoch: 1, role: '', records: [] });
  assert.equal(view.kind, 'edited');
  return { site, state: emptyState(), view, nowMs: NOW_MS, config: virtualConfig([site]), silent: false };
};
const role = (epoch: number | string): string =>
  `"v=1 epoch=${epoch} serving=primary mode=auto set=1a2b3c4d since=1795341600"`;

describe('the next epoch is above every one that a reader may have taken from the zone', () => {
  for (const [what, values, expected] of [
    ['a role record', [role(41)], 42],
    ['one that is ours in part alone, as a host reads it', ['"v=1 epoch=41 serving=standby"'], 42],
    ['two values, of which each name server gives either first', [role(7), role(41)], 42],
    ['two strings', ['"v=1 serving=standby" "epoch=41"'], 42],
    ['an epoch twice', ['"v=1 epoch=7 epoch=41 serving=standby"'], 42],
    ['the highest but one', [role(MAX_EPOCH - 1)], MAX_EPOCH],
    ['an epoch that nobody reads', [role('9007199254740993')], 1],
    ['no number', [role('soon')], 1],
    ['another key', ['"v=1 lastepoch=41 serving=standby"'], 1],
  ] as const) {
    test(what, () => assert.equal(nextEpoch(edited(...values)), expected));
  }
});

const putBack: Command = {
  action: 'put-back',
  sites: [site],
  by: 'ops',
  reason: 'drill',
  forMs: 0,
  force: true,
  limit: 1,
};

test('put-back writes an epoch that every reader reads, and none lower', () => {
  const order = orderFor(putBack, edited(role(41)));
  assert.ok('written' in order && order.written !== undefined);
  assert.equal(parseRole(order.written.role)?.epoch, 42);
});

test('after the highest epoch nothing is written, and the way out is said', () => {
  const order = orderFor(putBack, edited(role(MAX_EPOCH)));
  assert.ok('refused' in order);
  assert.match(
    order.refused,
    /is 999999999999999, and none follows it\. Set it to a lower one in the Route 53 console/,
  );
});

describe('a switch that was asked for and gives way to another order is named, with whoever asked', () => {
  const asked = { by: 'amy', reason: 'repaired', askedMs: NOW_MS - 5000, from: 'standby', to: 'primary' };
  const open = {
    failback: { failbackAsked: { ...asked, untilMs: NOW_MS + 55_000 } },
    switch: { point: { ...asked, untilMs: NOW_MS + 55_000 } },
  };
  const ends = (pending: keyof typeof open, by: string, action: 'put-back' | 'adopt') => {
    const now = edited(role(41));
    const order = orderFor({ ...putBack, by, action }, { ...now, state: { ...now.state, ...open[pending] } });
    assert.ok('done' in order);
    const [news] = order.state.outbox.slice(-1).map((notice) => notice.news);
    assert.ok(news);
    const letter = siteLetter(news, { site, config: now.config, atMs: NOW_MS });
    return [order.done, letter.lead, order.state.history.at(-1)?.text];
  };
  for (const action of ['put-back', 'adopt'] as const)
    for (const [pending, words] of [
      ['failback', 'failback asked for by amy cancelled'],
      ['switch', 'switch to primary asked for by amy cancelled'],
    ] as const)
      test(`${pending}, by ${action}`, () => {
        for (const text of ends(pending, 'bob', action)) assert.ok(text?.includes(words), text);
        for (const text of ends(pending, 'amy', action)) {
          assert.match(text ?? '', /(failback|switch to primary) cancelled/);
          assert.doesNotMatch(text ?? '', /asked for by amy/);
        }
      });
});
