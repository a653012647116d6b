/**
 * How long the bundled prober takes to load beside an empty module: while no server speaks HTTP/2, and with the library
 * that the first one of them brings. From the start of a process to its end, in turns. What else the machine does only ever
 * adds to that: so the quickest starts are compared with what they may take, and medians are told beside them.
 * `npm run bench -- loading [--json] [--repeat N]`. Ends with 1 if it takes longer than it may.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBundle } from '../lib/bundle.ts';
import { spread } from './statistics.ts';

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
  const timesOf = (name: string) => spread(times.get(name) ?? []);
  const node = timesOf(NODE.name);
  const rows = PROBERS.map(({ name, mostMs }) => {
    const { min, median = min } = timesOf(name);
    return { name, mostMs, overNodeMs: min - node.min, medianOverNodeMs: median - (node.median ?? node.min) };
  });
  const nodeMs = node.min;
  console.error(`${NODE.name}: ${nodeMs.toFixed(0)} ms from start to end, the quickest of ${repeats}`);
  for (const { name, mostMs, overNodeMs, medianOverNodeMs } of rows) {
    const medians = `${medianOverNodeMs.toFixed(0)} between the medians`;
    console.error(`${name}: ${overNodeMs.toFixed(0)} ms more (${medians}), at most ${mostMs} are wanted`);
    if (overNodeMs > mostMs) process.exitCode = 1;
  }
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, load: loadavg()[0] };
  if (values.json) console.log(JSON.stringify({ bench: 'loading', repeats, machine, nodeMs, rows }));
} finally {
  rmSync(root, { recursive: true, force: true });
}
