import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  badnessOf,
  CONDITIONS,
  type Condition,
  conditionOf,
} from '../../../../../lambda/core/orders/condition.ts';
import type { Health } from '../../../../../lambda/core/site/health.ts';

type Standing = Parameters<typeof conditionOf>[0];
const servers = (primary: Health, standby: Health, armed = standby === 'up'): Standing['servers'] => [
  { server: 'primary', health: primary, armed: false },
  { server: 'standby', health: standby, armed },
];
const standing = (more: Partial<Standing> = {}): Standing => ({
  zone: 'ours',
  serving: 'primary',
  mode: 'auto',
  notes: [],
  servers: servers('up', 'up'),
  home: 'primary',
  ...more,
});

const onStandby: Standing['servers'] = [
  { server: 'primary', health: 'down', armed: false },
  { server: 'standby', health: 'up', armed: false },
];

describe('the condition of a site', () => {
  const cases: [more: Partial<Standing>, condition: Condition][] = [
    [{}, 'fine'],
    [{ servers: servers('up', 'down') }, 'no-standby'],
    [{ servers: servers('up', 'up', false) }, 'no-standby'],
    [{ servers: servers('down', 'down') }, 'down'],
    [{ servers: servers('down', 'unknown'), mode: 'held' }, 'down'],
    [{ servers: servers('down', 'up') }, 'move-due'],
    [{ servers: servers('down', 'up'), mode: 'held' }, 'held-down'],
    [{ servers: servers('down', 'up'), mode: 'pinned' }, 'held-down'],
    [{ servers: servers('down', 'up'), zone: 'edited' }, 'edited-down'],
    [{ servers: servers('unknown', 'up') }, 'unknown'],
    [{ serving: 'standby', servers: onStandby }, 'failed-over'],
    [{ mode: 'held' }, 'held'],
    [{ mode: 'pinned' }, 'pinned'],
    [{ zone: 'edited' }, 'edited'],
    [{ zone: 'edited', serving: null }, 'edited'],
    [{ zone: 'nothing', serving: null }, 'no-records'],
    [{ zone: 'adoptable' }, 'adoptable'],
    [{ zone: 'unreadable', serving: null }, 'unreadable'],
    [{ serving: 'gone' }, 'stranger'],
    [{ serving: 'other', mode: 'held' }, 'stranger'],
    [{ serving: null }, 'stranger'],
    [{ notes: [{ code: 'write-refused' }] }, 'notice'],
    [{ notes: [{ code: 'unpublished' }] }, 'fine'],
  ];
  for (const [more, condition] of cases)
    test(`${JSON.stringify(more)} is ${condition}`, () =>
      assert.equal(conditionOf(standing(more)), condition));

  test('is each met by one of these', () => {
    const met = new Set(cases.map(([, condition]) => condition));
    assert.deepEqual([...met].sort(), Object.keys(CONDITIONS).sort());
  });

  test('is worse when visitors have no site than when a person waits', () => {
    const order: Condition[] = ['down', 'held-down', 'unknown', 'failed-over', 'no-standby', 'held', 'fine'];
    const badness = order.map(badnessOf);
    assert.deepEqual(
      badness,
      badness.toSorted((a, b) => a - b),
    );
  });
});
