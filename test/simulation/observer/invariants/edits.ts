import {
  type Chronicle,
  changesAnswers,
  contentOf,
  type SiteChronicle,
  troubled,
  type Write,
} from '../chronicle.ts';
import { type Invariant, onTable } from './invariant.ts';

/**
 * 3. When our batch arrives, the site's records and its role record are exactly as our last batch left them; a batch that swaps
 * the role record alone needs only that one to be so. Where we never wrote, or the table was lost since we did, we write if
 * there is nothing; beside records without a role record we write a role record and nothing else. What a person edited is
 * touched by `adopt` and `put-back` alone.
 *
 * One edit goes unnoticed: a person takes everything back to what we left once before, and whoever writes does not know that we
 * wrote since (see `cannotKnow`).
 */
export const editsStand: Invariant = {
  number: 3,
  says: 'what a person edited is never overwritten',
  broken: (chronicle, siteChronicle, write) => {
    const { site, life, applied } = write;
    const { left, orders, everLeft } = siteChronicle;
    if (orders.some((o) => o.life === life && ['adopt', 'put-back'].includes(o.action))) return undefined;
    const found = contentOf(site.name, left?.names ?? site.names, applied.before);
    if (found === left?.content) return undefined;
    if (left !== undefined && !changesAnswers(write) && roleLine(found) === roleLine(left.content)) {
      return undefined;
    }
    if (everLeft.has(found) && cannotKnow(chronicle, siteChronicle, write)) return undefined;
    const leftMs = left?.atMs ?? applied.atMs;
    const isForgotten = chronicle.tableLosses.some(({ toMs }) => toMs < leftMs + NOTED_WITHIN_MS);
    // The one thing that we ever wrote came in late, and was edited before anybody had listed it.
    const isUnseen = everLeft.size === 1 && left?.seen === undefined;
    const isFirst = left === undefined || isForgotten || isUnseen;
    return isFirst && writesBesideNothing(write)
      ? undefined
      : `it was edited:\n${found}\nwhere we had left\n${left?.content}`;
  },
};

/** What was left is in the table once its answer, or the listing in place of an answer that was lost, has come back. */
const NOTED_WITHIN_MS = 30_000;

const roleLine = (content: string): string | undefined =>
  content.split('\n').find((line) => line.startsWith('_switchover.'));

/** Nothing was there; or records of one server and no role record, and they stay as they are. */
const writesBesideNothing = (write: Write): boolean =>
  write.roleBefore === undefined &&
  (write.before.length === 0 || (write.from !== 'other' && !changesAnswers(write)));

/** No listing has shown what we left last before it was edited; or the table was lost, or could not be read for certain. */
const cannotKnow = (chronicle: Chronicle, { left }: SiteChronicle, { life, applied }: Write): boolean =>
  left?.seen === undefined ||
  chronicle.tableLosses.length > 0 ||
  troubled(chronicle, onTable, life.bornMs, applied.atMs);
