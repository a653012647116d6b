import type { LogLine } from '../contract.ts';

type Level = 'INFO' | 'WARN' | 'ERROR';

/** How bad each kind of line is, in the words of Lambda's own log and of Powertools, so that one filter finds them all. */
const LEVELS: Record<LogLine['event'], Level> = {
  round: 'INFO',
  due: 'WARN',
  switch: 'WARN',
  probe: 'INFO',
  published: 'INFO',
  note: 'INFO',
  heartbeat: 'INFO',
  error: 'ERROR',
};

/** The log of the functions: one JSON object a line. */
export const printLine = (line: LogLine): void =>
  console.log(JSON.stringify({ level: LEVELS[line.event], ...line }));
