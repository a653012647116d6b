import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

for (const script of ['simulate', 'search', 'defects']) {
  const run = (...args: string[]) => {
    const file = fileURLToPath(new URL(`./${script}.ts`, import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  test(`${script} --help tells every flag, and runs nothing`, () => {
    const { status, stdout, stderr } = run('--help');
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, new RegExp(`npm run ${script} -- \\[options\\]`));
    assert.match(stdout, /--json/);
  });

  test(`${script} refuses a flag that it does not know, in a sentence`, () => {
    const { status, stdout, stderr } = run('--wrold', '1');
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /\nUnknown option '--wrold'\.\n$/);
  });
}
