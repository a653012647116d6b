import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decision, decide } from '../../../../../lambda/core/decision/decide.ts';
import { factsOf, type Situation, situations, tableSays } from './decide-table.ts';

/** What must hold of any decision, whatever the table says. Answers what is broken. */
const INVARIANTS: [name: string, broken: (s: Situation, d: Decision) => boolean][] = [
  [
    'by itself it moves only to a server that is armed, or to a last resort that passed this round',
    (s, d) => {
      if (![10, 11, 13].includes(d.row) || d.act !== 'serve') return false;
      const to = d.server ?? '';
      if (s.verdicts[to] !== 'passed' || to === s.serving) return true;
      return to === s.lastResort ? d.row !== 11 : s.healths[to] !== 'up';
    },
  ],
  [
    'it moves away by itself only from a server that is down, a last resort, or to one that is preferred',
    (s, d) =>
      d.act === 'serve' &&
      s.zone === 'ours' &&
      s.mode.mode === 'auto' &&
      d.server !== s.serving &&
      !(s.healths[s.serving ?? ''] === 'down' && s.servers.includes(s.serving ?? '')) &&
      s.serving !== s.lastResort &&
      d.reason !== 'pointed' &&
      !(d.row === 13 && s.servers.indexOf(d.server ?? '') < s.servers.indexOf(s.serving ?? '')),
  ],
  [
    'unknown health of the serving server moves nothing, but from a last resort',
    (s, d) =>
      s.zone === 'ours' &&
      s.mode.mode === 'auto' &&
      s.healths[s.serving ?? ''] === 'unknown' &&
      s.serving !== s.lastResort &&
      d.act !== 'leave',
  ],
  [
    'blind moves nothing',
    (s, d) => s.zone === 'ours' && s.mode.mode === 'auto' && !s.sighted && d.act !== 'leave',
  ],
  [
    'held moves nothing that is there',
    (s, d) => s.zone === 'ours' && s.mode.mode === 'held' && d.act !== 'leave',
  ],
  [
    'pinned serves nobody else',
    (s, d) => s.mode.mode === 'pinned' && d.act === 'serve' && d.server !== s.mode.pin,
  ],
  [
    'nothing of a person is overwritten',
    (s, d) => s.zone !== 'ours' && (s.zone !== 'nothing' || s.remembered) && d.act === 'serve',
  ],
  [
    'nothing is adopted that is remembered',
    (s, d) => d.act === 'adopt' && (s.remembered || s.zone !== 'adoptable'),
  ],
  [
    'a person points to servers that are up, from one that is up, and when the time has come',
    (s, d) =>
      d.reason === 'pointed' &&
      (d.server !== s.point?.to ||
        !s.point?.due ||
        s.healths[s.serving ?? ''] !== 'up' ||
        d.server === s.lastResort),
  ],
  [
    'none that Route 53 would refuse is served while another is armed, nor is the site moved back there',
    (s, d) => {
      const { blocked = [] } = s;
      if (d.act !== 'serve' || !blocked.includes(d.server ?? '')) return false;
      const isArmed = (n: string) =>
        s.healths[n] === 'up' && s.verdicts[n] === 'passed' && n !== s.lastResort;
      if (d.reason === 'failback') return true;
      return d.row === 10 && s.servers.some((n) => n !== s.serving && !blocked.includes(n) && isArmed(n));
    },
  ],
  ['only a configured server is served', (s, d) => d.act === 'serve' && !s.servers.includes(d.server ?? '')],
  ['what is left names no server', (_, d) => d.act === 'leave' && d.server !== undefined],
  [
    'too often is left alone, unless a person asked',
    (s, d) =>
      s.mayMoveAtMs > s.nowMs &&
      d.act === 'serve' &&
      [10, 11, 13].includes(d.row) &&
      d.reason !== 'pointed' &&
      (s.failbackAskedUntilMs ?? 0) < s.nowMs,
  ],
];

test('decide, in every combination of facts, says what the table says and keeps the invariants', () => {
  const rowsSeen = new Set<number>();
  for (const situation of situations()) {
    const facts = factsOf(situation);
    const decision = decide(facts);
    const expected = tableSays(situation);
    rowsSeen.add(decision.row);
    const served = decision.act === 'serve' ? (decision.server ?? '') : null;
    if (decision.row !== expected.row || decision.reason !== expected.reason || served !== expected.serve) {
      assert.deepEqual(
        { row: decision.row, reason: decision.reason, serve: served },
        expected,
        JSON.stringify(facts, null, 1),
      );
    }
    for (const [name, broken] of INVARIANTS) {
      if (broken(situation, decision))
        assert.fail(`${name}: ${JSON.stringify(decision)} for ${JSON.stringify(facts, null, 1)}`);
    }
  }
  assert.deepEqual(
    [...rowsSeen].sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  );
});
