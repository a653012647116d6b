import { join } from 'node:path';
import { writeBundle } from '../../lib/bundle.ts';
import { type Answered, peakRssMb, startHost } from '../host.ts';
import { requestOf } from '../targets.ts';
import type { Job, Measured, Peer } from './peer.ts';

/** The last look counts; the first is what a cold function pays. */
const LOOKS = 3;
/** Enough that start-up and compilation are a small part of a profile. */
const PROFILED_LOOKS = 10;

/** A profile of the process goes beside its bundle. */
const measureBundle = (entry: string, isProfiled: boolean, root?: string) => async (job: Job) => {
  writeBundle(entry, job.dir, undefined, root);
  const nodeFlags = isProfiled ? ['--cpu-prof', `--cpu-prof-dir=${job.dir}`] : [];
  const host = await startHost(join(job.dir, 'index.cjs'), { nodeFlags });
  try {
    const looks: Answered[] = [];
    const wanted = isProfiled ? PROFILED_LOOKS : LOOKS;
    for (let look = 0; look < wanted; look += 1) looks.push(await host.ask(eventOf(job)));
    const [first, last] = [looks[0] as Answered, looks.at(-1) as Answered];
    return {
      ...measured(job, last),
      coldPerCpuSecond: job.count / first.cpuSeconds,
      rssMb: peakRssMb(host.pid),
    };
  } finally {
    await host.stop();
  }
};

const eventOf = ({ scheme, count, targets }: Job) => ({
  probes: Array.from({ length: count }, (_, index) => requestOf(scheme, targets.ports[scheme], index)),
  deadlineMs: 120_000,
});

const measured = ({ count }: Job, { observations, cpuSeconds, wallSeconds }: Answered): Measured => ({
  probes: count,
  passed: observations.filter(({ code }) => code === 'ok').length,
  cpuSeconds,
  wallSeconds,
});

/** The prober as it is deployed: bundled, one batch of all servers, every check on, certificates verified. */
export const switchover = (isProfiled = false): Peer => ({
  name: 'switchover',
  schemes: ['http', 'https', 'h2'],
  measure: measureBundle('lambda/prober.ts', isProfiled),
});

/** The prober of another checkout. */
export const switchoverOf = (root: string): Peer => ({
  name: 'switchover before',
  schemes: ['http', 'https', 'h2'],
  measure: measureBundle('lambda/prober.ts', false, root),
});

/** undici's agent in a loop, bundled the same way. */
export const naive: Peer = {
  name: 'undici Agent loop',
  schemes: ['http', 'https'],
  measure: measureBundle('bench/peers/naive-handler.ts', false),
};
