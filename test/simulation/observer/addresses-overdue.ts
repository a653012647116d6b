import type { Site } from '../../../lambda/core/site/site.ts';
import { isElastic } from '../world/instances.ts';
import type { Plan } from '../world/plan-shape.ts';
import type { Trouble } from '../world/troubles.ts';
import { heldAtFirst, holderName, namedBy } from './addresses.ts';
import { type Chronicle, roleIn, type SiteChronicle, troubled } from './chronicle.ts';

const SECOND = 1000;
/** Troubles that keep an address from moving, or people from hearing of it, for as long as they last. */
const hinders = (trouble: Trouble, index: number): boolean =>
  ['vantage', 'reference', 'zone', 'table', 'schedule', 'process', 'clock', 'edge'].includes(trouble.kind) ||
  (trouble.kind !== 'server' && 'site' in trouble && trouble.site === index);

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The longest stop of a process, and the longest delay of a request: what began so long ago may still come. */
const AFTERMATH_MS = 11 * MINUTE;

/**
 * 6. Where nothing but servers is in trouble, an address that a server of the site or nothing has is within three minutes with the
 * server that the role record names, if that one has had no trouble; and of an address that is elsewhere, people were told.
 */
export const overdueAddress = (look: {
  chronicle: Chronicle;
  plan: Plan;
  sites: Site[];
  listing: Parameters<typeof roleIn>[1];
  nowMs: number;
}): string | undefined => {
  const { chronicle, plan, nowMs } = look;
  for (const [index, site] of look.sites.entries()) {
    const record = chronicle.sites.get(site.name) as SiteChronicle;
    const role = roleIn(site.name, look.listing);
    const named = site.servers.findIndex(({ name }) => name === role?.serving);
    if (!isElastic(site) || role === undefined || named < 0 || role.mode !== 'auto') continue;
    const held = record.moved.at(-1)?.to ?? heldAtFirst(plan, index);
    if (held === named) continue;
    const namedMs = namedBy(record, role)?.applied.atMs ?? Number.POSITIVE_INFINITY;
    const sinceMs = Math.max(record.moved.at(-1)?.atMs ?? 0, namedMs);
    const fromMs = nowMs - 5 * MINUTE - 2 * plan.config.intervalSeconds * SECOND;
    if (sinceMs > fromMs || nowMs - record.editedMs < HOUR) continue;
    if (record.orders.some((o) => nowMs - o.askedMs < HOUR)) continue;
    if (troubled(chronicle, (t) => hinders(t, index), fromMs - AFTERMATH_MS, nowMs)) continue;
    const isWell = !troubled(
      chronicle,
      (t) => t.kind === 'server' && t.site === index && (t.server === named || t.server === 'all'),
      fromMs,
      nowMs,
    );
    const isFree = held === 'nobody' || (typeof held === 'number' && held < site.servers.length);
    if (isWell && isFree)
      return `${site.name}: ${role.serving} should have the address by now, and ${holderName(site, held)} has it`;
    const isTold = chronicle.mails.some(
      (m) => m.site === site.name && m.atMs >= sinceMs && ['not-moved', 'edited-by-hand'].includes(m.kind),
    );
    if (!isTold)
      return `${site.name}: ${role.serving} has not had its address for five minutes, and nobody was told`;
  }
  return undefined;
};
