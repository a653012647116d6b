import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterReading, type Known, serverToTry, viewOf } from '../../../gate/view.ts';

const KEEP_MS = 60_000;
const role = (epoch: number, serving: string, readMs = 0) => ({ epoch, serving, readMs });

/** What is known, milliseconds since it was read, and the view. */
const TABLE: [Known, number, ReturnType<typeof viewOf>][] = [
  [{}, 0, undefined],
  [{ tried: 'passed' }, 0, 'stands-by'],
  [{ tried: 'failed' }, 0, 'serves'],
  [{ tried: 'unknown' }, 0, undefined],
  [{ role: role(1, 'primary') }, 0, 'stands-by'],
  [{ role: role(1, 'standby') }, KEEP_MS, 'serves'],
  [{ role: role(1, 'standby'), tried: 'passed' }, KEEP_MS, 'serves'],
  [{ role: role(1, 'standby'), tried: 'passed' }, KEEP_MS + 1, 'stands-by'],
  [{ role: role(1, 'primary'), tried: 'failed' }, KEEP_MS, 'stands-by'],
  [{ role: role(1, 'primary'), tried: 'failed' }, KEEP_MS + 1, 'serves'],
  [{ role: role(1, 'primary'), tried: 'unknown' }, KEEP_MS + 1, 'stands-by'],
  [{ role: role(1, 'standby') }, KEEP_MS + 1, 'serves'],
  [{ role: role(1, 'other') }, 0, 'stands-by'],
];

test('a role is kept for its time, then the server that should serve is tried', () => {
  for (const [known, nowMs, view] of TABLE)
    assert.equal(viewOf('standby', known, nowMs, KEEP_MS), view, JSON.stringify({ known, nowMs }));
});

test('an older epoch says nothing while a newer one is fresh', () => {
  const known: Known = { role: role(5, 'standby', 0) };
  assert.equal(afterReading(known, role(4, 'primary', KEEP_MS), KEEP_MS), known);
  assert.deepEqual(
    afterReading(known, role(4, 'primary', KEEP_MS + 1), KEEP_MS).role,
    role(4, 'primary', KEEP_MS + 1),
  );
  assert.deepEqual(afterReading(known, role(5, 'standby', 9), KEEP_MS).role?.readMs, 9);
  assert.equal(afterReading({ ...known, tried: 'failed' }, role(6, 'primary', 9), KEEP_MS).tried, undefined);
});

test('the server that served last is tried, else the primary, never oneself', () => {
  const servers = ['primary', 'standby', 'third'];
  assert.equal(serverToTry('third', servers, { role: role(1, 'standby') }), 'standby');
  assert.equal(serverToTry('standby', servers, { role: role(1, 'standby') }), 'primary');
  assert.equal(serverToTry('standby', servers, { role: role(1, 'other') }), 'primary');
  assert.equal(serverToTry('standby', servers, {}), 'primary');
});
