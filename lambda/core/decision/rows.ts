import { clockTime } from '../base/time.ts';
import { armedServer, askedByHand, decideByHealth, type Facts, failbackDueTo, isArmed } from './decide.ts';

/** A row of the decision table that does not hold, and what excludes it, as the end of "not this row: …". */
export type ExcludedRow = { row: number; because: string };

const ZONE_WORDS: Record<Facts['zone'], string> = {
  nothing: 'the zone has no records of the site',
  adoptable: 'the records found there are not adopted yet',
  edited: 'the records are not as Switchover left them',
  ours: 'the records are as Switchover left them',
};

const modeWords = ({ mode }: Facts): string => {
  if (mode.mode === 'pinned') return `a person pinned it to ${mode.pin}`;
  return mode.mode === 'held' ? 'a person holds it' : 'the mode is auto';
};

const isNew = ({ zone, remembered }: Facts): boolean => zone === 'nothing' && !remembered;

const notNew = (facts: Facts): string =>
  facts.zone === 'nothing' ? 'Switchover remembers having written records there' : ZONE_WORDS[facts.zone];

const notOurs = (facts: Facts): string | undefined =>
  facts.zone === 'ours' ? undefined : ZONE_WORDS[facts.zone];

const servingHealth = ({ serving, servers, healths }: Facts) =>
  serving !== undefined && servers.includes(serving) ? (healths[serving] ?? 'unknown') : 'unknown';

const isInNeed = (facts: Facts): boolean =>
  servingHealth(facts) === 'down' || (facts.serving !== undefined && facts.serving === facts.lastResort);

const servingWords = (facts: Facts): string => {
  const { serving, servers } = facts;
  if (serving === undefined) return 'nothing serves';
  if (!servers.includes(serving)) return `${serving} serves and is no configured server`;
  return serving === facts.lastResort && servingHealth(facts) !== 'down'
    ? `${serving} serves, the last resort`
    : `${serving} serves and is ${servingHealth(facts)}`;
};

const otherwise = (facts: Facts): string | undefined => {
  const zone = notOurs(facts);
  if (zone !== undefined) return zone;
  return facts.mode.mode === 'auto' ? undefined : modeWords(facts);
};

/** Why no other server is armed, each by its name. */
const noneArmed = (facts: Facts): string => {
  const others = facts.servers.filter((name) => name !== facts.serving);
  if (others.length === 0) return 'there is no other server';
  return others.map((name) => `${name} is not armed: ${whyNotArmed(facts, name)}`).join('; ');
};

/** Why a server is not armed, as the end of a sentence; undefined when it is. */
export const whyNotArmed = (facts: Facts, server: string): string | undefined => {
  if (!facts.servers.includes(server)) return 'it is no configured server';
  if (server === facts.serving) return 'it serves';
  if (isArmed(facts, server)) return undefined;
  if (server === facts.lastResort) return 'it is the last resort';
  const health = facts.healths[server] ?? 'unknown';
  if (health === 'down') return 'it is down';
  return health === 'unknown' ? 'its health is not known' : 'it did not pass in the last round';
};

const isOnItsWayUp = (facts: Facts): boolean => servingHealth(facts) === 'unknown';

const movesBack = (facts: Facts): string | undefined => {
  const { point } = facts;
  if (point?.due && isArmed(facts, point.to)) return undefined;
  if (failbackDueTo(facts).some((server) => facts.verdicts[server] === 'passed')) return undefined;
  const preferred = facts.servers
    .slice(0, Math.max(0, facts.servers.indexOf(facts.serving ?? '')))
    .filter((server) => server !== facts.lastResort);
  if (preferred.length === 0) return 'no server is preferred to the one that serves';
  const down = preferred.filter((server) => facts.healths[server] !== 'up');
  if (down.length === preferred.length)
    return down.map((name) => `${name} is ${facts.healths[name] ?? 'unknown'}`).join('; ');
  return facts.failback === 'manual'
    ? 'failback is by hand, and nobody asked for it'
    : 'no failback is due yet';
};

/**
 * The rows as questions: what excludes each, undefined where it holds. The first that nothing excludes is the one that `decide`
 * takes; a test holds the two against each other.
 */
const ROWS: Record<number, (facts: Facts) => string | undefined> = {
  1: (facts) => {
    if (!isNew(facts)) return notNew(facts);
    const { mode } = facts;
    return mode.mode === 'pinned' && facts.servers.includes(mode.pin) ? undefined : modeWords(facts);
  },
  2: (facts) => {
    if (!isNew(facts)) return notNew(facts);
    if (facts.mode.mode !== 'auto') return modeWords(facts);
    return facts.servers.some((name) => facts.healths[name] === 'up') ? undefined : 'no server is up';
  },
  3: (facts) => (isNew(facts) ? undefined : notNew(facts)),
  4: (facts) => {
    if (facts.zone !== 'adoptable') return ZONE_WORDS[facts.zone];
    return facts.remembered ? 'Switchover remembers having written records there' : undefined;
  },
  5: (facts) => (facts.zone === 'ours' ? ZONE_WORDS.ours : undefined),
  6: (facts) => {
    const zone = notOurs(facts);
    if (zone !== undefined) return zone;
    const { mode } = facts;
    if (mode.mode !== 'pinned') return modeWords(facts);
    return facts.servers.includes(mode.pin)
      ? undefined
      : `it is pinned to ${mode.pin}, which is not configured`;
  },
  7: (facts) => notOurs(facts) ?? (facts.mode.mode === 'auto' ? 'the mode is auto' : undefined),
  8: (facts) => otherwise(facts) ?? (facts.sighted ? 'enough vantages see something' : undefined),
  9: (facts) => {
    const other = otherwise(facts);
    if (other !== undefined) return other;
    const due = decideByHealth(facts);
    if (due.act !== 'serve' || due.row === 14) return 'nothing is due to move';
    if (askedByHand(facts, due)) return 'a person asked for this move';
    return facts.mayMoveAtMs > facts.nowMs
      ? undefined
      : `it may move again since ${clockTime(Math.max(0, facts.mayMoveAtMs))}`;
  },
  10: (facts) => {
    const other = otherwise(facts);
    if (other !== undefined) return other;
    if (!isInNeed(facts)) return servingWords(facts);
    return armedServer(facts) === undefined ? noneArmed(facts) : undefined;
  },
  11: (facts) => otherwise(facts) ?? (isInNeed(facts) ? undefined : servingWords(facts)),
  12: (facts) => otherwise(facts) ?? (isOnItsWayUp(facts) ? undefined : servingWords(facts)),
  13: (facts) => otherwise(facts) ?? movesBack(facts),
  14: (facts) => {
    const other = otherwise(facts);
    if (other !== undefined) return other;
    const isDue = facts.configured === 'differs-up' || facts.configured === 'members';
    return isDue && facts.serving !== undefined
      ? undefined
      : 'the records are as configured, or not to be changed yet';
  },
};

/** The rows above the one that holds, each with what excludes it. */
export const rowsAbove = (facts: Facts, row: number): ExcludedRow[] =>
  Object.entries(ROWS).flatMap(([number, excludedBy]) => {
    if (Number(number) >= row) return [];
    return [{ row: Number(number), because: excludedBy(facts) ?? 'it holds' }];
  });

/** The first row that nothing excludes; 15 when all above are. */
export const firstRowOf = (facts: Facts): number =>
  Number(Object.entries(ROWS).find(([, excludedBy]) => excludedBy(facts) === undefined)?.[0] ?? 15);

/** Rows that follow each other and are excluded by the same, as one: `1-3`. */
export const rowsTogether = (above: readonly ExcludedRow[]): { rows: string; because: string }[] => {
  const runs: { first: number; last: number; because: string }[] = [];
  for (const { row, because } of above) {
    const run = runs.at(-1);
    if (run?.because === because) run.last = row;
    else runs.push({ first: row, last: row, because });
  }
  return runs.map(({ first, last, because }) => ({
    rows: first === last ? String(first) : `${first}-${last}`,
    because,
  }));
};
