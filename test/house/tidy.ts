/**
 * The rules of the house, as far as a machine can see them: each says where it holds, what it does not want to see
 * there, and the way out. An exception names its file and its reason.
 */
export type Rule = {
  name: string;
  /** Whether it holds for the file of this path, relative to the repository. */
  holds: (path: string) => boolean;
  /** What must not be seen in a line: of the code without comments and texts, or of all that is written (`text`). */
  unwanted: RegExp;
  text?: true;
  wayOut: string;
};

const under =
  (...folders: string[]) =>
  (path: string): boolean =>
    folders.some((folder) => path.startsWith(`${folder}/`));
const but =
  (holds: (path: string) => boolean, exceptions: Record<string, string>) =>
  (path: string): boolean =>
    holds(path) && exceptions[path] === undefined;

const product = under('gate', 'lambda', 'lib', 'local', 'page', 'bin');
/** The test of these rules quotes what it does not want to see. */
const everywhere = (path: string) =>
  product(path) || (under('fixtures', 'test', 'bench')(path) && !path.startsWith('test/house/tidy'));

/** Files of the prober and the one clock: file and why. */
const KEEPS_TIME = {
  'lambda/edge/clock.ts': 'it is the clock',
  'lambda/prober/attempt.ts': 'the course of one probe: its own deadline and phases, to the millisecond',
  'lambda/prober/stalls.ts': 'it measures how long the event loop stood still',
};
const ROLLS_DICE = {
  'lambda/prober/batch.ts': 'probes start in random order, so that no server always pays for another',
};

/** They hand out the ports: one builds them, the others open the rooms of a controller with them. */
const BUILDERS = ['lambda/edge/aws-world.ts', 'lambda/controller/rooms.ts', 'lambda/controller/term.ts'];

/** Imports, globals, printing, long files and focused tests are rules of Biome (biome.json, biome.test.ts); these it cannot say. */
export const RULES: Rule[] = [
  {
    name: 'the core waits for nothing',
    holds: under('lambda/core'),
    unwanted: /\b(?:await|async|Promise|then)\b/,
    wayOut: 'let the caller in lambda/ wait and pass the value',
  },
  {
    name: 'time comes from the one clock',
    holds: but(under('lambda'), KEEPS_TIME),
    unwanted: /\bDate\.now\b|\bnew Date\(\)|\bDate\(\)|\bhrtime\b|\bAbortSignal\.timeout\b/,
    wayOut: 'use the Clock (lambda/edge/clock.ts), and in lambda/core take `nowMs` as an argument',
  },
  {
    name: 'chance comes from the world',
    holds: but(under('lambda'), ROLLS_DICE),
    unwanted: /\bMath\.random\b/,
    wayOut: 'use world.nonce(), or derive it from what is known',
  },
  {
    name: 'nothing is left for later',
    holds: everywhere,
    unwanted: /\b(?:TODO|FIXME|XXX|HACK)\b/,
    text: true,
    wayOut: 'do it now, or write it down where work is kept',
  },
  {
    name: 'no function but handlers and builders takes everything',
    holds: (path) => under('lambda')(path) && !BUILDERS.includes(path),
    unwanted: /: World\b/,
    wayOut: 'take the ports that the function uses; a room has one small type of them',
  },
  {
    name: 'no test is left out by an option',
    holds: (path) => everywhere(path) && under('test')(path),
    unwanted: /\b(?:test|it|describe|suite)\.todo\b|\b(?:only|skip|todo):\s*(?:true\b|'')/,
    wayOut: 'make it pass, or delete it and say why',
  },
];

/** A `/` after one of these begins a regular expression, not a division. */
const BEFORE_PATTERN = /(?:^|[=(,:;!&|?{}[\]+\-*%<>~^]|\breturn|\btypeof|\bcase)\s*$/;

/** The code without comments, and with empty texts and patterns; lines stay where they are. */
export const codeOnly = (source: string): string => {
  let code = '';
  let at = 0;
  /** Braces open inside each `${…}` of a template that is not over yet. */
  const templates: number[] = [];
  const skipTo = (end: RegExp): string => {
    end.lastIndex = at;
    const found = end.exec(source);
    const from = at;
    at = found === null ? source.length : found.index + found[0].length;
    const lines = source.slice(from, at).replace(/[^\n]/g, '');
    code += lines;
    return found?.[0] ?? '';
  };
  while (at < source.length) {
    const two = source.slice(at, at + 2);
    const one = source[at] ?? '';
    const open = templates.at(-1);
    if (two === '//') skipTo(/(?=\n)|$/g);
    else if (two === '/*') skipTo(/\*\//g);
    else if (one === "'" || one === '"') {
      at += 1;
      skipTo(one === "'" ? /(?<!\\)(?:\\\\)*'/g : /(?<!\\)(?:\\\\)*"/g);
      code += "''";
    } else if (one === '/' && BEFORE_PATTERN.test(code.slice(-40))) {
      at += 1;
      skipTo(/(?:\[(?:\\.|[^\]\\])*\]|\\.|[^/\\[\n])*\/\w*/g);
      code += '/./';
    } else if (one === '`' || (one === '}' && open === 0)) {
      if (one === '}') templates.pop();
      at += 1;
      if (skipTo(/(?<!\\)(?:\\\\)*(?:`|\$\{)/g).endsWith('${')) {
        templates.push(0);
        code += ' ';
      } else code += '``';
    } else {
      if (open !== undefined && one === '{') templates[templates.length - 1] = open + 1;
      if (open !== undefined && one === '}') templates[templates.length - 1] = open - 1;
      code += one;
      at += 1;
    }
  }
  return code;
};

export type Breach = { path: string; line: number; what: string; wayOut: string };

/** What of `source` breaks a rule. */
export const breachesOf = (path: string, source: string): Breach[] => {
  const rules = RULES.filter((rule) => rule.holds(path));
  const written = source.split('\n');
  const code = codeOnly(source).split('\n');
  return written.flatMap((text, index) =>
    rules
      .filter(({ unwanted, text: all }) => unwanted.test(all ? text : (code[index] ?? '')))
      .map(({ name, wayOut }) => ({ path, line: index + 1, what: `${name}: ${text.trim()}`, wayOut })),
  );
};

const LONGEST_FUNCTION = 60;

/** A line that opens a function: an arrow, a `function`, or a method; not a condition or a loop. */
const OPENS_FUNCTION =
  /=> \(?\{$|\bfunction\b.*\{$|^\s*(?:async )?(?!if\b|for\b|while\b|switch\b|catch\b)[\w*]+\(.*\)(?:: .*)? \{$/;
const indentOf = (line: string): number => line.length - line.trimStart().length;

/**
 * Functions that do not fit a screen, as the formatter lays them out. What a function holds in functions of its own is
 * counted there: a store of twenty short methods is not long. (Biome's rule counts them with it.)
 */
export const longFunctions = (path: string, source: string): Breach[] => {
  const lines = source.trimEnd().split('\n');
  const breaches: Breach[] = [];
  const open: { start: number; indent: number; inner: number }[] = [];
  for (const [index, line] of lines.entries()) {
    const last = open.at(-1);
    if (last !== undefined && indentOf(line) === last.indent && /^\s*\}/.test(line)) {
      open.pop();
      const length = index - last.start + 1;
      const outer = open.at(-1);
      if (outer !== undefined) outer.inner += length;
      const own = length - last.inner;
      if (own > LONGEST_FUNCTION) {
        const what = `a function fits a screen: ${own} lines of its own, at most ${LONGEST_FUNCTION}`;
        breaches.push({
          path,
          line: last.start + 1,
          what,
          wayOut: 'push the loops and the leaves of it down',
        });
      }
    }
    if (OPENS_FUNCTION.test(line)) open.push({ start: index, indent: indentOf(line), inner: 0 });
  }
  return breaches;
};
