import { targetsOf } from '../../lambda/core/evidence/targets.ts';
import type { Config } from '../../lambda/core/site/site.ts';

/**
 * Memory brings CPU with it: 1,769 MB is one core (AWS documentation), less is the same part of one. Measured by
 * `npm run bench -- lambda-size`, docs/performance.md: 128 MB makes 35 cold and 46 warm HTTPS probes a second, so that twenty
 * take about half of one; from 256 MB on a probe costs about the same whatever the size, and more memory than a batch needs is
 * paid for while the prober only waits for servers. A batch has at most 150 probes: larger deployments are probed by more
 * invocations side by side and not by larger ones.
 */
const SIZES = [
  { memoryMb: 128, probes: 20 },
  { memoryMb: 256, probes: Number.POSITIVE_INFINITY },
];

/** Memory of a prober, in MB, for all the servers that a look at every site asks. */
export const proberMemoryMb = (config: Config): number => {
  const targets = config.sites.flatMap((site) => targetsOf(site, { kind: 'nothing' }));
  const probes = targets.reduce((sum, { addresses }) => sum + addresses.length, 0);
  return (SIZES.find((size) => probes <= size.probes) as (typeof SIZES)[number]).memoryMb;
};

/**
 * Gives large pieces of memory back to the system as soon as they are free. By itself glibc keeps those of each of its threads once some
 * were asked for and freed: a few bodies that unpack to 16 MB each would leave the smallest prober without memory.
 */
export const PROBER_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '1048576' };
