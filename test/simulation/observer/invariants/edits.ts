import { type Chronicle, changesAnswers, contentOf, serverAt, troubled, type Write } from '../chronicle.ts';
import { type Invariant, onTable } from './invariant.ts';

const SECOND = 1000;

/**
 * 3. When our batch arrives, the site's records and its role record are exactly as our last batch left them. Where we never
 * wrote, or the table was lost since we did, we write if there is nothing; beside records without a role record we write a role
 * record and nothing else. What a person edited is touched by `adopt` and `put-back` alone.
 */
export const editsStand: Invariant = {
  number: 3,
  says: 'what a person edited is never overwritten',
  broken: (chronicle, siteChronicle, write) => {
    const { site, applied, roleBefore, before } = write;
    const { left } = siteChronicle;
    const isWayOut = siteChronicle.orders.some(
      (o) => o.life === write.life && (o.action === 'adopt' || o.action === 'put-back'),
    );
    if (isWayOut) return undefined;
    const names = left?.names ?? site.names;
    const found = contentOf(site.name, names, applied.before);
    if (
      left !== undefined &&
      (found === left.content || looksLikeOurs(chronicle, write, left.content, found))
    )
      return undefined;
    const lostSince = chronicle.tableLosses.some((loss) => loss.toMs < (left?.atMs ?? applied.atMs));
    // The role record stands as we left it, and nothing else is touched.
    const roleOf = (content: string) => content.split('\n').find((line) => line.startsWith('_switchover.'));
    if (left !== undefined && !changesAnswers(write) && roleOf(found) === roleOf(left.content))
      return undefined;
    // What the console function wrote is known to a controller once it has listed the zone, after a minute at the latest.
    const unseen = left !== undefined && siteChronicle.editedMs - left.atMs < 80 * SECOND;
    if (unseen && siteChronicle.everLeft.has(found)) return undefined;
    if (left !== undefined && !lostSince)
      return `it was edited:\n${found}\nwhere we had left\n${left.content}`;
    // A person who takes the zone back to how we once left it cannot be told from a table that is older than the zone.
    if (siteChronicle.everLeft.has(found)) return undefined;
    if (before.length === 0 && roleBefore === undefined) return undefined;
    if (roleBefore === undefined && serverAt(before) !== 'other' && !changesAnswers(write)) return undefined;
    return `records that are not ours were changed:\n${found}\nwhere we had left\n${left?.content}`;
  },
};

/**
 * An edit of nothing but the role record, to another one that can be read, is known by the table's memory alone. A process
 * that may not have been able to read the table takes it for ours.
 */
const looksLikeOurs = (
  chronicle: Chronicle,
  { life, applied, roleBefore }: Write,
  left: string,
  found: string,
): boolean => {
  const records = (content: string) => content.split('\n').filter((line) => !line.startsWith('_switchover.'));
  const lost = chronicle.tableLosses.length > 0 || troubled(chronicle, onTable, life.bornMs, applied.atMs);
  return lost && roleBefore !== undefined && records(left).join() === records(found).join();
};
