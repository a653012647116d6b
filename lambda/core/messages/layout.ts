/** Characters of a line: what a phone and an old terminal show without breaking it once more. */
export const COLUMNS = 72;

/** The deepest column at which the rest of a row of a table goes on; beyond it a line begins a little after its indent. */
const DEEPEST_COLUMN = 30;

/** At the end of a line of a command: it goes on with the next line. */
const GOES_ON = ' \\';

/** Before a command, which stands below what it is for. */
const COMMAND_INDENT = '    ';

/**
 * A command to copy. A shell takes it on several lines as on one: each line but the last ends with a backslash. `words` stay whole, so
 * an option is one with its value.
 */
export const commandLines = (words: readonly string[]): string[] => {
  const [first = '', ...more] = words;
  const lines = [`${COMMAND_INDENT}${first}`];
  for (const [at, word] of more.entries()) {
    const longer = `${lines.at(-1)} ${word}`;
    const end = at === more.length - 1 ? '' : GOES_ON;
    if (`${longer}${end}`.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(`${COMMAND_INDENT}  ${word}`);
  }
  return lines.map((line, at) => (at === lines.length - 1 ? line : `${line}${GOES_ON}`));
};

const indentOf = (line: string): string => /^ */.exec(line)?.[0] ?? '';

/** Where a line goes on: under the last column of a row of a table, else under its own beginning. */
const hangOf = (line: string): string => {
  const indent = indentOf(line);
  const columns = /^ *(?:\S+(?: \S+)* {2,})+/.exec(line)?.[0];
  if (columns === undefined) return indent;
  return columns.length <= DEEPEST_COLUMN ? ' '.repeat(columns.length) : `${indent}    `;
};

const wrapLine = (line: string): string[] => {
  if (line.length <= COLUMNS) return [line.trimEnd()];
  // A line of a command stays whole: pasted in parts it would run as several commands.
  if (line.endsWith(GOES_ON)) return [line];
  const hang = hangOf(line);
  const lines: string[] = [];
  let rest = line.trimEnd();
  while (rest.length > COLUMNS) {
    const from = lines.length === 0 ? indentOf(rest).length : hang.length;
    const before = rest.lastIndexOf(' ', COLUMNS);
    // A word that is longer than a line stays whole: it may be an address to open, or a command to copy.
    const at = before > from ? before : rest.indexOf(' ', from);
    if (at <= from) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = hang + rest.slice(at).trim();
  }
  return [...lines, rest];
};

/** A text of at most 72 columns, but for words that are longer. Lines are broken here and nowhere else. */
export const wrapped = (text: string): string => text.split('\n').flatMap(wrapLine).join('\n');
