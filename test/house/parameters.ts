import { type Breach, codeOnly } from './tidy.ts';

const MOST_PARAMETERS = 4;

/** A list of parameters is followed by an arrow, a body or a type. */
const ENDS_LIST = /^\s*(?:=>|\{|: [^?\n]+(?:=>|\{)|: [A-Z]\w*<|: void)/;

/** Functions of `source` with more parameters than that, by the line at which the list begins. Types of functions count, too; the constructor of an error, which names what, where and why, does not. */
export const longListsOf = (path: string, source: string): Breach[] => {
  const code = codeOnly(source);
  return [
    ...code.matchAll(/(?:[=(:,]|=>|\breturn|\basync|\bfunction\*? \w+|>|(?<!\bconstructor)\b)\s*\(/g),
  ].flatMap(({ 0: found, index }) => {
    const from = index + found.length;
    const { count, end } = parametersIn(code, from);
    if (count <= MOST_PARAMETERS || !ENDS_LIST.test(code.slice(end))) return [];
    const line = code.slice(0, from).split('\n').length;
    const what = `a function takes what it uses: ${count} parameters, at most ${MOST_PARAMETERS}`;
    return [
      { path, line, what, wayOut: 'bind some of them once, or take what belongs together as one value' },
    ];
  });
};

/** How many things stand between the brackets that were opened before `from`, and where those are closed. */
const parametersIn = (code: string, from: number): { count: number; end: number } => {
  let depth = 1;
  let commas = 0;
  let last = '';
  for (let at = from; at < code.length; at++) {
    const one = code[at] ?? '';
    if ('([{<'.includes(one)) depth += 1;
    else if (')]}'.includes(one) || (one === '>' && code[at - 1] !== '=')) depth -= 1;
    if (depth === 0) return { count: last === '' ? 0 : commas + (last === ',' ? 0 : 1), end: at + 1 };
    if (depth === 1 && one === ',') commas += 1;
    if (one.trim() !== '') last = one;
  }
  return { count: 0, end: code.length };
};
