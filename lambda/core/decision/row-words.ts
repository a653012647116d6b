/** A row of the decision table of docs/decisions-table.md, as `decide` in lambda/core/decision/decide.ts has it. */
export type Row = { zone: string; mode: string; serving: string; others: string; decision: string };

const row = (zone: string, mode: string, serving: string, others: string, decision: string): Row => ({
  zone,
  mode,
  serving,
  others,
  decision,
});

/** The decision table, for people: the first row that matches wins. */
export const ROWS: Record<number, Row> = {
  1: row('nothing', 'pinned', '-', 'any', 'serve the pinned server'),
  2: row('nothing', 'auto', '-', 'one is up', 'serve the most preferred that is up'),
  3: row('nothing', 'any', '-', 'any', 'leave'),
  4: row('adoptable', 'any', 'any', 'any', 'write the role record, nothing else'),
  5: row('not as we left it', 'any', 'any', 'any', 'leave'),
  6: row('ours', 'pinned to a configured server', 'any', 'any', 'serve the pinned server'),
  7: row('ours', 'held, or pinned to nobody we know', 'any', 'any', 'leave'),
  8: row('ours', 'auto', 'too few vantages saw anything', 'any', 'leave'),
  9: row(
    'ours',
    'auto',
    'row 10, 11 or 13 would move it, too often lately',
    'any',
    'leave until the wait is over',
  ),
  10: row('ours', 'auto', 'down, or the last resort', 'one is armed', 'serve the most preferred armed one'),
  11: row(
    'ours',
    'auto',
    'down, or the last resort',
    'none is armed',
    'the last resort if it passed this round, else leave',
  ),
  12: row('ours', 'auto', 'unknown, or no longer configured', 'any', 'leave'),
  13: row(
    'ours',
    'auto',
    'up',
    'a preferred one is armed and failback is due, or one that a person pointed to is',
    'serve that one',
  ),
  14: row(
    'ours',
    'auto',
    'up, but configured differently now, and up there too',
    'any',
    'rewrite the same server',
  ),
  15: row('ours', 'auto', 'up', 'any', 'leave'),
};
