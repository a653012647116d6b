/**
 * What `switchover-readdress` hears of a role record, whatever stands in it and wherever IPv6 leads. Needs root, util-linux,
 * iproute2, arping (Debian: iputils-arping) and dig (bind9-dnsutils), so it is run by .ci/run and not by `npm test`.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Heard } from './hearing-inside.ts';

/** A look waits a second for each question at most, and for one look by arping. */
const MAX_LOOK_MS = 5_000;
const REST = 'mode=auto set=1a2b3c4d since=1795341600';

const hear = async (texts: string[]): Promise<Heard[]> => {
  const words = [
    '-n',
    '-m',
    '--propagation',
    'private',
    process.execPath,
    '.ci/checks/hearing-inside.ts',
    JSON.stringify(texts),
  ];
  const { stdout } = await promisify(execFile)('unshare', words, { timeout: 120_000 });
  return JSON.parse(stdout) as Heard[];
};

test('the role record is heard where IPv6 leads nowhere and ~/.digrc asks for more', async () => {
  const [heard] = await hear([`v=1 epoch=7 serving=standby ${REST}`]);
  assert.match(
    heard?.said ?? '',
    /The role record of epoch 7 names standby\.\n.*198\.51\.100\.7 would be taken\./,
  );
});

test('a text that names files is no look at them, and what no reader could read is not heard', async () => {
  const texts = [
    `v=1 epoch=7 serving=standby ${REST} ${'/*/*/*/* '.repeat(8)}x`,
    `v=1 epoch=9007199254740993 serving=standby ${REST}`,
    `v=1 epoch=07 serving=standby ${REST}`,
    `v=1 epoch=7 epoch=8 serving=standby ${REST}`,
    `v=1 epoch=$(id) serving=standby ${REST}`,
    `v=1 epoch=7 serving=\`id\` ${REST}`,
    `v=1 epoch=7 serving=${'x'.repeat(33)} ${REST}`,
    'v=1 epoch=7',
    'v=2 epoch=7 serving=standby',
    '',
  ];
  const [first, ...rest] = await hear(texts);
  assert.match(first?.said ?? '', /epoch 7 names standby/);
  for (const [index, { said }] of rest.entries()) {
    assert.match(said, /No role record of www\.example\.test was heard of yet/, texts[index + 1]);
  }
  for (const { ms } of [first as Heard, ...rest]) assert.ok(ms < MAX_LOOK_MS, `${ms} ms`);
});
