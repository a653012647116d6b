import { relative } from 'node:path';
import { onlyReads } from '../lambda/core/orders/command.ts';
import { CALLED } from '../lib/place.ts';
import { DEEDS } from '../local/deeds.ts';
import { readRunning } from '../local/running.ts';
import type { PageSource } from '../page/source.ts';
import { askDemo, demoServers } from './commands/demo-server.ts';
import { userName } from './commands/order.ts';
import { findConsole } from './console.ts';

/** Locally each second, so that a round is seen within one. In AWS each look lists the zones, of which Route 53 takes five a second. */
const LOCAL_MS = 1000;
const AWS_MS = 10_000;

/** What a page shows of a deployment: asked with the credentials of whoever started it. */
export const pageSource = async (where: { local?: string; config?: string }): Promise<PageSource> => {
  const [status, orders] = [await findConsole(where, 'status'), await findConsole(where)];
  const common = {
    ask: (event: { action: string }) => (onlyReads(event) ? status.ask(event) : orders.ask(event)),
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
  return { ...common, where: 'on this machine', everyMs: LOCAL_MS, suffix, ...(demo && { demo }) };
};

const operatorName = (): string => {
  try {
    return userName();
  } catch {
    // The form asks for it.
    return '';
  }
};

const demoOf = async (stateDir: string): Promise<PageSource['demo']> => {
  const running = readRunning(stateDir);
  const servers = running === undefined ? [] : await demoServers(running);
  if (running === undefined || servers.length === 0) return undefined;
  const perform = async (server: string, deed: string): Promise<string> =>
    (await askDemo(running, { server, do: deed })).message;
  return { servers, deeds: DEEDS, perform };
};
