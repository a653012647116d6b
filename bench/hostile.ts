/**
 * What one hostile server does to those that are probed with it: for each kind ten of them beside thirty good servers
 * and three silent ones, by the bundled prober with 128 MB and its share of a core. `npm run bench -- hostile [--json]
 * [--only KIND] [--root DIRECTORY]`: the sources of another checkout may be named, and kinds by a part of their name.
 * Needs nginx (Debian: nginx-light), and Linux; memory is held to the size where a cgroup may be made.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeBundle } from '../lib/bundle.ts';
import { PROBER_ENVIRONMENT } from '../lib/stacks/prober-memory.ts';
import { type Answered, nodeFlags, peakRssMb, startHost } from './host.ts';
import { memoryGroup } from './memory-group.ts';
import { requestOf, type Scheme, startSilence, startTargets, type Targets } from './targets.ts';
import { cpuShareOf, throttle } from './throttle.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, root: { type: 'string' } },
});
const MEMORY_MB = 128;
const TIMEOUT_MS = 3_000;
const DEADLINE_MS = 60_000;
/** Older sources are deployed without it. */
const ENVIRONMENT = values.root === undefined ? PROBER_ENVIRONMENT : {};
const [HOSTILE, GOOD, SILENT] = [10, 30, 3];

type Kind = { kind: string; scheme: Scheme; port: number; isSoundFirst: boolean };
type Row = { kind: string; hostile: string; good: string; silent: string; seconds?: number; peakMb?: number };

/** The codes of those whose id begins like this, with how often each came. */
const codesOf = ({ observations }: Answered, start: string): string => {
  const counts = new Map<string, number>();
  for (const { id, outcome, code } of observations) {
    if (!id.startsWith(start)) continue;
    const said = outcome === 'unknown' ? `unknown/${code}` : code;
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].map(([code, count]) => `${count} ${code}`).join(', ');
};

const measure = async (
  { kind, scheme, port, isSoundFirst }: Kind,
  bundle: string,
  targets: Targets,
  silentPort: number,
) => {
  const group = memoryGroup(MEMORY_MB);
  const before = group && { before: group.enter };
  const host = await startHost(bundle, {
    nodeFlags: nodeFlags(MEMORY_MB),
    env: ENVIRONMENT,
    ...before,
  });
  const held = throttle(host.pid, cpuShareOf(MEMORY_MB));
  const many = (name: string, count: number, of: Scheme, at: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...requestOf(of, at, index, TIMEOUT_MS),
      id: `${name} ${index}`,
    }));
  const good = many('good', GOOD, 'http', targets.ports.http);
  try {
    // Loaded and warm, as a prober is that is called every few seconds.
    const hostile = many('hostile', HOSTILE, scheme, port);
    await host.ask({
      probes: [...good.slice(0, 10), ...(isSoundFirst ? hostile : [])],
      deadlineMs: DEADLINE_MS,
    });
    const probes = [...good, ...many('silent', SILENT, 'http', silentPort), ...hostile];
    const answered = await host.ask({ probes, deadlineMs: DEADLINE_MS });
    const said = (name: string) => codesOf(answered, name);
    const verdicts = { hostile: said('hostile'), good: said('good'), silent: said('silent') };
    return { kind, ...verdicts, seconds: answered.wallSeconds, peakMb: peakRssMb(host.pid) };
  } catch {
    return { kind, hostile: 'the prober ended', good: '', silent: '' };
  } finally {
    held.release();
    await host.stop();
    group?.remove();
  }
};

const print = ({ kind, hostile, good, silent, seconds, peakMb }: Row): void => {
  const numbers = `${seconds?.toFixed(1) ?? '-'} s | ${peakMb?.toFixed(0) ?? '-'} MB`;
  console.error(`| ${kind} | ${hostile} | ${good} | ${silent} | ${numbers} |`);
};

const root = mkdtempSync(join(tmpdir(), 'switchover-hostile-'));
const targets = await startTargets(root);
const silence = await startSilence();
const servers = fork(fileURLToPath(new URL('hostile-servers.ts', import.meta.url)));
try {
  const [kinds] = (await once(servers, 'message')) as [Kind[]];
  writeBundle('lambda/prober.ts', root, undefined, values.root);
  const rows: Row[] = [];
  for (const kind of kinds.filter((each) => each.kind.includes(values.only ?? ''))) {
    const row = await measure(kind, join(root, 'index.cjs'), targets, silence.port);
    print(row);
    rows.push(row);
  }
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  if (values.json) console.log(JSON.stringify({ bench: 'hostile', memoryMb: MEMORY_MB, machine, rows }));
} finally {
  servers.disconnect();
  targets.stop();
  silence.stop();
  rmSync(root, { recursive: true, force: true });
}
