import { readFileSync } from 'node:fs';
import { ROOT } from './defect-hook.ts';
import { DEFECTS, problemsOf } from './defect-list.ts';
import { cast, type Net, nets } from './defect-nets.ts';
import type { Defect } from './defects/defect.ts';
import { flagsOr } from './options.ts';

const USAGE = `Puts one deliberate defect after another into the product and says which net caught it: npm run defects -- [options]

  --only NAME       this defect alone
  --nets NAMES      these nets, by commas
  --json            one JSON object a line
  --help            this text

A defect that nothing catches, or that cannot be put in any more, fails.
`;

/** Runs side by side. Each keeps about one core busy. */
const AT_ONCE = 2;
const USUAL_NETS = ['scenarios', 'core', 'functions', 'edges', 'brownout'];

type Caught = { name: string; net: string | null; by: string; seconds: number };

const refuse = (message: string): never => {
  console.error(message);
  process.exit(2);
};

const asked = (): { defects: readonly Defect[]; chosen: Net[]; json: boolean } => {
  const values = flagsOr(USAGE, {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    nets: { type: 'string', default: USUAL_NETS.join(',') },
  });
  const all = nets();
  const chosen = values.nets.split(',').map((name) => {
    const net = all.find((each) => each.name === name);
    const names = all.map((each) => each.name).join(', ');
    return net ?? refuse(`Expected --nets to name some of ${names}, received ${JSON.stringify(name)}.`);
  });
  const defects = DEFECTS.filter(({ name }) => values.only === undefined || name === values.only);
  if (defects.length === 0) {
    const names = DEFECTS.map(({ name }) => name).join(', ');
    refuse(`Expected --only to name one of ${names}, received ${JSON.stringify(values.only)}.`);
  }
  return { defects, chosen, json: values.json };
};

/** The first net that fails. Without one, or when a net could not be cast, nothing is caught. */
const caughtBy = async (defect: Defect, chosen: Net[]): Promise<Caught> => {
  const startMs = performance.now();
  const seconds = () => Math.round((performance.now() - startMs) / 100) / 10;
  for (const net of chosen) {
    const { outcome, by } = await cast(net, defect.name);
    if (outcome === 'failed') return { name: defect.name, net: net.name, by, seconds: seconds() };
    if (outcome === 'broken')
      return { name: defect.name, net: null, by: `${net.name} could not be run: ${by}`, seconds: seconds() };
  }
  return { name: defect.name, net: null, by: '', seconds: seconds() };
};

const line = ({ name, net, by, seconds }: Caught): string =>
  `${name.padEnd(38)} ${(net ?? 'NOT CAUGHT').padEnd(10)} ${`${seconds}`.padStart(6)} s  ${by}`;

/** A net that fails without any defect seems to catch them all: looked at before, and after, since files may change meanwhile. */
const checkNets = async (chosen: Net[]): Promise<void> => {
  for (const net of chosen) {
    const { outcome, by } = await cast(net, undefined);
    if (outcome !== 'passed')
      refuse(`Expected the net ${net.name} to pass without any defect, received: ${outcome}, ${by}.`);
  }
};

const { defects, chosen, json } = asked();
const wrong = problemsOf(DEFECTS, (file) => readFileSync(new URL(file, ROOT), 'utf8'));
if (wrong.length > 0) refuse(wrong.join('\n'));

const results: Caught[] = [];
const left = [...defects];
const worker = async (): Promise<void> => {
  for (let defect = left.shift(); defect !== undefined; defect = left.shift()) {
    const result = await caughtBy(defect, chosen);
    results.push(result);
    console.log(line(result));
    if (result.net === null) console.log(`  ${defect.why}`);
  }
};
await checkNets(chosen);
await Promise.all(Array.from({ length: AT_ONCE }, worker));
await checkNets(chosen);

const survived = results.filter(({ net }) => net === null).map(({ name }) => name);
console.log(
  `${results.length - survived.length} of ${results.length} defects caught${survived.length === 0 ? '' : `; not caught: ${survived.join(', ')}`}`,
);
if (json) {
  const summary = { defects: results.length, caught: results.length - survived.length, survived, results };
  console.log(JSON.stringify(summary));
}
process.exitCode = survived.length === 0 ? 0 : 1;
