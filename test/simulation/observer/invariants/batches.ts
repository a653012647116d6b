import { aloneOf } from '../alone.ts';
import { addressRecords, changesRecords } from '../chronicle.ts';
import type { Invariant } from './invariant.ts';

const MINUTE = 60_000;

/**
 * 4. After our batch, either no address record changed, or every configured name of the site has exactly the records of one
 * and the same server as the process has it configured; no name that had records has none.
 */
export const allOrNothing: Invariant = {
  number: 4,
  says: 'all records of a site move in one change, or none',
  broken: (_, siteChronicle, write) => {
    const { site, applied, before, after } = write;
    const lost = before.find((r) => !after.some((a) => a.name === r.name));
    if (lost !== undefined) return `${lost.name} is left without any record`;
    if (!changesRecords(write)) return undefined;
    // A person's record beside ours came between our look and our batch; Route 53 lets nobody forbid it.
    const added = siteChronicle.editedMs > applied.sent.atMs - MINUTE;
    const to = added && write.to === 'other' ? write.roleAfter?.serving : write.to;
    const server = site.servers.find((s) => s.name === to);
    if (server === undefined) return `after it the records are ${JSON.stringify(after)}`;
    const want = site.names.flatMap((name) =>
      server.hostname === undefined
        ? [
            ...(server.ipv4.length > 0 ? [`${name} A ${server.ipv4}`] : []),
            ...(server.ipv6.length > 0 ? [`${name} AAAA ${server.ipv6}`] : []),
          ]
        : [`${name} CNAME ${server.hostname}`],
    );
    const have = aloneOf(site, addressRecords(site.names, applied.after)).map(
      (r) => `${r.name} ${r.type} ${r.values}`,
    );
    if (want.sort().join('\n') === have.sort().join('\n')) return undefined;
    return added && want.every((w) => have.includes(w))
      ? undefined
      : `the set is mixed: ${have.sort().join('; ')}`;
  },
};

/**
 * 5. Our batch carries the role record's next epoch, and takes the one that stands in the zone away by its exact value: so
 * of all batches that were built on one epoch, sent twice, late, or by two processes, no second one can land.
 */
export const fenced: Invariant = {
  number: 5,
  says: 'every batch swaps the role record for one of a higher epoch',
  broken: (_, __, { site, applied, roleBefore, roleAfter }) => {
    if (roleAfter === undefined) return 'it left no role record that can be read';
    if (roleBefore !== undefined && roleAfter.epoch <= roleBefore.epoch) {
      return `the epoch went from ${roleBefore.epoch} to ${roleAfter.epoch}`;
    }
    const role = applied.before.find((r) => r.name === `_switchover.${site.name}` && r.type === 'TXT');
    const removed = applied.changes.some(
      ({ action, record }) =>
        action === 'DELETE' && record.type === 'TXT' && record.values[0] === role?.values[0],
    );
    return role !== undefined && !removed ? 'it did not take the standing role record away' : undefined;
  },
};
