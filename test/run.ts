import { spawnSync } from 'node:child_process';
import { processes } from './together/together.ts';

/**
 * `npm test`: all test files, in as few processes as they need. What is given goes to the test runner, which knows options such as
 * `--test-name-pattern`.
 */
const options = ['--require', './test/support/untracked.cjs', '--test', '--test-concurrency=4'];
const { status } = spawnSync(process.execPath, [...options, ...process.argv.slice(2), ...processes()], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
