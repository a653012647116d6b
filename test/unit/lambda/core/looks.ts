import type { Look, Sighting } from '../../../../lambda/core/evidence/judge.ts';

const OUTCOMES = { P: 'passed', F: 'failed', U: 'unknown' } as const;
/** The target that `lookOf` sees. */
export const KEY = 'primary';

/** One letter a vantage: Passed, Failed, Unknown; a dot for one that was not called, a dash for one that left this target out. */
export const lookOf = (startS: number, letters: string): Look => ({
  startMs: startS * 1000,
  full: !letters.includes('.'),
  sightings: Object.fromEntries(
    [...letters].flatMap((letter, index): [string, Record<string, Sighting>][] => {
      if (letter === '.') return [];
      const outcome = OUTCOMES[letter as keyof typeof OUTCOMES];
      return [
        [`v${index}`, outcome === undefined ? {} : { [KEY]: { outcome, code: '', detail: '', totalMs: 1 } }],
      ];
    }),
  ),
});
