import { relative } from 'node:path';
import type { Answer } from '../lambda/console/command.ts';
import { onlyReads } from '../lambda/core/orders/command.ts';
import { CALLED } from '../lib/place.ts';
import { DEEDS } from '../local/deeds.ts';
import type { FaultRule } from '../local/faults.ts';
import { readRunning } from '../local/running.ts';
import { playedBy, troublesOf } from '../local/troubles.ts';
import type { PageSource } from '../page/source.ts';
import { type MutingEvent, mutedWith } from './alarm-mutes.ts';
import { askDemo, demoServers } from './commands/demo-server.ts';
import { userName } from './commands/order.ts';
import { type Console, findConsole } from './console.ts';
import { latencySource } from './latency.ts';

/** Locally each second, so that a round is seen within one. In AWS each look lists the zones, of which Route 53 takes five a second. */
const LOCAL_MS = 1000;
const AWS_MS = 10_000;

/** What a page shows of a deployment: asked with the credentials of whoever started it. */
export const pageSource = async (where: { local?: string; config?: string }): Promise<PageSource> => {
  const [status, orders] = [await findConsole(where, 'status'), await findConsole(where)];
  const common = {
    ask: (event: { action: string }) => (onlyReads(event) ? status.ask(event) : ordered(orders, event)),
    widget: (event: object, isOrder: boolean) => (isOrder ? orders : status).widget(event),
    latency: latencySource(status),
    operator: operatorName(),
    called: CALLED,
  };
  if (status.local === undefined) {
    const suffix = where.config === undefined ? '' : `--config ${where.config}`;
    return { ...common, where: status.region, everyMs: AWS_MS, suffix };
  }
  const demo = await demoOf(status.local);
  const near = relative(process.cwd(), status.local);
  const suffix = `--local ${near === '' || near.startsWith('..') ? status.local : near}`;
  const cloud = cloudOf(status.local);
  return {
    ...common,
    where: 'on this machine',
    everyMs: LOCAL_MS,
    suffix,
    ...(demo && { demo }),
    ...(cloud && { cloud }),
  };
};

/** An order, and what goes with it: the alarms of a deployment that was silenced are muted here as on the command line. */
const ordered = async (orders: Console, event: MutingEvent): Promise<Answer> => {
  const answer = await orders.ask(event);
  const muted = await mutedWith(orders.aws, event, answer);
  return { ...answer, message: [answer.message, ...muted.map(({ message }) => message)].join(' ') };
};

const operatorName = (): string => {
  try {
    return userName();
  } catch {
    // The form asks for it.
    return '';
  }
};

/** Some time after which a local cloud that says nothing is away, milliseconds. */
const ANSWER_MS = 5000;

const cloudOf = (stateDir: string): PageSource['cloud'] => {
  const running = readRunning(stateDir);
  if (running === undefined) return undefined;
  const ask = async (method: string, rule?: object): Promise<{ faults?: FaultRule[]; error?: string }> => {
    const response = await fetch(`${running.aws}/_local/faults`, {
      method,
      headers: { authorization: `Bearer ${running.operator.secretAccessKey}` },
      ...(rule && { body: JSON.stringify(rule) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const said = Object(await response.json()) as { faults?: FaultRule[]; error?: string };
    if (said.error !== undefined) throw new Error(said.error);
    return said;
  };
  const { controller, probers } = running.functions;
  const troubles = troublesOf(controller, Object.keys(probers));
  return {
    troubles: Object.fromEntries(Object.entries(troubles).map(([name, { means }]) => [name, means])),
    playing: async () => playedBy((await ask('GET')).faults ?? [], troubles),
    play: async (trouble) => {
      for (const rule of troubles[trouble]?.rules ?? []) await ask('POST', rule);
    },
    clear: async () => void (await ask('DELETE')),
  };
};

const demoOf = async (stateDir: string): Promise<PageSource['demo']> => {
  const running = readRunning(stateDir);
  const servers = running === undefined ? [] : await demoServers(running);
  if (running === undefined || servers.length === 0) return undefined;
  const perform = async (server: string, deed: string): Promise<string> =>
    (await askDemo(running, { server, do: deed })).message;
  return { servers, deeds: DEEDS, perform };
};
