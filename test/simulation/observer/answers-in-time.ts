import type { Chronicle } from './chronicle.ts';
import type { Order } from './truth.ts';

/** How long a hold may take to be in force, or to be refused truly. The console gives up after a minute. */
const ANSWER_MS = 20_000;

/** What may keep the function that takes the order from answering: it is killed, stopped, or counts time wrongly. */
const STOPPING = ['process', 'clock'];

/** 9. A hold is in force within 20 s, or its answer says that it is not, whichever calls are slow. Each is asked about once. */
export const lateAnswer = (
  { sites, episodes, startMs }: Chronicle,
  asked: Set<Order>,
  nowMs: number,
): { site: string; text: string } | undefined => {
  for (const { name, orders } of sites.values()) {
    for (const order of orders) {
      const dueMs = order.askedMs + ANSWER_MS;
      if (order.action !== 'hold' || asked.has(order) || nowMs < dueMs) continue;
      asked.add(order);
      const isStopped = episodes.some(
        ({ trouble, fromMs, toMs }) =>
          STOPPING.includes(trouble.kind) && fromMs + startMs <= dueMs && toMs + startMs >= order.askedMs,
      );
      const { answer } = order;
      if (isStopped || (answer !== undefined && answer.atMs <= dueMs)) continue;
      const words =
        answer === undefined
          ? 'has no answer'
          : `was answered after ${(answer.atMs - order.askedMs) / 1000} s`;
      return { site: name, text: `the hold ${order.life.id} ${words}: ${answer?.message ?? ''}` };
    }
  }
  return undefined;
};
