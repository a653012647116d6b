import type { Task } from '../async/task.ts';
import { noteDefect, type Watch } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import type { DnsEdge, World } from '../ports.ts';
import { comparing } from './drift.ts';
import { nameServers } from './name-servers.ts';
import { proving } from './propagation.ts';

const ASK_EVERY_MS = 1000;
/** Name servers are near; who takes longer is asked again a moment later. It is also how long a controller that is over waits. */
const TIMEOUT_MS = 1000;

/** Asks name servers, beside the rounds and never on their time: what was written until it is proven, and the rest for edits. */
export const askTask = (world: World, watch: Watch, signal: AbortSignal): Task | undefined => {
  if (world.dns === undefined) return undefined;
  const { ask } = world.dns;
  const dns: DnsEdge = {
    ...world.dns,
    ask: (server, question) =>
      signal.aborted
        ? Promise.reject(new Fault('unavailable', 'DNS', 'ask', 'this controller is over'))
        : ask(server, question, TIMEOUT_MS),
  };
  const names = nameServers(world.clock, dns);
  const steps = [proving(world, watch, names, dns), comparing(world, watch, names)];
  const run = async () => {
    for (const { step } of steps) {
      if (watch.over || signal.aborted) return;
      try {
        await step();
      } catch (error) {
        noteDefect(world, watch, error);
      }
    }
  };
  return { everyMs: ASK_EVERY_MS, run };
};
