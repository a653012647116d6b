import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { completionFor } from '../../../bin/completion.ts';
import { COMMANDS, flagsOf } from '../../../bin/grammar.ts';
import { SHELLS } from '../../../bin/tool-arguments.ts';
import { temporaryDirectory } from '../lib/fixture.ts';

/** What bash offers for the last of these words. */
const offered = (...words: string[]): string[] => {
  const file = join(temporaryDirectory(), 'completion.bash');
  writeFileSync(file, completionFor('bash'));
  const script = [
    `source ${file}`,
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`,
    `_switchover switchover '${words.at(-1)}' '${words.at(-2)}'`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash reads it
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n');
  const said = execFileSync('bash', ['--norc', '-euo', 'pipefail', '-c', script], { encoding: 'utf8' });
  return said.split('\n').filter((line) => line !== '');
};

describe('bash', () => {
  test('offers every command, and those that begin so', () => {
    assert.deepEqual(
      offered('switchover', '').filter((word) => !word.startsWith('-')),
      [...COMMANDS, 'help'],
    );
    assert.deepEqual(offered('switchover', 'ho'), ['hold']);
  });

  test('offers the flags of the command alone', () => {
    for (const command of COMMANDS)
      assert.deepEqual(
        offered('switchover', command, '--'),
        [...flagsOf(command), 'help'].map((flag) => `--${flag}`),
      );
  });

  test('offers words that are known beforehand, and leaves files to the shell', () => {
    assert.deepEqual(offered('switchover', 'completion', ''), [...SHELLS, '--json', '--help']);
    assert.deepEqual(offered('switchover', 'demo-server', 'st'), ['standby']);
    assert.deepEqual(offered('switchover', 'check', '--config', ''), []);
  });
});

for (const shell of SHELLS)
  test(`${shell} is told every command and every flag`, () => {
    const script = completionFor(shell);
    for (const command of COMMANDS) {
      assert.ok(script.includes(command));
      for (const flag of flagsOf(command)) assert.match(script, new RegExp(`(?:--|-l )${flag}\\b`));
    }
  });
