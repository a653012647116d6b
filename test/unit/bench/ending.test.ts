import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

const ENDING = new URL('../../../bench/ending.ts', import.meta.url).href;

/** Starts a program that stays, says its process id, and stays itself. */
const MEASUREMENT = `
  import { spawn } from 'node:child_process';
  import { endsWithUs } from ${JSON.stringify(ENDING)};
  const stays = ['-e', 'setInterval(() => {}, 1000)'];
  const child = endsWithUs(spawn(process.execPath, stays, { detached: process.argv[1] === 'group', stdio: 'ignore' }));
  console.log(child.pid);
  setInterval(() => {}, 1000);
`;

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

for (const [kind, signal] of [
  ['group', 'SIGTERM'],
  ['alone', 'SIGINT'],
] as const)
  test(`A program of a measurement that is ended by ${signal} ends with it (${kind})`, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', MEASUREMENT, kind], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    child.kill(signal);
    await once(child, 'exit');
    const pid = Number(line);
    for (let tries = 0; tries < 200 && isThere(pid); tries += 1)
      await new Promise((done) => setTimeout(done, 50));
    assert.equal(isThere(pid), false);
  });
