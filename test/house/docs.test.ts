import assert from 'node:assert/strict';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../../bin/arguments.ts';
import { deadManNames, undeliveredName } from '../../lambda/contract.ts';
import { CHANNEL_FAILED } from '../../lambda/core/channels/not-posted.ts';
import { readCommand } from '../../lambda/core/orders/command.ts';
import { checkConfig, readConfig } from '../../lib/config/index.ts';
import { readOptions } from '../../local/options.ts';
import packageJson from '../../package.json' with { type: 'json' };
import exampleConfig from '../../switchover.config.ts';
import { temporaryDirectory } from '../unit/lib/fixture.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const files = (pattern: string): string[] =>
  globSync(pattern, { cwd: ROOT, exclude: ['node_modules', '.git', '.switchover', 'cdk.out'] }).sort();

const PAGES = files('**/*.md');

/** The lines of a page that are inside (`code`) or outside a fenced block, with the block's language. */
const linesOf = (page: string): { text: string; fence: string | undefined }[] => {
  let fence: string | undefined;
  return read(page)
    .split('\n')
    .flatMap((text) => {
      const mark = /^\s*```(\w*)\s*$/.exec(text);
      if (mark === null) return [{ text, fence }];
      fence = fence === undefined ? (mark[1] ?? '') : undefined;
      return [];
    });
};

const headingsOf = (page: string): { level: number; text: string }[] =>
  linesOf(page).flatMap(({ text, fence }) => {
    const [, marks, title] = (fence === undefined && /^(#+) (.*)$/.exec(text)) || [];
    return marks === undefined || title === undefined ? [] : [{ level: marks.length, text: title.trim() }];
  });

/** A heading's anchor, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

describe('links', () => {
  for (const page of PAGES) {
    test(page, () => {
      const broken = linesOf(page)
        .filter(({ fence }) => fence === undefined)
        .flatMap(({ text }) => [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)])
        .map(([, target = '']) => target)
        .filter((target) => !/^[a-z]+:/.test(target))
        .filter((target) => !leadsSomewhere(page, target));
      assert.deepEqual(broken, []);
    });
  }
});

const leadsSomewhere = (page: string, target: string): boolean => {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (statSync(join(ROOT, file), { throwIfNoEntry: false }) === undefined) return false;
  return anchor === undefined || headingsOf(file).some(({ text }) => anchorOf(text) === anchor);
};

/** Every reason of the decision table, by row, as `decide` returns them. */
const reasonsByRow = (): Map<number, Set<string>> => {
  const rows = new Map<number, Set<string>>();
  for (const [, row, reason = ''] of read('lambda/core/decision/decide.ts').matchAll(
    /row: (\d+),\s+reason: ([^,}]+)/g,
  )) {
    const reasons = rows.get(Number(row)) ?? new Set();
    for (const [, word = ''] of reason.matchAll(/'([a-z-]+)'/g)) reasons.add(word);
    rows.set(Number(row), reasons);
  }
  return rows;
};

test("README's configuration for one website is one that works, and has nothing that is warned of", async () => {
  const [, written = ''] = /```ts\n(import \{ defineConfig \}[^`]*)```/.exec(read('README.md')) ?? [];
  const file = join(temporaryDirectory(), 'readme.config.ts');
  writeFileSync(file, written.replace('./lib/', `${ROOT}/lib/`));
  const { input } = await readConfig(file);
  const { config, warnings } = checkConfig(input, file);
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    config.sites.map(({ name, servers }) => [name, servers.length]),
    [['www.dyn.example.co.uk', 2]],
  );
});

test('docs/decisions-table.md has the rows and reasons of the code', () => {
  const told = new Map(
    linesOf('docs/decisions-table.md').flatMap(({ text }) => {
      const cells = text.split('|').map((cell) => cell.trim());
      if (!/^\d+$/.test(cells[1] ?? '') || cells.length !== 10) return [];
      return [
        [Number(cells[1]), [...(cells[7] ?? '').matchAll(/`([a-z-]+)`/g)].map(([, word]) => word)],
      ] as const;
    }),
  );
  const decided = reasonsByRow();
  assert.equal(decided.size, 15);
  for (const [row, reasons] of decided)
    assert.deepEqual(told.get(row)?.sort(), [...reasons].sort(), `row ${row}`);
  assert.equal(told.size, decided.size);
});

/** What is announced: every reason but the good one, and whatever else is owed or told by name. */
const kinds = (): Set<string> => {
  const found = new Set<string>();
  for (const reasons of reasonsByRow().values()) for (const reason of reasons) found.add(reason);
  found.delete('fine');
  for (const path of files('lambda/**/*.ts')) {
    const source = read(path);
    for (const [, kind = ''] of source.matchAll(/\bdirect\(config, '([a-z-]+)'/g)) found.add(kind);
    for (const [, kind = ''] of source.matchAll(/\bkind: '([a-z-]+)',\s*(?:atMs(?:: \w+)?,\s*)?news\b/g))
      found.add(kind);
  }
  for (const path of files('test/scenarios/*.txt'))
    for (const [, kind = ''] of read(path).matchAll(/^ *[\d.]+ mail ([a-z-]+) /gm)) found.add(kind);
  return found;
};

test('the runbook has a heading for each kind of announcement and the alarms, and for nothing else', () => {
  const headings = headingsOf('docs/runbook.md').filter(({ level }) => level === 2);
  const alarms = [deadManNames('DEPLOYMENT').alarm, undeliveredName('DEPLOYMENT')];
  const expected = [...kinds(), CHANNEL_FAILED, ...alarms];
  for (const sure of ['failover', 'server-down', 'server-up', 'hand', 'vantage-blind', 'store-away'])
    assert.ok(expected.includes(sure), `${sure} was not found in the code: the search for kinds is asleep.`);
  assert.deepEqual(headings.map(({ text }) => text).sort(), expected.sort());
});

test('each heading of the runbook says what it means, how to look and what to do', () => {
  for (const part of read('docs/runbook.md').split(/^## /m).slice(1)) {
    const kind = part.split('\n')[0];
    for (const word of ['Means', 'Look', 'Do'])
      assert.match(part, new RegExp(`\\*\\*${word}\\*\\*`), `${kind}: ${word}`);
  }
});

test('the configuration to try on one machine is in order', () => {
  assert.deepEqual(checkConfig(JSON.parse(read('examples/local.config.json'))).warnings, []);
});

/** The shipped example, in which the pages' names exist. */
const { config } = checkConfig(exampleConfig);

test('every test event in a page is one that the console function takes', () => {
  const events = PAGES.flatMap((page) => [
    ...[...read(page).matchAll(/^```json\n([\s\S]*?)\n```$/gm)].map(([, event = '']) => event),
    ...[...read(page).matchAll(/`(\{"action":[^`]*\})`/g)].map(([, event = '']) => event),
  ]);
  assert.ok(events.length > 12, `Expected more than a dozen events, found ${events.length}.`);
  for (const event of events) {
    const command = readCommand(JSON.parse(event), config);
    assert.equal('refused' in command ? command.refused : undefined, undefined, event);
  }
});

/** The words of a command line as a shell gives them to the program, up to a comment, an operator or a redirection. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(#.*$|&&.*$|[|>].*$)|(\S+)/g)].flatMap(([, quoted, rest, plain]) =>
    rest !== undefined ? [] : [quoted ?? plain ?? ''],
  );

/** What follows `start` in the code of all pages: in fenced blocks, and in spans of a text. */
const commandsAfter = (start: string): string[] =>
  PAGES.flatMap((page) =>
    linesOf(page).flatMap(({ text, fence }) => {
      const code =
        fence === undefined ? [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span) : [text];
      return code.flatMap((piece) => piece.split(start).slice(1));
    }),
  );

test('every command line in a page is one that switchover takes', () => {
  const lines = commandsAfter('npm run switchover -- ').filter((line) => !line.startsWith('COMMAND'));
  assert.ok(lines.length > 30, `Expected more than thirty, found ${lines.length}.`);
  for (const line of lines) {
    // Where the page has no site in mind, as in `explain SITE`, any will do; an ellipsis stands for a reason.
    const words = wordsOf(line.replaceAll('\\', ' ')).map((word) =>
      word === 'SITE' ? 'www.example.com' : word,
    );
    assert.doesNotThrow(() => readArguments(words, Date.now()), `npm run switchover -- ${line}`);
  }
});

test('no page or message tells a command that would fetch what a stranger published', () => {
  const sources = files('{bin,lib,lambda,local,gate,publish,examples}/**/*.{ts,md}');
  const asks = /\b(?:npx|npm (?:create|init|exec|x))(?: --?\S+)* (?:@\S+\/)?(?:create-)?switchover/;
  for (const path of [...PAGES, ...sources, 'switchover.config.ts'])
    assert.doesNotMatch(read(path), asks, path);
  assert.match('npx --yes switchover status', asks);
  assert.match('npm create switchover@latest', asks);
});

test('every npm script in a page exists, and npm start takes its options', () => {
  const scripts = commandsAfter('npm run ').map((line) => /^[a-z]+/.exec(line)?.[0] ?? line);
  assert.deepEqual(
    scripts.filter((script) => !Object.hasOwn(packageJson.scripts, script)),
    [],
  );
  for (const line of commandsAfter('npm start -- '))
    assert.doesNotThrow(() => readOptions(wordsOf(line), ROOT), `npm start -- ${line}`);
});
