import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { apart } from '../support/apart.ts';

const scenarios = apart(new URL('./scenario.ts', import.meta.url));
after(() => scenarios.close());

const FOLDER = dirname(fileURLToPath(import.meta.url));
const UPDATE = 'SWITCHOVER_UPDATE_SCENARIOS';
const LINE = '\n----\n';

/** Both texts, line by line: as it was, as it is now, and what stayed. */
const differences = (expected: string[], received: string[]): string[] => {
  if (expected.length === 0 || received.length === 0) {
    return [...expected.map((line) => `- ${line}`), ...received.map((line) => `+ ${line}`)];
  }
  const [first = '', ...rest] = expected;
  const [now = '', ...others] = received;
  if (first === now) return [`  ${first}`, ...differences(rest, others)];
  const gone = received.indexOf(first);
  const come = expected.indexOf(now);
  if (gone < 0 || (come >= 0 && come <= gone)) return [`- ${first}`, ...differences(rest, received)];
  return [`+ ${now}`, ...differences(expected, others)];
};

describe('scenarios', () => {
  for (const path of globSync(join(FOLDER, '*.txt')).sort()) {
    test(basename(path, '.txt'), async () => {
      const [script = '', ...expected] = readFileSync(path, 'utf8').split(LINE);
      assert.match(script, /^# \S/, `Expected ${path} to begin with a comment that says what it shows.`);
      const received = `${await scenarios.call<string>('runScenario', script)}\n`;
      if (process.env[UPDATE] === '1') {
        writeFileSync(path, `${script}${LINE}${received}`);
        return;
      }
      assert.equal(expected.length, 1, `Expected ${path} to hold one line ---- between script and timeline.`);
      if (received === expected[0]) return;
      const lines = differences((expected[0] ?? '').split('\n'), received.split('\n'));
      assert.fail(
        `${path}: Switchover did something else (- as it was, + as it is now):\n\n${lines.join('\n')}\n` +
          `If you understand why, and it is what people should get, run the tests once with ${UPDATE}=1 and commit the ` +
          'difference: it is a change of behaviour and must be reviewed as one.',
      );
    });
  }

  test('every row of the decision table has one', () => {
    const names = globSync(join(FOLDER, '*.txt')).map((path) => basename(path));
    const rows = Array.from({ length: 15 }, (_, index) => `row-${String(index + 1).padStart(2, '0')}-`);
    assert.deepEqual(
      rows.filter((row) => !names.some((name) => name.startsWith(row))),
      [],
    );
  });
});

test('a difference is shown line by line', () => {
  assert.deepEqual(differences(['a', 'b', 'c'], ['a', 'x', 'c']), ['  a', '- b', '+ x', '  c']);
  assert.deepEqual(differences(['a', 'c'], ['a', 'b', 'c']), ['  a', '+ b', '  c']);
  assert.deepEqual(differences(['a', 'b', 'c'], ['a', 'c']), ['  a', '- b', '  c']);
  assert.deepEqual(differences([], ['a']), ['+ a']);
});

test('a script that makes no sense is refused', async () => {
  const wrong: [script: string, told: RegExp][] = [
    ['site www', /Expected a line `until SECONDS`/],
    ['site www\n5 prymary refuses\nuntil 10', /received prymary/],
    ['site www\n5 primary sleeps\nuntil 10', /received sleeps/],
    ['site www\n5 zone gone\nuntil 10', /received gone/],
    ['site www\n5 next change explodes\nuntil 10', /received explodes/],
    ['site www colour=red\nuntil 10', /received colour=red/],
    ['site www servers=primary,nobody\nuntil 10', /received nobody/],
  ];
  for (const [script, told] of wrong) await assert.rejects(scenarios.call('runScenario', script), told);
});
