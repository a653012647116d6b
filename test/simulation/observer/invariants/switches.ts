import { aloneOf } from '../alone.ts';
import { changesAnswers, troubled } from '../chronicle.ts';
import {
  clockErrorMs,
  notDown,
  notUp,
  probedAddresses,
  roundsBehind,
  servingAddresses,
  verdictIn,
} from '../evidence.ts';
import {
  failbackAsked,
  type Invariant,
  isBackwards,
  movedByItself,
  onTable,
  pinOf,
  pointAsked,
} from './invariant.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * 1. A controller that makes visitors go to another server did so on a pin to it, or on a round of its own, not older than the
 * probe's timeout and 15 s by its own clock when the batch was sent, in which
 * - the new server passed at more than half of all configured vantages, and it can have been up (see `notUp`); the last resort
 *   need only have passed; the first record needs a server that can have been up, in whatever round;
 * - the old server can have been down (see `notDown`), unless it is the last resort, or the new one is preferred to it and
 *   has been up for the configured time or was asked for by a failback order; or a person pointed to the new one.
 */
export const onEvidence: Invariant = {
  number: 1,
  says: 'no switch by itself but on the evidence of a quorum',
  broken: (chronicle, siteChronicle, write) => {
    if (write.by !== 'controller' || !changesAnswers(write)) return undefined;
    const { site, life, applied, from, to } = write;
    const target = site.servers.find((s) => s.name === to);
    if (target === undefined) return `visitors are sent to ${to}, which is no configured server`;
    if (pinOf(write) === to) return undefined;
    const rounds = roundsBehind(chronicle, life, applied.sent, site);
    if (rounds.length === 0) return 'the process had no round that was not too old';
    const errorMs = clockErrorMs(chronicle, applied.sent.atMs);
    const pointed = pointAsked(chronicle, siteChronicle, write, errorMs);
    const asked = failbackAsked(siteChronicle, write, errorMs);
    const addresses = probedAddresses(target);
    const why = rounds.map((round): string | undefined => {
      const up = (forMs = 0) => notUp(chronicle, round, site, addresses, forMs);
      // The first record, or the same server written anew.
      if (from === undefined || from === to) return up();
      if (verdictIn(round, addresses) !== 'passed') return `${to} did not pass in that round`;
      const old = site.servers.find((s) => s.name === from);
      const oldAddresses = old === undefined ? [] : servingAddresses(old, aloneOf(site, write.before));
      const down = old === undefined ? `${from} is nobody's` : notDown(chronicle, round, site, oldAddresses);
      if (to === site.lastResort) return down;
      if (up() !== undefined) return up();
      if (down === undefined || from === site.lastResort) return undefined;
      if (pointed) return undefined;
      if (!isBackwards(write)) return down;
      if (asked) return undefined;
      if (site.failback === 'manual') return `nobody asked for a failback, and ${down}`;
      return up(site.failback.afterSeconds * SECOND);
    });
    return why.every((text) => text !== undefined)
      ? `${from} -> ${to}: ${[...new Set(why)].join('; or ')}`
      : undefined;
  },
};

/**
 * 1, velocity. After more than two moves by itself within thirty minutes the next waits five minutes, by true time. Not asked
 * for where one of the moves was made by a wrong clock or while the table was in trouble, or the table was lost: moves are
 * remembered there alone.
 */
export const notTooOften: Invariant = {
  number: 1,
  says: 'no more than three moves by itself in thirty minutes without a wait of five',
  broken: (chronicle, siteChronicle, write) => {
    if (!movedByItself(chronicle, siteChronicle, write)) return undefined;
    const sentMs = write.applied.sent.atMs;
    const recent = siteChronicle.moves.filter((m) => sentMs - m.applied.atMs < 30 * MINUTE);
    const lastMs = Math.max(...recent.map((m) => m.applied.atMs));
    if (recent.length < 3 || sentMs - lastMs >= 5 * MINUTE - 2 * SECOND) return undefined;
    const forgotten = [...recent, write].some(
      ({ life, applied }) =>
        life.mostSkewMs > 0 || troubled(chronicle, onTable, life.bornMs, applied.atMs + 2 * MINUTE),
    );
    const lost = chronicle.tableLosses.some(({ atMs }) => sentMs - atMs < HOUR);
    if (forgotten || lost) return undefined;
    return `the ${recent.length + 1}th move in thirty minutes came ${(sentMs - lastMs) / SECOND} s after the one before`;
  },
};
