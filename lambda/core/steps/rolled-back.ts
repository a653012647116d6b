import type { Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { enqueue } from '../state/outbox.ts';
import type { SiteState } from '../state/site-state.ts';
import type { RecordSet } from '../zone/records.ts';
import { zoneViewOf } from '../zone/zone-view.ts';

/** How many of our own changes that were not published yet are remembered with what was there before each of them. */
const MOST_BEFORE = 4;

/**
 * What was there before a change that is being accepted: kept until it is published, because until then Route 53 may
 * lose it.
 */
export const beforeChange = ({ unpublished, written }: SiteState): NonNullable<SiteState['rolledBack']> =>
  [...(unpublished?.before ?? []), ...(written === undefined ? [] : [written])].slice(-MOST_BEFORE);

/** The state once Route 53 no longer knows the change: the next listing tells whether it holds. */
export const keepBefore = ({ unpublished, ...state }: SiteState): SiteState =>
  unpublished?.before === undefined ? state : { ...state, rolledBack: unpublished.before };

/**
 * When Route 53's control plane fails over, changes that were pending may be lost, and the zone lists again what was
 * there before them. That is no edit by hand: it is as we left it, only earlier, and what is wanted now is decided
 * again from there.
 */
export const takeRolledBack = (
  site: Site,
  state: SiteState,
  listing: RecordSet[],
  nowMs: number,
): SiteState => {
  const { rolledBack: befores, ...rest } = state;
  if (befores === undefined) return state;
  const now = zoneViewOf(site, listing, state.written);
  if (now.kind === 'ours') return rest;
  const back = befores.find((before) => {
    const view = zoneViewOf(site, listing, before);
    return view.kind === 'ours' && view.roleRecord.values[0] === before.role;
  });
  if (back === undefined) return rest;
  const { intent: _, propagation: __, ...kept } = rest;
  const text = `Route 53 lost the change of epoch ${state.written?.epoch}; the zone is at epoch ${back.epoch} again`;
  const history = noted(kept.history, { atMs: nowMs, what: 'lost', text });
  const news = { type: 'rolled-back', epoch: back.epoch, lostEpoch: state.written?.epoch ?? 0 } as const;
  return enqueue(site, { ...kept, history, written: back }, { kind: 'stranded', news }, nowMs);
};
