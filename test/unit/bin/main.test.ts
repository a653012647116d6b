import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { main } from '../../../bin/main.ts';

/** All that a file loads before it runs, itself included: packages by their names, types and dynamic imports aside. */
const loadedBy = (...starts: string[]): string[] => {
  const files = [...starts];
  const packages = new Set<string>();
  for (const path of files) {
    const source = readFileSync(path, 'utf8');
    for (const [, from = ''] of source.matchAll(/^(?:import|export)\b(?! type)[^;]*?from '([^']+)';$/gms)) {
      const next = from.startsWith('.') ? join(dirname(path), from) : undefined;
      if (next === undefined) packages.add(from);
      else if (!files.includes(next) && next.endsWith('.ts')) files.push(next);
    }
  }
  return [...packages].filter((name) => !name.startsWith('node:')).sort();
};

test('help and version answer a program in JSON', async () => {
  for (const [args, field] of [
    [['--version', '--json'], 'version'],
    [['help', '--json'], 'message'],
    [['help', 'pin', '--json'], 'message'],
    [['pin', '--help', '--json'], 'message'],
  ] as const) {
    let said = '';
    const code = await main([...args], {
      screen: { colour: false, width: 80 },
      progress: (_what, work) => work,
      out: (text) => {
        said += text;
      },
      err: assert.fail,
    });
    assert.equal(code, 0);
    const answer = JSON.parse(said);
    assert.deepEqual([answer.v, answer.ok], [1, true]);
    assert.ok(answer[field].length > 0);
  }
});

describe('a command loads what it uses, so that it answers at once', () => {
  test('help and a slip of the hand load no package at all', () => {
    assert.deepEqual(loadedBy('bin/switchover.ts'), []);
  });

  test('what looks at a running deployment loads the client of Lambda, and no checker of configurations', () => {
    for (const command of ['status', 'look', 'order'])
      assert.deepEqual(
        loadedBy(`bin/commands/${command}.ts`).filter((name) => name !== '@aws-sdk/client-lambda'),
        [],
        command,
      );
  });

  test('a command that checks a configuration does load the checker: this looks in the right place', () => {
    assert.ok(loadedBy('bin/commands/cost.ts').includes('zod'));
  });
});
