import type { MoveNews, News, NewsOf } from './news.ts';
import { isFetched, missing } from './propagation.ts';

/** How soon a person should look: `critical` now, also at night; `warning` today; `info` whenever there is time. */
export type Severity = 'critical' | 'warning' | 'info';

/**
 * The first words of every subject, the worst first, with how bad that is. It is the one list of severities: mails are read by the
 * words, and programs by the severity.
 */
export const HEADLINES = {
  /** Visitors have no site, and no server is there to move to. */
  'SITE DOWN': 'critical',
  /** What serves is down, and something keeps the site there. */
  'NOT MOVED': 'critical',
  /** What serves is down. What becomes of it is told next. */
  'SERVER DOWN': 'critical',
  WAITING: 'critical',
  'LAST RESORT': 'critical',
  FAILOVER: 'critical',
  /** How what serves fares; or what nobody may decide on, so that no site moves. */
  'NOT KNOWN': 'critical',
  'ZONE AWAY': 'critical',
  'TABLE AWAY': 'critical',
  UNREADABLE: 'critical',
  /** If what serves died now, nothing would take over. */
  'NO STANDBY': 'warning',
  'STANDBY DOWN': 'warning',
  FLAPPING: 'warning',
  'NOT SEEN': 'warning',
  'NOT READ': 'warning',
  'NO RECORDS': 'warning',
  EDITED: 'warning',
  'NOT OURS': 'warning',
  BLOCKED: 'warning',
  CERTIFICATE: 'warning',
  'LARGE HELLO': 'warning',
  'NOT WRITTEN': 'warning',
  'NOT IN DNS': 'warning',
  'NOT DONE': 'warning',
  'NOT FETCHED': 'warning',
  'NOT PROVEN': 'warning',
  FOUND: 'warning',
  'ROLLED BACK': 'warning',
  'STATE LOST': 'warning',
  BLIND: 'warning',
  DEFECT: 'warning',
  'DAILY CHECK': 'warning',
  'TOLD LATE': 'warning',
  /** Something that was told to be bad is well again. */
  BACK: 'info',
  RECOVERED: 'info',
  STEADY: 'info',
  SWITCHED: 'info',
  PINNED: 'info',
  CREATED: 'info',
  ADOPTED: 'info',
  CHANGED: 'info',
  REWRITTEN: 'info',
  'TTL LOWERED': 'info',
  MOVED: 'info',
  VISIBLE: 'info',
  'HOLD ENDED': 'info',
  'PIN ENDED': 'info',
  'SILENCE ENDED': 'info',
  REMOVED: 'info',
  ORDER: 'info',
  TEST: 'info',
} as const satisfies Record<string, Severity>;

export type Headline = keyof typeof HEADLINES;

const ORDER = Object.keys(HEADLINES);

/** 0 is the worst. */
export const worseness = (headline: Headline): number => ORDER.indexOf(headline);

const MOVES: Record<string, Headline> = {
  failover: 'FAILOVER',
  'nowhere-better': 'LAST RESORT',
  recovered: 'RECOVERED',
  failback: 'BACK',
  pointed: 'SWITCHED',
  created: 'CREATED',
  pinned: 'PINNED',
  members: 'CHANGED',
  refresh: 'REWRITTEN',
  adopted: 'ADOPTED',
};

const ofMove = ({ reason, lowered }: MoveNews): Headline =>
  lowered === undefined ? (MOVES[reason] ?? 'SWITCHED') : 'TTL LOWERED';

const ofTurn = ({ health, serves, movedTo, next }: NewsOf<'turned'>): Headline => {
  if (health === 'up') return 'BACK';
  if (serves || movedTo !== undefined) return 'SERVER DOWN';
  return next === undefined ? 'NO STANDBY' : 'STANDBY DOWN';
};

/** Nobody serves visitors then; or somebody could, and something keeps the site from it; or nobody can tell how it fares. */
const ofStuck = ({ decision: { reason }, next }: NewsOf<'stuck'>): Headline => {
  if (reason === 'waiting') return 'NO RECORDS';
  if (reason === 'unsure' || reason === 'blind') return 'NOT KNOWN';
  if (reason === 'flapping') return 'NOT MOVED';
  return next === undefined ? 'SITE DOWN' : 'NOT MOVED';
};

/** Decisions without which visitors are served as well. */
const WITHOUT_NEED = ['failback', 'pointed', 'refresh', 'members', 'adopted', 'created'];

/** Whether visitors have no site once nothing is kept back any more. */
export const noServerWorks = ({ serving, next, down }: NewsOf<'silence-ended'>): boolean =>
  serving !== undefined && next === undefined && down.includes(serving);

/** The worst of what still holds once nothing is kept back any more. */
const ofSilenceEnd = (news: NewsOf<'silence-ended'>): Headline => {
  const { serving, next, down, unknown, flapping, blocked, edited, hold } = news;
  if (noServerWorks(news)) return news.known ? 'SILENCE ENDED' : 'SITE DOWN';
  if (serving !== undefined && down.includes(serving))
    return hold === undefined ? 'SERVER DOWN' : 'NOT MOVED';
  if (down.length > 0) return next === undefined ? 'NO STANDBY' : 'STANDBY DOWN';
  if (flapping.length > 0) return 'FLAPPING';
  if (unknown.length > 0) return 'NOT SEEN';
  if (edited) return 'EDITED';
  return blocked.length > 0 ? 'BLOCKED' : 'SILENCE ENDED';
};

/** A move that is due and not made. Where what serves is well, or stays the same, visitors notice nothing. */
const ofWrite = ({
  from,
  to,
  reason = '',
}: NewsOf<'refused' | 'late' | 'protected' | 'unwritten'>): Headline =>
  from === to ? 'NOT IN DNS' : WITHOUT_NEED.includes(reason) ? 'NOT WRITTEN' : 'NOT MOVED';

const isAlone = ({ serves, health, next }: NewsOf<'steady'>): boolean =>
  !serves && health !== 'up' && next === undefined;

/** Trouble that goes on until somebody is told that it is over. What is no longer true a moment later, or is told when it ends, is not here. */
const LASTING: readonly Headline[] = [
  'SITE DOWN',
  'NOT MOVED',
  'SERVER DOWN',
  'LAST RESORT',
  'FAILOVER',
  'NO STANDBY',
  'STANDBY DOWN',
  'FLAPPING',
  'NOT KNOWN',
  'NOT SEEN',
  'EDITED',
  'NOT OURS',
  'NOT WRITTEN',
  'NOT IN DNS',
];

/** Whether people are told when such trouble is over. */
export const isLasting = (headline: Headline): boolean => LASTING.includes(headline);

/** By what has happened. */
const CATALOGUE: { [T in Exclude<News['type'], 'worded'>]: Headline | ((news: NewsOf<T>) => Headline) } = {
  moved: ofMove,
  turned: ofTurn,
  stuck: ofStuck,
  over: 'BACK',
  found: 'FOUND',
  unread: 'NOT READ',
  'rolled-back': 'ROLLED BACK',
  'state-lost': 'STATE LOST',
  'address-answers': 'MOVED',
  'address-late': 'NOT MOVED',
  flapping: 'FLAPPING',
  steady: (news) => (isAlone(news) ? 'NO STANDBY' : 'STEADY'),
  unseen: 'NOT SEEN',
  'large-hello': 'LARGE HELLO',
  certificate: 'CERTIFICATE',
  refused: ofWrite,
  late: ofWrite,
  protected: ofWrite,
  unwritten: ofWrite,
  'failback-not-done': 'NOT DONE',
  ordered: 'ORDER',
  'silence-ended': ofSilenceEnd,
  edited: 'EDITED',
  'held-elsewhere': 'NOT OURS',
  'switch-ended': ({ done }) => (done ? 'SWITCHED' : 'NOT DONE'),
  expired: ({ mode }) => (mode === 'pinned' ? 'PIN ENDED' : 'HOLD ENDED'),
  blocked: 'BLOCKED',
  unblocked: 'BACK',
  visible: ({ done }) => (isFetched(done) ? 'VISIBLE' : 'NOT FETCHED'),
  lagging: ({ propagation }) => (missing(propagation.servers).length > 0 ? 'NOT DONE' : 'NOT PROVEN'),
  'vantage-blind': 'BLIND',
  'zone-unreadable': 'ZONE AWAY',
  'moves-wait': 'WAITING',
  'sites-removed': 'REMOVED',
  checkup: 'DAILY CHECK',
  'mass-over': 'BACK',
  'weekly-test': 'TEST',
  'store-away': 'TABLE AWAY',
  'states-unreadable': 'UNREADABLE',
  'deployment-unreadable': 'UNREADABLE',
  defect: 'DEFECT',
  several: 'TOLD LATE',
};

/** The headline of what has happened; undefined of words that an earlier version made, and of what this version does not know. */
export const headlineOf = (news: News): Headline | undefined => {
  if (news.type === 'worded') return undefined;
  const found = CATALOGUE[news.type] as Headline | ((known: News) => Headline) | undefined;
  return typeof found === 'function' ? found(news) : found;
};

const BY_URGENCY: readonly Severity[] = ['critical', 'warning', 'info'];

/** What nobody here can name is a warning: somebody should read it, and nobody be woken by it. */
export const severityOf = (news: News): Severity => {
  // What could not be told in time is as bad as the worst of it.
  if (news.type === 'several') {
    const found = new Set(news.of.map((one) => severityOf(one.news)));
    return BY_URGENCY.find((severity) => found.has(severity)) ?? 'warning';
  }
  const headline = headlineOf(news);
  return headline === undefined ? 'warning' : HEADLINES[headline];
};

/** Whether people who were told this wait for the word that it is over; undefined where it changes nothing of that. */
export const leavesAlarmed = (news: News): boolean | undefined => {
  if (news.type === 'over' || news.type === 'address-answers' || ('over' in news && news.over)) return false;
  const headline = headlineOf(news);
  return headline !== undefined && isLasting(headline) ? true : undefined;
};
