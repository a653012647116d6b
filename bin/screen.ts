import { screenOf, styled } from '../local/terminal.ts';

/** What can be shown on standard output. */
export type Screen = {
  colour: boolean;
  /** In characters; infinite where no terminal would break lines. */
  width: number;
  /** Lines that a terminal has; absent where nothing is one. */
  rows?: number;
};

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** A piece of a line: plain text, or text in a style. */
export type Piece = string | readonly [Style, string];
/** A line, or a cell of a table. */
export type Line = readonly Piece[];

const WIDEST = 120;

/** The screen behind a stream; what is piped on is neither coloured nor broken into lines. */
export const screenBehind = (stream: { isTTY?: boolean; columns?: number; rows?: number }): Screen => {
  const { colour } = screenOf(stream);
  if (!stream.isTTY) return { colour, width: Number.POSITIVE_INFINITY };
  return {
    colour,
    width: Math.min(WIDEST, stream.columns || WIDEST),
    ...(stream.rows && { rows: stream.rows }),
  };
};

export const lengthOf = (line: Line): number =>
  line.reduce((length, piece) => length + (typeof piece === 'string' ? piece : piece[1]).length, 0);

/** The line as it is written, control sequences included. */
export const paint = (screen: Screen, line: Line): string =>
  line
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const [style, text] = piece;
      return screen.colour && text !== '' ? styled(style, text) : text;
    })
    .join('');

/** Lines of the terminal that a line takes. */
const heightOf = (line: Line, { width }: Screen): number => Math.max(1, Math.ceil(lengthOf(line) / width));

/** What fits on the screen, the first lines first; the last line says how many are left out. The cursor takes a line, too. */
export const fitting = (lines: readonly Line[], screen: Screen): Line[] => {
  const most = (screen.rows ?? Number.POSITIVE_INFINITY) - 1;
  const heights = lines.map((line) => heightOf(line, screen));
  if (heights.reduce((sum, height) => sum + height, 0) <= most) return [...lines];
  let left = most - 1;
  const end = heights.findIndex((height) => {
    left -= height;
    return left < 0;
  });
  return [...lines.slice(0, end), [['dim', `… ${counted(lines.length - end, 'more line')}`]]];
};

/** `1 site`, `2 sites`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Rows in columns, two spaces apart; the first row may be a heading. */
export const columns = (rows: readonly (readonly Line[])[]): Line[] => {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, lengthOf(cell));
  }
  return rows.map((row) =>
    row.flatMap((cell, at) => {
      const isLast = at === row.length - 1;
      return isLast ? [...cell] : [...cell, ' '.repeat((widths[at] ?? 0) - lengthOf(cell) + 2)];
    }),
  );
};

/** Text in lines of at most `width` characters, broken between words, each after `indent`; its own line breaks stay. */
export const wrap = (text: string, width: number, indent = ''): string[] =>
  text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && indent.length + longer.length > width) {
        lines.push(indent + line);
        line = word;
      } else line = longer;
    }
    return [...lines, indent + line];
  });
