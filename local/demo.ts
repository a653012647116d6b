/**
 * The door of `npm run demo`: one failover and one failback by hand, told as they happen, with the lever
 * that `--lever` names (`record` without it). Ends with 0 only if each step was
 * seen from outside, else with 1 and the step that was not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.ts';
import { startCloud } from './cloud.ts';
import { DEMO_LEVERS, type DemoLever } from './demo-levers.ts';
import type { Happening, Health } from './events.ts';
import { lockDirectory } from './lock.ts';
import { aborted, stopping } from './stopping.ts';
import { StepFailed } from './story.ts';
import { synthesize } from './synthesize.ts';
import { screenOf } from './terminal.ts';
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
/** Whatever happens, it ends by then. */
const LIMIT_SECONDS = 85;

const { stdout } = process;
const screen = screenOf(stdout);
const timeline = createTimeline(screen);
const bold = (text: string): string => (screen.colour ? `\u001b[1m${text}\u001b[0m` : text);
const say = (text: string): void => void stdout.write(`${timeline.rest()}${text}\n`);

const play = async (lever: DemoLever, signal: AbortSignal, undo: (() => unknown)[]): Promise<void> => {
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
  await synthesize(assemblyDir, configFile, signal);

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
    onRestart: (primary) => undo.push(() => primary.kill()),
    chapter: (title) => say(`\n${bold(`${++chapters}. ${title}`)}\n`),
    seen: (what) => say(`          → ${what}`),
  });
};

const USAGE = `Shows a failover, and the way back by hand, on this machine: npm run demo -- [--lever NAME]

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
  const timer = setTimeout(stop, LIMIT_SECONDS * 1000);
  const undo: (() => unknown)[] = [];
  try {
    await Promise.race([
      play(chosenLever(process.argv.slice(2)), signal, undo),
      aborted(signal).then(() => {
        const spent = performance.now() - startedMs;
        throw new StepFailed(
          spent > LIMIT_SECONDS * 1000 ? `it took longer than ${LIMIT_SECONDS} s` : 'interrupted',
        );
      }),
    ]);
    say(
      `\n${bold('Every step was seen from outside.')} It took ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`,
    );
  } finally {
    clearTimeout(timer);
    for (const step of undo.reverse()) await step();
  }
};

try {
  if (['--help', '-h'].includes(process.argv[2] ?? '')) stdout.write(USAGE);
  else await main();
} catch (error) {
  if (!(error instanceof StepFailed || error instanceof CannotStart)) throw error;
  say(`\n${bold(error instanceof StepFailed ? 'Not seen:' : 'Cannot start:')} ${error.message}`);
  process.exitCode = 1;
}
