import type { Site } from '../../../lambda/core/site/site.ts';
import { carriedMs, holderName, namedBy } from './addresses.ts';
import { type Chronicle, contentOf, roleIn, troubled } from './chronicle.ts';
import { clockErrorMs } from './evidence.ts';
import { onTable } from './invariants/invariant.ts';
import type { Settling } from './settling.ts';

/**
 * Once there is no trouble any more, the address of a site is with the server that its role record names, unless a person holds it
 * or that server is down; and people were told that the site answers there.
 */
export const addressProblem = (
  { plan, cloud, observer, clock }: Settling,
  site: Site,
  index: number,
): string | undefined => {
  if (site.readdress === undefined) return undefined;
  const listing = cloud.listing();
  const record = observer.chronicle.sites.get(site.name);
  const role = roleIn(site.name, listing);
  const named = site.servers.findIndex(({ name }) => name === role?.serving);
  if (record?.left === undefined || role === undefined || named < 0) return undefined;
  if (contentOf(site.name, record.left.names, listing) !== record.left.content) return undefined;
  if (role.mode === 'held' && role.untilMs > clock.now()) return undefined;
  const isPinned = role.mode === 'pinned' && role.untilMs > clock.now();
  const isDown = plan.downForGood.includes(`${index} ${named}`);
  if (isDown && !isPinned) return undefined;
  const holder = cloud.addresses.holder(index);
  if (holder !== named)
    return `${role.serving} is to have the address, and ${holderName(site, holder)} has it`;
  if (isDown) return undefined;
  const answeredAs = carriedMs(observer.chronicle, record, role);
  if (answeredAs !== undefined && isOver(observer.chronicle, site)) return undefined;
  // While the table cannot be read, each controller finds it out by itself and tells nobody.
  const namedMs = namedBy(record, role)?.applied.atMs ?? clock.now();
  if (troubled(observer.chronicle, onTable, namedMs, clock.now())) return undefined;
  return `nobody was told that it answers at its address with ${role.serving}`;
};

/** Nobody was told of the address last that it is not there. What is told twice, or in another order, counts by when it happened. */
const isOver = (chronicle: Chronicle, { name }: Site): boolean => {
  const told = chronicle.mails.filter((m) => m.site === name && ['moved', 'not-moved'].includes(m.kind));
  const last = told.toSorted((a, b) => a.happenedMs - b.happenedMs).at(-1);
  return last?.kind === 'moved' || clockErrorMs(chronicle, last?.atMs ?? 0) > 0;
};
