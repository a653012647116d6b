import { disclosed } from '../../lambda/core/site/site.ts';
import { loadConfig } from '../../lib/config/index.ts';
import { findConsole } from '../console.ts';
import type { Command } from '../result.ts';
import { counted, type Line, paint, type Screen, wrap } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { type Comparison, compare } from './compare.ts';
import type { Difference, Now } from './compare-site.ts';

/** `diff`: what a deploy would change for each site, before it. */
export const diff: Command = async (given, { screen, progress }) => {
  const { config, warnings } = await loadConfig(given.config);
  const console = await findConsole(given, 'status');
  const asking = Promise.all([console.ask({ action: 'config' }), console.ask({ action: 'status' })]);
  const [deployed, status] = await progress(`Asking ${console.name}`, asking);
  if (deployed.config === undefined) {
    throw new Trouble(
      `${console.name} does not tell its configuration: it is of an earlier version. Deploy once without a change of the configuration. It says: ${deployed.message}`,
    );
  }
  // Without a status, as while the table is away, what a change means is told for either case.
  const now = new Map(
    (status.sites ?? []).map(({ site, serving, mode }): [string, Now] => [site, { serving, mode }]),
  );
  const comparison = compare(deployed.config, disclosed(config), now);
  const count = comparison.deployment.length + comparison.sites.length;
  const message =
    count === 0
      ? `The configuration that ${console.name} was deployed with is the one here.`
      : `${counted(comparison.sites.length, 'site')} would change${comparison.deployment.length === 0 ? '' : ', and the deployment as a whole'}.`;
  const text = [
    ...warnings.map((warning) => `Warning: ${warning}\n`),
    ...blocks(comparison, now, screen),
    message,
    CODE,
  ].join('\n');
  return { ok: count === 0, text, answer: { message, warnings, ...comparison } };
};

const CODE = 'Code and resources are not compared here: "npm run cdk -- diff" does that.';

const blocks = (
  { deployment, sites }: Comparison,
  now: ReadonlyMap<string, Now>,
  screen: Screen,
): string[] => {
  const block = (title: Line, differences: Difference[]): string =>
    [
      paint(screen, title),
      ...differences.flatMap(({ what, means }) => [
        ...wrap(what, screen.width, '  '),
        ...wrap(means, screen.width, '      ').map((line) => paint(screen, [['dim', line]])),
      ]),
      '',
    ].join('\n');
  return [
    ...(deployment.length === 0 ? [] : [block([['bold', 'The deployment as a whole']], deployment)]),
    ...sites.map(({ site, differences }) => {
      const serving = now.get(site)?.serving;
      return block([['bold', site], ...(serving ? [` (${serving} serves)`] : [])], differences);
    }),
  ];
};
