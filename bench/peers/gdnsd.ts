import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peakRssMb } from '../host.ts';
import { freePorts } from '../listening.ts';
import { addressOf, HOST, PATH } from '../targets.ts';
import { cpuSecondsOf, type Job, type Measured, type Peer, programOf } from './peer.ts';

/** The shortest interval it takes. It spreads its probes over the interval, which costs more than a burst. */
const INTERVAL_SECONDS = 2;
const INTERVALS = 4;

const configOf = ({ dir, count, targets }: Job, port: number): string => {
  const pairs = Array.from({ length: count / 2 }, (_, index) => {
    const [primary, secondary] = [addressOf(2 * index), addressOf(2 * index + 1)];
    return `r${index} => { service_types => [ web ], primary => ${primary}, secondary => ${secondary} }`;
  });
  return `
options => { listen => 127.0.0.1:${port}, run_dir => ${dir}/run, state_dir => ${dir}/state, udp_threads => 1, tcp_threads => 1 }
service_types => { web => {
  plugin => http_status, port => ${targets.ports.http}, url_path => ${PATH}, vhost => ${HOST}, ok_codes => [ 200 ],
  interval => ${INTERVAL_SECONDS}, timeout => 1, down_thresh => 1, ok_thresh => 1, up_thresh => 1
} }
plugins => { simplefo => { ${pairs.join('\n')} } }`;
};

const ZONE = `$TTL 60
@ SOA ns hostmaster 1 7200 1800 259200 60
@ NS ns
ns A 127.0.0.1
www 5 DYNA simplefo!r0
`;

/** Looks at the status alone: it cannot look at bodies. What it sent is counted by the servers. */
const measure = async (job: Job): Promise<Measured> => {
  mkdirSync(join(job.dir, 'zones'), { recursive: true });
  const [port = 0] = await freePorts(1);
  writeFileSync(join(job.dir, 'config'), configOf(job, port));
  writeFileSync(join(job.dir, 'zones', 'flip.perf'), ZONE);
  const before = await job.targets.requests();
  const child = spawn(programOf('gdnsd'), ['-c', job.dir, 'start'], { stdio: 'ignore' });
  const pid = child.pid as number;
  const exited = once(child, 'exit');
  const sleep = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1_000));
  try {
    for (let tries = 0; (await job.targets.requests()) - before < job.count; tries += 1) {
      if (child.exitCode !== null || tries > 100)
        throw new Error('Expected gdnsd to probe all servers within 10 s of its start, it did not.');
      await sleep(0.1);
    }
    // The burst of its start is over: from here on its probes are spread.
    await sleep(INTERVAL_SECONDS);
    const [firstRequest, firstCpu] = [await job.targets.requests(), cpuSecondsOf(pid)];
    const wallSeconds = INTERVALS * INTERVAL_SECONDS;
    await sleep(wallSeconds);
    const cpuSeconds = cpuSecondsOf(pid) - firstCpu;
    // Less the question itself.
    const probes = (await job.targets.requests()) - firstRequest - 1;
    return { probes, passed: probes, cpuSeconds, wallSeconds, rssMb: peakRssMb(pid) };
  } finally {
    child.kill();
    await exited;
  }
};

export const gdnsd: Peer = {
  name: 'gdnsd',
  schemes: ['http'],
  needs: { file: 'gdnsd', debian: 'gdnsd' },
  measure,
};
