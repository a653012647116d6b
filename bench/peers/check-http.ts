import { addressOf, HOST, NEEDLE, PATH, type Scheme } from '../targets.ts';
import { countOf, run } from './command.ts';
import { type Job, type Measured, type Peer, programOf } from './peer.ts';

/** The fastest of 2 to 32 on two cores. */
const CONCURRENCY: Record<Scheme, number> = { http: 2, https: 32, h2: 32 };

/** One process a probe, as Nagios and Icinga run it. Certificates are not verified. */
const measure = async ({ scheme, count, targets }: Job): Promise<Measured> => {
  const addresses = Array.from({ length: count }, (_, index) => addressOf(index)).join('\n');
  const check = [programOf('check_http'), '-I', '{}', '-H', HOST, '-p', String(targets.ports[scheme])];
  if (scheme === 'https') check.push('--ssl', '--sni');
  const { output, cpuSeconds, wallSeconds } = await run(
    'xargs',
    ['-P', String(CONCURRENCY[scheme]), '-I', '{}', ...check, '-u', PATH, '-e', '200', '-s', NEEDLE],
    addresses,
  );
  return { probes: count, passed: countOf('HTTP OK', output), cpuSeconds, wallSeconds };
};

export const checkHttp: Peer = {
  name: 'check_http',
  schemes: ['http', 'https'],
  needs: { file: 'check_http', debian: 'monitoring-plugins-basic' },
  measure,
};
