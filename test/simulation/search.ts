import { flagsOr } from './options.ts';
import { type Found, inherited, search } from './search-breadth.ts';
import type { Budget, Small } from './search-shape.ts';
import { emptyWorld } from './search-world.ts';

/** search-model.ts says what can happen in such a world, and search-invariants.ts what must hold. */
const USAGE = `Searches small worlds for a way to break what must always hold: npm run search -- [options]

  --world NAME      this world alone
  --depth N         no more than so many steps from the beginning
  --seconds S       for so long in each world (60)
  --json            one JSON object a line
  --help            this text
`;

const NOTHING: Budget = { rounds: 0, flips: 0, crashes: 0, lost: 0, orders: 0, edits: 0, waits: 0 };

/** Worlds small enough to be searched whole, each about one kind of trouble, and one about all of them, as far as time goes. */
const WORLDS: Record<string, { begins: 'empty' | 'served'; budget: Partial<Budget> }> = {
  birth: { begins: 'empty', budget: { rounds: 3, flips: 1, lost: 1 } },
  switching: { begins: 'served', budget: { rounds: 3, flips: 2 } },
  faults: { begins: 'served', budget: { rounds: 3, flips: 1, lost: 1, crashes: 1, waits: 1 } },
  orders: { begins: 'served', budget: { rounds: 2, flips: 1, orders: 2, lost: 1 } },
  edits: { begins: 'served', budget: { rounds: 2, flips: 1, edits: 2, orders: 1, lost: 1 } },
  all: {
    begins: 'served',
    budget: { rounds: 4, flips: 2, lost: 1, crashes: 1, orders: 2, edits: 2, waits: 1 },
  },
};

/** A world in which the primary serves and all is told, or one in which nothing is there yet. */
export const worldOf = async (name: string): Promise<Small> => {
  const made = WORLDS[name];
  if (made === undefined) {
    throw new Error(`Expected --world to be one of ${Object.keys(WORLDS).join(', ')}; received ${name}.`);
  }
  const left = { ...NOTHING, ...made.budget };
  if (made.begins === 'empty') return emptyWorld(left);
  const { next, problem } = await inherited(emptyWorld(left), 2);
  if (problem !== undefined) throw new Error(`The world ${name} could not be made: ${problem}.`);
  return { ...next, left };
};

const spoken = (name: string, found: Found): string => {
  const { states, depth, frontier, heirs, seconds, violation } = found;
  const reach = frontier === 0 ? 'the whole space' : `${frontier} states ahead untried`;
  const rest = `${heirs} kinds of rest, ${seconds.toFixed(1)} s`;
  const line = `${name.padEnd(10)} ${states} states, depth ${depth}, ${reach}; ${rest}`;
  if (violation === undefined) return line;
  return [line, `VIOLATION: ${violation.problem}`, ...violation.trace.map((step) => `  ${step}`)].join('\n');
};

const main = async (): Promise<void> => {
  const values = flagsOr(USAGE, {
    world: { type: 'string' },
    depth: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  });
  const limits = { depth: Number(values.depth), seconds: Number(values.seconds) };
  if (!(limits.depth > 0 && limits.seconds > 0)) {
    throw new Error(
      `Expected --depth and --seconds to be numbers above 0, received ${values.depth}, ${values.seconds}.`,
    );
  }
  const all: Record<string, Found> = {};
  for (const name of values.world === undefined ? Object.keys(WORLDS) : [values.world]) {
    const found = await search(await worldOf(name), limits);
    all[name] = found;
    if (!values.json) console.log(spoken(name, found));
    if (found.violation !== undefined) process.exitCode = 1;
  }
  if (values.json) console.log(JSON.stringify(all, undefined, 2));
};

if (import.meta.main) await main();
