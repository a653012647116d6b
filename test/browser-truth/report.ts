/** Prints how far the prober agrees with browsers: `npx node test/browser-truth/report.ts [SECTION or CASE …] [--all]`. */
import { CORPUS } from './corpus.ts';
import { expectedOf } from './exceptions.ts';
import { probeAll } from './run.ts';
import { browsersSay, LINES } from './table.ts';

const wanted = process.argv.slice(2).filter((each) => each !== '--all');
const everything = process.argv.includes('--all');
const chosen = LINES.filter(({ id, section }) =>
  wanted.length === 0
    ? true
    : wanted.some(
        (each) =>
          id === each || id.startsWith(`${each}-`) || section.toLowerCase().includes(each.toLowerCase()),
      ),
);
const missing = chosen.filter(({ id }) => CORPUS[id] === undefined);
const told = await probeAll(chosen.filter(({ id }) => CORPUS[id] !== undefined));

type Counts = { cases: number; browsers: number; expected: number; unknown: number };
const counts = new Map<string, Counts>();
for (const { line, observation } of told) {
  const now = counts.get(line.section) ?? { cases: 0, browsers: 0, expected: 0, unknown: 0 };
  const { verdict } = expectedOf(line);
  counts.set(line.section, {
    cases: now.cases + 1,
    browsers: now.browsers + Number(observation.outcome === browsersSay(line)),
    expected: now.expected + Number(observation.outcome === verdict),
    unknown: now.unknown + Number(observation.outcome === 'unknown'),
  });
  if (observation.outcome === verdict && !everything) continue;
  const { outcome, code, detail } = observation;
  const mark = outcome === verdict ? 'right' : 'WRONG';
  console.log(`${mark} ${line.id}: expected ${verdict}, received ${outcome} ${code} (${detail})`);
  console.log(`      ${line.what} | ${line.verdict} | ${line.chromium} | ${line.firefox}`);
}
const rows = [...counts].map(([section, each]) => ({ section, ...each }));
const sum = (key: keyof Counts) => rows.reduce((total, row) => total + row[key], 0);
console.table([
  ...rows,
  {
    section: 'all',
    cases: sum('cases'),
    browsers: sum('browsers'),
    expected: sum('expected'),
    unknown: sum('unknown'),
  },
]);
console.log('browsers: as browsers say; expected: the same but for the exceptions in exceptions.ts');
if (missing.length > 0) console.log(`no server yet: ${missing.map(({ id }) => id).join(' ')}`);
