import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Config, Site } from '../../lambda/core/site/site.ts';
import { closest } from '../../lib/closest.ts';
import { loadConfig } from '../../lib/config/index.ts';
import { type Advice, adviceOn, type Course, courseOf, planOf } from '../../lib/forecast/course.ts';
import { type Forecast, forecast as forecastOf, type Plan, secondsUntil } from '../../lib/forecast/model.ts';
import { LAYERS, svgPlot } from '../../lib/forecast/plot.ts';
import type { Given } from '../arguments.ts';
import type { Command, Result } from '../result.ts';
import { columns, type Line, paint, type Screen } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { courseLines, TITLES } from './forecast-lines.ts';

/** `forecast`: what a failure costs a site's visitors, and what its TTL costs everybody else. */
export const forecast: Command = async (given, { screen }) => {
  const { config } = await loadConfig(given.config);
  const sites = chosenSites(config.sites, given.which);
  const [only] = sites;
  if (only !== undefined && sites.length === 1) return oneSite(only, config, given.svg, screen);
  if (given.svg === undefined) return allSites(sites, config, screen);
  throw new Trouble(`Expected one SITE with --svg, which draws one course; there are ${sites.length} sites.`);
};

const chosenSites = (sites: Site[], { site }: Given['which']): Site[] => {
  if (site === undefined) return sites;
  const found = sites.filter(({ name }) => name === site);
  if (found.length > 0) return found;
  const names = sites.map(({ name }) => name);
  const near = closest(site, names);
  const hint = near === undefined ? `There are ${names.slice(0, 10).join(', ')}.` : `Did you mean ${near}?`;
  throw new Trouble(`Expected a configured site, received "${site}". ${hint}`);
};

const oneSite = async (
  site: Site,
  config: Config,
  given: string | undefined,
  screen: Screen,
): Promise<Result> => {
  const course = courseOf(site, config);
  const svg = given === undefined ? undefined : resolve(given);
  if (svg !== undefined) await draw(site.name, course, svg);
  const lines: Line[] = courseLines(site.name, course, screen);
  if (svg !== undefined) lines.push([], [`The plot is in ${svg}.`]);
  return {
    ok: true,
    text: shown(lines, screen),
    answer: {
      message: course.advice.text,
      site: site.name,
      ...answerOf(course),
      ...(svg !== undefined && { svg }),
    },
  };
};

const shown = (lines: Line[], screen: Screen): string =>
  lines.map((line) => paint(screen, line).trimEnd()).join('\n');

/** The TTLs that are drawn beside the site's own: as short and as long as they sensibly get. */
const DRAWN_BESIDE = [10, 300];

const draw = async (site: string, { plan, shown: own, ttls }: Course, file: string): Promise<void> => {
  const others = ttls
    .filter(({ ttlSeconds }) => DRAWN_BESIDE.includes(ttlSeconds) && ttlSeconds !== plan.ttlSeconds)
    .map((one) => ({ label: `all, with TTL ${one.ttlSeconds} s`, share: one.forecast.share }));
  const subtitle = `Visitors who are still sent to the dead server: lever ${plan.lever}, TTL ${plan.ttlSeconds} s, ${TITLES[plan.failure]}`;
  try {
    await writeFile(file, svgPlot(own, site, subtitle, others));
  } catch (error) {
    throw new Trouble(
      `Expected --svg to name a file that can be written, received ${file}: ${(error as Error).message}.`,
      { cause: error },
    );
  }
};

const allSites = (sites: Site[], config: Config, screen: Screen): Result => {
  const known = new Map<string, { lostSeconds: number; advice: Advice }>();
  const found = sites.map((site) => {
    const plan = planOf(site, config);
    const key = JSON.stringify(plan);
    const told = known.get(key) ?? {
      lostSeconds: forecastOf(plan).lostSeconds,
      advice: adviceOn(plan, site),
    };
    known.set(key, told);
    return { site: site.name, plan, ...told };
  });
  const rows = found.map(({ site, plan, lostSeconds, advice }): Line[] => [
    [['bold', site]],
    [`${plan.lever}, TTL ${plan.ttlSeconds} s`],
    [`${Math.round(lostSeconds)} s`],
    advice.ttlSeconds === plan.ttlSeconds ? ['keep it'] : [['yellow', `TTL ${advice.ttlSeconds} s instead`]],
  ]);
  const message =
    'How long one failure of the primary keeps the average visitor at the dead server; "forecast SITE" says why.';
  const answers = found.map(({ site, plan, lostSeconds, advice }) => {
    const { lever, ttlSeconds } = plan;
    return { site, lever, ttlSeconds, lostSeconds: tenths(lostSeconds), advice };
  });
  return {
    ok: true,
    text: shown([[message], [], ...columns(rows)], screen),
    answer: { message, sites: answers },
  };
};

const tenths = (number: number): number => Math.round(number * 10) / 10;
/** Shares to four digits, up to the last that is not nothing. */
const rounded = (shares: number[]): number[] => {
  const all = shares.map((share) => Math.round(share * 1e4) / 1e4 + 0);
  return all.slice(0, all.findLastIndex((share) => share > 0) + 1);
};

const inShort = (one: Forecast) => ({
  lostSeconds: tenths(one.lostSeconds),
  halfBackSeconds: secondsUntil(one, 0.5),
  nineTenthsBackSeconds: secondsUntil(one, 0.1),
});

const answerOf = ({ plan, shown: own, sensible, advice, ttls, levers }: Course) => ({
  plan: plan satisfies Plan,
  advice,
  // No visitor waits for a TTL where they are infinite, and JSON has no such number.
  sensibleTtls: Number.isFinite(sensible.from)
    ? { from: tenths(sensible.from), to: tenths(sensible.to) }
    : null,
  stages: own.stages.map(({ name, from, to }) => ({ name, from: tenths(from), to: tenths(to) })),
  ...inShort(own),
  share: rounded(own.share),
  causes: Object.fromEntries(
    Object.keys(LAYERS).map((cause) => [cause, rounded(own.causes[cause as keyof typeof LAYERS])]),
  ),
  ttls: ttls.map(({ ttlSeconds, forecast: one, prices }) => ({ ttlSeconds, ...inShort(one), prices })),
  levers: levers.map(({ lever, failures }) => ({
    lever,
    failures: Object.fromEntries(failures.map(({ failure, forecast: one }) => [failure, inShort(one)])),
  })),
});
