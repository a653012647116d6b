import type { Asked } from './asked.ts';
import { headlineOf, leavesAlarmed } from './headline.ts';
import type { SiteNews } from './news.ts';
import type { Notice } from './notice.ts';

/**
 * A person keeps the messages about a site back until `untilMs`. Nothing is decided by it and nothing is written to DNS for it: it is
 * asked at one place, before a message is published.
 */
export type Silence = Asked & {
  untilMs: number;
  /** Messages that were kept back so far: whoever reads of the end should know that there were some. */
  suppressed: number;
  /** Who ended it before its time, and why. */
  ended?: { by: string; reason: string };
};

/** What of a state says whether a message is published. */
export type Quieted = {
  silence?: Silence | undefined;
  incident?: { id: string; alarmed?: true; acknowledged?: Asked } | undefined;
};

/** The silence in force; one that is over, and whose end is not told yet, keeps nothing back. */
export const silenceNow = ({ silence }: Pick<Quieted, 'silence'>, nowMs: number): Silence | undefined =>
  silence !== undefined && nowMs < silence.untilMs ? silence : undefined;

/** How long an order waits for the message on the end of a silence: a controller begins each minute, and looks. */
const END_WAITS_MS = 60_000;

/** The silence that is over and whose end people are still to hear of: messages were kept back, or a person ended it. */
export const silenceToEnd = ({ silence }: Pick<Quieted, 'silence'>, nowMs: number): Silence | undefined =>
  silence !== undefined && nowMs >= silence.untilMs && (silence.suppressed > 0 || silence.ended !== undefined)
    ? silence
    : undefined;

/** Whether an order was given after a silence had ended whose end is not told yet: people read what happened in its order. */
export const isAfterSilence = (
  state: Pick<Quieted, 'silence'>,
  { news, atMs }: Pick<Notice<SiteNews>, 'news' | 'atMs'>,
  nowMs: number,
): boolean => {
  const silence = silenceToEnd(state, nowMs);
  return (
    silence !== undefined && news.type === 'ordered' && atMs >= silence.untilMs && nowMs - atMs < END_WAITS_MS
  );
};

/** Why a site stays while nobody works. What a person's hold keeps from moving was meant to stay. */
const isLoudStuck = (news: SiteNews & { type: 'stuck' }): boolean => {
  const headline = headlineOf(news);
  return headline === 'SITE DOWN' || (headline === 'NOT MOVED' && news.hold === undefined);
};

/**
 * What is told although the site is silenced: that visitors have no site; every move; every move that was due and was not made; and the
 * orders about messages themselves.
 */
const isLoud = (news: SiteNews): boolean => {
  switch (news.type) {
    case 'stuck':
      return isLoudStuck(news);
    case 'moved':
    case 'refused':
    case 'late':
    case 'protected':
    case 'unwritten':
      return news.from !== news.to;
    case 'found':
      return news.from !== news.serving;
    case 'switch-ended':
      return !news.done;
    case 'ordered':
      return news.about !== undefined;
    case 'several':
      return news.of.some((one) => isLoud(one.news as SiteNews));
    default:
      return LOUD.includes(news.type);
  }
};

const LOUD: readonly SiteNews['type'][] = [
  'unread',
  'rolled-back',
  'address-late',
  'address-answers',
  'failback-not-done',
  'lagging',
  'silence-ended',
  // An earlier version made these words, and nobody can tell what they say.
  'worded',
];

/** Whether it only says once more what goes on. */
const isReminder = (news: SiteNews): boolean => 'again' in news && news.again === true;

/**
 * Why a message is kept back, if it is. Whoever was told of trouble is told of its end, silence or not: else an alarm that somebody has
 * seen, or a pager that has it, would stay open for ever.
 */
export const quietBy = (
  { silence, incident }: Quieted,
  { news, incident: id }: Pick<Notice<SiteNews>, 'news' | 'incident'>,
  nowMs: number,
): 'acknowledged' | 'silenced' | undefined => {
  const isOwn = incident?.id === id;
  if (isReminder(news) && isOwn && incident.acknowledged !== undefined) return 'acknowledged';
  if (silenceNow({ silence }, nowMs) === undefined || isLoud(news)) return undefined;
  const endsAlarm = isOwn && incident.alarmed === true && leavesAlarmed(news) === false;
  return endsAlarm ? undefined : 'silenced';
};

/**
 * Whether a message changes what a person has acknowledged: it is trouble, and not the same once more. The end of a silence only sums up
 * what each of the messages told that were kept back in it.
 */
export const changesAcknowledged = (
  acknowledged: Asked,
  { news, atMs }: Pick<Notice<SiteNews>, 'news' | 'atMs'>,
): boolean =>
  atMs > acknowledged.askedMs &&
  !isReminder(news) &&
  news.type !== 'ordered' &&
  news.type !== 'silence-ended' &&
  leavesAlarmed(news) === true;
