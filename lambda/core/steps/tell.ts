import type { Facts } from '../decision/decide.ts';
import { endedPoint } from '../messages/ended.ts';
import { edited, lost, notDone, stuck } from '../messages/moves.ts';
import { heldElsewhere } from '../messages/obstacles.ts';
import { explained } from '../messages/wording.ts';
import type { Config, Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { owe } from '../state/outbox.ts';
import { TELL_AGAIN_MS } from '../state/reminders.ts';
import { roleLags, type SiteState } from '../state/site-state.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { Assessment } from './assessment.ts';
import { oweExpiry } from './expiry.ts';
import { unwrittenSince } from './refused.ts';
import { oweFound } from './resolve-intent.ts';
import { tellHello } from './tell-hello.ts';
import { tellObstacles } from './tell-obstacles.ts';
import { tellCertificates, tellSteady, tellTurns, tellUnknown, unsureMs } from './tell-servers.ts';

export type { Assessment } from './assessment.ts';

/** One blind round may be a hiccup of ours; two in a row are told. */
export const BLIND_ROUNDS_TOLD = 2;
/** Whether a server that does not serve passed by quorum in this very round, and is not up yet. */
const isOnItsWay = ({ servers, serving, healths, verdicts }: Facts): boolean =>
  servers.some((s) => s !== serving && healths[s] === 'unknown' && verdicts[s] === 'passed');

/** Whether the decision leaves a site in a state that people must hear of. */
const isStuck = (seen: Assessment, state: SiteState): boolean => {
  const { facts, decision, nowMs, config, blindRounds } = seen;
  if (decision.act !== 'leave') return false;
  const servingHealth = facts.healths[facts.serving ?? ''] ?? 'unknown';
  switch (decision.reason) {
    case 'nowhere-better':
      // A look of one vantage cannot tell that nobody passes; and one that passes may be up within seconds.
      return servingHealth === 'down' && seen.look.full && !isOnItsWay(facts);
    case 'held':
    case 'pinned':
      return servingHealth === 'down';
    case 'flapping':
      return true;
    case 'blind':
      return blindRounds >= BLIND_ROUNDS_TOLD;
    case 'unsure':
      return nowMs - (state.decided?.facts.nowMs ?? nowMs) > unsureMs(seen.site, config);
    case 'waiting':
      return facts.mode.mode === 'auto' && facts.servers.every((s) => facts.healths[s] === 'down');
    default:
      return false;
  }
};

const tellStuck = (seen: Assessment, state: SiteState): SiteState => {
  const { site, facts, decision, look, nowMs, config } = seen;
  const before = state.told.stuck;
  if (!isStuck(seen, state)) {
    // One good round does not end what was told; the serving server being up again does.
    const over =
      before !== undefined && (decision.act === 'serve' || facts.healths[facts.serving ?? ''] === 'up');
    if (!over) return state;
    const { stuck: _, ...told } = state.told;
    return { ...state, told };
  }
  // Two reasons may take turns every few seconds, where a standby comes and goes: each is told once an hour.
  const toldMs = before?.[decision.reason];
  const again = facts.healths[facts.serving ?? ''] !== 'up' && nowMs - (toldMs ?? 0) >= TELL_AGAIN_MS;
  if (toldMs !== undefined && !again) return state;
  const sinceMs = state.decided?.facts.nowMs ?? nowMs;
  const now = { decision, serving: facts.serving, state, forMs: nowMs - sinceMs };
  const words = stuck(site, config, now, look);
  const next = owe(site, state, decision.reason, words, nowMs);
  return { ...next, told: { ...next.told, stuck: { ...before, [decision.reason]: nowMs } } };
};

const wordsOn = (site: Site, config: Config, view: ZoneView & { kind: 'edited' }) =>
  view.owner === undefined ? edited(site, config, view.detail) : heldElsewhere(site, config, view.owner);

const tellEdit = (seen: Assessment, state: SiteState): SiteState => {
  const { site, view, nowMs, config, editConfirmed } = seen;
  if (view.kind !== 'edited') {
    const { edit: _, ...told } = state.told;
    return state.told.edit === undefined ? state : { ...state, told };
  }
  if (!editConfirmed || state.told.edit === view.detail) return state;
  // Who edited may have hidden a move that nobody remembers.
  const found = oweFound(site, state, view, nowMs, config);
  const next = owe(site, found, 'edited-by-hand', wordsOn(site, config, view), nowMs);
  return { ...next, told: { ...next.told, edit: view.detail } };
};

/** The facts without a person's order to move that has ended: what is explained from now on does not rest on it. */
const withoutEnded = (facts: Facts, hasEnded: boolean): Facts => {
  const { point, ...rest } = facts;
  return point !== undefined && hasEnded ? rest : facts;
};

/** A decision is noted when it differs from the last one: with its numbers, so that it can be explained later. */
const noteDecision = (seen: Assessment, state: SiteState): SiteState => {
  const { decision, nowMs } = seen;
  const hasEnded = state.point === undefined || endedPoint(state.point, seen) !== undefined;
  const facts = withoutEnded(seen.facts, hasEnded);
  const { decided } = state;
  const { waitUntilMs: _, ...before } = decided?.decision ?? {};
  const { waitUntilMs: __, ...now } = decision;
  if (decided !== undefined && JSON.stringify(before) === JSON.stringify(now)) {
    const still = withoutEnded(decided.facts, hasEnded);
    return still === decided.facts ? state : { ...state, decided: { ...decided, facts: still } };
  }
  const text = `row ${decision.row}, ${decision.reason}: ${explained(decision)}`;
  const journal = noted(state.journal, { atMs: nowMs, what: 'decided', text, detail: { decision, facts } });
  return { ...state, journal, decided: { decision, facts } };
};

/** The zone holds our role record, and nothing of ours was stored: the table was lost, and with it the history. */
const tellLost = ({ site, view, nowMs, config, stateLost }: Assessment, state: SiteState): SiteState => {
  if (!stateLost || view.kind !== 'ours') return state;
  const told = owe(site, state, 'state-lost', lost(site, config, view.role), nowMs);
  const text = `the stored state was gone; the role record of epoch ${view.role.epoch} was taken over`;
  return { ...told, journal: noted(told.journal, { atMs: nowMs, what: 'lost', text }) };
};

const tellExpiry = ({ site, view, nowMs, config }: Assessment, state: SiteState): SiteState =>
  oweExpiry(site, state, view.kind === 'ours' ? view.role : undefined, nowMs, config);

/** A `failback` command that was not carried out while it was alive is reported as not done. */
const tellFailback = (seen: Assessment, state: SiteState): SiteState => {
  const { site, facts, nowMs, config, decision } = seen;
  const asked = state.failbackAsked;
  if (asked === undefined || nowMs <= asked.untilMs) return state;
  // What was decided before this round, in which the order is over.
  const why = { decision, unwritten: unwrittenSince(seen.state, asked.askedMs) };
  const next = owe(site, state, 'failback', notDone(site, config, asked, facts.serving, why), nowMs);
  const { failbackAsked: _, ...rest } = next;
  return rest;
};

/** What became of a `point` command is told once, unless the move itself told it. */
const tellPoint = (seen: Assessment, state: SiteState): SiteState => {
  const { point, ...rest } = state;
  const unwritten = point && unwrittenSince(seen.state, point.askedMs);
  const ended = point && endedPoint(point, { ...seen, unwritten });
  if (ended === undefined) return state;
  return ended.letter === undefined ? rest : owe(seen.site, rest, 'point', ended.letter, seen.nowMs);
};

/** A protection matters while something is to be written; what is due later is told anew. */
const forgetProtection = ({ decision, view }: Assessment, state: SiteState): SiteState => {
  const lags = view.kind === 'ours' && roleLags(view.role, state.hand);
  if (state.protected === undefined || lags || decision.act !== 'leave' || decision.waits) return state;
  const { protected: _, ...free } = state;
  return free;
};

/** An incident ends when all is well again on the server that is preferred and nothing is owed any more. */
const closeIncident = (seen: Assessment, state: SiteState): SiteState => {
  const { facts, decision } = seen;
  const home = facts.serving === facts.servers.find((s) => s !== facts.lastResort);
  const allUp = facts.servers.every((s) => facts.healths[s] === 'up');
  if (state.incident === undefined || state.owed.length > 0) return state;
  // What a server that comes and goes is told by has one incident, from its first turn to the word that it is steady.
  if (Object.values(state.told.flaps ?? {}).some(({ flapping }) => flapping !== undefined)) return state;
  if (decision.reason !== 'fine' || !home || !allUp || state.told.stuck !== undefined) return state;
  const { incident: _, ...rest } = state;
  return rest;
};

/** The state with everything owed that this round gives reason to announce. */
export const tell = (seen: Assessment): SiteState => {
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
    tellExpiry,
    tellFailback,
    tellPoint,
    forgetProtection,
    closeIncident,
  ];
  return steps.reduce((state, step) => step(seen, state), seen.state);
};
