import { type Apply, gateOf } from '../apply/gate.ts';
import { assessedOf } from '../assess/assess.ts';
import { stateOf } from '../book/book.ts';
import { Fault } from '../core/base/fault.ts';
import { heartbeatName, shardNumber } from '../core/site/shard.ts';
import { deadManRegion, type Site } from '../core/site/site.ts';
import { gapMs } from '../core/state/baton.ts';
import { isOwed, type Notice } from '../core/state/notice.ts';
import { logFault } from '../log/lines.ts';
import { remembered, type Teller } from '../notify/open.ts';
import { UNTOLD_SINCE } from '../notify/teller.ts';
import type { Probers } from '../ports.ts';

/** The dead-man alarm counts minutes; one heartbeat each is enough. */
const HEARTBEAT_EVERY_MS = 60_000;
/**
 * A move that is due for so long and neither made nor told, and a message that could not be delivered for so long, are
 * nobody's secret.
 */
const DUE_MS = 60_000;
const UNTOLD_MS = 300_000;

/** What the heartbeat vouches for: moves are made or told, and messages get through. */
export type Heart = {
  probers: Probers;
  apply: Apply;
  tellers: readonly Teller[];
  /** Rounds decided since the last heartbeat, and when that was sent. */
  roundsDecided: number;
  lastHeartbeatMs: number;
};

export const newHeart = (probers: Probers, apply: Apply, tellers: readonly Teller[]): Heart => ({
  probers,
  apply,
  tellers,
  roundsDecided: 0,
  lastHeartbeatMs: 0,
});

/** Whether a site gets what it is due: it is looked at, and moved or told as not moved. */
const isServed = (apply: Apply, site: Site, nowMs: number, longestGapMs: number): boolean => {
  const { dueSinceMs = nowMs, dueWatched } = gateOf(apply, site);
  const { lastLook } = assessedOf(apply.assessments, site);
  const isDueInSilence = dueWatched && nowMs - dueSinceMs > DUE_MS;
  return !isDueInSilence && nowMs - (lastLook?.startMs ?? nowMs) <= longestGapMs;
};

/** Whether people, or programs, hear what they are to hear: nothing waits for longer than a topic may be away unnoticed. */
const isHeard = (teller: Teller, nowMs: number): boolean => {
  const { book, channel, config, kept, memory, told } = teller;
  const isDone = (one: Notice) => told.has(one.id) || kept.has(one.id) || !isOwed(one, channel);
  const outbox = [
    ...config.sites.flatMap((site) => stateOf(book, site).outbox),
    ...book.deployment.state.outbox,
  ];
  const oldestMs = outbox.reduce((ms, one) => (isDone(one) ? ms : Math.min(ms, one.atMs)), nowMs);
  return nowMs - Math.min(oldestMs, memory.get(remembered(teller, UNTOLD_SINCE)) ?? nowMs) <= UNTOLD_MS;
};

/**
 * Tells the alarm on silence, which is outside this region, that this controller gets its work done. It does not while
 * moves that are due are neither made nor told, or what people are to hear reaches nobody: an alarm that counted rounds
 * alone would stay quiet then. It is sent on a round's heels and never awaited by one.
 */
export const heartbeat = async (heart: Heart): Promise<void> => {
  const { apply, probers, tellers } = heart;
  const { clock, config } = apply;
  const nowMs = clock.now();
  if (heart.roundsDecided === 0 || nowMs - heart.lastHeartbeatMs < HEARTBEAT_EVERY_MS) return;
  const longestGapMs = gapMs(config.intervalSeconds) + DUE_MS;
  const areServed = config.sites.every((site) => isServed(apply, site, nowMs, longestGapMs));
  if (!tellers.every((teller) => isHeard(teller, nowMs)) || !areServed) return;
  const { roundsDecided } = heart;
  heart.lastHeartbeatMs = nowMs;
  heart.roundsDecided = 0;
  try {
    const event = {
      probes: [],
      deadlineMs: 1000,
      heartbeat: { deployment: heartbeatName(config.deployment, shardNumber(config)), roundsDecided },
    };
    await probers.probe(deadManRegion(config), event);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    heart.roundsDecided += roundsDecided;
    heart.lastHeartbeatMs = 0;
    logFault(apply, 'heartbeat', error);
  }
};
