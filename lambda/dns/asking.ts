import type { Task } from '../async/task.ts';
import { Fault } from '../core/base/fault.ts';
import type { DnsEdge } from '../ports.ts';
import { comparing } from './drift.ts';
import { nameServers } from './name-servers.ts';
import type { Asking } from './ports.ts';
import { following } from './propagation.ts';

const ASK_EVERY_MS = 1000;
/**
 * Name servers are near; who takes longer is asked again a moment later. It is also how long a controller that is over
 * waits.
 */
const TIMEOUT_MS = 1000;

/**
 * Asks name servers, along with the rounds and never on their time: what was written until they have it, and the rest
 * for edits.
 */
export const askTask = (asking: Asking, edge: DnsEdge, signal: AbortSignal): Task => {
  const { work } = asking;
  const dns: DnsEdge = {
    ...edge,
    ask: (server, question) =>
      signal.aborted
        ? Promise.reject(new Fault('unavailable', 'DNS', 'ask', 'this controller is over'))
        : edge.ask(server, question, TIMEOUT_MS),
  };
  const names = nameServers(asking.clock, dns);
  const steps = [following(asking, names, dns), comparing(asking, names)];
  const run = async () => {
    for (const { step } of steps) {
      if (work.over || signal.aborted) return;
      try {
        await step();
      } catch (error) {
        work.noteDefect(error);
      }
    }
  };
  return { everyMs: ASK_EVERY_MS, run };
};
