import { fingerprint } from '../base/fingerprint.ts';
import { storedBytes } from '../base/stored-bytes.ts';
import type { Claim } from './claim.ts';
import type { News } from './news.ts';

/** The two ways in which each thing is told: people by mail, programs by event. Neither waits for the other. */
export type Channel = 'mail' | 'event';

/**
 * One thing to tell people, as data. It stands in the outbox before it is published, and leaves it after; its words are
 * made when it is published.
 */
export type Notice<N extends News = News> = {
  /** Unique: a reader who gets it twice can tell. */
  id: string;
  /** The decision's reason, or `server-down`, `server-up`, `vantage-blind`, `write-refused`, … */
  kind: string;
  site: string;
  incident: string;
  /** When it happened, milliseconds. */
  atMs: number;
  news: N;
  /** Which controller publishes it. */
  claim?: Claim;
  /** It was told this way, and is not told the other way yet. */
  told?: Channel;
};

/** Whether it is still to be told this way. */
export const isOwed = ({ told }: Pick<Notice, 'told'>, channel: Channel): boolean => told !== channel;

/** The outbox once these, by id, were told this way: what was told both ways leaves it. */
export const withoutTold = <N extends News>(
  outbox: Notice<N>[],
  ids: { has(id: string): boolean },
  channel: Channel,
): Notice<N>[] =>
  outbox.flatMap((one) => {
    if (!ids.has(one.id)) return [one];
    return one.told === undefined || one.told === channel ? [{ ...one, told: channel }] : [];
  });

/** A short id for an incident of `site` opened at `openedMs`: `www-k3f9ab`. */
export const incidentId = (site: string, openedMs: number): string => {
  const label =
    site
      .split('.')[0]
      ?.replace(/[^a-z0-9-]/g, '')
      .slice(0, 16) || 'site';
  return `${label}-${Math.floor(openedMs / 1000)
    .toString(36)
    .slice(-6)}`;
};

const withoutEvidence = <N extends News>(news: N): N => {
  const { evidence: _, ...rest } = news as N & { evidence?: unknown };
  return rest as unknown as N;
};

/**
 * A notice with an id of its own. Two controllers that see the same at one moment make the same one, whatever the
 * evidence.
 */
export const noticeOf = <N extends News>(made: Omit<Notice<N>, 'id' | 'claim' | 'told'>): Notice<N> => ({
  ...made,
  id: `${made.incident}/${made.kind}/${made.atMs}/${fingerprint(JSON.stringify(withoutEvidence(made.news)))}`,
});

/** One notice that two writers have changed: what one has told by mail and the other by event is told. */
export const mergedNotice = <N extends News>(ours: Notice<N>, theirs: Notice<N>): Notice<N> | undefined => {
  const told = theirs.told ?? ours.told;
  if (told === undefined) return theirs;
  return ours.told !== undefined && ours.told !== told ? undefined : { ...theirs, told };
};

/** The epoch of the write that a notice tells of, whether it was made or found; undefined of any other news. */
export const writeEpochOf = ({ news }: Notice): number | undefined =>
  news.type === 'moved' || news.type === 'found' ? news.epoch : undefined;

/** What happens at more sites than this is told in one message. */
export const TOLD_APART = 5;

/** More than this is pending only when the topic has been away for long; the oldest are then told as one. Bytes as they are stored. */
const MOST_PENDING = 200_000;
const KEPT_APART = 50_000;
/** Of those that are told as one, the latest are kept up to so many bytes. */
const MOST_FOLDED = 100_000;

/** Characters of a text that are kept where only the subject is told: a subject is no longer. */
const LONGEST_KEPT = 100;

/** Enough for the subject, which is all that is told of it later. */
const briefly = (news: News): News =>
  JSON.parse(JSON.stringify(withoutEvidence(news)), (_, value) =>
    typeof value === 'string' ? value.slice(0, LONGEST_KEPT) : value,
  );

const folded = (notices: Notice[]): News & { type: 'several' } => {
  const each = notices.flatMap(({ kind, incident, atMs, news }) =>
    news.type === 'several' ? news.of : [{ kind, incident, atMs, news: briefly(news) }],
  );
  let bytes = 0;
  const lost = each.findLastIndex((one) => {
    bytes += storedBytes(one);
    return bytes > MOST_FOLDED;
  });
  const before = notices.reduce((sum, { news }) => sum + (news.type === 'several' ? news.more : 0), 0);
  return { type: 'several', of: each.slice(lost + 1), more: before + lost + 1 };
};

/** Bytes of notices that were counted before. A notice never changes, and each new one would have all others counted again. */
const bytesOf = new WeakMap<object, number>();
const noticeBytes = (notice: Notice): number => {
  const known = bytesOf.get(notice) ?? storedBytes(notice);
  bytesOf.set(notice, known);
  return known;
};

/**
 * An outbox within bounds: a stored document has a limit (DynamoDB: 400 KB), and being unable to tell people must not
 * end in being unable to remember. The oldest become one notice for each way in which they are owed, without their evidence.
 */
export const bounded = <N extends News>(outbox: Notice<N>[]): Notice<N>[] => {
  // Brackets, and a comma between each two.
  let bytes = outbox.reduce((sum, notice) => sum + noticeBytes(notice) + 1, 1);
  if (bytes <= MOST_PENDING) return outbox;
  const recent = [...outbox];
  const old: Notice<N>[] = [];
  while (recent.length > 1 && bytes > KEPT_APART) {
    const oldest = recent.shift() as Notice<N>;
    bytes -= noticeBytes(oldest) + 1;
    old.push(oldest);
  }
  // What mails have told already events tell alone, and the other way round.
  const together = [...Map.groupBy(old, ({ told }) => told)].map(([told, some]): Notice<N> => {
    const { site, incident, atMs } = some[0] as Notice<N>;
    const news = folded(some) as unknown as N;
    return { ...noticeOf({ site, incident, kind: 'several', atMs, news }), ...(told && { told }) };
  });
  return [...together, ...recent];
};
