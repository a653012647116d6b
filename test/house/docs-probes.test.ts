import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { OUTCOMES } from '../../lambda/core/probe/outcome.ts';
import { KEYS } from '../../lib/config/schema.ts';

const page = readFileSync(new URL('../../docs/probes.md', import.meta.url), 'utf8');

test('docs/probes.md has a row for every code, with what it counts as and what to do', () => {
  const rows = page
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, code]) => /^`[a-z-]+`$/.test(code ?? ''));
  const told = rows.map(([, code, outcome]) => [code?.slice(1, -1), outcome?.split(',')[0]]);
  assert.deepEqual(
    told.sort(),
    Object.entries(OUTCOMES)
      .map(([code, [outcome]]) => [code, outcome])
      .sort(),
  );
  for (const [, code, , happened, wayOut] of rows) assert.ok(happened && wayOut, code);
});

test('docs/probes.md names no field that a probe does not have', () => {
  const fields = KEYS.probe ?? [];
  const named = [
    ...page.matchAll(/`((?:body|expect|slow|blocked|redirect|follow|min|timeout)[A-Z]\w*)/g),
  ].map(([, name]) => name);
  assert.ok(named.length > 10);
  for (const name of named) assert.ok(fields.includes(name ?? ''), name);
});
