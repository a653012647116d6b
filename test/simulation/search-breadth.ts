import { begin, digestOf, partySteps, type Step, stepsOf } from './search-model.ts';
import type { Work } from './search-process.ts';
import type { Small } from './search-shape.ts';

export type Found = {
  /** Different worlds met, the first one among them. */
  states: number;
  /** Steps from the first world to the farthest whose own steps were all tried. */
  depth: number;
  /** Worlds met whose steps were not tried yet; none: the whole space was searched. */
  frontier: number;
  /** Worlds at rest from which an heir was let go on. */
  heirs: number;
  seconds: number;
  violation?: { problem: string; trace: string[] };
};

const PARTS = [
  'zone',
  'stored',
  'flights',
  'first',
  'second',
  'hand',
  'watcher',
  'verdicts',
  'left',
] as const;

/** Work has a digest of its own; it grows too long to be digested anew. */
const keyOf = (part: object): string => ('work' in part ? (part as { work: Work }).work.key : digestOf(part));

/** Keeps each different part of a world once, so that a world is a few numbers. */
const newShelf = () => {
  const known = new Map<string, number>();
  const seen = new WeakMap<object, number>();
  const parts: unknown[] = [];
  const numberOf = (part: unknown): number => {
    if (part === undefined) return -1;
    const at = seen.get(part as object);
    if (at !== undefined) return at;
    const digest = keyOf(part as object);
    let number = known.get(digest);
    if (number === undefined) {
      number = parts.length;
      known.set(digest, number);
      parts.push(part);
    }
    seen.set(part as object, number);
    return number;
  };
  return {
    pack: (world: Small): string => `${world.nowMs},${PARTS.map((part) => numberOf(world[part])).join()}`,
    unpack: (key: string): Small => {
      const [nowMs, ...numbers] = key.split(',').map(Number);
      const entries = PARTS.flatMap((part, i) =>
        numbers[i] === -1 ? [] : [[part, parts[numbers[i] as number]]],
      );
      return { nowMs, ...Object.fromEntries(entries) } as Small;
    },
  };
};

const HEIR_AFTER_MS = 100_000;
const SECOND_LOOK_MS = 10_000;
const NONE = { flips: 0, crashes: 0, lost: 0, orders: 0, edits: 0, waits: 0 };

type Controller = 'first' | 'second';

/** Lets one controller take one piece of work to its end, without any trouble. */
const alone = async (from: Step, name: Controller, what: 'start' | 'round' | 'tell'): Promise<Step> => {
  if (from.problem !== undefined) return from;
  let step: Step = { label: what, next: await begin(from.next, name, what) };
  while (step.next[name].at === 'work' && step.problem === undefined) {
    step = (await partySteps(step.next, name))[0] as Step;
  }
  return step;
};

/**
 * The world after those at rest had a round and told what they owe, and then a controller came that knows only what is stored, and
 * had its time. No trouble happens any more, and nothing that is still on its way comes in.
 */
export const inherited = async (world: Small, rounds: number): Promise<Step> => {
  const left = { ...NONE, rounds: 99 };
  let step: Step = {
    label: 'an heir comes',
    next: { ...world, nowMs: world.nowMs + HEIR_AFTER_MS, flights: [], left },
  };
  for (const name of ['first', 'second'] as const) {
    if (step.next[name].at !== 'rest') continue;
    step = await alone(await alone(step, name, 'tell'), name, 'round');
    step = await alone(step, name, 'tell');
  }
  step.next = { ...step.next, first: { at: 'away' }, second: { at: 'away' } };
  step = await alone(step, 'first', 'start');
  for (let i = 0; i < rounds; i++) {
    step = await alone(await alone(step, 'first', 'round'), 'first', 'tell');
    // An edit is believed from a second look, some time after the first.
    step.next = { ...step.next, nowMs: step.next.nowMs + SECOND_LOOK_MS };
  }
  return step;
};

/** What is wrong at rest: whatever happened must be told by an heir at the latest. */
const newInheritance = () => {
  const known = new Map<string, Promise<string | undefined>>();
  const problemOf = async (world: Small): Promise<string | undefined> => {
    const { problem, next } = await inherited(world, 2);
    const { untold, unsaid } = next.watcher;
    if (problem !== undefined) return `with an heir: ${problem}`;
    if (untold.length > 0) return `never told: ${untold.map((m) => `${m.to}, epoch ${m.epoch}`).join('; ')}`;
    return unsaid.length > 0 ? `never told: ${unsaid.join(', ')}` : undefined;
  };
  const check = (world: Small): Promise<string | undefined> => {
    const { zone, stored = [], verdicts, watcher, nowMs, first, second } = world;
    const parts = [zone, stored, verdicts, watcher, first, second].map(digestOf);
    const key = [nowMs, ...parts].join();
    let problem = known.get(key);
    if (problem === undefined) {
      problem = problemOf(world);
      known.set(key, problem);
    }
    return problem;
  };
  return { check, count: () => known.size };
};

const isAtRest = ({ first, second, hand }: Small): boolean =>
  first.at !== 'work' && second.at !== 'work' && hand.at === 'away';

/**
 * Searches all that can happen from `from` on, nearest first, so that the first violation met has the shortest trace. It ends when
 * nothing is left, at `depth` steps, or after `seconds`.
 */
export const search = async (from: Small, limits: { depth: number; seconds: number }): Promise<Found> => {
  const startMs = performance.now();
  const shelf = newShelf();
  const inheritance = newInheritance();
  const met = new Map<string, number>();
  const parents: number[] = [-1];
  const labels: string[] = ['it begins'];
  const texts = new Map<string, string>();
  const elapsed = () => (performance.now() - startMs) / 1000;
  const found = (depth: number, frontier: number): Found => ({
    states: met.size,
    depth,
    frontier,
    heirs: inheritance.count(),
    seconds: elapsed(),
  });
  const traceTo = (at: number): string[] => {
    const trace: string[] = [];
    for (let i = at; i >= 0; i = parents[i] as number) trace.unshift(labels[i] as string);
    return trace;
  };
  const first = shelf.pack(from);
  met.set(first, 0);
  let frontier = [first];
  for (let depth = 0; depth < limits.depth && frontier.length > 0; depth++) {
    const ahead: string[] = [];
    for (const [done, key] of frontier.entries()) {
      if (elapsed() > limits.seconds) return found(depth, frontier.length - done + ahead.length);
      const world = shelf.unpack(key);
      const at = met.get(key) as number;
      const wrong = isAtRest(world) ? await inheritance.check(world) : undefined;
      if (wrong !== undefined) {
        return { ...found(depth, frontier.length), violation: { problem: wrong, trace: traceTo(at) } };
      }
      for (const { label, next, problem } of await stepsOf(world)) {
        if (problem !== undefined) {
          const trace = [...traceTo(at), label];
          return { ...found(depth, frontier.length), violation: { problem, trace } };
        }
        const packed = shelf.pack(next);
        if (met.has(packed)) continue;
        met.set(packed, parents.length);
        parents.push(at);
        texts.set(label, texts.get(label) ?? label);
        labels.push(texts.get(label) as string);
        ahead.push(packed);
      }
    }
    frontier = ahead;
    if (frontier.length === 0) return found(depth, 0);
  }
  return found(limits.depth, frontier.length);
};
