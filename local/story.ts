import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from './cloud.ts';
import { DEMO_SITE } from './demo-config.ts';
import { restart, type WebServer } from './demo-servers.ts';
import type { Health } from './events.ts';
import { askConsole, fetchPage, readMails, resolve } from './outside.ts';

/** What is different from lever to lever for those who look from outside. */
export type View = {
  /** The addresses that DNS answers with while this server serves and nothing is wrong. */
  addressesWith(server: WebServer): string;
  /** What fetching the page comes to when the primary has died and nothing has moved yet. */
  deadPage: string;
  /** What moves, as a title. */
  move: string;
};

const RECORD: View = {
  addressesWith: ({ address }) => address,
  deadPage: 'ECONNREFUSED',
  move: 'The records are swapped, and people are told.',
};

/** Where the demo takes place. */
export type Stage = {
  cloud: Cloud;
  primary: WebServer;
  standby: WebServer;
  /** That of the lever `record` unless given. */
  view?: View;
  /** How the last round found the servers. */
  healths(): Record<string, Health>;
  isReady(): boolean;
  /** The primary of the last chapter is another process than the one of the first. */
  onRestart(primary: WebServer): void;
  /** What a step may take, as a multiple of its usual time; 1 unless given. */
  patience?: number;
  /** Told of each step as it begins to be waited for. */
  awaited?(what: string): void;
  chapter(title: string): void;
  seen(what: string): void;
};

/** A step that was not seen; the message says what was seen instead. */
export class StepFailed extends Error {}

const viewOf = ({ view = RECORD }: Stage): View => view;

/** No observation may take longer. */
const STEP_LIMIT_MS = 20_000;
/** How long a primary that is up again must be left alone for us to believe that it is: several rounds. */
const LEFT_ALONE_MS = 7_000;

/** Tells the story. Rejects with `StepFailed` at the first step that cannot be seen from outside. */
export const tell = async (stage: Stage): Promise<void> => {
  await allIsWell(stage);
  await thePrimaryDies(stage);
  await theStandbyTakesOver(stage);
  await thePrimaryReturns(stage);
  await aPersonMovesItBack(stage);
};

const allIsWell = async (stage: Stage): Promise<void> => {
  stage.chapter('All is well: the primary serves.');
  await observe(stage, 'the local cloud', 'ready', async () => (stage.isReady() ? 'ready' : 'not ready'));
  await observeServing(stage, stage.primary);
};

const thePrimaryDies = async (stage: Stage): Promise<void> => {
  stage.chapter(`The primary dies: process ${stage.primary.pid} is killed.`);
  await stage.primary.kill();
  await observe(stage, 'the page for visitors', viewOf(stage).deadPage, () => page(stage));
  await observe(stage, 'the primary, by the word of the vantages', 'down', () => health(stage));
};

const theStandbyTakesOver = async (stage: Stage): Promise<void> => {
  stage.chapter(viewOf(stage).move);
  await observeServing(stage, stage.standby);
  await observeMail(stage, 'failover');
};

const thePrimaryReturns = async (stage: Stage): Promise<void> => {
  stage.chapter(
    'The primary comes back. Moving visitors twice is a decision for a person, so it is not used.',
  );
  stage.onRestart(await restart(stage.primary));
  await observe(stage, 'the primary, by the word of the vantages', 'up', () => health(stage));
  await leftAlone(stage);
};

/** Looks for a while whether visitors stay where they are, at the standby. */
export const leftAlone = async (stage: Stage): Promise<void> => {
  for (const end = performance.now() + LEFT_ALONE_MS; performance.now() < end; await sleep(200)) {
    const [found, expected] = [await addresses(stage), viewOf(stage).addressesWith(stage.standby)];
    if (found !== expected)
      throw new StepFailed(`DNS, over UDP: expected it to stay at ${expected}, saw ${found || 'nothing'}`);
  }
  stage.seen(
    `DNS, over UDP: still ${viewOf(stage).addressesWith(stage.standby)} after ${LEFT_ALONE_MS / 1000} s`,
  );
};

const aPersonMovesItBack = async (stage: Stage): Promise<void> => {
  stage.chapter('A person moves it back: the Lambda function behind the console is invoked.');
  await askForFailback(stage);
  await observeServing(stage, stage.primary);
  await observeMail(stage, 'failback');
};

export const askForFailback = async (stage: Stage): Promise<void> => {
  const command = { action: 'failback', site: DEMO_SITE, reason: 'the primary was repaired', by: 'the demo' };
  stage.seen(`${stage.cloud.functions.console} is sent ${JSON.stringify(command)}`);
  const answer = await askConsole(stage.cloud, stage.cloud.config.homeRegion, command);
  if (!answer.ok)
    throw new StepFailed(`the console function: expected it to do so, answered ${answer.message}`);
  stage.seen(`it answers: ${answer.message}`);
};

const addresses = async ({ cloud }: Stage): Promise<string> =>
  (await resolve(cloud.dns, DEMO_SITE)).join(', ');
const page = ({ cloud, primary }: Stage): Promise<string> => fetchPage(cloud.dns, DEMO_SITE, primary.port);
export const health = async ({ healths, primary }: Stage): Promise<string> =>
  healths()[primary.name] ?? 'not seen';

const observeServing = async (stage: Stage, server: WebServer): Promise<void> => {
  await observe(stage, `${DEMO_SITE} in DNS, over UDP`, viewOf(stage).addressesWith(server), () =>
    addresses(stage),
  );
  await observe(stage, 'the page at that address, served by', server.name, () => page(stage));
};

export const observeMail = async (stage: Stage, kind: string): Promise<void> => {
  const reader = stage.cloud.config.alerts.emails[0]!;
  await observe(stage, `the mail about the ${kind}, sent to`, reader, async () => {
    const mail = readMails(stage.cloud.state).find(
      ({ to, attributes }) => to === reader && attributes.kind === kind,
    );
    return mail?.to ?? 'nobody';
  });
};

/** Looks until what is found is what was expected. */
export const observe = async (
  stage: Pick<Stage, 'seen' | 'awaited' | 'patience'>,
  what: string,
  expected: string,
  look: () => Promise<string>,
): Promise<void> => {
  stage.awaited?.(`${what}: ${expected}`);
  const limitMs = STEP_LIMIT_MS * (stage.patience ?? 1);
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found === expected) return stage.seen(`${what}: ${found}`);
    if (performance.now() > end)
      throw new StepFailed(
        `${what}: expected ${expected}, saw ${found || 'nothing'} after ${(limitMs / 1000).toFixed(0)} s`,
      );
    await sleep(100);
  }
};
