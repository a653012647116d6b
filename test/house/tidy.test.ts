import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { longListsOf } from './parameters.ts';
import { PATHS, SOURCES } from './sources.ts';
import { type Breach, breachesOf, codeOnly, longFunctions, RULES } from './tidy.ts';

const shown = (breaches: Breach[]): string =>
  breaches
    .map(({ path, line, what, wayOut }) => `${path}:${line}: ${what}\n    The way out: ${wayOut}.`)
    .join('\n');

describe('the house', () => {
  test('is there to be looked at', () => {
    for (const path of [
      'lambda/core/decision/decide.ts',
      'lambda/edge/clock.ts',
      'lib/app.ts',
      'local/zone.ts',
      'bin/app.ts',
    ]) {
      assert.ok(
        SOURCES.some((s) => s.path === path),
        `${path} was not found.`,
      );
    }
  });

  for (const rule of RULES) {
    test(rule.name, () => {
      const breaches = SOURCES.flatMap(({ path, source }) => breachesOf(path, source));
      const mine = breaches.filter(({ what }) => what.startsWith(`${rule.name}: `));
      assert.equal(mine.length, 0, `\n${shown(mine)}`);
    });
  }

  test('what a gate loads speaks to no AWS', () => {
    const loaded = PATHS.filter((path) => /^gate\/.*\.ts$/.test(path));
    assert.ok(loaded.length > 0);
    for (const path of loaded) {
      const source = SOURCES.find((one) => one.path === path)?.source ?? '';
      for (const [, from = ''] of source.matchAll(/^(?:import|export)\b(?! type)[^;]*?from '([^']+)';$/gms)) {
        assert.doesNotMatch(from, /@aws-sdk/, `${path}: a gate runs on the host of a server, without keys.`);
        const next = join(dirname(path), from);
        if (from.startsWith('.') && !loaded.includes(next)) loaded.push(next);
      }
    }
    assert.ok(loaded.includes('lambda/edge/dns.ts'), loaded.join(', '));
  });

  test('functions fit a screen', () => {
    const breaches = SOURCES.filter(({ path }) => !/^(?:test|bench|\.ci)\//.test(path)).flatMap(
      ({ path, source }) => longFunctions(path, source),
    );
    assert.equal(breaches.length, 0, `\n${shown(breaches)}`);
  });

  test('a function of lambda/ takes at most four parameters', () => {
    const breaches = SOURCES.filter(({ path }) => path.startsWith('lambda/')).flatMap(({ path, source }) =>
      longListsOf(path, source),
    );
    assert.equal(breaches.length, 0, `\n${shown(breaches)}`);
  });

  test('every room and file says what it is for', () => {
    const nameless = PATHS.filter((path) =>
      /(?:^|\/)(?:utils?|helpers?|misc|common|shared)(?:[./-]|$)/i.test(path),
    );
    assert.deepEqual(nameless, [], 'Name it after the noun or step it holds.');
  });

  test('tests mirror the tree', () => {
    // `a-b.test.ts` may test one side of `a.ts`.
    const tested = (path: string) =>
      PATHS.some(
        (known) => /\.ts$/.test(known) && (path === known || path.startsWith(`${known.slice(0, -3)}-`)),
      );
    const strays = PATHS.filter((path) =>
      /^test\/unit\/(?:gate|lambda|lib|local|page|bin)\/.*\.test\.ts$/.test(path),
    )
      .map((path) => path.replace(/^test\/unit\//, '').replace(/\.test\.ts$/, '.ts'))
      .filter((path) => TOGETHER[path] === undefined && !tested(path));
    assert.deepEqual(
      strays,
      [],
      'Name a test after the file it tests, or list it in TOGETHER with its reason.',
    );
  });
});

/** Tests of several files together: test and why. */
const TOGETHER: Record<string, string> = {
  'bin/find-node.ts': 'a program that runs on any Node, so it is no TypeScript',
  'page/contrast.ts': 'the colours of the style sheet',
  'lib/nag.ts': 'all stacks, as cdk-nag judges them',
  'lib/templates.ts': 'all stacks, compared with those of the versions before',
  'lambda/core/messages/golden.ts': 'mails of a night, made by all of the messages',
  'lambda/notify/mass-failure.ts': 'a mass failure from its beginning to its end, by the whole controller',
  'lambda/prober/memory.ts': 'what a batch takes while all servers flood it, in a process of its own',
  'lambda/edge/deadlines.ts': 'every call to AWS, to services that never end an answer',
  'lambda/prober/fuzz/fuzz.ts': 'all of the prober, under random bytes',
  'gate/fuzz/fuzz.ts': 'all of the gate, between a hostile visitor and a hostile application',
  'lambda/prober/fuzz/http2.ts': 'all of the prober, under random frames of HTTP/2',
  'lambda/prober/http2-hostile.ts': 'all of the prober, beside hostile servers of HTTP/2',
};

/** One breach of each rule, and what looks like one and is none: so that no rule is asleep. */
const EXAMPLES: [rule: string, path: string, breach: string, fine: string][] = [
  ['the core waits for nothing', 'lambda/core/a.ts', 'const a = async () => 1;', '// await nothing'],
  ['the core waits for nothing', 'lambda/core/a.ts', 'await a;', "const a = 'await';"],
  [
    'time comes from the one clock',
    'lambda/core/a.ts',
    'const a = Date.now();',
    'const a = Date.parse(text);',
  ],
  [
    'time comes from the one clock',
    'lambda/core/a.ts',
    'const a = new Date();',
    'const a = new Date(nowMs);',
  ],
  [
    'time comes from the one clock',
    'lambda/apply/act.ts',
    'const a = AbortSignal.timeout(5);',
    'const a = clock.now();',
  ],
  [
    'chance comes from the world',
    'lambda/apply/act.ts',
    'const a = Math.random();',
    'const a = Math.round(b);',
  ],
  ['nothing is left for later', 'local/zone.ts', '// TODO: later', 'const todo = 1;'],
  [
    'no function but handlers and builders takes everything',
    'lambda/apply/act.ts',
    'const act = async (world: World) => {};',
    "export type ApplyPorts = Pick<World, 'pacer'>;",
  ],
  [
    'no test is left out by an option',
    'test/a.test.ts',
    "test('a', { skip: true }, () => {});",
    'const skipped = 1;',
  ],
  ['no test is left out by an option', 'test/a.test.ts', "test.todo('a');", "test('a', () => {});"],
];

describe('no rule is asleep', () => {
  for (const [rule, path, breach, fine] of EXAMPLES) {
    test(`${rule}: ${breach}`, () => {
      const found = breachesOf(path, `const first = 1;\n${breach}\n`);
      assert.ok(
        found.some(({ what, line }) => what.startsWith(`${rule}: `) && line === 2),
        JSON.stringify(found),
      );
      assert.deepEqual(
        breachesOf(path, `${fine}\n`).filter(({ what }) => what.startsWith(`${rule}: `)),
        [],
      );
    });
  }

  test('every rule has its example', () => {
    const named = new Set(EXAMPLES.map(([rule]) => rule));
    assert.deepEqual(
      RULES.map(({ name }) => name).filter((name) => !named.has(name)),
      [],
    );
  });

  test('a long function is found', () => {
    const body = (lines: number) => '  a();\n'.repeat(lines);
    const long = `const a = 1;\n\nexport const b = async (\n  c: number,\n): Promise<void> => {\n${body(60)}};\n`;
    const store = `const b = () => ({\n${`  m() {\n${body(40)}  },\n`.repeat(5)}});\n`;
    assert.equal(longFunctions('lib/a.ts', store).length, 0, 'many short methods are not long');
    assert.equal(longFunctions('lib/a.ts', store.replace('  },', `${body(40)}  },`)).length, 1);
    assert.deepEqual(
      longFunctions('lib/a.ts', long).map(({ line }) => line),
      [5],
    );
    assert.equal(longFunctions('lib/a.ts', `export const b = () => {\n${body(58)}};\n`).length, 0);
    assert.equal(longFunctions('lib/a.ts', `function b() {\n${body(60)}}\n`).length, 1);
    assert.equal(
      longFunctions('lib/a.ts', `const TABLE = {\n${"  a: 'b',\n".repeat(80)}};\n`).length,
      0,
      'a table may be long',
    );
  });

  test('many parameters', () => {
    const linesIn = (source: string) => longListsOf('lambda/a.ts', source).map(({ line }) => line);
    const four =
      '{ a, b, c, d, e }: Record<string, [number, number]>, f = [1, 2, 3], g?: (h: i, j: k) => l, m = 4,';
    assert.deepEqual(linesIn(`const a = (${four}) => 1;\n`), []);
    assert.deepEqual(linesIn(`const a = async <T>(\n  ${four}\n  n: T,\n): Promise<T> => {};\n`), [1]);
    assert.deepEqual(linesIn(`const a = { b };\nfunction* c(${four} n) {}\n`), [2]);
    assert.deepEqual(linesIn(`type A = { b(${four} n: 1): void };\n`), [1]);
    assert.deepEqual(
      linesIn(`f(a, b, c, d, e);\nconst g = f(a, b, c, d, e) ? 1 : 2;\nf((a) => b, c, d, e, f);\n`),
      [],
    );
  });

  test('comments, texts and patterns are no code', () => {
    const source = [
      "const a = 'it\\'s // no comment'; // a comment",
      'const b = "/* none */"; /* one',
      'over two lines */ const c = 1;',
      'const d = `text $' + '{call(`inner $' + '{e}`)} more`;',
      'const f = /[\'"`/*]/.test(g) ? h / 2 : i / 3;',
      'const j = { k: `$' + '{{ l: 1 }.l}` };',
    ].join('\n');
    assert.equal(
      codeOnly(source),
      [
        "const a = ''; ",
        "const b = ''; ",
        ' const c = 1;',
        'const d =  call( e``)``;',
        'const f = /./.test(g) ? h / 2 : i / 3;',
        'const j = { k:  { l: 1 }.l`` };',
      ].join('\n'),
    );
  });
});
