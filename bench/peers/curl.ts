import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, HOST, NEEDLE, PATH } from '../targets.ts';
import { countOf, run } from './command.ts';
import type { Job, Measured, Peer } from './peer.ts';

/** The fastest of 8 to 300 on two cores. */
const CONCURRENCY = 25;

/** Certificates are not verified, bodies are written out and looked through by us, which is not counted. */
const measure = async ({ scheme, count, targets, dir }: Job): Promise<Measured> => {
  const file = join(dir, 'curl.conf');
  const urls = Array.from(
    { length: count },
    (_, index) => `url = "${scheme}://${addressOf(index)}:${targets.ports[scheme]}${PATH}"\noutput = "-"`,
  );
  writeFileSync(file, urls.join('\n'));
  const flags = ['--silent', '--insecure', '--parallel', '--parallel-max', String(CONCURRENCY)];
  const { output, cpuSeconds, wallSeconds } = await run('curl', [
    ...flags,
    '--header',
    `Host: ${HOST}`,
    '--config',
    file,
  ]);
  return { probes: count, passed: countOf(NEEDLE, output), cpuSeconds, wallSeconds };
};

export const curl: Peer = {
  name: 'curl --parallel',
  schemes: ['http', 'https'],
  needs: { file: 'curl', debian: 'curl' },
  measure,
};
