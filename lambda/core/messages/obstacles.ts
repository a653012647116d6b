import type { Site } from '../site/site.ts';
import type { NewsOf } from '../state/news.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';
import { byHand } from './offers.ts';
import { addresses } from './wording.ts';

const namesOf = (names: string[]): string => names.join(' and ');

/** The servers to which the site could still move, were it not for their health. */
const leftBut = (site: Site, blocked: string[], serving: string | undefined): string[] =>
  site.servers.map(({ name }) => name).filter((name) => name !== serving && !blocked.includes(name));

/** A record that the zone lists makes a move to these servers impossible. */
export const blocked = ({ appeared, all, serving }: NewsOf<'blocked'>, { site, config }: Context): Letter => {
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
    subject: `${site.name}: a record blocks ${namesOf(servers)}${left.length === 0 ? ', nothing would take over' : ''}`,
    lead: `The zone ${site.zone} lists a record that was not there before. ${reasons.join(' ')}`,
    text: paragraphs(
      section('What that means', `${heir} Orders to move there are refused as well.`),
      byHand(site, config, {
        serving,
        blocked: all,
        plain: [
          'Mend it while all is well, as said above. You are told once when nothing stands in the way any more.',
        ],
      }),
    ),
  };
};

/** Nothing stands in the way of these servers any more. */
export const unblocked = ({ servers, serving }: NewsOf<'unblocked'>, { site, config }: Context): Letter => ({
  subject: `${site.name}: no record blocks ${namesOf(servers)} any more`,
  lead: `The zone ${site.zone} lists nothing any more for which Route 53 would refuse a move to ${namesOf(servers.map((name) => addresses(site, name)))}.`,
  text: byHand(site, config, { serving }),
});
