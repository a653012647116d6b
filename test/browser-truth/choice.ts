import { LINES, type Line } from './table.ts';

/** The lines that a door was asked for: by case, by the beginning of its name (`h1`), by a part of the section's; all if none. */
export const chosen = (asked: string[]): Line[] =>
  LINES.filter(
    ({ id, section }) =>
      asked.length === 0 ||
      asked.some(
        (each) =>
          id === each || id.startsWith(`${each}-`) || section.toLowerCase().includes(each.toLowerCase()),
      ),
  );
