/** Completion as the shells themselves do it; bash, which is everywhere, is asked by `npm test`. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { completionFor } from '../../bin/completion.ts';
import { COMMANDS, flagsOf } from '../../bin/grammar.ts';

const root = mkdtempSync(join(tmpdir(), 'switchover-completion-'));
after(() => rmSync(root, { recursive: true, force: true }));

const script = (shell: 'zsh' | 'fish'): string => {
  const file = join(root, shell);
  writeFileSync(file, completionFor(shell));
  return file;
};

test('fish offers commands, flags of one, and words that are known', () => {
  const file = script('fish');
  const offered = (typed: string): string[] =>
    execFileSync('fish', ['--no-config', '-c', `source ${file}; complete -C '${typed}'`], {
      encoding: 'utf8',
    })
      .split('\n')
      .flatMap((line) => line.split('\t')[0] || []);
  assert.deepEqual(offered('switchover ').sort(), [...COMMANDS, 'help'].sort());
  for (const command of COMMANDS)
    assert.deepEqual(
      offered(`switchover ${command} --`).sort(),
      [...flagsOf(command), 'help'].map((flag) => `--${flag}`).sort(),
    );
  assert.deepEqual(offered('switchover demo-server st'), ['standby']);
});

test('zsh reads it and takes it for the completion of the command', () => {
  const program = `autoload -Uz compinit; compinit -u -D; source ${script('zsh')}; print $_comps[switchover]`;
  assert.equal(execFileSync('zsh', ['-fc', program], { encoding: 'utf8' }).trim(), '_switchover');
});
