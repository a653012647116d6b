import type { Facts } from '../decision/decide.ts';
import { evidenceOf } from '../evidence/evidence.ts';
import { turnedMs } from '../site/health.ts';
import { homeServer } from '../site/site.ts';
import type { Hold } from '../state/news.ts';
import { enqueue } from '../state/outbox.ts';
import {
  isReminderDue,
  type Reminders,
  reminderKey,
  remindersOf,
  withReminders,
} from '../state/reminders.ts';
import { type SiteState, whoseMode } from '../state/site-state.ts';
import { servingText } from '../zone/stranger.ts';
import type { Telling } from './assessment.ts';
import { heirBut, movedTo, unsureMs } from './heir.ts';

/** One blind round may be a hiccup of ours; two in a row are told. */
const BLIND_ROUNDS_TOLD = 2;

/** Whether a server that does not serve passed by quorum in this very round, and is not up yet. */
const isOnItsWay = ({ servers, serving, healths, verdicts }: Facts): boolean =>
  servers.some((s) => s !== serving && healths[s] === 'unknown' && verdicts[s] === 'passed');

/** Whether the decision leaves a site in a state that people must hear of. */
const isStuck = (seen: Telling, state: SiteState): boolean => {
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

/**
 * A site that a person keeps where it is may get worse for the same reason: nothing else works any more either. That is told at once, and
 * remembered by a name of its own.
 */
const isAlone = ({ facts, decision }: Telling, heir: string | undefined): boolean =>
  (decision.reason === 'held' || decision.reason === 'pinned') &&
  facts.healths[facts.serving ?? ''] === 'down' &&
  heir === undefined;

const ALONE = ' alone';

/** A move back that waits because the site moved too often: visitors are served meanwhile. */
const WAY_BACK = 'flapping back';

/** By what it may be remembered that a site stays: see `aboutOf`. */
export const ABOUTS: readonly string[] = [
  ...['held', 'pinned'].flatMap((reason) => [reason, `${reason}${ALONE}`]),
  ...['nowhere-better', 'flapping', WAY_BACK, 'blind', 'unsure', 'waiting'],
];

/** By what it is remembered that the site stays. */
const aboutOf = (seen: Telling): string => {
  const { serving, healths } = seen.facts;
  const { reason } = seen.decision;
  if (reason === 'flapping' && healths[serving ?? ''] === 'up') return WAY_BACK;
  const heir = serving === undefined ? undefined : heirBut(seen, serving);
  return isAlone(seen, heir) ? `${reason}${ALONE}` : reason;
};

/** The reminders without that of a site that nothing could take over, once something can. */
const withoutAlone = (seen: Telling, { reminders }: SiteState): Reminders => {
  const told = Object.entries(remindersOf(reminders, 'stuck'));
  const kept = told.filter(([about]) => !about.endsWith(ALONE));
  const { serving } = seen.facts;
  // Who has just begun does not know how any of them fares.
  return kept.length === told.length || serving === undefined || heirBut(seen, serving) === undefined
    ? reminders
    : withReminders(reminders, 'stuck', Object.fromEntries(kept));
};

/** Whether people are told now that the site stays where it is. Reasons may take turns every few seconds: each is told once an hour. */
const isStuckTold = (seen: Telling, state: SiteState): boolean => {
  const { facts, nowMs } = seen;
  const toldMs = remindersOf(state.reminders, 'stuck')[aboutOf(seen)];
  const again = facts.healths[facts.serving ?? ''] !== 'up' && isReminderDue(toldMs, nowMs);
  return isStuck(seen, state) && (toldMs === undefined || again);
};

/**
 * That what serves is down is told with the word that it stays, and that a standby is with the word that no server works: one event is
 * one message.
 */
export const isToldAsStuck = (seen: Telling, state: SiteState, server: string): boolean => {
  const { serving, healths } = seen.facts;
  if (serving === undefined || healths[server] !== 'down' || healths[serving] !== 'down') return false;
  // DNS names another one by now: what served until then is told for itself.
  if (movedTo(seen) !== undefined) return false;
  return (server === serving || heirBut(seen, serving) === undefined) && isStuckTold(seen, state);
};

/** Whether people were told that it stays, and that is not over. */
export const isToldStuck = ({ reminders }: SiteState): boolean =>
  Object.keys(remindersOf(reminders, 'stuck')).length > 0;

/** Whether people were told that no server works, and it is still so. */
export const isToldSiteDown = (seen: Telling, { reminders }: SiteState): boolean => {
  const about = aboutOf(seen);
  const isSiteDown = about === 'nowhere-better' || about.endsWith(ALONE);
  return isSiteDown && remindersOf(reminders, 'stuck')[about] !== undefined;
};

/** Whose hold or pin keeps the site where it is. */
export const holdOf = ({ facts, decision, view }: Telling, { override }: SiteState): Hold | undefined => {
  const { mode } = facts;
  if (mode.mode === 'auto' || (decision.reason !== 'held' && decision.reason !== 'pinned')) return undefined;
  const given = whoseMode(mode, override);
  const epoch = given?.epoch ?? (view.kind === 'ours' ? view.role.epoch : undefined);
  return {
    ...(epoch !== undefined && { epoch }),
    mode: mode.mode,
    untilMs: mode.untilMs,
    ...(mode.mode === 'pinned' && { server: mode.pin }),
    ...(given && { by: given.by, reason: given.reason }),
  };
};

/**
 * What is remembered once the site is not stuck, as far as one look shows: a good round alone ends nothing, what serves being up again
 * does, and a move. That a move back waits stays told until the wait is over: not each look sees that it is due, and no order ends it but
 * one that moves the site.
 */
const remindersAfter = ({ site, facts, decision, nowMs }: Telling, { reminders }: SiteState): Reminders => {
  const { serving, healths, mayMoveAtMs } = facts;
  if (decision.act !== 'serve' && healths[serving ?? ''] !== 'up') return reminders;
  const stuck = remindersOf(reminders, 'stuck');
  const moves = decision.act === 'serve' && decision.server !== serving;
  const waits = !moves && serving !== homeServer(site) && mayMoveAtMs > nowMs;
  const kept = Object.entries(stuck).filter(([about]) => waits && about === WAY_BACK);
  return kept.length === Object.keys(stuck).length
    ? reminders
    : withReminders(reminders, 'stuck', Object.fromEntries(kept));
};

export const tellStuck = (seen: Telling, before: SiteState): SiteState => {
  const { site, facts, decision, look, nowMs } = seen;
  const reminded = withoutAlone(seen, before);
  const state = reminded === before.reminders ? before : { ...before, reminders: reminded };
  if (!isStuck(seen, state)) {
    const left = remindersAfter(seen, state);
    return left === state.reminders ? state : { ...state, reminders: left };
  }
  if (!isStuckTold(seen, state)) return state;
  const sinceMs = state.decided?.facts.nowMs ?? nowMs;
  // What turned in this very round is told with it, so it is news.
  const isAgain =
    remindersOf(state.reminders, 'stuck')[aboutOf(seen)] !== undefined &&
    state.told.down === seen.state.told.down;
  const { serving } = facts;
  const target = serving === undefined ? undefined : state.targets[serving];
  const stays = serving === undefined ? 'nothing' : servingText(site, serving, state.written?.records);
  const known = { serving, stays, forMs: nowMs - sinceMs, evidence: evidenceOf(site, look) };
  const news = {
    type: 'stuck',
    decision,
    ...known,
    ...(target?.health === 'down' && { sinceMs: turnedMs(target) }),
    next: serving === undefined ? undefined : heirBut(seen, serving),
    hold: holdOf(seen, state),
    ...(facts.blocked !== undefined && { blocked: facts.blocked }),
    ...(isAgain && { again: true as const }),
  } as const;
  const reminders = { ...state.reminders, [reminderKey('stuck', aboutOf(seen))]: nowMs };
  return { ...enqueue(site, state, { kind: decision.reason, news }, nowMs), reminders };
};
