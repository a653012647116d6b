import * as z from 'zod';
import { expected } from './problems.ts';

/** What is said of a value, whichever of its checks fails: what is allowed, and the way out. */
export const say = (allowed: string, wayOut: string) => ({
  error: (issue: { input?: unknown }) => expected(allowed, issue.input, wayOut),
});

/** The same of a number, which people put in quotes. */
const sayOfNumber = (allowed: string, wayOut: string) => ({
  error: ({ input }: { input?: unknown }) => {
    const quoted = typeof input === 'string' && input.trim() !== '' && Number.isFinite(Number(input));
    return expected(allowed, input, quoted ? 'write it without quotes' : wayOut);
  },
});

/** Text with a judge of its own: `refusal` answers a sentence, or nothing when it is content. */
export const judged = (refusal: (value: unknown) => string | undefined) =>
  judgedAs<string>(refusal).meta({ type: 'string' });

/** The same for a value of another type, which the judge must make sure of. */
export const judgedAs = <T>(refusal: (value: unknown) => string | undefined) =>
  z.custom<T>((value) => refusal(value) === undefined, {
    error: (issue) => refusal(issue.input) ?? '',
  });

/** Text of a certain shape. */
export const text = (pattern: RegExp, allowed: string, wayOut: string) => {
  const said = say(allowed, wayOut);
  return z.string(said).regex(pattern, said);
};

/** A whole number, the bounds included. */
export const whole = (min: number, max: number, allowed: string, wayOut: string) => {
  const said = sayOfNumber(allowed, wayOut);
  return z.number(said).int(said).min(min, said).max(max, said);
};

/** Whole seconds, the bounds included. */
export const seconds = (min: number, max: number, wayOut: string) =>
  whole(min, max, `a whole number of seconds from ${min} to ${max}`, wayOut);

/** Whole seconds; with `local` also fractions, down to 0.1, for those who try things and do not want to wait. */
export const fineSeconds = (min: number, max: number, local: boolean, wayOut: string) => {
  if (!local) return seconds(min, max, wayOut);
  const least = Math.min(min, 0.1);
  const said = sayOfNumber(`a number of seconds from ${least} to ${max}`, wayOut);
  return z.number(said).min(least, said).max(max, said);
};

/** A part of a whole: more than 0 and at most 1. */
export const share = (wayOut: string) => {
  const said = sayOfNumber('a number above 0 and up to 1', wayOut);
  return z.number(said).gt(0, said).max(1, said);
};

/** A list of at least `least` elements. */
export const list = <T extends z.ZodType>(element: T, allowed: string, wayOut: string, least = 0) =>
  z.array(element, say(allowed, wayOut)).min(least, say(allowed, wayOut));

/** An object that has no other keys than those of `shape`. */
export const object = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(
    shape,
    say(`an object with some of the keys ${Object.keys(shape).join(', ')}`, 'put its fields between { and }'),
  );
