import type { Watched } from '../book/watch.ts';
import { isoTime } from '../core/base/time.ts';
import type { Look } from '../core/evidence/judge.ts';
import { healthsOf } from '../core/evidence/targets.ts';
import type { World } from '../ports.ts';

/** Healthy sites are named up to this number; a line of a thousand names each interval would cost more than the probes. */
const NAMES_LOGGED = 50;

/** One line a round, whatever the number of sites: those in trouble with their healths, the others by name or number. */
export const logRound = (world: World, sites: Watched[], looks: Map<string, Look>, startMs: number): void => {
  const vantages = new Set([...looks.values()].flatMap((look) => Object.keys(look.sightings)));
  const troubled = sites.filter((w) => Object.values(w.state.targets).some((t) => t.health !== 'up'));
  const healthy = sites.filter((w) => !troubled.includes(w)).map((w) => w.site.name);
  world.log({
    event: 'round',
    at: isoTime(startMs),
    vantages: world.config.vantages.filter((v) => vantages.has(v)),
    sites: Object.fromEntries(troubled.map((w) => [w.site.name, healthsOf(w.state.targets)])),
    healthy: healthy.length > NAMES_LOGGED ? healthy.length : healthy,
  });
};
