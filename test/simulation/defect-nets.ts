import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DEFECT_VARIABLE, ROOT } from './defect-hook.ts';

/** Something that may catch a defect: a run of tests, or of the simulation. */
export type Net = {
  name: string;
  /** Arguments of one run of Node each, relative to the repository; the first run that fails is the catch. */
  runs: string[][];
};

/** What a net had to say: `passed`; `failed` by a test; `broken` when it could not be run at all, or did not end. */
export type Haul = { outcome: 'passed' | 'failed' | 'broken'; by: string };

/** Several times what the slowest net takes on a busy machine. A net that has not ended by then proves nothing. */
const NET_TIMEOUT_MS = 900_000;
/** Worlds that the simulation always plays alike. */
const SEEDS = [1, 2, 3];
const SIMULATION = 'test/simulation/simulate.ts';

/** Measures real time, and fails by itself on a busy machine. */
const TIMED = ['test/unit/lambda/core/probe/redirect.test.ts'];

const tests = (...patterns: string[]): string[][] => {
  const files = patterns.map((pattern) => globSync(pattern, { cwd: ROOT, exclude: TIMED }).sort());
  const empty = patterns.filter((_, index) => files[index]?.length === 0);
  // Without any file Node would run all tests there are.
  if (empty.length > 0) throw new Error(`Expected ${empty.join(' and ')} to name tests, received none.`);
  return [['--test', '--test-isolation=none', '--test-reporter=tap', ...files.flat()]];
};

/** Every net there is, the cheapest first. */
export const nets = (): Net[] => [
  { name: 'scenarios', runs: tests('test/scenarios/scenarios.test.ts') },
  { name: 'core', runs: tests('test/unit/lambda/core/**/*.test.ts') },
  {
    name: 'functions',
    runs: tests(
      'test/unit/lambda/{book,observe}/*.test.ts',
      'test/unit/lambda/{console/orders,status/report,apply/send,apply/move-address,notify/mass-failure,notify/events,notify/suppress,notify/with-orders,console/quiet-orders}.test.ts',
      'test/unit/lambda/controller/term{,-defects,-overlap,-vantages}.test.ts',
    ),
  },
  {
    name: 'edges',
    runs: tests(
      'test/unit/lambda/edge/{deadlines,dynamodb,role-credentials,route53}.test.ts',
      'test/unit/local/ec2.test.ts',
    ),
  },
  { name: 'brownout', runs: tests('test/scenarios/brownout.test.ts') },
  { name: 'search', runs: tests('test/simulation/search.test.ts') },
  {
    name: 'simulation',
    runs: [[], ['--lever', 'readdress']].flatMap((lever) =>
      SEEDS.map((seed) => [SIMULATION, '--seed', `${seed}`, ...lever]),
    ),
  },
];

/** Casts one net at the product with a defect in it, or at the product as it is. */
export const cast = async (net: Net, defect: string | undefined): Promise<Haul> => {
  for (const args of net.runs) {
    const haul = await run(args, defect);
    if (haul.outcome !== 'passed') return haul;
  }
  return { outcome: 'passed', by: '' };
};

const environment = (defect: string | undefined): NodeJS.ProcessEnv => {
  // A run inside a test run would speak to its parent instead of printing what it finds.
  const { NODE_TEST_CONTEXT: _, [DEFECT_VARIABLE]: __, ...rest } = process.env;
  return defect === undefined ? rest : { ...rest, [DEFECT_VARIABLE]: defect };
};

/** One run, ended at the first test that fails. */
const run = async (args: string[], defect: string | undefined): Promise<Haul> => {
  const hook = new URL('test/simulation/defect-hook.ts', ROOT).href;
  const child = spawn(process.execPath, ['--import', hook, ...args], {
    cwd: fileURLToPath(ROOT),
    env: environment(defect),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: NET_TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors = `${errors}${data}`.slice(-2000);
  });
  let by: string | undefined;
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.trim() !== '' && !/^\s*#/.test(line)) last = line.trim();
    by ??= /^\s*not ok \d+ - (.*)$/.exec(line)?.[1];
    if (by !== undefined) child.kill('SIGKILL');
  }
  const code = await ended;
  // A file that cannot be loaded fails under its own name: the defect is no program, and that proves nothing.
  if (by !== undefined) return { outcome: /\.test\.ts$/.test(by) ? 'broken' : 'failed', by };
  if (code === 0) return { outcome: 'passed', by: '' };
  const isTests = args.includes('--test');
  if (isTests || code !== 1) return { outcome: 'broken', by: `exit code ${code}: ${errors.trim() || last}` };
  return { outcome: 'failed', by: `${args.slice(1).join(' ')}: ${last}`.slice(0, 200) };
};
