import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

/** What a process that prints these lines writes. */
const printed = (lines: object[]): unknown[] => {
  const log = join(import.meta.dirname, '../../../../lambda/edge/log.ts');
  const program = `import { printLine } from ${JSON.stringify(log)};\nfor (const line of ${JSON.stringify(lines)}) printLine(line);`;
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

const at = '2026-11-22T03:14:00.000Z';

test('each line is one JSON object, with a level that a filter finds', () => {
  const lines = [
    { event: 'round', at, vantages: [], sites: {}, healthy: 2 },
    { event: 'switch', site: 'www.example.com', from: 'a', to: 'b', reason: 'failover', epoch: 2, at },
    { event: 'error', code: 'AccessDenied', message: 'a\nb', at },
  ];
  assert.deepEqual(printed(lines), [
    { level: 'INFO', ...lines[0] },
    { level: 'WARN', ...lines[1] },
    { level: 'ERROR', ...lines[2] },
  ]);
});
