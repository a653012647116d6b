import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a program printed, and what it and the programs it started cost. */
export type Ran = { output: string; cpuSeconds: number; wallSeconds: number };

/** bash says what its children used to the millisecond: one line for itself, one for them. */
const TIMES = /\n\d+m[\d.]+s \d+m[\d.]+s\n(\d+)m([\d.]+)s (\d+)m([\d.]+)s\n$/;

/** Runs a program to its end, whatever its exit code. Needs bash. */
export const run = async (command: string, args: string[], input = ''): Promise<Ran> => {
  const startedAt = performance.now();
  const child = spawn('bash', ['-c', '"$0" "$@"; echo; times', command, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(input);
  await once(child, 'close');
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  const printed = Buffer.concat(chunks).toString('latin1');
  const times = TIMES.exec(printed);
  if (times === null) throw new Error(`Expected bash to say what ${command} used, received: ${printed}`);
  const [userMinutes = 0, user = 0, systemMinutes = 0, system = 0] = times.slice(1).map(Number);
  return {
    output: printed.slice(0, times.index),
    cpuSeconds: (userMinutes + systemMinutes) * 60 + user + system,
    wallSeconds,
  };
};

/** How often `text` occurs in `output`. */
export const countOf = (text: string, output: string): number => output.split(text).length - 1;
