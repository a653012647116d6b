/** A row of the decision table of docs/decisions-table.md, as `decide` in lambda/core/decision/decide.ts has it. */
export type Row = { zone: string; mode: string; serving: string; others: string; decision: string };

const CELLS: Record<number, [zone: string, mode: string, serving: string, others: string, decision: string]> =
  {
    1: ['nothing', 'pinned', '-', 'any', 'serve the pinned server'],
    2: ['nothing', 'auto', '-', 'one is up', 'serve the most preferred that is up'],
    3: ['nothing', 'any', '-', 'any', 'leave'],
    4: ['adoptable', 'any', 'any', 'any', 'write the role record, nothing else'],
    5: ['not as we left it', 'any', 'any', 'any', 'leave'],
    6: ['ours', 'pinned to a configured server', 'any', 'any', 'serve the pinned server'],
    7: ['ours', 'held, or pinned to nobody we know', 'any', 'any', 'leave'],
    8: ['ours', 'auto', 'too few vantages saw anything', 'any', 'leave'],
    9: [
      'ours',
      'auto',
      'row 10, 11 or 13 would move it, too often lately',
      'any',
      'leave until the wait is over',
    ],
    10: ['ours', 'auto', 'down, or the last resort', 'one is armed', 'serve the most preferred armed one'],
    11: [
      'ours',
      'auto',
      'down, or the last resort',
      'none is armed',
      'the last resort if it passed this round, else leave',
    ],
    12: ['ours', 'auto', 'unknown, or no longer configured', 'any', 'leave'],
    13: [
      'ours',
      'auto',
      'up',
      'a preferred one is armed and failback is due, or one that a person pointed to is',
      'serve that one',
    ],
    14: [
      'ours',
      'auto',
      'up, but configured differently now, and up there too',
      'any',
      'rewrite the same server',
    ],
    15: ['ours', 'auto', 'up', 'any', 'leave'],
  };

/** The decision table, for people: the first row that matches wins. */
export const ROWS: Record<number, Row> = Object.fromEntries(
  Object.entries(CELLS).map(([row, [zone, mode, serving, others, decision]]) => [
    row,
    { zone, mode, serving, others, decision },
  ]),
);
