import type { NewsOf } from '../state/news.ts';
import { endOfPoint, isWell } from '../state/planned-switch.ts';
import type { Point, SiteState } from '../state/site-state.ts';
import type { Telling } from './assessment.ts';

type Seen = Pick<Telling, 'facts' | 'decision' | 'nowMs' | 'editConfirmed'> & {
  state: Pick<SiteState, 'targets' | 'unpublished' | 'intent'>;
  /** Why a move that was due until now was not made, as a clause. */
  unwritten?: string | undefined;
};

/** What became of a switch that a person asked for, once it has ended; without news where the move itself tells it. */
export const endedSwitch = (point: Point, seen: Seen): { news?: NewsOf<'switch-ended'> } | undefined => {
  const { facts, decision, state, nowMs, editConfirmed } = seen;
  const { serving, healths, zone, mode } = facts;
  const ours = zone === 'ours';
  // One look at an edit is not believed yet.
  if (!ours && !editConfirmed) return undefined;
  const written = state.unpublished === undefined && state.intent === undefined;
  const end = endOfPoint(point, {
    nowMs,
    ours,
    mode: mode.mode,
    serving,
    healths,
    well: isWell(state.targets[point.to]),
    // Which standbys are its members has nothing to do with the TTL.
    restored: written && (facts.configured === 'same' || facts.configured === 'members'),
    writes: decision.act !== 'leave',
    unwritten: seen.unwritten,
  });
  if (end === undefined) return undefined;
  if (end.why === undefined) return {};
  const { by, reason, to, planned } = point;
  const how = { planned: planned !== undefined, done: end.how === 'done', why: end.why };
  return { news: { type: 'switch-ended', by, reason, to, serving, ...how } };
};
