import { browsersSay, type Line, type Verdict } from './table.ts';

/** Why a probe should say something else than browsers show, and of which servers. */
export type Exception = { verdict: Verdict; reason: string; ids: string[] };

export const EXCEPTIONS: Exception[] = [
  {
    verdict: 'failed',
    reason: 'The answer is cut short. Visitors get part of a page, and the next cut may take the text too.',
    ids: [
      'h1-short',
      'h1-shortrst',
      'h1-shorthang',
      'h1-untilrst',
      'h1-nolast',
      'h1-nolastrst',
      'h1-lastnocrlf',
      'h1-last0',
      'h1-inchunk',
      'h1-chunkopen',
    ],
  },
];

/** What the prober should say of a line, and why if that is not what browsers say. */
export const expectedOf = (line: Line): { verdict: Verdict; exception?: Exception } => {
  const exception = EXCEPTIONS.find(({ ids }) => ids.includes(line.id));
  return exception === undefined ? { verdict: browsersSay(line) } : { verdict: exception.verdict, exception };
};
