import { type Config, hasSecrets, movesElasticIps, zoneAccounts } from '../../lambda/core/site/site.ts';

type Row = { sites: number; peakMb: number };
/** `sitesPerController` is a thousand at most. Seen in a run that calls failed in; docs/performance.md tells of it. */
const LARGEST: Row = { sites: 1000, peakMb: 456 };
/**
 * The most memory that the process of a controller with so many sites has held, MB: all of them made at once, well, and
 * all of their primaries dead, by `npm run bench -- lambda-size --part controller` (docs/performance.md). A controller
 * waits most of the time and is billed for waiting, so memory is its price. Each was given about what follows from it here: V8
 * collects later where it is given more.
 */
const PEAKS: Row[] = [
  { sites: 1, peakMb: 85 },
  { sites: 14, peakMb: 101 },
  { sites: 17, peakMb: 107 },
  { sites: 50, peakMb: 126 },
  { sites: 100, peakMb: 146 },
  { sites: 250, peakMb: 211 },
  { sites: 500, peakMb: 299 },
  LARGEST,
];
/** What the clients of EC2 and of the parameter store take on top, where they are loaded, MB; measured alike. */
const EC2_MB = 16;
const SSM_MB = 5;
/** That of STS, and clients of Route 53 for two hours of credentials: a process alone, with and without them (4 MB, Node 24.22). */
const STS_MB = 5;
/** A quarter to spare: Lambda's own part of the process, and what was never measured. */
const SPARE = 1.25;
/** Lambda takes any whole number from 128 on; by sixteens, one site more seldom changes the function. */
const STEP_MB = 16;
const LEAST_MB = 128;

/** Memory of a controller, in MB, for the sites that it decides for. */
export const controllerMemoryMb = (config: Config): number => {
  const { peakMb } = PEAKS.find(({ sites }) => config.sites.length <= sites) ?? LARGEST;
  const clientsMb =
    (movesElasticIps(config) ? EC2_MB : 0) +
    (hasSecrets(config) ? SSM_MB : 0) +
    (zoneAccounts(config).length > 0 ? STS_MB : 0);
  return Math.max(LEAST_MB, Math.ceil((SPARE * (peakMb + clientsMb)) / STEP_MB) * STEP_MB);
};

/**
 * Keeps freed memory from staying with the process. By itself glibc has a pool for each of Node's threads and keeps what
 * was freed in it. With one pool, and with large pieces given back, a controller of one site takes 6 MB less (measured).
 */
export const CONTROLLER_ENVIRONMENT = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
