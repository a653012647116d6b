/**
 * How long the bundled prober takes to load beside an empty module: while no server speaks HTTP/2, and with the library
 * that the first one of them brings. From the start of a process to its end, in turns, so that what else the machine
 * does slows all alike. `npm run bench -- loading [--json] [--repeat N]`. Ends with 1 if it takes longer than it may.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBundle } from '../lib/bundle.ts';
import { median } from './statistics.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, repeat: { type: 'string' } } });
const repeats = Number(values.repeat ?? 20);

const root = mkdtempSync(join(tmpdir(), 'switchover-loading-'));
const NODE = { name: 'Node alone', file: join(root, 'nothing.cjs') };
const PROBERS = [
  { name: 'prober', file: join(root, 'index.cjs'), mostMs: 60 },
  { name: 'prober and undici', file: join(root, 'with-undici.cjs'), mostMs: 150 },
];

const startMs = async (file: string): Promise<number> => {
  const startedAt = performance.now();
  // What this shell has set changes how long Node takes to start.
  const child = spawn(process.execPath, [file], { stdio: 'inherit', env: { PATH: process.env.PATH } });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Expected ${file} to load, its process ended with ${code}.`);
  return performance.now() - startedAt;
};

try {
  writeFileSync(NODE.file, 'exports.handler = async () => {};');
  writeBundle('lambda/prober.ts', root);
  writeFileSync(PROBERS[1]?.file as string, "require('./index.cjs');\nrequire('undici');\n");
  const times = new Map<string, number[]>();
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    for (const { name, file } of [NODE, ...PROBERS]) {
      times.set(name, [...(times.get(name) ?? []), await startMs(file)]);
    }
  }
  const medianOf = (name: string) => median(times.get(name) ?? []) as number;
  const nodeMs = medianOf(NODE.name);
  const rows = PROBERS.map(({ name, mostMs }) => ({ name, mostMs, overNodeMs: medianOf(name) - nodeMs }));
  console.error(`${NODE.name}: ${nodeMs.toFixed(0)} ms from start to end, median of ${repeats}`);
  for (const { name, mostMs, overNodeMs } of rows) {
    console.error(`${name}: ${overNodeMs.toFixed(0)} ms more, at most ${mostMs} are wanted`);
    if (overNodeMs > mostMs) process.exitCode = 1;
  }
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, load: loadavg()[0] };
  if (values.json) console.log(JSON.stringify({ bench: 'loading', repeats, machine, nodeMs, rows }));
} finally {
  rmSync(root, { recursive: true, force: true });
}
