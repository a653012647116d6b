import type { Watch, Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { heartbeatName, shardNumber } from '../core/site/shard.ts';
import { deadManRegion } from '../core/site/site.ts';
import { gapMs } from '../core/state/baton.ts';
import { logFault } from '../log/lines.ts';
import { UNTOLD_SINCE } from '../notify/teller.ts';
import type { World } from '../ports.ts';

/** The dead-man alarm counts minutes; one heartbeat each is enough. */
const HEARTBEAT_EVERY_MS = 60_000;
/** A move that is due for so long and neither made nor told, and a message that could not be delivered for so long, are nobody's secret. */
const DUE_MS = 60_000;
const UNTOLD_MS = 300_000;

/** Whether a site gets what it is due: it is looked at, and moved or told as not moved. */
const isServed = (watched: Watched, nowMs: number, gap: number): boolean => {
  const { dueSinceMs = nowMs, dueWatched, lastLook } = watched;
  const isDueInSilence = dueWatched && nowMs - dueSinceMs > DUE_MS;
  return !isDueInSilence && nowMs - (lastLook?.startMs ?? nowMs) <= gap;
};

/** Whether people hear what they are owed: nothing waits for longer than a topic may be away unnoticed. */
const isHeard = ({ memory }: World, { sites, deployment, told }: Watch, nowMs: number): boolean => {
  const outbox = [...sites.flatMap(({ state }) => state.outbox), ...deployment.state.outbox];
  const oldestMs = outbox.reduce((ms, one) => (told.has(one.id) ? ms : Math.min(ms, one.atMs)), nowMs);
  return nowMs - Math.min(oldestMs, memory.get(UNTOLD_SINCE) ?? nowMs) <= UNTOLD_MS;
};

/**
 * Tells the alarm on silence, which is outside this region, that this controller gets its work done. It does not while moves that are due
 * are neither made nor told, or what is owed to people reaches nobody: an alarm that counted rounds alone would stay quiet then. It
 * is sent on a round's heels and never awaited by one.
 */
export const heartbeat = async (world: World, watch: Watch): Promise<void> => {
  const { config, clock } = world;
  const nowMs = clock.now();
  if (watch.roundsDecided === 0 || nowMs - watch.lastHeartbeatMs < HEARTBEAT_EVERY_MS) return;
  const gap = gapMs(config.intervalSeconds) + DUE_MS;
  if (!isHeard(world, watch, nowMs) || !watch.sites.every((site) => isServed(site, nowMs, gap))) return;
  const { roundsDecided } = watch;
  watch.lastHeartbeatMs = nowMs;
  watch.roundsDecided = 0;
  try {
    const event = {
      probes: [],
      deadlineMs: 1000,
      heartbeat: { deployment: heartbeatName(config.deployment, shardNumber(config)), roundsDecided },
    };
    await world.probers.probe(deadManRegion(config), event);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    watch.roundsDecided += roundsDecided;
    watch.lastHeartbeatMs = 0;
    logFault(world, 'heartbeat', error);
  }
};
