import { duration } from '../base/time.ts';

/** By name: when it first answered with what was written, milliseconds; null while it has not. */
export type Times = Record<string, number | null>;

/** A write that the zone lists and that is not yet known to be what visitors get. */
export type Propagation = {
  epoch: number;
  from: string | null;
  to: string;
  /** Under which its outcome is told. */
  incident: string;
  /** Start of the first of the rounds that found the server down that it moved away from. */
  detectedMs?: number;
  decidedMs?: number;
  acceptedMs: number;
  /** When Route 53 said that all its name servers have it. */
  insyncMs?: number;
  /** The name servers that the parent delegates to; absent until they could be found out. */
  servers?: Times;
  /** The operator's choice of public resolvers. */
  resolvers?: Times;
  /** Once all name servers have answered: when one was last seen to answer otherwise, milliseconds. */
  missedMs?: number;
  /** It was told that it is not visible everywhere. */
  lateTold?: true;
};

/** What was heard since the last step. */
export type Heard = {
  servers?: Times;
  resolvers?: Times;
  /** What those say that do not answer with it yet, by name. */
  saying: Record<string, string>;
  /** When a name server last answered otherwise, milliseconds; absent when none was seen to by this process. */
  missedMs?: number;
  /** Why the name servers could not be found out. */
  fault?: string;
  /**
   * Whether the host leads to the site's name; absent when that could not be found out, true when it is one of its
   * names.
   */
  hostLeads?: boolean;
};

/**
 * Whether people are told how it ended: of a switch. Of records that were created or rewritten the history alone is.
 */
export const isMove = ({ from, to }: Propagation): boolean => from !== null && from !== to;

/** When the last of all answered; undefined while one has not, or none is known. */
export const lastOf = (times: Times | undefined): number | undefined => {
  const all = Object.values(times ?? {});
  return all.length === 0 || all.includes(null) ? undefined : Math.max(...(all as number[]));
};

/** How it ended, or undefined while it goes on. */
export type Done = { lastMs: number; fetchedMs?: number; fetchedBy: string[]; hostLeads?: boolean };

/** The names of those that have not answered with it yet. */
export const missing = (times: Times | undefined): string[] =>
  Object.entries(times ?? {}).flatMap(([name, ms]) => (ms === null ? [name] : []));

/** How far a write is on its way, in one sentence. */
export const propagationSoFar = ({ to, epoch, servers, lateTold }: Propagation): string => {
  const count = Object.keys(servers ?? {}).length;
  const have = count - missing(servers).length;
  const names = missing(servers).length === 0 ? '' : `, not yet ${missing(servers).join(', ')}`;
  const known =
    count === 0
      ? 'its name servers have not been asked yet'
      : `${have} of ${count} name servers answer with it${names}`;
  return `the change to ${to} (epoch ${epoch}) is in the zone and not yet proven: ${known}${lateTold ? ', which is late' : ''}`;
};

/** A vantage has seen the site there, and the host is not known to lead elsewhere. */
export const isFetched = ({ fetchedBy, hostLeads }: Done): boolean =>
  fetchedBy.length > 0 && hostLeads !== false;

/**
 * Name servers are asked each second or so. Where none was seen without it for longer, it may have come at any time in
 * between.
 */
const LOOKED_MS = 5000;

/**
 * How long after it was accepted the last name server answered with it, and whether that is only known to be the most.
 */
export const visibleAfter = (
  { acceptedMs, missedMs = 0 }: Propagation,
  lastMs: number,
): { tookMs: number; atMost: boolean } => ({
  // Another process may have noted when it was accepted, by a clock that is ahead.
  tookMs: Math.max(0, lastMs - acceptedMs),
  atMost: lastMs - Math.max(acceptedMs, missedMs) > LOOKED_MS,
});

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** How late a change is, in words. */
export const lateSince = ({ insyncMs, acceptedMs }: Propagation, nowMs: number): string =>
  insyncMs === undefined
    ? `${duration(Math.max(0, nowMs - acceptedMs))} after it was accepted`
    : `${duration(nowMs - insyncMs)} after INSYNC`;

/** A change that every name server has, as a line of the history. */
export const visibleLine = (propagation: Propagation, done: Done): string => {
  const { servers = {}, detectedMs } = propagation;
  const { tookMs, atMost } = visibleAfter(propagation, done.lastMs);
  const within = (text: string) => (atMost ? `within at most ${text}` : text);
  const total =
    detectedMs === undefined
      ? ''
      : `, ${within(duration(Math.max(0, done.lastMs - detectedMs)))} after the first failure`;
  const seen = isFetched(done) ? `fetched from ${done.fetchedBy.join(', ')}` : 'the site was not fetched';
  return `all ${Object.keys(servers).length} name servers answer with it ${within(seconds(tookMs))} after it was accepted${total}; ${seen}`;
};

/** A change that is late, as a line of the history. */
export const lateLine = (
  zone: string,
  propagation: Propagation,
  { saying, fault }: Heard,
  nowMs: number,
): string => {
  const names = missing(propagation.servers);
  if (names.length === 0) return `the name servers of ${zone} could not be found out: ${fault}`;
  return `${lateSince(propagation, nowMs)}: ${names.map((name) => `${name} answers ${saying[name] ?? 'nothing'}`).join('; ')}`;
};
