import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change, RecordSet } from '../../lambda/core/zone/records.ts';
import { worldOf } from './search.ts';
import { inherited, search } from './search-breadth.ts';
import { landed } from './search-invariants.ts';
import { stepsOf } from './search-model.ts';
import { site } from './search-process.ts';
import { applied } from './search-world.ts';

const a = (address: string): RecordSet => ({
  name: site.name,
  type: 'A',
  ttlSeconds: site.ttlSeconds,
  values: [address],
});

describe('the search of small worlds', () => {
  for (const world of ['switching', 'faults', 'orders', 'edits']) {
    it(`finds nothing wrong near the beginning of "${world}"`, async () => {
      const found = await search(await worldOf(world), { depth: 5, seconds: 60 });
      assert.deepEqual(found.violation, undefined);
      assert.equal(found.depth, 5);
      assert.ok(found.states > 100, `only ${found.states} states were met`);
    });
  }

  it('reaches a failover, a hold and an edit, so that there is something to go wrong', async () => {
    const served = await worldOf('switching');
    const failed = { ...served, verdicts: { primary: 'failed', standby: 'passed' } } as const;
    const { next, problem } = await inherited(failed, 2);
    assert.equal(problem, undefined);
    assert.match(next.zone.find((r) => r.type === 'TXT')?.values[0] ?? '', /epoch=2 serving=standby/);
    assert.deepEqual(next.watcher.untold, []);
    const labels = (await stepsOf(await worldOf('edits'))).map((step) => step.label);
    assert.ok(labels.includes('a person edits A') && labels.includes('a person orders hold'), labels.join());
  });

  it('has a zone that takes a batch whole or not at all', () => {
    const change = (action: Change['action'], address: string): Change => ({ action, record: a(address) });
    const zone = [a('192.0.2.1')];
    assert.deepEqual(applied(zone, [change('DELETE', '192.0.2.1'), change('CREATE', '192.0.2.2')]), [
      a('192.0.2.2'),
    ]);
    assert.equal(applied(zone, [change('DELETE', '192.0.2.9'), change('CREATE', '192.0.2.2')]), undefined);
    assert.equal(applied(zone, [change('CREATE', '192.0.2.2')]), undefined);
  });

  it('tells when an invariant is broken', async () => {
    const { changes, before } = await failover();
    const comment = 'switchover search: failover www.example.test';
    const problem = (held: boolean, standby: 'passed' | 'none', zone = applied(before.zone, changes) ?? []) =>
      landed({ ...before, watcher: { ...before.watcher, ...(held && { held }) } }, zone, {
        changes,
        comment,
        by: { verdicts: { primary: 'failed', standby } },
      }).problem;
    assert.equal(problem(false, 'passed'), undefined);
    assert.match(problem(false, 'none') ?? '', /on which the verdict was none/);
    assert.match(problem(true, 'passed') ?? '', /after a hold was answered/);
    assert.match(problem(false, 'passed', before.zone) ?? '', /epoch 1 came after 1/);
    const mixed = (applied(before.zone, changes) ?? []).map((r) => (r.type === 'A' ? a('192.0.2.1') : r));
    assert.match(problem(false, 'passed', mixed) ?? '', /not those of standby/);
  });
});

/** A world whose primary fails, and the batch that the failover sends in it. */
const failover = async () => {
  const served = await worldOf('switching');
  const before = { ...served, verdicts: { primary: 'failed', standby: 'passed' } as const };
  const { next } = await inherited(before, 2);
  const changes = [
    ...before.zone.map((record): Change => ({ action: 'DELETE', record })),
    ...next.zone.map((record): Change => ({ action: 'CREATE', record })),
  ];
  return { changes, before };
};
