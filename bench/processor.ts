import { readdirSync, readFileSync } from 'node:fs';

/** Seconds of processor by the kind of process, of all processes that descend from `roots`. */
export type Spent = Record<string, number>;

/** Linux counts time in hundredths of a second, on every architecture. */
const TICKS_A_SECOND = 100;

/** What the processes below (and of) each root have used so far. A function's are named after the function; `roots` by their key. */
export const processorOf = (roots: Record<string, number>): Spent => {
  const all = processes();
  const spent: Spent = {};
  for (const [name, root] of Object.entries(roots)) {
    const below = [root];
    for (let pid = below.shift(); pid !== undefined; pid = below.shift()) {
      const found = all.get(pid);
      if (found === undefined) continue;
      const kind = functionOf(pid) ?? name;
      spent[kind] = (spent[kind] ?? 0) + found.ticks / TICKS_A_SECOND;
      for (const [child, { parent }] of all) if (parent === pid) below.push(child);
    }
  }
  return spent;
};

export const differenceOf = (after: Spent, before: Spent): Spent =>
  Object.fromEntries(Object.entries(after).map(([kind, seconds]) => [kind, seconds - (before[kind] ?? 0)]));

const processes = (): Map<number, { parent: number; ticks: number }> => {
  const found = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = textOf(`/proc/${name}/stat`);
    if (stat === undefined) continue;
    // The second field is a command in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime and stime, and those of children that have ended.
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    found.set(Number(name), { parent: Number(fields[1]), ticks });
  }
  return found;
};

const functionOf = (pid: number): string | undefined =>
  /(?:^|\0)AWS_LAMBDA_FUNCTION_NAME=([^\0]*)/.exec(textOf(`/proc/${pid}/environ`) ?? '')?.[1];

/** A process may end while it is looked at. */
const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};
