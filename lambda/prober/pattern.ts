import { type Context, createContext, Script } from 'node:vm';
import { type Finding, OUTCOMES, printable } from '../core/probe/outcome.ts';
import { elapsedMs, instant } from './attempt.ts';

/** Time for one pattern on one answer, milliseconds. `\s+$` alone takes seconds on a body of blanks, and meanwhile all probes wait. */
const MATCH_MS = 250;

/** A match that took no longer is not counted: 64 KiB take a good pattern about a millisecond, and twenty on a starved prober. */
const FREE_MS = 25;

/**
 * What is left for a batch together: for slow patterns, each of which makes all its other probes wait, time; and for unpacking bodies, CPU.
 * A page takes half a millisecond of that; 250 are 3.5 s of the smallest prober.
 */
export type PatternBudget = { leftMs: number; unpackingCpuMs: number };

export const newPatternBudget = (): PatternBudget => ({ leftMs: 1000, unpackingCpuMs: 250 });

const script = new Script('(($) => texts.some((text) => $.test(text)))(new RegExp(pattern, "u"))');
const subject: { pattern: string; texts: readonly string[] } = { pattern: '', texts: [] };
/** One for all: a context takes five times as long to make as a page to match. Its code is ours, and gets texts alone. */
let context: Context | undefined;

/**
 * Whether the pattern matches one of the texts; undefined when that took too long. A regular expression can be stopped only from
 * outside. The texts share one time limit: a limit for each would cost more than most matches do.
 */
export const matches = (
  pattern: string,
  texts: readonly string[],
  budget: PatternBudget,
): boolean | undefined => {
  if (budget.leftMs < 1) return undefined;
  const startedAt = instant();
  context ??= createContext(subject);
  subject.pattern = pattern;
  subject.texts = texts;
  try {
    return script.runInContext(context, { timeout: Math.floor(Math.min(MATCH_MS, budget.leftMs)) });
  } catch (error) {
    const { code, name } = Object(error) as { code?: string; name?: string };
    // A RangeError says that the matcher's own stack is full, which is as far as this pattern gets on this text.
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' || name === 'RangeError') return undefined;
    throw error;
  } finally {
    subject.texts = [];
    const tookMs = elapsedMs(startedAt);
    if (tookMs > FREE_MS) budget.leftMs -= tookMs;
  }
};

/** Said of a pattern that ran out of time. */
export const patternFinding = (pattern: string): Finding => ({
  code: 'body-pattern',
  detail: `${OUTCOMES['body-pattern'][1]}: /${printable(pattern, 100)}/u`,
});
