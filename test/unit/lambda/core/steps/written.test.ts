import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyState, type Intent, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import {
  accepted,
  forgotten,
  intended,
  published,
  unsent,
} from '../../../../../lambda/core/steps/written.ts';

const written = { epoch: 4, role: 'v=1 epoch=4', records: [] };
const before: SiteState = { ...emptyState(), written };
const intent = { nonce: 'ours', epoch: 5 } as Intent;
const open = accepted({ changeId: 'C5', epoch: 5, acceptedMs: 1000 })(before);

test('an intent stays until nothing of it is on its way; by name, that one alone goes', () => {
  const decided = intended(intent)(before);
  assert.equal(decided.intent, intent);
  assert.equal(unsent('another')(decided), decided);
  assert.deepEqual(unsent('ours')(decided), before);
  assert.deepEqual(unsent()(decided), before);
});

test('a change that was accepted is open, with what was there before it', () => {
  assert.deepEqual(open.unpublished, { changeId: 'C5', epoch: 5, acceptedMs: 1000, before: [written] });
  const next = accepted({ changeId: 'C6', epoch: 6, acceptedMs: 2000 })({
    ...open,
    written: { ...written, epoch: 5 },
  });
  assert.deepEqual(
    next.unpublished?.before?.map(({ epoch }) => epoch),
    [4, 5],
  );
});

test('a published change is open no longer, stands in the history, and is what its proof waits for', () => {
  const propagation = { epoch: 5, from: 'a', to: 'b', incident: 'i', acceptedMs: 1000 };
  const done = published(3000)({ ...open, propagation });
  assert.equal(done.unpublished, undefined);
  assert.equal(done.propagation?.insyncMs, 3000);
  assert.deepEqual(
    done.history.map(({ what, atMs }) => [what, atMs]),
    [['published', 3000]],
  );
  const other = published(3000)({ ...open, propagation: { ...propagation, epoch: 6 } });
  assert.equal(other.propagation?.insyncMs, undefined, 'the proof of a later write waits for its own change');
  assert.equal(published(3000)(before), before, 'nothing is open');
});

test('of a change that Route 53 no longer knows, what was there before it may be there again', () => {
  const lost = forgotten(open);
  assert.equal(lost.unpublished, undefined);
  assert.deepEqual(lost.rolledBack, [written]);
});
