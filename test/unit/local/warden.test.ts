import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const HOSTING = new URL('../../../local/hosting.ts', import.meta.url).href;

/** Hosts one function in three environments, frozen after their answers, and prints their pids. */
const PARENT = `
import { startHosting } from ${JSON.stringify(HOSTING)};

const hosting = startHosting({ endpointUrl: 'http://127.0.0.1:1', onLog: () => {} });
const fn = { name: 'f', region: 'eu-west-2', arn: 'arn:f', codeDir: process.argv[1], handler: 'index.handler',
  memoryMb: 128, timeoutSeconds: 10, environment: {}, credentials: { accessKeyId: 'k', secretAccessKey: 's' } };
const answers = await Promise.all([1, 2, 3].map(() => hosting.invoke(fn, '{}')));
console.log(JSON.stringify(answers.map(({ payload }) => JSON.parse(payload))));
setInterval(() => {}, 1000);
`;

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('frozen functions do not outlive a host that is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'warden-'));
  const bundle =
    'exports.handler = () => new Promise((done) => { setInterval(() => {}, 1000); setTimeout(done, 400, process.pid); })';
  await writeFile(join(folder, 'index.cjs'), bundle);
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(parent.stdout, 'data')) as [Buffer];
  const pids = JSON.parse(output.toString()) as number[];
  assert.equal(new Set(pids).size, 3);
  assert.ok(pids.every(alive));

  parent.kill('SIGKILL');
  await once(parent, 'exit');
  for (let turn = 0; turn < 250 && pids.some(alive); turn += 1) await sleep(20);
  assert.deepEqual(pids.filter(alive), []);
  await rm(folder, { recursive: true });
});
