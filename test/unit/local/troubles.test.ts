import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultTable } from '../../../local/faults.ts';
import { playedBy, troublesOf } from '../../../local/troubles.ts';

const TROUBLES = troublesOf('sw-controller', ['eu-west-1', 'us-east-1']);
const known = {
  operations: { route53: undefined, dynamodb: undefined, sns: undefined, lambda: undefined },
  functions: ['sw-controller'],
};

describe('a trouble of the local cloud', () => {
  for (const [name, { rules }] of Object.entries(TROUBLES)) {
    test(`${name} is made of faults that there are, and is known by them`, () => {
      const table = faultTable(known);
      for (const rule of rules) table.add(rule);
      const playing = playedBy(table.list(), TROUBLES);
      assert.ok(playing.includes(name));
      table.clear();
      assert.deepEqual(playedBy(table.list(), TROUBLES), []);
    });
  }

  test('is none of those that were made by hand, for some calls or for one region', () => {
    const [rule] = TROUBLES['mails-away']?.rules ?? [];
    assert.ok(rule);
    assert.deepEqual(playedBy([{ ...rule, times: 2 }], TROUBLES), []);
    assert.deepEqual(playedBy([{ ...rule, region: 'eu-west-2' }], TROUBLES), []);
  });
});
