import type { Coding } from '../core/probe/codings.ts';
import type { Attempt } from './attempt.ts';
import { type Bytes, hasWindow, undo } from './decoder.ts';
import type { PatternBudget } from './pattern.ts';
import type { Stalls } from './stalls.ts';

/**
 * A body unpacked; nothing if it cannot be. One that takes more than any page is `too dear`, which is its server's fault: measured while there
 * was time, or it is twice as long as what comes out of it, as no page is. Else it is `too slow`: others may have taken the time.
 */
export type Undone = Bytes | undefined | 'too slow' | 'too dear';

/**
 * One coding undone. Those with large windows wait for each other, and each may take so much: CPU and not time, of which a prober that is
 * held back needs a hundred milliseconds for any page.
 */
export const unpackedOnce = (
  coding: Coding,
  bytes: Bytes,
  attempt: Attempt,
  { budget, stalls }: { budget: PatternBudget; stalls: Pick<Stalls, 'follow'> },
): Promise<Undone> => {
  if (!hasWindow(coding)) return undo(coding, bytes, attempt);
  const once = async (): Promise<Undone> => {
    const before = otherThreadsMs();
    const usedMs = () => otherThreadsMs() - before;
    const mostMs = budget.unpackingCpuMs > 0 ? BODY_CPU_MS : SCARCE_BODY_CPU_MS;
    let [isTooSlow, isHollow] = [false, false];
    // On another thread, but of the same part of a core.
    const unfollow = stalls.follow(usedMs);
    const undone = await undo(coding, bytes, attempt, {
      isTooSlow: (taken, given) => {
        isTooSlow ||= bytes.bytes.length > SMALL_BYTES && usedMs() > mostMs;
        isHollow = taken > 2 * given;
        return isTooSlow;
      },
    });
    unfollow();
    budget.unpackingCpuMs -= usedMs();
    if (!isTooSlow) return undone;
    return isHollow || mostMs === BODY_CPU_MS ? 'too dear' : 'too slow';
  };
  // Other threads may just have been busy with something else, such as compiling: who is too slow has a second chance.
  return inTurn(async () => {
    const first = await once();
    return typeof first === 'string' && attempt.brokenOff === undefined ? once() : first;
  });
};

/**
 * What one body may take, milliseconds of CPU: a page takes half of one, and other threads of the process as much again at times. Those
 * that take more are charged with it themselves. Once a batch has used up its part, a body may take less, but no page is left out.
 */
const [BODY_CPU_MS, SCARCE_BODY_CPU_MS] = [20, 5];

/** What is no longer than this is never too slow: the dearest that is known takes a millisecond for so many bytes. */
const SMALL_BYTES = 1_024;

/** CPU of the threads beside this one, on which bodies are unpacked, milliseconds. Before Node 23.9 this one is not told apart. */
const otherThreadsMs = (): number => {
  const all = process.cpuUsage();
  const own = process.threadCpuUsage?.() ?? { user: 0, system: 0 };
  return (all.user + all.system - own.user - own.system) / 1_000;
};

/** The unpacking with a large window that was asked for last. */
let last: Promise<unknown> = Promise.resolve();

/** One after the other: a batch of large windows would take all the memory that a prober has. */
const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
  const mine = last.then(run);
  last = mine.catch(() => {});
  return mine;
};
