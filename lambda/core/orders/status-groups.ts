import { duration } from '../base/time.ts';
import { CONDITIONS, type Condition } from './condition.ts';
import type { ServerStatus } from './site-now.ts';
import type { SiteStatus } from './status.ts';
import { holderText, silenceText } from './status-document.ts';

/** Sites that fare alike for one cause: told in one line. */
export type SiteGroup = { condition: Condition; sites: SiteStatus[]; text: string };

/** The cause that most vantages saw: the code, which is short; people read the phrase where one site is shown. */
const mainCause = ({ causes, health }: ServerStatus): string =>
  causes.find(({ outcome }) => outcome === (health === 'down' ? 'failed' : 'unknown'))?.code ?? health;

/** `nowMs` is undefined where ages are left out. */
const age = (since: string | null | undefined, nowMs: number | undefined): string =>
  nowMs === undefined || !since ? '' : ` ${duration(nowMs - Date.parse(since))}`;

const serverWords = (
  server: ServerStatus,
  { servingSince, servers: [first] }: Pick<SiteStatus, 'servingSince' | 'servers'>,
  nowMs: number | undefined,
): string => {
  const { server: name, health, serves, armed } = server;
  const isMoved = server !== first;
  if (health === 'down') return `${name} ${mainCause(server)}${age(server.since, nowMs)}`;
  if (health === 'unknown') return `${name} not known`;
  // Of the preferred one it is of no interest since when it does what it should.
  if (serves) return `${name} serves${isMoved ? age(servingSince, nowMs) : ''}`;
  return armed ? `${name} up, armed` : `${name} up, not armed: ${server.notArmed}`;
};

/**
 * How a site's servers fare, in a few words. Without `nowMs` the ages are left out, so that equal ones compare equal.
 */
const serversWords = (site: SiteStatus, nowMs: number | undefined): string =>
  site.servers.map((server) => serverWords(server, site, nowMs)).join(' · ');

const heldWords = ({ holder }: SiteStatus, nowMs: number): string =>
  holder === null ? '' : holderText(holder, nowMs, holder.reason === null ? '' : `: "${holder.reason}"`);

/** What follows from it, whose hand is on it, and what of it people are not told. */
const consequence = (site: SiteStatus, nowMs: number): string => {
  const { silence, acknowledged } = site;
  return [
    followsFrom(site),
    besides(site, nowMs),
    silence ? silenceText(silence, nowMs) : '',
    acknowledged ? `acknowledged by ${acknowledged.by}` : '',
  ]
    .filter(Boolean)
    .join(' · ');
};

/** What follows from how its servers fare. */
const followsFrom = ({ condition, next }: SiteStatus): string => {
  if (condition === 'down') return 'nothing to move to';
  if (condition === 'failed-over') return next === null ? 'no standby left' : `${next} would be next`;
  return condition === 'no-standby' ? 'nothing would take over' : '';
};

/** What else there is to know, by condition. */
const besides = (site: SiteStatus, nowMs: number): string => {
  const { condition, decision, notes } = site;
  switch (condition) {
    case 'down':
    case 'held':
    case 'pinned':
    case 'held-down':
      return heldWords(site, nowMs);
    case 'move-due':
      return decision?.text ?? '';
    case 'fine':
    case 'failed-over':
    case 'no-standby':
      return '';
    default:
      return notes[0]?.text ?? decision?.text ?? '';
  }
};

/** How one site fares, where its hold, its notes and the row that holds are shown with it: what they say is not said here. */
export const siteText = (site: SiteStatus, nowMs: number): string =>
  [serversWords(site, nowMs), followsFrom(site)].filter(Boolean).join(' · ');

/** Of IPv4 the /24, of IPv6 the /48: what one rack or one provider's failure has in common. */
const networkOf = (address: string): string => {
  const v4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address);
  if (v4 !== null) return `${v4[1]}.0/24`;
  const v6 = /^([0-9a-f]+:[0-9a-f]+:[0-9a-f]+):/i.exec(address);
  return v6 === null ? address : `${v6[1]}::/48`;
};

/** The network in which the dead server of each of these sites is, if that is one and the same. */
const commonNetwork = (sites: readonly SiteStatus[]): string => {
  const dead = sites.flatMap(
    ({ servers }) => servers.find(({ health }) => health === 'down')?.addresses.slice(0, 1) ?? [],
  );
  const [network, ...more] = [...new Set(dead.map(networkOf))];
  return sites.length < 2 || dead.length < sites.length || network === undefined || more.length > 0
    ? ''
    : `, all at ${network}`;
};

/** What a line says of one site or of several that fare alike: their servers, and what follows from it. */
const textOf = (sites: readonly SiteStatus[], nowMs: number): string => {
  const oldest = sites.reduce((first, site) => ((site.since ?? '') < (first.since ?? '') ? site : first));
  const parts = oldest.servers.map((server) => serverWords(server, oldest, nowMs));
  const at = oldest.servers.findIndex(({ health }) => health === 'down');
  if (at >= 0) parts[at] += commonNetwork(sites);
  return [...parts, consequence(oldest, nowMs)].filter(Boolean).join(' · ');
};

const likeness = (site: SiteStatus, nowMs: number): string =>
  [site.condition, serversWords(site, undefined), consequence(site, nowMs)].join(' | ');

/** More sites that fare alike than this stand in one line. Of those that are down each is somebody's night. */
const MOST_APART = { bad: 3, well: 1 };

/** What is not fine, worst first: a line for each site, and one for many that fare alike. */
export const groupsOf = (sites: readonly SiteStatus[], nowMs: number): SiteGroup[] =>
  [...Map.groupBy(sites, (site) => likeness(site, nowMs)).values()].flatMap((alike): SiteGroup[] => {
    const condition = alike[0]?.condition ?? 'fine';
    const most = CONDITIONS[condition].ok ? MOST_APART.well : MOST_APART.bad;
    const apart = alike.length > most ? [alike] : alike.map((site) => [site]);
    return apart.map((some) => ({ condition, sites: some, text: textOf(some, nowMs) }));
  });

/** The names of sites as short as they are still told apart: without the zone that all have in common. */
export const shortNames = (names: readonly string[]): string[] => {
  const [first = ''] = names;
  const labels = first.split('.');
  const suffix = labels
    .map((_, at) => `.${labels.slice(at).join('.')}`)
    .slice(1)
    .find((end) => names.every((name) => name.endsWith(end)));
  return suffix === undefined || names.length < 2
    ? [...names]
    : names.map((name) => name.slice(0, -suffix.length));
};
