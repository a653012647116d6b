import type { Defect } from './defects/defect.ts';
import { DELAYS } from './defects/delays.ts';
import { EVIDENCE } from './defects/evidence.ts';
import { LEVERS } from './defects/levers.ts';
import { PEOPLE } from './defects/people.ts';
import { WRITES } from './defects/writes.ts';

/** Every defect that the proof must catch. */
export const DEFECTS: readonly Defect[] = [...LEVERS, ...EVIDENCE, ...WRITES, ...PEOPLE, ...DELAYS];

/** What is wrong with the list itself: names given twice, defects that cannot be put in any more. `read` answers a file's text. */
export const problemsOf = (defects: readonly Defect[], read: (file: string) => string): string[] =>
  defects.flatMap((defect, index) => {
    if (defects.findIndex(({ name }) => name === defect.name) !== index)
      return [`Expected names of defects to differ, received ${defect.name} twice.`];
    try {
      withDefect(defect, read(defect.file));
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });

/** `source` with the defect in it. Throws when the text to replace is not there exactly once: then the product has changed. */
export const withDefect = ({ name, file, from, to }: Defect, source: string): string => {
  const [before, after, ...more] = source.split(from);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `Expected the defect ${name} to find its text exactly once in ${file}, received ${source.split(from).length - 1} times; ` +
        `the product has changed, so write the defect anew: ${JSON.stringify(from)}.`,
    );
  }
  return before + to + after;
};
