import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Observation, ProbeRequest, ProberAnswer, ProberEvent } from '../core/probe/request.ts';
import { systemClock } from '../edge/clock.ts';
import { newDeadline } from './attempt.ts';
import { probeAndOfferHello } from './browser-hello.ts';
import type { ProbeOptions } from './http.ts';
import { newPatternBudget } from './pattern.ts';
import { watchStalls } from './stalls.ts';

/**
 * Sockets open at once. Lambda allows 1,024 descriptors; the rest is for the runtime, for name resolution and for sockets of
 * which the kernel is slow to let go. Silent servers hold one for their whole timeout, so fewer would make a batch crawl.
 */
const MAX_OPEN = 600;

/** Probes started in one turn of the event loop: a turn for each costs a quarter of a plain probe again, and hundreds come too late. */
const STARTED_PER_TURN = 4;

/**
 * Runs the probes of one batch and answers when every one of them is over and closed, or broken off at `deadlineMs`.
 * They start in random order, so that no server always pays for the one before it, and a few each turn of the event loop:
 * whatever is short of CPU then starts fewer probes, instead of the same ones all too late.
 */
export const probeBatch = async (event: ProberEvent, options: ProbeOptions = {}): Promise<ProberAnswer> => {
  const deadline = newDeadline();
  const over = new AbortController();
  const deadlinePassed = systemClock.sleep(event.deadlineMs, over.signal).then(() => deadline.pass());
  const stalls = watchStalls();
  const budget = newPatternBudget();
  const observations = new Map<ProbeRequest, Observation>();
  const running: Promise<void>[] = [];
  let open = 0;
  let onRoom = () => {};
  for (const request of shuffled(event.probes)) {
    if (open === MAX_OPEN) {
      await new Promise<void>((resolve) => {
        onRoom = resolve;
      });
    }
    open += 1;
    const run = probeAndOfferHello(request, { ...options, deadline, stalls, budget }).then((observation) => {
      observations.set(request, observation);
      open -= 1;
      onRoom();
    });
    running.push(run);
    if (running.length % STARTED_PER_TURN === 0) await nextTurn();
  }
  await Promise.all(running);
  stalls.stop();
  over.abort();
  await deadlinePassed;
  // TLS frees what a closed socket held one turn later, and two where its bytes were looked at; after the answer there may be no turn
  // for a long time.
  await nextTurn();
  await nextTurn();
  return { observations: event.probes.flatMap((request) => observations.get(request) ?? []) };
};

const shuffled = <T>(items: T[]): T[] => {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
};
