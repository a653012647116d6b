import type { Trouble } from '../../world/troubles.ts';
import { type Chronicle, changesAnswers, type SiteChronicle, troubled, type Write } from '../chronicle.ts';
import { clockErrorMs } from '../evidence.ts';

/** One of the nine things of design.md that must always hold, as far as one batch of ours can break it. */
export type Invariant = {
  number: number;
  /** What is checked, in one sentence. */
  says: string;
  /** What is wrong about the write; `undefined` when nothing is. Called when Route 53 has taken it, before it is filed. */
  broken(chronicle: Chronicle, site: SiteChronicle, write: Write): string | undefined;
};

const MINUTE = 60_000;
/** What was ordered so long ago is known to every controller. */
const SOON_MS = 15_000;

/** The pin in force for a write, by either role record. */
export const pinOf = ({ roleBefore, roleAfter }: Write): string | undefined =>
  roleAfter?.pin ?? roleBefore?.pin;

/** A failback order is alive for 60 s; a batch may be sent as long after as evidence may be old, and arrive even later. */
export const failbackAsked = (site: SiteChronicle, { applied }: Write, errorMs: number): boolean =>
  site.orders.some(
    ({ action, askedMs }) =>
      action === 'failback' &&
      askedMs <= applied.sent.atMs &&
      applied.sent.atMs - askedMs <= 2 * MINUTE + errorMs,
  );

/** A `point` at once is alive for as long as a failback is; a planned one until it was carried out or something else was ordered. */
export const pointAsked = (
  chronicle: Chronicle,
  { orders }: SiteChronicle,
  { applied: { sent, atMs }, to, life }: Write,
  errorMs: number,
): boolean => {
  const asked = orders.filter((o) => o.askedMs <= sent.atMs);
  const at = asked.findLastIndex((o) => o.action === 'point' && o.pin === to);
  const order = asked[at];
  if (order === undefined) return false;
  if (order.planned === undefined) return sent.atMs - order.askedMs <= 2 * MINUTE + errorMs;
  const ended = asked.slice(at + 1).some(({ action, answer }) => {
    const endsIt = action !== 'failback' && answer?.ok === true;
    return endsIt && answer.atMs + SOON_MS < sent.atMs;
  });
  // What the table has forgotten, or could not be told, it does not end.
  return (
    !ended ||
    chronicle.tableLosses.length > 0 ||
    troubled(chronicle, onTable, Math.min(order.askedMs, life.bornMs), atMs)
  );
};

/** Whether a controller moved visitors by itself: not on a pin, and not for the sake of a failback or point order. */
export const movedByItself = (chronicle: Chronicle, site: SiteChronicle, write: Write): boolean => {
  if (write.by !== 'controller' || !changesAnswers(write) || write.from === write.to) return false;
  if (write.from === undefined || pinOf(write) === write.to) return false;
  const errorMs = clockErrorMs(chronicle, write.applied.sent.atMs);
  if (pointAsked(chronicle, site, write, errorMs)) return false;
  return !(isBackwards(write) && failbackAsked(site, write, errorMs));
};

const placeOf = ({ site }: Write, name: string | undefined): number =>
  site.servers.findIndex((server) => server.name === name);

export const isBackwards = (write: Write): boolean => placeOf(write, write.to) < placeOf(write, write.from);

/** Whether a trouble concerns the state table. */
export const onTable = (t: Trouble): boolean =>
  t.kind === 'table' || (t.kind === 'edge' && t.edge === 'store');
