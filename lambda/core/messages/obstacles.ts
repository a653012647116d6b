import type { Config, Site } from '../site/site.ts';
import type { Letter } from './moves.ts';
import { addresses, byHand } from './wording.ts';

const namesOf = (names: string[]): string => names.join(' and ');

/** The servers to which the site could still move, were it not for their health. */
const leftBut = (site: Site, blocked: string[], serving: string | undefined): string[] =>
  site.servers.map(({ name }) => name).filter((name) => name !== serving && !blocked.includes(name));

/** A record that the zone lists makes a move to these servers impossible. `all`: those that were told before, too. */
export const blocked = (
  site: Site,
  config: Config,
  {
    appeared,
    all,
    serving,
  }: { appeared: { server: string; why: string }[]; all: string[]; serving: string | undefined },
): Letter => {
  const servers = appeared.map(({ server }) => server);
  const left = leftBut(site, all, serving);
  const reasons = [...Map.groupBy(appeared, ({ why }) => why)].map(
    ([why, each]) => `Route 53 would refuse a move to ${namesOf(each.map(({ server }) => server))}: ${why}.`,
  );
  const heir =
    left.length === 0
      ? 'If the serving server died now, nothing would take over.'
      : `If the serving server died now, the site could move to ${namesOf(left)} alone.`;
  return {
    subject: `${site.name}: a record stands in the way of ${namesOf(servers)}${left.length === 0 ? ', nothing would take over' : ''}`,
    text: [
      `What happened\n  The zone ${site.zone} lists a record that was not there before. ${reasons.join(' ')}`,
      `What that means\n  ${heir} Orders to move there are refused as well.`,
      'What to do\n  Mend it while all is well, as said above. You are told once when nothing stands in the way any more.',
      byHand(site, config, serving),
    ].join('\n\n'),
  };
};

/** Nothing stands in the way of these servers any more. */
export const free = (site: Site, config: Config, servers: string[], serving: string | undefined): Letter => ({
  subject: `${site.name}: no record stands in the way of ${namesOf(servers)} any more`,
  text: [
    `What happened\n  The zone ${site.zone} lists nothing any more for which Route 53 would refuse a move to ${namesOf(servers.map((name) => addresses(site, name)))}.`,
    byHand(site, config, serving),
  ].join('\n\n'),
});

/** Another deployment holds the site as well, and wrote its role record last. */
export const heldElsewhere = (site: Site, config: Config, owner: string): Letter => ({
  subject: `${site.name}: the deployment ${owner} holds it, left alone`,
  text: [
    `What happened\n  The role record of ${site.name} is that of the deployment ${owner}, which holds this site as well.`,
    'What was done\n  Nothing, and nothing will be: of two that move one site each would undo what the other does.',
    `What to do\n  Take the site out of one of the two deployments. The order "adopt" takes it over for ${config.deployment}.`,
  ].join('\n\n'),
});
