import { clockTime, duration } from '../base/time.ts';
import type { Look } from '../evidence/judge.ts';
import type { Config, Site } from '../site/site.ts';
import { SERVED } from '../zone/moved-address.ts';
import type { Role } from '../zone/role-record.ts';
import type { Letter } from './moves.ts';
import { addresses, byHand, evidence } from './wording.ts';

const isElastic = ({ readdress }: Site): boolean => readdress?.allocationId !== undefined;

const whichHost = (server: string): string =>
  `Who answered\n  From outside nobody can tell which host did. "ip address" on ${server} says whether it has the address.`;

/** The address is where the role record says, as far as anybody can tell, and the site answers there. */
export const carried = (site: Site, config: Config, role: Role, atMs: number): Letter => ({
  subject: `${site.name}: ${site.readdress?.address} answers, ${role.serving} ${isElastic(site) ? 'has' : 'is to have'} it`,
  text: [
    `What happened\n  ${site.host} was fetched at ${site.readdress?.address} at ${clockTime(atMs)}, ${duration(atMs - role.sinceSeconds * 1000)} after ${addresses(site, role.serving)} was named to have it (epoch ${role.epoch}).`,
    ...(isElastic(site) ? [] : [whichHost(role.serving)]),
    'What visitors see\n  The name and its address stay as they were, so nothing that is cached is wrong. Connections to the server before are gone.',
    byHand(site, config, role.serving),
  ].join('\n\n'),
});

/** The role record names a server, and the address is not there, or nothing answers at it. */
export const addressNotMoved = (
  site: Site,
  config: Config,
  move: { serving: string; why: string },
  look: Look,
): Letter => {
  const seen = Object.entries(look.sightings).map(
    ([vantage, byTarget]) =>
      `  ${vantage}  ${byTarget[SERVED]?.outcome ?? 'not asked'}: ${byTarget[SERVED]?.detail ?? ''}`,
  );
  const hint =
    site.readdress?.allocationId === undefined
      ? `On ${move.serving}, "journalctl -t switchover-readdress" says what the host does: it never takes an address that still answers. Is the other host's script stopped, or the host hung with its network alive? Then cut that host off.`
      : 'It is tried again in every round for as long as the role record says so.';
  return {
    subject: `NOT MOVED ${site.name}: ${site.readdress?.address} is not with ${move.serving}`,
    text: [
      `What happened\n  ${addresses(site, move.serving)} is to have ${site.readdress?.address}, and that is not done: ${move.why}.`,
      `What was seen at ${site.readdress?.address}\n${seen.join('\n')}`,
      evidence(site, look),
      `What to do\n  ${hint}`,
      byHand(site, config, move.serving),
    ].join('\n\n'),
  };
};
