import { parseArgs } from 'node:util';
import { FLAGS, type Flag, type Values } from './grammar.ts';

const SHORT: Record<string, string> = { help: 'h', version: 'v' };

/**
 * The words and flags of a command line, and the first of each kind of what is wrong with them. Node's own strict mode takes the last of two
 * `--tag` and says nothing, so it is not used.
 */
export const tokensOf = (args: string[]) => {
  const options = Object.fromEntries(
    Object.entries(FLAGS).map(([flag, follows]) => [
      flag,
      {
        type: follows === 'alone' ? 'boolean' : 'string',
        ...(Object.hasOwn(SHORT, flag) && { short: SHORT[flag] }),
      } as const,
    ]),
  );
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, string | true> = {};
  const words: string[] = [];
  let repeated: string | undefined;
  let unknown: string | undefined;
  let wrong: string | undefined;
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(FLAGS, token.name)) unknown ??= token.rawName;
    else if (token.name in values) repeated ??= token.name;
    else {
      const read = valueAfter({ ...token, follows: FLAGS[token.name as Flag] });
      if (typeof read === 'object') wrong ??= read.wrong;
      else values[token.name] = read;
    }
  }
  return { values: values as Values, words, repeated, unknown, wrong };
};

type Option = {
  rawName: string;
  value: string | undefined;
  inlineValue: boolean | undefined;
  follows: string;
};

/** What a flag was given, or what is wrong with it: which command's usage helps is not known here. */
const valueAfter = ({ rawName, value, inlineValue, follows }: Option): string | true | { wrong: string } => {
  if (follows === 'alone') {
    if (value === undefined) return true;
    return { wrong: `Expected ${rawName} to stand alone, received ${rawName}=${value}.` };
  }
  // What looks like the next flag is one: its own value was forgotten.
  const isForgotten = value === undefined || value.trim() === '' || (!inlineValue && /^--?[a-z]/.test(value));
  if (!isForgotten) return value;
  return { wrong: `Expected ${rawName} to be followed by ${follows}, received ${value || 'nothing'}.` };
};
