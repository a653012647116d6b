import type { Change, RecordSet } from '../../lambda/core/zone/records.ts';
import { landed } from './search-invariants.ts';
import type { Budget, Sent, Small } from './search-shape.ts';

const START_MS = Date.UTC(2026, 0, 1);

export const emptyWorld = (left: Budget): Small => ({
  nowMs: START_MS,
  zone: [],
  flights: [],
  verdicts: { primary: 'passed', standby: 'passed' },
  first: { at: 'away' },
  second: { at: 'away' },
  hand: { at: 'away' },
  left,
  watcher: { untold: [], unsaid: [], said: [] },
});

export const spend = (world: Small, what: keyof Budget): Small => ({
  ...world,
  left: { ...world.left, [what]: world.left[what] - 1 },
});

const same = (a: RecordSet, b: RecordSet): boolean =>
  a.name === b.name &&
  a.type === b.type &&
  a.ttlSeconds === b.ttlSeconds &&
  a.values.join('\n') === b.values.join('\n');

/** Route 53's own rule: every DELETE names a record exactly as it is, every CREATE one that is not there, or nothing is done. */
export const applied = (zone: RecordSet[], changes: Change[]): RecordSet[] | undefined => {
  let next = zone;
  for (const { action, record } of changes) {
    if (action === 'DELETE') {
      if (!next.some((r) => same(r, record))) return undefined;
      next = next.filter((r) => !same(r, record));
    } else {
      if (next.some((r) => r.name === record.name && r.type === record.type)) return undefined;
      next = [...next, record];
    }
  }
  return next.toSorted((a, b) => a.type.localeCompare(b.type));
};

/** The world after a batch came in, and what is wrong with that; `undefined` when Route 53 refuses it. */
export const land = (world: Small, sent: Sent): { next: Small; problem?: string } | undefined => {
  const zone = applied(world.zone, sent.changes);
  if (zone === undefined) return undefined;
  const { watcher, problem } = landed(world, zone, sent);
  return { next: { ...world, zone, watcher }, ...(problem === undefined ? {} : { problem }) };
};
