/**
 * Prints how far the prober agrees with browsers: `npx node test/browser-truth/report.ts [SECTION or CASE …] [--all]`. With
 * `--all` also the lines on which they agree.
 */
import type { Told } from './ask.ts';
import { chosen } from './choice.ts';
import { expectedOf } from './exceptions.ts';
import { disagreement, probeAll } from './run.ts';
import { browsersSay, type Line } from './table.ts';

const asked = process.argv.slice(2).filter((each) => each !== '--all');
const told = await probeAll(chosen(asked));
for (const each of told) {
  const wrong = disagreement(each);
  const { line, observation } = each;
  if (wrong !== undefined) console.log(`${wrong}\n    Chromium: ${line.chromium}; Firefox: ${line.firefox}`);
  else if (process.argv.includes('--all'))
    console.log(`${line.id}: ${observation.outcome}, ${observation.code}`);
}

const count = (holds: (line: Line, outcome: string) => boolean, of: Told[]): number =>
  of.filter(({ line, observation }) => holds(line, observation.outcome)).length;
const rowOf = (section: string, of: Told[]) => ({
  section,
  servers: of.length,
  'as browsers': count((line, outcome) => outcome === browsersSay(line), of),
  'both agree': count(bothAgree, of),
  'of them right': count((line, outcome) => bothAgree(line) && outcome === browsersSay(line), of),
  exceptions: count((line) => expectedOf(line).exception !== undefined, of),
  'as expected': count((line, outcome) => outcome === expectedOf(line).verdict, of),
  unknown: count((_line, outcome) => outcome === 'unknown', of),
});

function bothAgree({ verdict }: Line): boolean {
  return verdict === 'both show' || verdict === 'neither shows';
}

const sections = Map.groupBy(told, ({ line }) => line.section);
console.table([...[...sections].map(([section, of]) => rowOf(section, of)), rowOf('all', told)]);
