import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EXCEPTIONS, expectedOf } from '../browser-truth/exceptions.ts';
import { SIBLINGS } from '../browser-truth/siblings.ts';
import { EXCEPTED, NOT_SHOWN, verdictOf } from '../browser-truth/siblings-shown.ts';
import { browsersSay, LINES, type Line } from '../browser-truth/table.ts';

const page = readFileSync(new URL('../../docs/probes.md', import.meta.url), 'utf8');
const rows = page.split('\n').map((line) =>
  line
    .split('|')
    .map((cell) => cell.trim())
    .slice(1, -1),
);

const inCode = (ids: readonly string[]): string => ids.map((id) => `\`${id}\``).join(', ');

const agreed = ({ verdict }: Line): boolean => verdict === 'both show' || verdict === 'neither shows';

test('docs/probes.md has each exception with its reason, and no other', () => {
  const told = rows.filter(
    ([verdict, servers]) => /^(?:passed|failed)$/.test(verdict ?? '') && servers?.startsWith('`'),
  );
  const known = EXCEPTIONS.map(({ ids, verdict, reason }) => [verdict, inCode(ids), reason]);
  assert.deepEqual(told, known);
});

test('docs/probes.md has each sibling of which a probe says the opposite of what Chromium shows, and no other', () => {
  const from = rows.findIndex(([what]) => what === 'what they do');
  const told = rows.slice(from + 2, from + 2 + EXCEPTED.length + 1);
  const known = EXCEPTED.map(({ what, reason, ids: [id = '', ...more] }) => {
    const shown = NOT_SHOWN.includes(id) ? 'does not' : 'shows it';
    for (const other of more) assert.equal(verdictOf(other), verdictOf(id), `${other} is of another kind.`);
    return [what, inCode([id, ...more]), shown, verdictOf(id), reason];
  });
  assert.deepEqual(told, [...known, []]);
  assert.match(page, new RegExp(`it shows ${Object.keys(SIBLINGS).length} more`));
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
