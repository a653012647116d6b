import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXCEPTIONS, expectedOf } from '../browser-truth/exceptions.ts';
import { browsersSay, LINES, type Line } from '../browser-truth/table.ts';

const page = readFileSync(new URL('../../docs/probes.md', import.meta.url), 'utf8');
const rows = page.split('\n').map((line) =>
  line
    .split('|')
    .map((cell) => cell.trim())
    .slice(1, -1),
);

const agreed = ({ verdict }: Line): boolean => verdict === 'both show' || verdict === 'neither shows';

test('docs/probes.md has each exception with its reason, and no other', () => {
  const told = rows.filter(
    ([verdict, servers]) => /^(?:passed|failed)$/.test(verdict ?? '') && servers?.startsWith('`'),
  );
  const known = EXCEPTIONS.map(({ ids, verdict, reason }) => [
    verdict,
    ids.map((id) => `\`${id}\``).join(', '),
    reason,
  ]);
  assert.deepEqual(told, known);
});

test('docs/probes.md has the figures of the table, section by section', () => {
  const figuresOf = (section: string, lines: Line[]) => {
    const both = lines.filter(agreed);
    const right = both.filter((line) => expectedOf(line).verdict === browsersSay(line));
    const excepted = lines.filter((line) => expectedOf(line).exception !== undefined);
    return [section, lines.length, both.length, right.length, excepted.length].map(String);
  };
  const sections = Map.groupBy(LINES, ({ section }) => section);
  const expected = [
    ...[...sections].map(([section, lines]) => figuresOf(section, lines)),
    figuresOf('all', LINES),
  ];
  const from = rows.findIndex(([section]) => section === expected[0]?.[0]);
  assert.deepEqual(rows.slice(from, from + expected.length), expected);
});
