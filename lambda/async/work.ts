import { isoTime } from '../core/base/time.ts';
import type { Logging } from '../ports.ts';

/** What a controller has under way, and whether it is over. */
export type Work = {
  /** Set when a newer controller holds the baton: nothing may be decided any more. */
  over: boolean;
  /** Settles when the controller stops starting anything new. */
  readonly ends: Promise<void>;
  /** Only the controller's end waits for it: nothing may outlive the function's answer. */
  readonly underWay: ReadonlySet<Promise<void>>;
  /** The last defect of our own, as it was logged. */
  readonly defect?: string;
  /**
   * Goes on with work along with everything else. A defect in it ends that work, and neither the process nor the
   * controller.
   */
  begin(work: () => Promise<void>): Promise<void>;
  /** Notes a defect of our own: it is logged, and told directly by the teller. */
  noteDefect(error: unknown, site?: string): void;
};

/** `signal` says when the controller ends. */
export const newWork = ({ clock, log }: Logging, signal: AbortSignal): Work => {
  const underWay = new Set<Promise<void>>();
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      made.noteDefect(error);
    }
  };
  const made: Work & { defect?: string } = {
    over: false,
    ends: new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    underWay,
    begin: (work) => {
      const done: Promise<void> = guarded(work).finally(() => underWay.delete(done));
      underWay.add(done);
      return done;
    },
    noteDefect: (error, site) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      made.defect = site === undefined ? message : `${site}: ${message}`;
      const at = isoTime(clock.now());
      log({ event: 'error', code: 'internal', message, at, ...(site === undefined ? {} : { site }) });
    },
  };
  return made;
};
