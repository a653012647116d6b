import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { passes, unplayed } from '../../../local/filter-policy.ts';

const MESSAGE = { severity: 'critical', count: 50, tags: ['shop', 'eu'] };

/** Policy, and whether MESSAGE passes it. */
const TABLE: [policy: Record<string, unknown>, expected: boolean][] = [
  [{}, true],
  [{ severity: ['critical'] }, true],
  [{ severity: ['Critical'] }, false],
  [{ severity: ['warning', 'critical'] }, true],
  [{ tags: ['eu'] }, true],
  [{ tags: ['us'] }, false],
  [{ severity: ['critical'], tags: ['us'] }, false],
  [{ team: ['shop'] }, false],
  [{ team: [{ exists: false }] }, true],
  [{ tags: [{ exists: true }] }, true],
  [{ severity: [{ prefix: 'crit' }] }, true],
  [{ severity: [{ suffix: 'cal' }] }, true],
  [{ severity: [{ 'equals-ignore-case': 'CRITICAL' }] }, true],
  [{ severity: [{ 'anything-but': ['info'] }] }, true],
  [{ severity: [{ 'anything-but': 'critical' }] }, false],
  [{ severity: [{ 'anything-but': { prefix: 'crit' } }] }, false],
  [{ team: [{ 'anything-but': ['shop'] }] }, false],
  [{ count: [{ numeric: ['>=', 50, '<', 100] }] }, true],
  [{ count: [{ numeric: ['<', 50] }] }, false],
  [{ $or: [{ team: ['a'] }, { tags: ['shop'] }] }, true],
  [{ $or: [{ team: ['a'] }, { tags: ['us'] }] }, false],
];

describe('a filter policy', () => {
  for (const [policy, expected] of TABLE)
    test(`${JSON.stringify(policy)} ${expected ? 'lets through' : 'keeps back'}`, () => {
      assert.equal(passes(policy, MESSAGE), expected);
    });

  test('of the scope MessageBody goes as deep as the body', () => {
    const policy = { news: { sites: ['www'] } };
    assert.equal(passes(policy, { news: { sites: ['shop', 'www'] } }), true);
    assert.equal(passes(policy, { news: { sites: ['shop'] } }), false);
    assert.equal(passes(policy, { news: 'www' }), false);
  });

  test('names an operator that is not played, so that nobody believes it is', () => {
    assert.equal(unplayed({ address: [{ cidr: '10.0.0.0/8' }] }), 'cidr');
    assert.equal(unplayed({ $or: [{ a: ['x'] }, { b: [{ cidr: '10.0.0.0/8' }] }] }), 'cidr');
    for (const [policy] of TABLE) assert.equal(unplayed(policy), undefined);
  });
});
