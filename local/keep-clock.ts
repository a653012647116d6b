import { duration } from '../lambda/core/base/time.ts';
import type { StateDir } from './state.ts';
import type { SteadyClock } from './steady-date.ts';

/** So much of what was stored may lie ahead when we come back after a kill. Milliseconds. */
const NOTE_EVERY_MS = 5_000;
/** Less is not worth a word: clocks are adjusted all the time. Milliseconds. */
const WORTH_A_WORD_MS = 2_000;

/**
 * Goes on from where the last start on this state left off: what is stored is compared with the clock, so a state that lies ahead of it would
 * be refused by every controller until the clock has caught up. `remark` says when that changes what people see.
 */
export const keepClock = (
  clock: SteadyClock,
  state: Pick<StateDir, 'notedMs' | 'note'>,
): { remark: string | undefined; stop(): void } => {
  const remark = goOn(clock, state.notedMs());
  const note = (): void => {
    try {
      state.note(clock.now());
    } catch {
      // A disk that takes nothing is told by what matters more: zones, tables and mails.
    }
  };
  note();
  const timer = setInterval(note, NOTE_EVERY_MS).unref();
  const stop = (): void => {
    clearInterval(timer);
    note();
  };
  return { remark, stop };
};

/** Goes on from a moment that was found in a state; answers what to say of it, if it is worth a word. */
export const goOn = (clock: Pick<SteadyClock, 'goOnFrom'>, fromMs: number): string | undefined => {
  const behindMs = clock.goOnFrom(fromMs);
  return behindMs < WORTH_A_WORD_MS ? undefined : remarkOn(behindMs);
};

const remarkOn = (behindMs: number): string =>
  `This state was written by a clock that was ${duration(behindMs)} ahead of this machine's clock of now. The local cloud goes on from there, ` +
  'so all its times are ahead by that much; with another --state DIR, or without this one, it begins with the time of now.';
