import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NOTES } from '../../lambda/core/orders/status.ts';

test('docs/taking-over.md has a row for every code of a note, in the order in which they are told', () => {
  const page = readFileSync(new URL('../../docs/taking-over.md', import.meta.url), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith('What status says')) ?? '';
  const rows = [...section.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm)];
  assert.deepEqual(
    rows.map(([, code]) => code),
    Object.keys(NOTES),
  );
});
