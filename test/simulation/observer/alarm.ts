import type { Trouble } from '../world/troubles.ts';
import { type Chronicle, troubled, troubledThroughout } from './chronicle.ts';
import { onTable } from './invariants/invariant.ts';
import type { Owed } from './observer-shape.ts';

const MINUTE = 60_000;
/** What is owed for five minutes rings the alarm; a beat that was sent just before may come a little later. */
const OWED_MS = 7 * MINUTE;
/** How long other troubles may keep a controller from knowing what it owes. */
const AFTERMATH_MS = 15 * MINUTE;

/** The topic takes nothing, whatever it is told of. */
const isTopicAway = (t: Trouble): boolean =>
  t.kind === 'edge' &&
  t.edge === 'topic' &&
  t.chance === 1 &&
  t.only === undefined &&
  ['lost', 'throttled', 'unavailable', 'denied'].includes(t.fate);

/** A controller may have forgotten what it owes, or never have known. */
const forgets = (t: Trouble): boolean =>
  onTable(t) || ['process', 'clock', 'schedule', 'zone'].includes(t.kind);

/**
 * 8. The alarm on silence hears beats of controllers that get their work done. While the topic takes nothing and a switch has been
 * owed to people for longer than five minutes, no beat comes. Answers what nobody was told of.
 */
export const beatWhileOwing = (chronicle: Chronicle, outbox: Owed[], nowMs: number): string | undefined => {
  if (troubled(chronicle, forgets, nowMs - AFTERMATH_MS, nowMs)) return undefined;
  return outbox.find(
    ({ sinceMs, landedMs = Number.POSITIVE_INFINITY, isVoid }) =>
      landedMs < nowMs - OWED_MS &&
      isVoid?.() !== true &&
      troubledThroughout(chronicle, isTopicAway, sinceMs, nowMs),
  )?.what;
};
