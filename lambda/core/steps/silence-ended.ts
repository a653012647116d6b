import { evidenceOf } from '../evidence/evidence.ts';
import { noted } from '../state/history.ts';
import { bounded } from '../state/notice.ts';
import { enqueue } from '../state/outbox.ts';
import { isAfterSilence, silenceToEnd } from '../state/silence.ts';
import type { SiteState } from '../state/site-state.ts';
import type { Telling } from './assessment.ts';
import { heirBut, servingNow } from './heir.ts';
import { holdOf, isToldSiteDown } from './stuck.ts';

/** What is amiss at the site as this look shows it, whether or not anybody was told. */
const whatHolds = (seen: Telling, state: SiteState) => {
  const { facts, view, site, look } = seen;
  const serving = servingNow(seen);
  const having = (health: string) => facts.servers.filter((s) => facts.healths[s] === health);
  const { flaps = {}, obstacles = [], unknown = [] } = state.told;
  const hold = holdOf(seen, state);
  return {
    ...(serving !== undefined && { serving }),
    next: serving === undefined ? undefined : heirBut(seen, serving),
    down: having('down'),
    // Health is unknown for a moment after every start: longer is told, or was kept back.
    unknown: unknown.filter((s) => having('unknown').includes(s)),
    flapping: facts.servers.filter((s) => flaps[s]?.flapping !== undefined),
    blocked: obstacles,
    ...(view.kind === 'edited' && state.told.edit !== undefined && { edited: true as const }),
    ...(hold && { hold }),
    ...(isToldSiteDown(seen, state) && { known: true as const }),
    evidence: evidenceOf(site, look),
  };
};

/** People read of the end before the orders that were given since, as if it had been told before them. */
const toldBeforeOrders = (
  state: SiteState,
  nowMs: number,
  tellAt: (state: SiteState, atMs: number) => SiteState,
): SiteState => {
  const { outbox } = state;
  const at = outbox.findIndex((one) => isAfterSilence(state, one, nowMs));
  const first = outbox[at];
  if (first === undefined) return tellAt(state, nowMs);
  const told = tellAt({ ...state, outbox: outbox.slice(0, at) }, first.atMs);
  return { ...told, outbox: bounded([...told.outbox, ...outbox.slice(at)]) };
};

/**
 * The end of a silence. Where messages were kept back one tells what still holds; where none was, nothing has to be caught up, and only
 * a person who ended it before its time is heard of.
 */
export const tellSilenceEnd = (seen: Telling, state: SiteState): SiteState => {
  const { site, nowMs, stateKnown } = seen;
  const { silence, ...rest } = state;
  if (silence === undefined || nowMs < silence.untilMs || !stateKnown) return state;
  const { by, reason, askedMs: sinceMs, untilMs, suppressed, ended } = silence;
  const kept = `${suppressed === 0 ? 'no message' : `${suppressed} message${suppressed === 1 ? '' : 's'}`} kept back`;
  const text = `the silence by ${by} has ended, ${kept}`;
  const next = {
    ...rest,
    history: noted(rest.history, { atMs: untilMs, what: 'hand', text, detail: { silence: sinceMs } }),
  };
  if (silenceToEnd(state, nowMs) === undefined) return next;
  const known = { by, reason, sinceMs, untilMs, suppressed, ...(ended && { ended }) };
  const news = { type: 'silence-ended', ...known, ...whatHolds(seen, state) } as const;
  return toldBeforeOrders(state, nowMs, (before, atMs) => {
    const { silence: _, ...open } = enqueue(site, before, { kind: 'silence', news }, atMs);
    return { ...open, history: next.history };
  });
};
