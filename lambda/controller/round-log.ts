import { type Book, stateOf } from '../book/book.ts';
import { isoTime } from '../core/base/time.ts';
import type { Look } from '../core/evidence/judge.ts';
import { probeMetrics } from '../core/evidence/metrics.ts';
import { healthsOf } from '../core/evidence/targets.ts';
import type { Site } from '../core/site/site.ts';

/**
 * Healthy sites are named up to this number; a line of a thousand names each interval would cost more than the probes.
 */
const NAMES_LOGGED = 50;

/**
 * One line a round, whatever the number of sites: those in trouble with their healths, the others by name or number.
 */
export const logRound = (book: Book, looks: ReadonlyMap<Site, Look>, startMs: number): void => {
  const vantages = new Set([...looks.values()].flatMap((look) => Object.keys(look.sightings)));
  const targetsOf = (site: Site) => stateOf(book, site).targets;
  const isTroubled = (site: Site) => Object.values(targetsOf(site)).some(({ health }) => health !== 'up');
  const seen = book.config.sites.filter((site) => looks.has(site));
  const healthy = seen.filter((site) => !isTroubled(site)).map(({ name }) => name);
  book.log({
    event: 'round',
    at: isoTime(startMs),
    vantages: book.config.vantages.filter((v) => vantages.has(v)),
    sites: Object.fromEntries(seen.filter(isTroubled).map((site) => [site.name, healthsOf(targetsOf(site))])),
    healthy: healthy.length > NAMES_LOGGED ? healthy.length : healthy,
  });
};

/** A line for each probe of those sites that ask for metrics. */
export const logProbes = ({ config, log }: Book, looks: ReadonlyMap<Site, Look>): void => {
  for (const [site, look] of looks)
    for (const measured of probeMetrics(config.deployment, site, look))
      log({ ...measured, event: 'probe', at: isoTime(look.startMs) });
};
