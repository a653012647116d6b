import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { emptyDeployment, parseDeployment } from '../../../../../lambda/core/state/deployment-state.ts';
import { mergeDeployment } from '../../../../../lambda/core/state/merge-deployment.ts';
import { deployments, NOW_MS, wordedNews } from './arbitrary.ts';

const RUNS = { numRuns: 2000, seed: 1 };
type Made = Parameters<typeof mergeDeployment>;
const holds = (check: (...made: Made) => void): void =>
  fc.assert(fc.property(deployments, deployments, deployments, check), RUNS);

describe('two writers of what is known of a deployment, whatever they did', () => {
  test('one that changed nothing takes what the other made of it, and merging once more changes nothing', () =>
    holds((base, ours, theirs) => {
      assert.deepEqual(mergeDeployment(base, base, theirs), theirs);
      assert.deepEqual(mergeDeployment(base, ours, base), ours);
      const merged = mergeDeployment(base, ours, theirs);
      assert.deepEqual(mergeDeployment(theirs, merged, theirs), merged);
      assert.deepEqual(parseDeployment(JSON.stringify(merged)), JSON.parse(JSON.stringify(merged)));
    }));

  test('nothing that either has struck off is owed again, and what is stored and owed stays', () =>
    holds((base, ours, theirs) => {
      const outbox = new Set(mergeDeployment(base, ours, theirs).outbox.map(({ id }) => id));
      const has = (side: Made[0], id: string) => side.outbox.some((one) => one.id === id);
      for (const { id } of base.outbox) assert.ok((has(ours, id) && has(theirs, id)) || !outbox.has(id));
      for (const { id } of theirs.outbox) assert.ok(outbox.has(id) || (has(base, id) && !has(ours, id)));
    }));

  test('a vantage is blind where either has told so, until either has seen it see again', () =>
    holds((base, ours, theirs) => {
      const { blind } = mergeDeployment(base, ours, theirs);
      const other = mergeDeployment(base, theirs, ours);
      assert.deepEqual([...blind].sort(), [...other.blind].sort());
      for (const one of blind) assert.ok(ours.blind.includes(one) || theirs.blind.includes(one));
    }));
});

test('of a vantage that both have found blind the one that is stored is told', () => {
  const blind = (atMs: number) => ({
    ...emptyDeployment(),
    blind: ['eu-west-1'],
    outbox: [wordedNews('vantage-blind', 'eu-west-1 is blind', atMs)],
  });
  const { outbox } = mergeDeployment(emptyDeployment(), blind(NOW_MS), blind(NOW_MS + 1));
  assert.deepEqual(
    outbox.map(({ atMs }) => atMs),
    [NOW_MS + 1],
  );
});
