import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { Violation } from './observer/observer-shape.ts';
import { flagsOr } from './options.ts';
import { type Result, run } from './run.ts';
import { only, shrink } from './shrink.ts';
import { planOf, START_MS } from './world/plan.ts';
import type { Plan } from './world/plan-shape.ts';
import { describe } from './world/troubles.ts';

const USAGE = `The real controller and console in simulated worlds full of trouble, on all cores: npm run simulate -- [options]

  --worlds N        so many worlds; without it and --seconds, as many as go into a minute
  --seconds S       for so long
  --seed N          from this world on (1); alone it replays that one world, and shows all that happens in it
  --only 3,7        with --seed: leave out all troubles of that world but these
  --lever readdress worlds in which an address moves
  --all             goes on after a world that breaks a rule, and counts them
  --json            one JSON object on standard output
  --help            this text

Ends with 1 when a world breaks what must always hold; docs/proof.md says what that is.
`;

type Answer = Omit<Result, 'trace'>;
const SUMMED = ['simulatedMs', 'rounds', 'faults', 'switches', 'mails', 'inTroubleMs', 'troubledMs'] as const;
type Totals = { worlds: number; effects: Record<string, number> } & Record<(typeof SUMMED)[number], number>;
type Asked = {
  worlds: number;
  seconds: number;
  seed: number;
  one: boolean;
  /** Goes on after a violation, and counts them. */
  all: boolean;
  only?: number[];
  json: boolean;
} & Pick<Plan, 'lever'>;

const DEFAULT_SECONDS = 60;
const SEEDS_SHOWN = 10;
const PROGRESS_EVERY_MS = 10_000;
/** Processes that a world killed never let go of what they waited for: after so many worlds their memory is given back. */
const WORLDS_A_PROCESS = 300;

const asked = (): Asked => {
  const values = flagsOr(USAGE, {
    worlds: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    lever: { type: 'string' },
    all: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const whole = (name: string, text: string | undefined, otherwise: number): number => {
    if (text === undefined || /^\d+$/.test(text)) return Number(text ?? otherwise);
    console.error(`Expected --${name} to be a whole number, received ${text}.`);
    return process.exit(2);
  };
  if (values.lever !== undefined && values.lever !== 'readdress') {
    console.error(`Expected --lever to be readdress, received ${values.lever}.`);
    process.exit(2);
  }
  const isOne = values.seed !== undefined && values.worlds === undefined && values.seconds === undefined;
  return {
    worlds: whole('worlds', values.worlds, Number.POSITIVE_INFINITY),
    seconds: whole('seconds', values.seconds, values.worlds === undefined ? DEFAULT_SECONDS : 86_400),
    seed: whole('seed', values.seed, 1),
    one: isOne,
    all: values.all,
    ...(values.lever === undefined ? {} : { lever: values.lever }),
    ...(values.only === undefined ? {} : { only: values.only.split(',').map((id) => whole('only', id, 0)) }),
    json: values.json,
  };
};

/** Runs worlds on all cores until there are enough, the time is over, or one breaks an invariant. */
const runMany = async ({
  worlds,
  seconds,
  seed,
  lever,
  all,
  json,
}: Asked): Promise<{ totals: Totals; broken: Answer[] }> => {
  const zeros = Object.fromEntries(SUMMED.map((key) => [key, 0])) as Record<(typeof SUMMED)[number], number>;
  const totals: Totals = { worlds: 0, effects: {}, ...zeros };
  const broken: Answer[] = [];
  const startMs = performance.now();
  let next = seed;
  let saidMs = 0;
  const isEnough = () =>
    (broken.length > 0 && !all) || next >= seed + worlds || performance.now() - startMs >= seconds * 1000;
  const keepBusy = (worker: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      let left = WORLDS_A_PROCESS;
      const ask = () =>
        isEnough() || left-- === 0 ? worker.disconnect() : worker.send({ seed: next++, lever });
      worker.on('message', (answer: Answer) => {
        add(totals, answer);
        if (answer.violations.length > 0) broken.push(answer);
        const passedMs = performance.now() - startMs;
        if (!json && passedMs - saidMs > PROGRESS_EVERY_MS) {
          saidMs = passedMs;
          console.error(summary(totals, passedMs / 1000));
        }
        ask();
      });
      worker.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`A worker of the simulation ended with code ${code}.`)),
      );
      ask();
    });
  const path = new URL('simulate-worker.ts', import.meta.url);
  const work = async (): Promise<void> => {
    while (!isEnough()) await keepBusy(fork(path));
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), worlds) }, work));
  return { totals, broken: broken.sort((a, b) => a.seed - b.seed) };
};

const add = (totals: Totals, answer: Answer): void => {
  totals.worlds += 1;
  for (const key of SUMMED) totals[key] += answer[key];
  for (const [what, times] of Object.entries(answer.effects))
    totals.effects[what] = (totals.effects[what] ?? 0) + times;
};

const summary = (
  { worlds, simulatedMs, rounds, faults, switches, mails }: Totals,
  seconds: number,
): string => {
  const hours = simulatedMs / 3_600_000;
  return (
    `${worlds} worlds, ${hours.toFixed(1)} simulated hours, ${rounds} rounds, ${faults} faults, ${switches} switches, ` +
    `${mails} mails in ${seconds.toFixed(0)} s (${((hours / seconds) * 60).toFixed(0)} hours a minute)`
  );
};

/** How dense the faults were, and everything that took effect, the most frequent first. */
const effectsOf = ({ effects, inTroubleMs, troubledMs }: Totals): string => {
  const share = Math.round((100 * inTroubleMs) / Math.max(1, troubledMs));
  const met = Object.entries(effects)
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, times]) => `${what} ${times}`);
  return `One or more faults were there for ${share} % of the time before they cease. Took effect: ${met.join(', ')}.`;
};

const violationLine = ({ invariant, atMs, site, text }: Violation): string =>
  `invariant ${invariant} at ${((atMs - START_MS) / 1000).toFixed(1)} s${site === undefined ? '' : `, ${site}`}: ${text}`;

/** The shortest world that breaks the same invariant, and how to see it again. */
const explained = async (plan: Plan, result: Result): Promise<{ lines: string[]; ids: number[] }> => {
  const shortest = await shrink(plan, result);
  const ids = shortest.plan.episodes.map(({ id }) => id);
  const again = ids.length === plan.episodes.length ? '' : ` --only ${ids.join(',')}`;
  return {
    ids,
    lines: [
      ...shortest.plan.episodes.map((episode) => `  ${describe(episode)}`),
      ...shortest.result.trace,
      ...shortest.result.violations.map(violationLine),
      `Seed ${plan.seed}. Again: npm run simulate -- --seed ${plan.seed}${plan.lever === undefined ? '' : ` --lever ${plan.lever}`}${again}`,
    ],
  };
};

/** One world, with all that happens in it. */
const replay = async (given: Asked): Promise<number> => {
  const whole = planOf(given.seed, given.lever);
  const plan = given.only === undefined ? whole : only(whole, given.only);
  const result = await run(plan);
  const isBroken = result.violations.length > 0;
  if (given.json) console.log(JSON.stringify(result));
  else if (isBroken && given.only === undefined)
    console.log((await explained(plan, result)).lines.join('\n'));
  else console.log([...result.trace, ...result.violations.map(violationLine)].join('\n'));
  return isBroken ? 1 : 0;
};

/** How many worlds broke which rule, with the first seeds. */
const countOf = (broken: Answer[]): string => {
  const byRule = Map.groupBy(broken, ({ violations: [first] }) => first?.invariant);
  const shown = [...byRule].map(([rule, worlds]) => {
    const seeds = worlds.slice(0, SEEDS_SHOWN).map(({ seed }) => seed);
    return `${worlds.length} of ${rule} (seeds ${seeds.join(', ')}${worlds.length > SEEDS_SHOWN ? ', …' : ''})`;
  });
  return `Worlds with a violation: ${shown.join('; ')}.`;
};

const many = async (given: Asked): Promise<number> => {
  const startMs = performance.now();
  const { totals, broken } = await runMany(given);
  const seconds = (performance.now() - startMs) / 1000;
  const [first] = broken;
  const plan = first && planOf(first.seed, given.lever);
  const shortest = plan && (await explained(plan, await run(plan)));
  if (given.json) {
    const violations = broken.flatMap(({ seed, violations: all }) =>
      all.map((violation) => ({ seed, ...violation })),
    );
    const hours = totals.simulatedMs / 3_600_000;
    const faultShare = totals.inTroubleMs / Math.max(1, totals.troubledMs);
    const { seed } = given;
    console.log(
      JSON.stringify({ ...totals, hours, faultShare, seconds, seed, violations, only: shortest?.ids }),
    );
  } else {
    for (const line of shortest?.lines ?? []) console.log(line);
    if (given.all && broken.length > 0) console.log(countOf(broken));
    console.log(effectsOf(totals));
    console.log(`${summary(totals, seconds)}; violations: ${broken.length}`);
  }
  return broken.length > 0 ? 1 : 0;
};

const given = asked();
process.exitCode = given.one ? await replay(given) : await many(given);
