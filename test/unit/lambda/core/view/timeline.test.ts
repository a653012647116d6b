import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HistoryEntry } from '../../../../../lambda/core/state/history.ts';
import { lanesOf, timeline } from '../../../../../lambda/core/view/timeline.ts';
import { NOW_MS, siteOfNight } from '../../../../support/mass-failure.ts';

const MINUTE = 60_000;
const at = (ms: number): string => new Date(ms).toISOString();
const entry = (agoMs: number, what: HistoryEntry['what'], detail?: HistoryEntry['detail']): HistoryEntry => ({
  site: 'www',
  at: at(NOW_MS - agoMs),
  what,
  text: `${what} ${agoMs}`,
  ...(detail && { detail }),
});
const role = (epoch: number, serving: string, mode = 'auto') => ({
  role: `"v=1 epoch=${epoch} serving=${serving} mode=${mode} set=1a2b3c4d since=1795341600"`,
});

/** A failover five minutes ago, and a hold since two. Newest first. */
const HISTORY: HistoryEntry[] = [
  entry(2 * MINUTE, 'decided', {
    facts: { serving: 'standby', healths: { primary: 'down', standby: 'up' }, mode: { mode: 'held' } },
  }),
  entry(4 * MINUTE, 'told'),
  entry(5 * MINUTE - 2000, 'written', role(2, 'standby')),
  entry(5 * MINUTE, 'decided', {
    facts: { serving: 'primary', healths: { primary: 'down', standby: 'up' }, mode: { mode: 'auto' } },
  }),
  entry(5 * MINUTE, 'seen', {
    target: 'primary',
    was: 'up',
    is: 'down',
    sightings: { eu: 'failed: refused', us: 'failed: refused', ap: 'passed: the answer is as expected' },
  }),
];
const lanes = (history = HISTORY) =>
  lanesOf(
    siteOfNight('www', 1, {
      down: { primary: { code: 'refused', phrase: 'x', sinceMs: NOW_MS - 5 * MINUTE } },
      serving: 'standby',
    }),
    history,
    { fromMs: NOW_MS - 15 * MINUTE, toMs: NOW_MS },
  );
const minutes = ({ fromMs, toMs, is }: { fromMs: number; toMs: number; is: string }) => [
  Math.round((fromMs - NOW_MS) / MINUTE),
  Math.round((toMs - NOW_MS) / MINUTE),
  is,
];

describe('the timeline of a site', () => {
  test('has a lane for each server, with what it was before it turned', () => {
    const [primary, standby] = lanes().health;
    assert.deepEqual(primary?.spans.map(minutes), [
      [-15, -5, 'up'],
      [-5, 0, 'down'],
    ]);
    assert.deepEqual(standby?.spans.map(minutes), [[-15, 0, 'up']]);
    assert.deepEqual(
      primary?.votes.map(({ passed }) => passed),
      [false, false, true],
    );
  });

  test('says who served, when it moved, and until when caches may lead to the old one', () => {
    const { serving, moves } = lanes();
    assert.deepEqual(serving.map(minutes), [
      [-15, -5, 'primary'],
      [-5, 0, 'standby'],
    ]);
    assert.equal(moves.length, 1);
    assert.equal((moves[0]?.untilMs ?? 0) - (moves[0]?.atMs ?? 0), 120_000);
  });

  test('shows hands and messages', () => {
    assert.deepEqual(lanes().hands.map(minutes), [[-2, 0, 'held']]);
    assert.equal(lanes().told.length, 1);
  });

  test('without any history shows what is so now', () => {
    const { serving, health, moves } = lanes([]);
    assert.deepEqual(serving.map(minutes), [[-15, 0, 'standby']]);
    assert.deepEqual(
      health.map(({ spans }) => spans.length),
      [0, 1],
    );
    assert.deepEqual(moves, []);
  });

  test('is one picture, described in words, with nothing in it that a style policy forbids', () => {
    const { markup } = timeline(lanes());
    assert.match(markup, /^<svg class="timeline" viewBox="0 0 1000 \d+" role="img" aria-label="From /);
    assert.match(markup, /primary up, then down; standby up; 1 moves, 1 messages\./);
    assert.doesNotMatch(markup, /style=|NaN|undefined|onload/);
  });
});
