import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const UNTRACKED = fileURLToPath(new URL('../support/untracked.cjs', import.meta.url));

/** The exit code of a test file with this one test in it, run as `npm test` runs it. */
const exitCode = (body: string): Promise<number> => {
  const source = `import { test } from 'node:test'; test('one', ${body});`;
  const child = execFile(process.execPath, ['--require', UNTRACKED, '--input-type=module', '--eval', source]);
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? -1)));
};

const LATER = 'await new Promise((resolve) => setTimeout(resolve, 50));';

test('what fails outside the test that began it fails its file all the same', async () => {
  const codes = await Promise.all([
    exitCode(`async () => { ${LATER} }`),
    exitCode(`() => { setTimeout(() => { throw new Error('late'); }, 20); }`),
    exitCode(`() => { setTimeout(() => { Promise.reject(new Error('late')); }, 20); }`),
    exitCode(`async () => { Promise.reject(new Error('within')); ${LATER} }`),
  ]);
  assert.deepEqual(codes, [0, 1, 1, 1]);
});
