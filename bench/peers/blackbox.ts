import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { endsWithUs } from '../ending.ts';
import { peakRssMb } from '../host.ts';
import { freePorts } from '../listening.ts';
import { addressOf, HOST, inUrl, NEEDLE, PATH } from '../targets.ts';
import { cpuSecondsOf, type Job, type Measured, type Peer, programOf } from './peer.ts';

/** The fastest of 4 to 128 on two cores, give or take nothing. */
const CONCURRENCY = 64;

/** Where its HTTP server is asked to probe. */
type At = { host: string; port: number; agent: http.Agent };

const CONFIG = `
modules:
  probe:
    prober: http
    timeout: 10s
    http:
      valid_status_codes: [200]
      fail_if_body_not_matches_regexp: ['${NEEDLE}']
      preferred_ip_protocol: ip4
      headers: { Host: ${HOST} }
      tls_config: { insecure_skip_verify: true, server_name: ${HOST} }
`;

/** Asked for each probe over kept connections by this process, whose work is not counted. Certificates are not verified. */
const measure = async (job: Job): Promise<Measured> => {
  const file = join(job.dir, 'blackbox.yml');
  writeFileSync(file, CONFIG);
  const [port = 0] = await freePorts(1);
  const host = '127.0.0.1';
  const child = endsWithUs(
    spawn(
      programOf('prometheus-blackbox-exporter'),
      [`--config.file=${file}`, `--web.listen-address=${host}:${port}`, '--log.level=error'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    ),
  );
  const pid = child.pid as number;
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const at = { host, port, agent };
  try {
    await ready(at);
    const cold = await look(job, pid, at);
    const warm = await look(job, pid, at);
    return { ...warm, coldPerCpuSecond: cold.probes / cold.cpuSeconds, rssMb: peakRssMb(pid) };
  } finally {
    agent.destroy();
    child.kill();
    await once(child, 'exit');
  }
};

const look = async ({ scheme, count, targets }: Job, pid: number, at: At): Promise<Measured> => {
  const before = cpuSecondsOf(pid);
  const startedAt = performance.now();
  const said = await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const target = `${inUrl(scheme)}://${addressOf(index)}:${targets.ports[scheme]}${PATH}`;
      return get(`/probe?module=probe&target=${encodeURIComponent(target)}`, at);
    }),
  );
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  const cpuSeconds = cpuSecondsOf(pid) - before;
  const passed = said.filter((metrics) => /^probe_success 1$/m.test(metrics)).length;
  return { probes: count, passed, cpuSeconds, wallSeconds };
};

const get = (path: string, at: At): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = http.get({ ...at, path }, async (response) => {
      resolve((await response.toArray()).join(''));
    });
    request.on('error', reject);
  });

const ready = async (at: At): Promise<void> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const answered = await get('/-/healthy', at).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`Expected blackbox_exporter to listen on port ${at.port} within 5 s, it did not.`);
};

export const blackbox: Peer = {
  name: 'blackbox_exporter',
  schemes: ['http', 'https', 'h2'],
  needs: { file: 'prometheus-blackbox-exporter', debian: 'prometheus-blackbox-exporter' },
  measure,
};
