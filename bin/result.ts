import type { Given } from './arguments.ts';
import type { Progress } from './progress.ts';
import type { Screen } from './screen.ts';

/** What a command came to: the exit code is 0 when `ok`, else `code` or 1. */
export type Result = {
  ok: boolean;
  /** The exit code where 1 would say too much. */
  code?: 3;
  /** For people, on standard output. */
  text: string;
  /** For programs, with --json; `v` and `ok` are added. */
  answer: object;
};

/** What a command may use of the terminal it was typed on. */
export type Terminal = {
  screen: Screen;
  progress: Progress;
  /** The screen as it is now: a terminal may be resized while something goes on. */
  screenNow?(): Screen;
  /** Writes to standard output, for what goes on: a result is written by `main`. Absent where nobody waits for more. */
  out?(text: string): void;
};

/** One line of `--json`. Within a version fields are added, and none is taken away or given another meaning. */
export const jsonLine = (answer: object): string => `${JSON.stringify({ v: 1, ...answer })}\n`;

export type Command = (given: Given, terminal: Terminal) => Promise<Result>;
