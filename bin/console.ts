import { resolve } from 'node:path';
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import type { Answer } from '../lambda/console/command.ts';
import { functionNames } from '../lambda/contract.ts';
import { onlyReads } from '../lambda/core/orders/command.ts';
import { clientOptions } from '../lambda/edge/aws.ts';
import { readRunning } from '../local/running.ts';
import {
  functionTrouble,
  invocationTrouble,
  isNotForUs,
  notRunning,
  type Place,
  Trouble,
} from './trouble.ts';

/** The console function of one deployment. `ask` rejects with `Trouble`. */
export type Console = Place & {
  ask(event: { action: string }): Promise<Answer>;
  /** Asks as a widget of a dashboard does; what comes back is markup. */
  widget(event: object): Promise<string>;
  /** Where AWS is, for what else an operator asks of it. */
  aws: { region: string; endpoint?: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
};

/** The function itself ends after a minute; an answer that has not come by then will not come. */
const ANSWER_MS = 65_000;
const CONNECT_MS = 5000;

/**
 * Finds the console of a running local cloud, or of the deployment that the configuration describes; or the function that only
 * looks, so that it can be asked by who may do no more; or the notifier, whose name is empty where no local cloud has one.
 */
export const findConsole = async (
  where: { local?: string; config?: string },
  which: 'console' | 'status' | 'notifier' = 'console',
): Promise<Console> => {
  if (where.local === undefined) {
    const { deployment, homeRegion } = await deploymentOf(where.config);
    const place = { name: functionNames(deployment)[which], region: homeRegion };
    const aws = { region: homeRegion };
    const widget = (event: object) => invoke(place, aws, event, readMarkup);
    if (which !== 'status') return { ...place, aws, widget, ask: (event) => invoke(place, aws, event) };
    const console = { ...place, name: functionNames(deployment).console };
    return { ...place, aws, widget, ask: (event) => invokeEither(place, console, aws, event) };
  }
  const local = resolve(where.local);
  const running = readRunning(local);
  if (running === undefined) throw new Trouble(notRunning(local));
  const { region, aws: endpoint, functions, operator: credentials } = running;
  const place = { name: functions[which] ?? '', region, local };
  const aws = { region, endpoint, credentials };
  const widget = (event: object) => invoke(place, aws, event, readMarkup);
  return { ...place, aws, widget, ask: (event) => invoke(place, aws, event) };
};

/**
 * Where the deployment is, which is all that is asked of the configuration: who must hold all sites tonight should not have
 * to correct an address first. Throws a `ConfigError` when even that is not there.
 */
const deploymentOf = async (path?: string): Promise<{ deployment: string; homeRegion: string }> => {
  // What runs on this machine needs none of it, and should answer at once.
  const { checkConfig, readConfig } = await import('../lib/config/index.ts');
  const { input, file } = await readConfig(path);
  const { deployment, homeRegion } = Object(input) as { deployment?: unknown; homeRegion?: unknown };
  return isName(deployment) && isName(homeRegion)
    ? { deployment, homeRegion }
    : checkConfig(input, file).config;
};

const isName = (value: unknown): value is string => typeof value === 'string' && /^[a-z0-9-]+$/.test(value);

/**
 * Asks the function that only looks. Where it is not, because an older version is deployed, or where the caller may ask the console
 * alone, that one answers: to what only looks it says the same.
 */
const invokeEither = async (
  place: Place,
  console: Place,
  aws: LambdaClientConfig,
  event: { action: string },
): Promise<Answer> => {
  try {
    return await invoke(place, aws, event);
  } catch (error) {
    if (!isNotForUs(error)) throw error;
    try {
      return await invoke(console, aws, event);
    } catch (second) {
      // Who may ask neither, or finds neither, needs the one that was meant.
      throw isNotForUs(second) ? error : second;
    }
  }
};

const invoke = async <T = Answer>(
  place: Place,
  options: LambdaClientConfig,
  event: object,
  read: (payload: string, place: Place) => T = readAnswer as (payload: string, place: Place) => T,
): Promise<T> => {
  const looks = onlyReads(event) || (event as { action?: unknown }).action === 'check';
  // An order is sent once: the person who repeats it should know that it may have been carried out already.
  const attempts = looks ? 2 : 1;
  const client = new LambdaClient({
    ...options,
    ...clientOptions({ connectMs: CONNECT_MS, answerMs: ANSWER_MS, attempts }),
  });
  const open = looks
    ? 'Ask again.'
    : 'It may have been carried out, wholly or in part: look at "status" and "history" before you repeat it.';
  try {
    const answer = await client.send(
      new InvokeCommand({ FunctionName: place.name, Payload: Buffer.from(JSON.stringify(event)) }),
    );
    const payload = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError !== undefined) throw functionTrouble(payload, place, open);
    return read(payload, place);
  } catch (error) {
    throw invocationTrouble(error, place, open);
  } finally {
    client.destroy();
  }
};

const readMarkup = (payload: string, place: Place): string => {
  const said: unknown = JSON.parse(payload);
  if (typeof said === 'string') return said;
  throw new Trouble(
    `Expected ${place.name} in ${place.region} to answer a widget with markup, received ${payload.slice(0, 200)}. Deploy this version.`,
  );
};

const readAnswer = (payload: string, place: Place): Answer => {
  try {
    const { ok, message } = JSON.parse(payload) as Answer;
    if (typeof ok === 'boolean' && typeof message === 'string') return JSON.parse(payload) as Answer;
  } catch {
    // Told below, together with everything else that is no answer.
  }
  throw new Trouble(
    `Expected ${place.name} in ${place.region} to answer as Switchover's console does, received ${payload.slice(0, 200) || 'nothing'}. ` +
      'Is that function of another program, or of another version? Deploy this one, or check out the one that is deployed.',
  );
};
