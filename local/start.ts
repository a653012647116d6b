/** The door of `npm start`: synthesizes the CDK app, boots what came out on this machine, and shows what happens. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pageSource } from '../bin/page-source.ts';
import { IS_BUILT, TOP } from '../lib/place.ts';
import { servePage } from '../page/serve.ts';
import { banner } from './banner.ts';
import { CannotStart } from './cannot-start.ts';
import { startCloud } from './cloud.ts';
import { demoConfig, type Pace } from './demo-config.ts';
import { controlDemoServers } from './demo-control.ts';
import { startDemoServers } from './demo-servers.ts';
import type { Happening } from './events.ts';
import { goOn, keepClock } from './keep-clock.ts';
import { lockDirectory } from './lock.ts';
import { readOptions, type StartOptions, USAGE, UsageError } from './options.ts';
import { mustBeFree } from './ports.ts';
import { openState } from './state.ts';
import { installSteadyDate } from './steady-date.ts';
import { aborted, type Stopping, stopping } from './stopping.ts';
import { StorageTrouble } from './storage.ts';
import { synthesize } from './synthesize.ts';
import { screenOf } from './terminal.ts';
import { createTimeline, jsonLine } from './timeline.ts';

/** Brisk enough to watch, and otherwise as in production. */
const PACE: Pace = {
  intervalSeconds: 5,
  ttlSeconds: 10,
  failuresToDown: 3,
  successesToUp: 3,
  downForSeconds: 4,
  confirmEverySeconds: 1,
};

/** What must be undone at the end, in the order in which it was done. */
type Undo = (() => unknown)[];

/** All that is written from here on, by our children and by libraries too, is for its owner alone. */
process.umask(0o077);
const clock = installSteadyDate();

const run = async (options: StartOptions, { signal, stop }: Stopping, undo: Undo): Promise<void> => {
  const stateDir = options.stateDir ?? join(IS_BUILT ? process.cwd() : TOP, '.switchover');
  undo.push(await lockDirectory(stateDir));
  undo.push(takeUp(stateDir));
  await mustBeFree(options);
  const isDemo = options.configFile === undefined && options.assemblyDir === undefined;
  const servers = isDemo ? await startDemoServers() : undefined;
  const demo = servers && controlDemoServers(servers);
  undo.push(() => demo?.close());
  const assemblyDir =
    options.assemblyDir ?? (await makeAssembly(stateDir, options.configFile, servers?.primary.port, signal));
  if (signal.aborted) return;

  const { show, rest } = output(options.json);
  const cloud = await startCloud({ ...options, assemblyDir, stateDir, demo, onEvent: show, goOnFrom });
  undo.push(() => cloud.close(), rest);
  if (!options.json) {
    const page = await servePage(await pageSource({ local: stateDir }));
    undo.push(() => page.close());
    process.stdout.write(banner(cloud, servers && [servers.primary, servers.standby], page.url));
  }
  if (options.forSeconds !== undefined) setTimeout(stop, options.forSeconds * 1000).unref();
  await aborted(signal);
};

/** The tables may lie ahead of what was noted beside them. */
const goOnFrom = (ms: number): void => {
  const remark = goOn(clock, ms);
  if (remark !== undefined) process.stderr.write(`${remark}\n`);
};

/** Says what the last start left behind that people should know of, and goes on with its time. Answers what is done at the end. */
const takeUp = (stateDir: string): (() => void) => {
  const state = openState(stateDir);
  const { remark, stop } = keepClock(clock, state);
  const cut = state.cutMails();
  if (remark !== undefined) process.stderr.write(`${remark}\n`);
  if (cut !== undefined)
    process.stderr.write(`The last line of ${cut} was cut, so that mail is not whole. It stays as it is.\n`);
  return stop;
};

const makeAssembly = async (
  stateDir: string,
  givenConfig: string | undefined,
  demoPort: number | undefined,
  signal: AbortSignal,
): Promise<string> => {
  const outdir = join(stateDir, 'assembly');
  process.stderr.write('Synthesizing the CDK app; it boots from what comes out.\n');
  const demo = demoPort === undefined ? undefined : demoConfig(demoPort, PACE);
  await synthesize(outdir, givenConfig ?? demo, signal);
  return outdir;
};

/** Where happenings go, and what leaves the screen tidy. */
const output = (json: boolean): { show(happening: Happening): void; rest(): void } => {
  const { stdout, stderr } = process;
  const timeline = createTimeline(screenOf(json ? stderr : stdout));
  const forPeople = (happening: Happening): string => timeline.show(happening, new Date().toISOString());
  return {
    show: (happening) => {
      if (!json) stdout.write(forPeople(happening));
      else if (happening.event === 'output') stderr.write(forPeople(happening));
      else stdout.write(jsonLine(happening));
    },
    rest: () => stdout.write(timeline.rest()),
  };
};

/** Where relative paths start: npm runs its scripts at the top of the project, wherever the person is. */
const here = (): string =>
  process.env.npm_lifecycle_event === 'start' ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();

const main = async (): Promise<void> => {
  const ending = stopping();
  const options = readOptions(process.argv.slice(2), here());
  if (options === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  if (options.assemblyDir !== undefined) mustBeAssembly(options.assemblyDir);
  const undo: Undo = [];
  try {
    await run(options, ending, undo);
  } catch (error) {
    // Synthesizing is cut short when we are asked to end.
    if (!ending.signal.aborted) throw error;
  } finally {
    for (const step of undo.reverse()) await step();
  }
};

const mustBeAssembly = (dir: string): void => {
  const manifest = join(dir, 'manifest.json');
  if (statSync(manifest, { throwIfNoEntry: false })?.isFile()) return;
  throw new CannotStart(`Expected --assembly to name a directory made by "cdk synth", found no ${manifest}.`);
};

try {
  await main();
} catch (error) {
  if (error instanceof UsageError) {
    // What is wrong stands last, where the prompt is.
    process.stderr.write(`${USAGE}\n${error.message}\n`);
    process.exitCode = 2;
  } else if (error instanceof CannotStart || error instanceof StorageTrouble) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
