/**
 * The door of `npm run demo`: one failover and one failback by hand, told as they happen, with the lever
 * that `--lever` names (`record` without it). Ends with 0 only if each step was
 * seen from outside, else with 1 and the step that was not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { IS_BUILT } from '../lib/place.ts';
import { CannotStart } from './cannot-start.ts';
import { startCloud } from './cloud.ts';
import { DEMO_LEVERS, type DemoLever } from './demo-levers.ts';
import type { Happening, Health } from './events.ts';
import { lockDirectory } from './lock.ts';
import { type Slowness, slownessOf } from './slowness.ts';
import { installSteadyDate } from './steady-date.ts';
import { aborted, stopping } from './stopping.ts';
import { StorageTrouble } from './storage.ts';
import { StepFailed } from './story.ts';
import { synthesize } from './synthesize.ts';
import { screenOf, styled } from './terminal.ts';
import { createTimeline } from './timeline.ts';

/** As fast as the rules allow, so that the story takes half a minute. */
const PACE = {
  intervalSeconds: 2,
  ttlSeconds: 10,
  failuresToDown: 3,
  successesToUp: 3,
  downForSeconds: 2,
  confirmEverySeconds: 1,
};
/** Whatever happens, it ends by then; on a machine that is slow, so many times later. */
const LIMIT_SECONDS = 85;

/** How far it has come, for whoever reads that it came no further. */
type Progress = { awaiting: string; slowness: Slowness; synthesisMs?: number; startedMs: number };

const machine = () => ({ load: loadavg()[0] ?? 0, cores: availableParallelism() });

installSteadyDate();

const { stdout } = process;
const screen = screenOf(stdout);
const timeline = createTimeline(screen);
const bold = (text: string): string => (screen.colour ? styled('bold', text) : text);
const say = (text: string): void => void stdout.write(`${timeline.rest()}${text}\n`);

const play = async (
  lever: DemoLever,
  progress: Progress,
  signal: AbortSignal,
  undo: (() => unknown)[],
): Promise<void> => {
  const stateDir = mkdtempSync(join(tmpdir(), 'switchover-demo-'));
  undo.push(() => rmSync(stateDir, { recursive: true, force: true }), await lockDirectory(stateDir));
  const servers = await lever.startServers();
  undo.push(() => Promise.all([servers.primary.kill(), servers.standby.kill()]));
  say(
    `Two web servers: the primary at ${servers.primary.address}, the standby at ${servers.standby.address}.`,
  );
  say('Synthesizing the CDK app; what is deployed to AWS is what runs here.');
  const [configFile, assemblyDir] = [join(stateDir, 'demo.json'), join(stateDir, 'assembly')];
  writeFileSync(configFile, JSON.stringify(lever.config(servers.primary.port, PACE)));
  progress.awaiting = 'the synthesis of the CDK app';
  const sinceMs = performance.now();
  await synthesize(assemblyDir, configFile, signal);
  progress.synthesisMs = performance.now() - sinceMs;
  progress.slowness = slownessOf(progress.synthesisMs, machine());
  progress.startedMs = performance.now();

  let healths: Record<string, Health> = {};
  let isReady = false;
  const onEvent = (happening: Happening): void => {
    if (happening.event === 'round') healths = happening.healths;
    if (happening.event === 'ready') isReady = true;
    stdout.write(timeline.show(happening, new Date().toISOString()));
  };
  const cloud = await startCloud({ assemblyDir, stateDir, dnsPort: 0, port: 0, tickSeconds: 60, onEvent });
  undo.push(() => cloud.close());
  if (lever.startBeside !== undefined) undo.push(await lever.startBeside(servers, cloud, configFile));
  let chapters = 0;
  await lever.tell({
    ...servers,
    cloud,
    healths: () => healths,
    isReady: () => isReady,
    patience: progress.slowness.times,
    awaited: (what) => {
      progress.awaiting = what;
    },
    onRestart: (primary) => undo.push(() => primary.kill()),
    chapter: (title) => say(`\n${bold(`${++chapters}. ${title}`)}\n`),
    seen: (what) => say(`          → ${what}`),
  });
};

const USAGE = `Shows a failover, and the way back by hand, on this machine: ${IS_BUILT ? 'switchover demo' : 'npm run demo --'} [--lever NAME]

  --lever NAME      ${Object.keys(DEMO_LEVERS).join(', ')}; record without it
  --help            this text
`;

/** The lever that `--lever NAME` names; `record` without it. */
const chosenLever = (args: string[]): DemoLever => {
  const names = Object.keys(DEMO_LEVERS).join(', ');
  const [flag, name = flag === undefined ? 'record' : undefined, ...more] = args.flatMap((arg) =>
    arg.split('='),
  );
  const lever =
    name === undefined || (flag !== undefined && flag !== '--lever') ? undefined : DEMO_LEVERS[name];
  if (lever !== undefined && more.length === 0) return lever;
  throw new CannotStart(
    `Expected nothing, --help, or --lever and one of ${names}, received ${args.join(' ')}.`,
  );
};

const main = async (): Promise<void> => {
  const startedMs = performance.now();
  const { signal, stop } = stopping();
  const progress: Progress = { awaiting: 'its start', slowness: { times: 1, said: '' }, startedMs };
  // How slow the machine is shows as it goes on, so the limit is looked at again and again.
  const limitSeconds = (): number => LIMIT_SECONDS * progress.slowness.times;
  const isOver = (): boolean => performance.now() - progress.startedMs > limitSeconds() * 1000;
  const look = (): void => {
    if (progress.synthesisMs === undefined) progress.slowness = slownessOf(undefined, machine());
    if (isOver()) stop();
  };
  const timer = setInterval(look, 500);
  const undo: (() => unknown)[] = [];
  try {
    await Promise.race([
      play(chosenLever(process.argv.slice(2)), progress, signal, undo),
      aborted(signal).then(() => {
        const why = isOver() ? `it took longer than ${limitSeconds().toFixed(0)} s` : 'interrupted';
        throw new StepFailed(`${why} while this was awaited: ${progress.awaiting}`);
      }),
    ]);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    say(`\n${bold('Every step was seen from outside.')} It took ${seconds} s.`);
  } catch (error) {
    const { said } = progress.slowness;
    if (!(error instanceof StepFailed) || said === '') throw error;
    throw new StepFailed(`${error.message}. ${said}`, { cause: error });
  } finally {
    clearInterval(timer);
    for (const step of undo.reverse()) await step();
  }
};

try {
  if (['--help', '-h'].includes(process.argv[2] ?? '')) stdout.write(USAGE);
  else await main();
} catch (error) {
  const isTold =
    error instanceof StepFailed || error instanceof CannotStart || error instanceof StorageTrouble;
  if (!isTold) throw error;
  say(`\n${bold(error instanceof StepFailed ? 'Not seen:' : 'Cannot start:')} ${error.message}`);
  process.exitCode = 1;
}
