import type { Facts } from '../decision/decide.ts';
import { explained } from '../decision/explained.ts';
import { servingOf } from '../evidence/targets.ts';
import { homeServer } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { enqueue } from '../state/outbox.ts';
import { withReminders } from '../state/reminders.ts';
import { roleLags, type SiteState } from '../state/site-state.ts';
import type { Telling } from './assessment.ts';
import { tellExpiry } from './expiry.ts';
import { closeIncident } from './incident.ts';
import { unwrittenSince } from './refused.ts';
import { tellFound } from './resolve-intent.ts';
import { tellSilenceEnd } from './silence-ended.ts';
import { tellStuck } from './stuck.ts';
import { endedSwitch } from './switch-ended.ts';
import { tellHello } from './tell-hello.ts';
import { tellObstacles } from './tell-obstacles.ts';
import { tellCertificates, tellSteady, tellTurns, tellUnknown } from './tell-servers.ts';

const tellEdit = (seen: Telling, state: SiteState): SiteState => {
  const { site, view, nowMs, editConfirmed } = seen;
  if (view.kind !== 'edited') {
    const { edit: _, ...told } = state.told;
    return state.told.edit === undefined ? state : { ...state, told };
  }
  if (!editConfirmed || state.told.edit === view.detail) return state;
  // Who edited may have hidden a move that nobody remembers.
  const found = tellFound(site, state, view, nowMs);
  const { owner, detail } = view;
  const news =
    owner === undefined
      ? ({ type: 'edited', detail } as const)
      : ({ type: 'held-elsewhere', owner } as const);
  const next = enqueue(site, found, { kind: 'edited-by-hand', news }, nowMs);
  return { ...next, told: { ...next.told, edit: detail } };
};

/** The facts without a person's order to move that has ended: what is explained from now on does not rest on it. */
const withoutEnded = (facts: Facts, hasEnded: boolean): Facts => {
  const { point, ...rest } = facts;
  return point !== undefined && hasEnded ? rest : facts;
};

/** A decision is noted when it differs from the last one: with its numbers, so that it can be explained later. */
const noteDecision = (seen: Telling, state: SiteState): SiteState => {
  const { decision, nowMs } = seen;
  const hasEnded = state.point === undefined || endedSwitch(state.point, seen) !== undefined;
  const facts = withoutEnded(seen.facts, hasEnded);
  const { decided } = state;
  const { waitUntilMs: _, ...before } = decided?.decision ?? {};
  const { waitUntilMs: __, ...now } = decision;
  if (decided !== undefined && JSON.stringify(before) === JSON.stringify(now)) {
    const still = withoutEnded(decided.facts, hasEnded);
    return still === decided.facts ? state : { ...state, decided: { ...decided, facts: still } };
  }
  const text = `row ${decision.row}, ${decision.reason}: ${explained(decision)}`;
  const history = noted(state.history, { atMs: nowMs, what: 'decided', text, detail: { decision, facts } });
  return { ...state, history, decided: { decision, facts } };
};

/** The zone holds our role record, and nothing of ours was stored: the table was lost, and with it the history. */
const tellLost = ({ site, view, nowMs, stateLost }: Telling, state: SiteState): SiteState => {
  if (!stateLost || view.kind !== 'ours') return state;
  const { epoch, serving, mode } = view.role;
  const news = { type: 'state-lost', epoch, serving, mode } as const;
  const told = enqueue(site, state, { kind: 'state-lost', news }, nowMs);
  const text = `the stored state was gone; the role record of epoch ${epoch} was taken over`;
  return { ...told, history: noted(told.history, { atMs: nowMs, what: 'lost', text }) };
};

const tellEndOfMode = ({ site, view, nowMs }: Telling, state: SiteState): SiteState =>
  tellExpiry(site, state, view.kind === 'ours' ? view.role : undefined, nowMs);

/**
 * Whether a preferred server serves by now, however that came about: another order, a failover, an edit. That told
 * itself.
 */
const isMovedBack = (seen: Telling, { from }: NonNullable<SiteState['failbackAsked']>): boolean => {
  const { site, view, facts, editConfirmed } = seen;
  // One look at an edit is not believed yet.
  if (view.kind === 'edited' && !editConfirmed) return false;
  const serving = servingOf(view) ?? facts.serving;
  if (serving === site.lastResort) return false;
  const [before = -1, now = -1] = [from, serving].map((one) =>
    site.servers.findIndex(({ name }) => name === one),
  );
  return serving === homeServer(site) || (now !== -1 && now < before);
};

/** A `failback` command that was not carried out while it was alive is reported as not done. */
const tellFailback = (seen: Telling, state: SiteState): SiteState => {
  const { site, facts, nowMs, decision } = seen;
  const { failbackAsked: asked, ...rest } = state;
  if (asked === undefined) return state;
  if (isMovedBack(seen, asked)) return rest;
  if (nowMs <= asked.untilMs) return state;
  const { by, reason, askedMs } = asked;
  // What was decided before this round, in which the order is over.
  const why = { decision, unwritten: unwrittenSince(seen.state, askedMs) };
  const news = { type: 'failback-not-done', by, reason, serving: facts.serving, ...why } as const;
  return enqueue(site, rest, { kind: 'failback', news }, nowMs);
};

/** What became of a `point` command is told once, unless the move itself told it. */
const tellPoint = (seen: Telling, state: SiteState): SiteState => {
  const { point, ...rest } = state;
  const unwritten = point && unwrittenSince(seen.state, point.askedMs);
  const ended = point && endedSwitch(point, { ...seen, unwritten });
  if (ended === undefined) return state;
  const { news } = ended;
  return news === undefined ? rest : enqueue(seen.site, rest, { kind: 'point', news }, seen.nowMs);
};

/** What forbids or refuses a write matters while something is to be written; what is due later is told again. */
const forgetRefused = ({ decision, view }: Telling, state: SiteState): SiteState => {
  const lags = view.kind === 'ours' && roleLags(view.role, state.override);
  const isAsked = state.point !== undefined || state.failbackAsked !== undefined;
  if (lags || isAsked || decision.act !== 'leave' || decision.waits) return state;
  const { protected: kept, writeRefused, ...free } = state;
  if (kept === undefined) return writeRefused === undefined ? state : free;
  return { ...free, reminders: withReminders(free.reminders, 'protected', {}) };
};

/** The state with all notices that this round gives reason for. */
export const tell = (seen: Telling): SiteState => {
  const steps = [
    noteDecision,
    tellLost,
    tellTurns,
    tellUnknown,
    tellSteady,
    tellCertificates,
    tellHello,
    tellObstacles,
    tellStuck,
    tellEdit,
    tellEndOfMode,
    tellSilenceEnd,
    tellFailback,
    tellPoint,
    forgetRefused,
    closeIncident,
  ];
  return steps.reduce((state, step) => step(seen, state), seen.state);
};
