import { join } from 'node:path';
import { writeBundle } from '../../lib/bundle.ts';
import { type Answered, peakRssMb, startHost } from '../host.ts';
import { requestOf } from '../targets.ts';
import type { Job, Measured, Peer } from './peer.ts';

/** The last look counts; the first is what a cold function pays. */
const LOOKS = 3;

/** `directory` is where a profile of the process goes, if one is wanted. */
const measureBundle = (entry: string, profileTo?: string) => async (job: Job) => {
  writeBundle(entry, job.dir);
  const nodeFlags = profileTo === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`];
  const host = await startHost(join(job.dir, 'index.cjs'), { nodeFlags });
  try {
    const looks: Answered[] = [];
    for (let look = 0; look < LOOKS; look += 1) looks.push(await host.ask(eventOf(job)));
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
export const switchover = (profileTo?: string): Peer => ({
  name: 'switchover',
  schemes: ['http', 'https'],
  measure: measureBundle('lambda/prober.ts', profileTo),
});

/** undici's agent in a loop, bundled the same way. */
export const naive: Peer = {
  name: 'undici Agent loop',
  schemes: ['http', 'https'],
  measure: measureBundle('bench/peers/naive-handler.ts'),
};
