import type { Verdict } from '../evidence/judge.ts';
import type { Health } from '../site/health.ts';
import type { Mode } from '../zone/role-record.ts';

/** Everything a decision rests on. Nothing else is looked at, so equal facts give equal decisions. */
export type Facts = {
  nowMs: number;
  /** Configured servers, most preferred first. */
  servers: string[];
  /** A configured server that may serve when none is armed. It is nobody's standby otherwise. */
  lastResort?: string;
  zone: 'nothing' | 'adoptable' | 'edited' | 'ours';
  /** Whether we remember to have left records or a role record there. */
  remembered: boolean;
  /** The mode in force: see `modeInForce`. */
  mode: Mode;
  /** The server that the zone names. */
  serving?: string;
  /** By server; a server missing here is unknown. */
  healths: Record<string, Health>;
  /** This round's verdicts by server. */
  verdicts: Record<string, Verdict>;
  /** Servers that Route 53 would refuse for another record at the site's name, as the zone's listing shows. Absent when there is none. */
  blocked?: string[];
  /** False when all vantages were called and fewer than a quorum saw anything. */
  sighted: boolean;
  /** When a move by itself is allowed again, milliseconds: see `damping.ts`. */
  mayMoveAtMs: number;
  /** The configured failback: the time the preferred server must have been up; `manual` needs a command. */
  failback: 'manual' | { afterSeconds: number };
  /** Since when each server has its health, milliseconds. */
  sinceMs: Record<string, number>;
  /** Until when a person's `failback` command is alive. */
  failbackAskedUntilMs?: number;
  /** A server that a person asked to move to; `due`: now, and not only once a planned switch has come so far. */
  point?: { to: string; due: boolean };
  /**
   * `same`; `differs`: what is configured for the serving server is not what the zone lists; `differs-up`: and it is up there
   * too; `members`: other servers shall stand with it than do now (lever `dual`).
   */
  configured: 'same' | 'differs' | 'differs-up' | 'members';
};

export type Reason =
  | 'pinned'
  | 'created'
  | 'waiting'
  | 'adopted'
  | 'edited-by-hand'
  | 'held'
  | 'blind'
  | 'flapping'
  | 'failover'
  | 'recovered'
  | 'nowhere-better'
  | 'unsure'
  | 'failback'
  | 'pointed'
  | 'refresh'
  | 'members'
  | 'fine';

export type Decision = {
  /** Row of the table in docs/decisions-table.md. */
  row: number;
  reason: Reason;
  /** `serve`: make DNS name `server`; `adopt`: write the role record and nothing else; `leave`: write nothing. */
  act: 'serve' | 'adopt' | 'leave';
  server?: string;
  /** With `flapping`: when the wait is over, milliseconds. */
  waitUntilMs?: number;
  /** The move is due and left for a later round: as many sites as may have moved by themselves lately. */
  waits?: true;
};

/** Rows that move a site because what serves it is down: its visitors wait. */
export const ROWS_IN_NEED: readonly number[] = [10, 11];

/**
 * Most preferred server that is armed: not serving, up, and passed by quorum in this very round. The last resort never is. One that
 * Route 53 would refuse is taken only when there is no other: then it is tried, and people are told of what refuses it.
 */
export const armedServer = (facts: Facts): string | undefined => {
  const armed = facts.servers.filter((server) => isArmed(facts, server));
  return armed.find((server) => !isBlocked(facts, server)) ?? armed[0];
};

/** The server that would take over if what serves died now: none where Route 53 would refuse them all. */
export const nextServer = (facts: Facts): string | undefined => {
  const armed = armedServer(facts);
  return armed !== undefined && isBlocked(facts, armed) ? undefined : armed;
};

const isBlocked = ({ blocked }: Facts, server: string): boolean => blocked?.includes(server) ?? false;

/** Whether a server could take over now. */
export const isArmed = (facts: Facts, server: string): boolean =>
  facts.servers.includes(server) &&
  server !== facts.serving &&
  server !== facts.lastResort &&
  facts.healths[server] === 'up' &&
  facts.verdicts[server] === 'passed';

/**
 * The preferred servers to which a move back is due, most preferred first: up for long enough, or asked for by a person. Each
 * still waits for this round's passes. None that Route 53 would refuse: the site is well where it is.
 */
export const failbackDueTo = (facts: Facts): string[] => {
  const preferred = facts.servers
    .slice(0, Math.max(0, facts.servers.indexOf(facts.serving ?? '')))
    .filter((server) => server !== facts.lastResort && facts.healths[server] === 'up')
    .filter((server) => !isBlocked(facts, server));
  if ((facts.failbackAskedUntilMs ?? 0) >= facts.nowMs) return preferred;
  const { failback, point } = facts;
  // While a person moves the site elsewhere nothing moves it back.
  if (failback === 'manual' || point !== undefined) return [];
  const upForMs = (server: string) => facts.nowMs - (facts.sinceMs[server] ?? facts.nowMs);
  return preferred.filter((server) => upForMs(server) >= failback.afterSeconds * 1000);
};

/**
 * What to do with one site: the decision table. The first row that matches wins.
 *
 *      #  zone       mode                serving is               others            decision
 *      1  nothing    pinned              -                        any               serve the pinned server: pinned
 *      2  nothing    auto                -                        one is up         serve the most preferred up: created
 *      3  nothing    any                 -                        any               leave: waiting
 *      4  adoptable  any                 any                      any               write the role record: adopted
 *      5  not ours   any                 any                      any               leave: edited-by-hand
 *      6  ours       pinned, configured  any                      any               serve the pinned server: pinned
 *      7  ours       held, pinned else   any                      any               leave: held
 *      8  ours       auto                too few vantages saw                       leave: blind
 *      9  ours       auto                10, 11 or 13 would move it, too often      leave: flapping
 *     10  ours       auto                down, or last resort     one is armed      serve it: failover, recovered
 *         of several one that Route 53 would not refuse for another record at the site's name
 *     11  ours       auto                down, or last resort     none is armed     last resort if it passed, else leave: nowhere-better
 *     12  ours       auto                unknown, not configured  any               leave: unsure
 *     13  ours       auto                up                       preferred, due    serve it: failback
 *         or a person pointed to one that is armed                              serve it: pointed
 *     14  ours       auto                up, configured newly     and up there      rewrite the same server: refresh
 *                                        up                       join or leave     rewrite the same server: members
 *     15  ours       auto                up                       any               leave: fine
 *
 * "Nothing" and "adoptable" count only while none of ours is remembered; else they are row 5.
 */
export const decide = (facts: Facts): Decision => {
  const { zone, mode, remembered } = facts;
  if (zone === 'nothing' && !remembered) return decideNothing(facts);
  if (zone === 'adoptable' && !remembered) {
    return {
      row: 4,
      reason: 'adopted',
      act: 'adopt',
      ...(facts.serving === undefined ? {} : { server: facts.serving }),
    };
  }
  if (zone !== 'ours') return { row: 5, reason: 'edited-by-hand', act: 'leave' };
  if (mode.mode === 'pinned' && facts.servers.includes(mode.pin)) {
    if (facts.serving === mode.pin) return { row: 6, reason: 'pinned', act: 'leave' };
    return { row: 6, reason: 'pinned', act: 'serve', server: mode.pin };
  }
  if (mode.mode !== 'auto') return { row: 7, reason: 'held', act: 'leave' };
  if (!facts.sighted) return { row: 8, reason: 'blind', act: 'leave' };
  const decision = decideByHealth(facts);
  const moves = decision.act === 'serve' && decision.row !== 14;
  if (moves && facts.mayMoveAtMs > facts.nowMs && !askedByHand(facts, decision)) {
    return { row: 9, reason: 'flapping', act: 'leave', waitUntilMs: facts.mayMoveAtMs };
  }
  return decision;
};

const decideNothing = (facts: Facts): Decision => {
  const { mode } = facts;
  if (mode.mode === 'pinned' && facts.servers.includes(mode.pin)) {
    return { row: 1, reason: 'pinned', act: 'serve', server: mode.pin };
  }
  const up = (server: string) => facts.healths[server] === 'up';
  const view = facts.servers.filter((s) => up(s) && s !== facts.lastResort);
  const first = view.find((s) => !isBlocked(facts, s)) ?? view[0] ?? facts.servers.find(up);
  if (mode.mode === 'auto' && first !== undefined) {
    return { row: 2, reason: 'created', act: 'serve', server: first };
  }
  return { row: 3, reason: 'waiting', act: 'leave' };
};

/** A move that a person asked for is by hand: nobody waits for a site that moves at a person's word. */
export const askedByHand = (facts: Facts, decision: Decision): boolean =>
  decision.reason === 'pointed' || (decision.row === 13 && (facts.failbackAskedUntilMs ?? 0) >= facts.nowMs);

/** Rows 10 to 15: what to do with a site that is ours and that nobody holds, as if it had not moved lately. */
export const decideByHealth = (facts: Facts): Decision => {
  const { serving } = facts;
  const health =
    serving !== undefined && facts.servers.includes(serving)
      ? (facts.healths[serving] ?? 'unknown')
      : 'unknown';
  const onLastResort = serving !== undefined && serving === facts.lastResort;
  if (health === 'down' || onLastResort) {
    const armed = armedServer(facts);
    if (armed !== undefined) {
      return { row: 10, reason: onLastResort ? 'recovered' : 'failover', act: 'serve', server: armed };
    }
    const resort = facts.lastResort;
    if (resort !== undefined && resort !== serving && facts.verdicts[resort] === 'passed') {
      return { row: 11, reason: 'nowhere-better', act: 'serve', server: resort };
    }
    return { row: 11, reason: 'nowhere-better', act: 'leave' };
  }
  if (health === 'unknown') return { row: 12, reason: 'unsure', act: 'leave' };
  const { point } = facts;
  if (point?.due && isArmed(facts, point.to)) {
    return { row: 13, reason: 'pointed', act: 'serve', server: point.to };
  }
  const back = failbackDueTo(facts).find((server) => facts.verdicts[server] === 'passed');
  if (back !== undefined) {
    return { row: 13, reason: 'failback', act: 'serve', server: back };
  }
  if (facts.configured === 'differs-up' && serving !== undefined) {
    return { row: 14, reason: 'refresh', act: 'serve', server: serving };
  }
  if (facts.configured === 'members' && serving !== undefined) {
    return { row: 14, reason: 'members', act: 'serve', server: serving };
  }
  return { row: 15, reason: 'fine', act: 'leave' };
};
