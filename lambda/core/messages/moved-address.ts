import { clockTime, duration } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import type { NewsOf } from '../state/news.ts';
import { SERVED } from '../zone/moved-address.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';
import { byHand } from './offers.ts';
import { addresses, evidence } from './wording.ts';

const isElastic = ({ readdress }: Site): boolean => readdress?.allocationId !== undefined;

const whichHost = (server: string): string =>
  section(
    'Who answered',
    `From outside nobody can tell which host did. "ip address" on ${server} says whether it has the address.`,
  );

/** The address is where the role record says, as far as anybody can tell, and the site answers there. */
export const addressAnswers = (
  { serving, epoch, sinceSeconds }: NewsOf<'address-answers'>,
  { site, config, atMs }: Context,
): Letter => ({
  subject: `${site.name}: ${site.readdress?.address} answers, ${serving} ${isElastic(site) ? 'has' : 'is to have'} it`,
  lead: `${site.host} was fetched at ${site.readdress?.address} at ${clockTime(atMs)}, ${duration(atMs - sinceSeconds * 1000)} after ${addresses(site, serving)} was named to have it (epoch ${epoch}).`,
  text: paragraphs(
    isElastic(site) ? undefined : whichHost(serving),
    section(
      'What visitors see',
      'The name and its address stay as they were, so nothing that is cached is wrong. Connections to the server before are gone.',
    ),
    byHand(site, config, { serving }),
  ),
});

/** The role record names a server, and the address is not there, or nothing answers at it. */
export const addressLate = (
  { serving, why, evidence: look }: NewsOf<'address-late'>,
  { site, config }: Context,
): Letter => {
  const seen = Object.entries(look.sightings).map(
    ([vantage, byTarget]) =>
      `  ${vantage}  ${byTarget[SERVED]?.outcome ?? 'not asked'}: ${byTarget[SERVED]?.detail ?? ''}`,
  );
  const hint =
    site.readdress?.allocationId === undefined
      ? `On ${serving}, "journalctl -t switchover-readdress" says what the host does: it never takes an address that still answers. Is the other host's script stopped, or the host hung with its network alive? Then cut that host off.`
      : 'It is tried again in every round for as long as the role record says so.';
  return {
    subject: `${site.name}: ${site.readdress?.address} is not with ${serving}`,
    lead: `${addresses(site, serving)} is to have ${site.readdress?.address}, and that is not done: ${why}.`,
    text: paragraphs(
      byHand(site, config, { serving, plain: [hint] }),
      `What was seen at ${site.readdress?.address}\n${seen.join('\n')}`,
      evidence(site, look),
    ),
  };
};
