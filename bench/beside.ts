import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from './statistics.ts';

const run = promisify(execFile);

/** What a turn of one tree of sources came to: the lines of JSON that it printed. */
type Turn = Record<string, unknown>[];

const turnOf = async (root: string, flags: readonly string[]): Promise<Turn> => {
  const { stdout } = await run(process.execPath, [join(root, 'bench', 'run.ts'), ...flags, '--json'], {
    cwd: root,
    maxBuffer: 2 ** 26,
  }).catch((error: { stdout?: string; message: string }) => {
    // A measurement that ends with 1 has measured, and says what it misses.
    if (error.stdout?.includes('{') === true) return { stdout: error.stdout };
    throw new Error(`Expected the measurement in ${root} to end well, received: ${error.message}`, {
      cause: error,
    });
  });
  return stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
};

/**
 * Runs a measurement with the sources here and with those of another checkout, which has packages of its own, in turns: both meet
 * the same busy machine. Answers the medians of a figure, here and there, and of the ratio within a turn.
 */
export const beside = async (
  root: string,
  flags: readonly string[],
  turns: number,
  figureOf: (turn: Turn) => number,
): Promise<{ here: number; there: number; ratio: number; ratios: number[] }> => {
  const figures: { here: number; there: number }[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const there = figureOf(await turnOf(root, flags));
    const here = figureOf(await turnOf(process.cwd(), flags));
    figures.push({ here, there });
    console.error(`turn ${turn + 1}: here ${here.toFixed(1)}, there ${there.toFixed(1)}`);
  }
  const ratios = figures.map(({ here, there }) => here / there);
  return {
    here: median(figures.map(({ here }) => here)) as number,
    there: median(figures.map(({ there }) => there)) as number,
    ratio: median(ratios) as number,
    ratios,
  };
};
