import type { Trouble } from '../../world/troubles.ts';
import { type Chronicle, changesAnswers, type SiteChronicle, type Write } from '../chronicle.ts';
import { clockErrorMs } from '../evidence.ts';

/** One of the eight things of design.md that must always hold, as far as one batch of ours can break it. */
export type Invariant = {
  number: number;
  /** What is checked, in one sentence. */
  says: string;
  /** What is wrong about the write; `undefined` when nothing is. Called when Route 53 has taken it, before it is filed. */
  broken(chronicle: Chronicle, site: SiteChronicle, write: Write): string | undefined;
};

const MINUTE = 60_000;

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

/** Whether a controller moved visitors by itself: not on a pin, and not for the sake of a failback order. */
export const movedByItself = (chronicle: Chronicle, site: SiteChronicle, write: Write): boolean => {
  if (write.by !== 'controller' || !changesAnswers(write) || write.from === write.to) return false;
  if (write.from === undefined || pinOf(write) === write.to) return false;
  return !(
    isBackwards(write) && failbackAsked(site, write, clockErrorMs(chronicle, write.applied.sent.atMs))
  );
};

const placeOf = ({ site }: Write, name: string | undefined): number =>
  site.servers.findIndex((server) => server.name === name);

export const isBackwards = (write: Write): boolean => placeOf(write, write.to) < placeOf(write, write.from);

/** Whether a trouble concerns the state table. */
export const onTable = (t: Trouble): boolean =>
  t.kind === 'table' || (t.kind === 'edge' && t.edge === 'store');
