import { Fault } from './core/fault.ts';
import { heartbeatName, shardNumber } from './core/shard.ts';
import { deadManRegion } from './core/site.ts';
import type { Watch } from './watch.ts';
import { logFault, type World } from './world.ts';

/** The dead-man alarm counts minutes; one heartbeat each is enough. */
const HEARTBEAT_EVERY_MS = 60_000;

/**
 * Tells the prober of the dead-man alarm's region how many rounds were decided since the last time. It is sent on a round's
 * heels and never awaited by one; what could not be told is counted in the next.
 */
export const heartbeat = async (world: World, watch: Watch): Promise<void> => {
  const { config, clock } = world;
  const nowMs = clock.now();
  if (watch.roundsDecided === 0 || nowMs - watch.lastHeartbeatMs < HEARTBEAT_EVERY_MS) return;
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
