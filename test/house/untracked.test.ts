import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('where a file asks for some tests at once, they run side by side', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'switchover-untracked-'));
  t.after(() => rmSync(root, { recursive: true }));
  const file = join(root, 'two.test.mjs');
  const source = `import { describe, test } from 'node:test';
    const { promise, resolve } = Promise.withResolvers();
    describe('two', { concurrency: 2 }, () => { test('waits', () => promise); test('ends that', () => resolve()); });`;
  writeFileSync(file, source);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  assert.equal(
    spawnSync(process.execPath, ['--require', UNTRACKED, file], { env, timeout: 10_000 }).status,
    0,
  );
});
