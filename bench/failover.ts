/**
 * Time from a primary's failure to the first DNS answer that names the standby, seen from outside: real nginx servers, the
 * whole stack on the local cloud, DNS asked over UDP each 50 ms. Needs nginx (Debian: apt-get install nginx-light).
 *
 *     npm run bench -- failover [--json] [--quick] [--failure kill|500|hang] [--down-for S] [--interval S] [--runs N] [--at-once N]
 *
 * The failures of a row are spread evenly between two looks: 5 of them, or `--runs` (`--quick`: 1). Each has servers and a local cloud of
 * its own; `--at-once` so many are under way together, since a run is mostly waiting.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolve } from '../local/outside.ts';
import { nginx } from './nginx.ts';
import { measuredConfig, startSwitchover } from './switchover.ts';

const FAILURES = ['kill', '500', 'hang'] as const;
type Failure = (typeof FAILURES)[number];

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    failure: { type: 'string' },
    'down-for': { type: 'string' },
    interval: { type: 'string', default: '10' },
    runs: { type: 'string' },
    'at-once': { type: 'string', default: '1' },
  },
});
const intervalSeconds = Number(values.interval);
const runs = Number(values.runs ?? (values.quick ? 1 : 5));
const offsetsSeconds = Array.from({ length: runs }, (_, run) => ((run + 0.5) / runs) * intervalSeconds);
const failures = FAILURES.filter((f) => values.failure === undefined || values.failure === f);
const downFors = values['down-for'] === undefined ? [0, 10] : [Number(values['down-for'])];

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** One failure, `offsetSeconds` after a round; answers the seconds until DNS names the standby. */
const measure = async (
  failure: Failure,
  downForSeconds: number,
  offsetSeconds: number,
  port: number,
): Promise<number> => {
  const root = mkdtempSync(join(tmpdir(), 'switchover-bench-'));
  const primary = nginx(root, '127.0.0.2', port);
  const standby = nginx(root, '127.0.0.3', port);
  await Promise.all([primary.start(), standby.start()]);
  const running = startSwitchover(root, measuredConfig(port, { downForSeconds }, intervalSeconds));
  try {
    const ready = await running.line((l) => l.event === 'ready', 60_000);
    const from = running.lines.length;
    await running.line((l) => l.event === 'published', 60_000);
    const settledRound = (l: { event: string; vantages?: unknown }) =>
      l.event === 'round' && (l.vantages as string[]).length === 1;
    await running.line(settledRound, 30_000, from);
    const next = running.lines.length;
    await running.line(settledRound, 30_000, next);
    await sleep(offsetSeconds * 1000);
    const failedMs = performance.now();
    if (failure === 'kill') primary.kill();
    else if (failure === 'hang') primary.hang();
    else primary.break(true);
    for (;;) {
      const answer = await resolve(ready.dns as string, 'www.flip.example');
      const tookMs = performance.now() - failedMs;
      if (answer.join() === '127.0.0.3') return tookMs / 1000;
      if (tookMs > 90_000) throw new Error('Expected DNS to name the standby within 90 s, it did not.');
      await sleep(50);
    }
  } finally {
    await running.stop();
    primary.stop();
    standby.stop();
    rmSync(root, { recursive: true, force: true });
  }
};

const median = (numbers: number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

const rows: object[] = [];
for (const failure of failures) {
  // A range of its own, so that two failures can be measured side by side.
  let port = 18_000 + FAILURES.indexOf(failure) * 100;
  for (const downForSeconds of downFors) {
    const seconds: number[] = [];
    const waiting = [...offsetsSeconds];
    const oneAfterAnother = async () => {
      for (let offset = waiting.shift(); offset !== undefined; offset = waiting.shift())
        seconds.push(await measure(failure, downForSeconds, offset, port++));
    };
    await Promise.all(Array.from({ length: Number(values['at-once']) }, oneAfterAnother));
    const row = {
      failure,
      downForSeconds,
      runs: seconds.length,
      minSeconds: Math.min(...seconds),
      medianSeconds: median(seconds),
      maxSeconds: Math.max(...seconds),
      seconds,
    };
    rows.push(row);
    const show = (n: number) => n.toFixed(1);
    console.error(
      `${failure.padEnd(5)} downForSeconds ${downForSeconds}: min ${show(row.minSeconds)} median ${show(row.medianSeconds)} max ${show(row.maxSeconds)} s (${seconds.map(show).join(', ')})`,
    );
  }
}
if (values.json) console.log(JSON.stringify({ bench: 'failover', intervalSeconds, rows }));
