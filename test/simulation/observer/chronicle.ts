import type { Outcome } from '../../../lambda/core/probe/request.ts';
import type { Site } from '../../../lambda/core/site/site.ts';
import type { Change, RecordSet } from '../../../lambda/core/zone/records.ts';
import { ownerOf } from '../world/answers.ts';
import type { Asked, Life } from '../world/life.ts';
import type { Episode, Trouble } from '../world/troubles.ts';
import { aloneOf } from './alone.ts';
import type { Applied, Moved, Order } from './truth.ts';

/** What one process asked the vantages at one moment, and what they answered. */
export type Round = {
  life: Life;
  atMs: number;
  clockMs: number;
  /** `vantage address`: what was asked, whatever came of it. */
  asked: Set<string>;
  /** What was answered, by vantage and address. */
  seen: Map<string, Map<string, Outcome>>;
};

/** A role record, read here without the product's help. */
export type Role = {
  epoch: number;
  serving: string;
  mode: string;
  pin?: string;
  untilMs: number;
  /** Since when it serves, epoch seconds. */
  since: number;
};

/** What one batch of ours did to one site. */
export type Write = {
  site: Site;
  applied: Applied;
  life: Life;
  by: 'controller' | 'hand';
  /** The site's address records before and after. */
  before: RecordSet[];
  after: RecordSet[];
  roleBefore: Role | undefined;
  roleAfter: Role | undefined;
  /** Whose addresses they are; `undefined` for none, `other` for strangers' or several servers'. */
  from: string | undefined;
  to: string | undefined;
};

export type SiteChronicle = {
  /** The site as first configured: its name and index never change. */
  name: string;
  writes: Write[];
  /** Moves by itself, by the time of their batch. */
  moves: Write[];
  orders: Order[];
  /** Records and role record as our last batch left them, and the names they stand at. */
  left?: {
    content: string;
    names: string[];
    atMs: number;
    /** A listing has shown it to some process before a person changed it. */
    seen?: true;
  };
  /** Every content that we ever left. */
  everLeft: Set<string>;
  /** The last time a person changed anything of it. */
  editedMs: number;
  /** Every move of its address, where it has one that moves. */
  moved: Moved[];
  /** Who was the last to ask EC2 to take it from somebody. */
  taking?: { life: Life; asked: Asked };
};

/** Everything that truly happened so far, kept for the invariants to look things up. */
export type Chronicle = {
  rounds: Round[];
  sites: Map<string, SiteChronicle>;
  /** `happenedMs`: when it happened, by the clock of who noted it. */
  mails: { atMs: number; happenedMs: number; kind: string; site: string; subject: string; text: string }[];
  /** Switches that stand in the log, by `site epoch`. */
  logged: Set<string>;
  tableLosses: { atMs: number; how: 'emptied' | 'restored'; toMs: number }[];
  /** What the last listing of each zone that came back to a process showed, and when that was by its clock. */
  listings: Map<Life, Map<string, { atMs: number; clockMs: number; listing: RecordSet[] }>>;
  /** By zone: the latest moment whose listing came back to any process. */
  listedMs: Map<string, number>;
  episodes: Episode[];
  /** True time of the start of the world. */
  startMs: number;
};

export const newChronicle = (sites: Site[], episodes: Episode[], startMs: number): Chronicle => ({
  rounds: [],
  sites: new Map(
    sites.map(({ name }) => [
      name,
      {
        name,
        writes: [],
        moves: [],
        orders: [],
        everLeft: new Set(),
        editedMs: Number.NEGATIVE_INFINITY,
        moved: [],
      },
    ]),
  ),
  mails: [],
  logged: new Set(),
  tableLosses: [],
  listings: new Map(),
  listedMs: new Map(),
  episodes,
  startMs,
});

/** Whether an episode that `matches` was there at any time between the two. */
export const troubled = (
  { episodes, startMs }: Chronicle,
  matches: (trouble: Trouble) => boolean,
  fromMs: number,
  toMs: number,
): boolean =>
  episodes.some((e) => e.fromMs + startMs <= toMs && e.toMs + startMs >= fromMs && matches(e.trouble));

/** Whether one episode that `matches` was there from the one to the other. */
export const troubledThroughout = (
  { episodes, startMs }: Chronicle,
  matches: (trouble: Trouble) => boolean,
  fromMs: number,
  toMs: number,
): boolean =>
  episodes.some((e) => e.fromMs + startMs <= fromMs && e.toMs + startMs >= toMs && matches(e.trouble));

/**
 * The round that a vantage is asked in. Vantages of one round are asked at one moment; whoever asks one of them for the same
 * addresses once more has started another round. Rounds are kept in order of start.
 */
export const roundOf = (
  { rounds }: Chronicle,
  life: Life,
  asked: Asked,
  vantage: string,
  addresses: string[],
): Round => {
  let at = rounds.length;
  while (at > 0 && (rounds[at - 1] as Round).atMs > asked.atMs) at -= 1;
  let first = at;
  while (first > 0 && (rounds[first - 1] as Round).atMs === asked.atMs) first -= 1;
  const mine = rounds
    .slice(first, at)
    .find((r) => r.life === life && !addresses.some((address) => r.asked.has(`${vantage} ${address}`)));
  const round = mine ?? { life, ...asked, asked: new Set(), seen: new Map() };
  for (const address of addresses) round.asked.add(`${vantage} ${address}`);
  if (mine === undefined) rounds.splice(at, 0, round);
  return round;
};

/** Files what a vantage answered. */
export const file = (round: Round, vantage: string, outcomes: Map<string, Outcome>): void => {
  const known = round.seen.get(vantage);
  if (known === undefined) round.seen.set(vantage, new Map(outcomes));
  else for (const [address, outcome] of outcomes) known.set(address, outcome);
};

const ADDRESS_TYPES = ['A', 'AAAA', 'CNAME'];
const ROLE = '_switchover.';

export const roleNameOf = (site: string): string => `${ROLE}${site}`;

export const addressRecords = (names: string[], listing: RecordSet[]): RecordSet[] =>
  listing.filter((r) => names.includes(r.name) && ADDRESS_TYPES.includes(r.type));

/** All that must not be touched once a person has changed it, as one text. */
export const contentOf = (site: string, names: string[], listing: RecordSet[]): string =>
  [
    ...addressRecords(names, listing),
    ...listing.filter((r) => r.name === roleNameOf(site) && r.type === 'TXT'),
  ]
    .map((r) => `${r.name} ${r.type} ${r.routing ?? ''} ${r.ttlSeconds} ${[...r.values].sort().join(' ')}`)
    .sort()
    .join('\n');

/** Whether the zone shows the site as our last batch left it. Names that were configured since must hold nothing yet. */
export const isAsLeft = ({ name, left }: SiteChronicle, names: string[], listing: RecordSet[]): boolean =>
  left !== undefined && contentOf(name, [...new Set([...left.names, ...names])], listing) === left.content;

export const roleIn = (site: string, listing: RecordSet[]): Role | undefined => {
  const value = listing.find((r) => r.name === roleNameOf(site) && r.type === 'TXT')?.values[0];
  const found =
    /^"v=1 epoch=(\d+) serving=(\S+) mode=(\S+)(?: pin=(\S+))?(?: until=(\d+))? set=\S+ since=(\d+)/.exec(
      value ?? '',
    );
  if (found === null) return undefined;
  const [, epoch, serving = '', mode = '', pin, until, since] = found;
  return {
    epoch: Number(epoch),
    serving,
    mode,
    untilMs: Number(until ?? 0) * 1000,
    since: Number(since),
    ...(pin === undefined ? {} : { pin }),
  };
};

const PREFERENCE = ['primary', 'standby', 'third'];

/** Whose addresses these are: one server's, nobody's (`undefined`), or `other`. */
export const serverAt = (records: RecordSet[]): string | undefined => {
  if (records.length === 0) return undefined;
  const owners = records
    .flatMap((r) => (r.routing === undefined ? r.values : ['routed']))
    .map((v) => ownerOf(v.replace(/\.$/, '')));
  const [first] = owners;
  return first !== undefined && owners.every((o) => o?.server === first.server && o.site === first.site)
    ? PREFERENCE[first.server]
    : 'other';
};

/** The sites whose role record a batch writes. Each batch of ours writes one for each site that it touches. */
export const sitesIn = (changes: Change[]): string[] =>
  changes
    .filter(
      ({ action, record }) => action === 'CREATE' && record.type === 'TXT' && record.name.startsWith(ROLE),
    )
    .map(({ record }) => record.name.slice(ROLE.length));

/** A batch of ours, site by site. */
export const writesOf = (applied: Applied): Write[] => {
  const { author, changes, before, after } = applied;
  if (author.by === 'person') return [];
  return sitesIn(changes).flatMap((name): Write[] => {
    const site = author.life.config.sites.find((s) => s.name === name);
    if (site === undefined) return [];
    const recordsBefore = addressRecords(site.names, before);
    const recordsAfter = addressRecords(site.names, after);
    return [
      {
        site,
        applied,
        life: author.life,
        by: author.by,
        before: recordsBefore,
        after: recordsAfter,
        roleBefore: roleIn(name, before),
        roleAfter: roleIn(name, after),
        ...endsOf(site, applied),
      },
    ];
  });
};

/** From whom and to whom a batch moves a site. One that writes the first role record, and nothing else, moves nothing. */
const endsOf = (site: Site, { before, after }: Applied): Pick<Write, 'from' | 'to'> => {
  const to = servingIn(site, after);
  const isFirst = site.readdress !== undefined && roleIn(site.name, before) === undefined;
  const isKept = shape(addressRecords(site.names, before)) === shape(addressRecords(site.names, after));
  return { from: isFirst && isKept ? to : servingIn(site, before), to };
};

/** The server that a site's visitors are sent to; where an address moves, the one that is named to have it. */
export const servingIn = (site: Site, listing: RecordSet[]): string | undefined => {
  const records = addressRecords(site.names, listing);
  const { readdress } = site;
  if (readdress === undefined) return serverAt(aloneOf(site, records));
  if (records.length === 0) return undefined;
  const isShared = records.every((r) => r.routing === undefined && r.values.join() === readdress.address);
  return isShared ? (roleIn(site.name, listing)?.serving ?? 'unnamed') : 'other';
};

/** Whether the batch changed any address record. */
export const changesRecords = ({ before, after }: Write): boolean => shape(before) !== shape(after);

/** Whether the batch changed what visitors are told, or who is to have the address that they are told. */
export const changesAnswers = (write: Write): boolean =>
  changesRecords(write) || (write.site.readdress !== undefined && write.from !== write.to);

const shape = (records: RecordSet[]): string =>
  records
    .map((r) => `${r.name} ${r.type} ${r.ttlSeconds} ${[...r.values].sort()}`)
    .sort()
    .join('\n');
