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

type Compared = { here: number; there: number; ratio: number; ratios: number[] };

/**
 * Runs a measurement with the sources here and with those of another checkout, which has packages of its own, in turns: both meet
 * the same busy machine. Answers by name the medians of each figure, here and there, and of the ratio within a turn.
 */
export const beside = async (
  root: string,
  flags: readonly string[],
  turns: number,
  figuresOf: (turn: Turn) => Record<string, number>,
): Promise<Record<string, Compared>> => {
  const all: { here: Record<string, number>; there: Record<string, number> }[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const there = figuresOf(await turnOf(root, flags));
    const here = figuresOf(await turnOf(process.cwd(), flags));
    all.push({ here, there });
    for (const [name, figure] of Object.entries(here))
      console.error(`turn ${turn + 1}: ${name}: here ${figure.toFixed(1)}, there ${there[name]?.toFixed(1)}`);
  }
  return Object.fromEntries(
    Object.keys(all[0]?.here ?? {}).map((name) => {
      const [here, there] = [
        all.map((one) => Number(one.here[name])),
        all.map((one) => Number(one.there[name])),
      ];
      const ratios = here.map((figure, turn) => figure / (there[turn] as number));
      const [hereMs, thereMs, ratio] = [here, there, ratios].map((some) => median(some) as number);
      return [name, { here: hereMs, there: thereMs, ratio, ratios } as Compared];
    }),
  );
};
