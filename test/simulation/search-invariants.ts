import type { RecordSet } from '../../lambda/core/zone/records.ts';
import { parseRole, type Role } from '../../lambda/core/zone/role-record.ts';
import { desiredRecords, sameRecords } from '../../lambda/core/zone/zone-view.ts';
import { site, type Verdicts } from './search-process.ts';
import type { Sent, Small, Watcher } from './search-shape.ts';

const roleOf = (zone: RecordSet[]): Role | undefined =>
  parseRole(zone.find((r) => r.type === 'TXT')?.values[0] ?? '');
const addresses = (zone: RecordSet[]): RecordSet[] => zone.filter((r) => r.type !== 'TXT');
const BY_ITSELF = /: (failover|failback|recovered|nowhere-better) /;
/** Orders that take an edit away, or as it is. */
const ENDS_EDIT = ['adopt', 'put-back'];

/** What is to be noted when a batch came in that made the zone `after`, and the invariant that this breaks, if it does. */
export const landed = (
  before: Small,
  after: RecordSet[],
  sent: Sent,
): { watcher: Watcher; problem?: string } => {
  const was = roleOf(before.zone);
  const is = roleOf(after);
  const { edited, adopted, ...rest } = before.watcher;
  const order = 'order' in sent.by ? sent.by.order : undefined;
  const ends = order !== undefined && ENDS_EDIT.includes(order);
  const writesRecords = sent.changes.some((c) => c.record.type !== 'TXT');
  const watcher: Watcher = { ...rest };
  if (edited !== undefined && !ends) watcher.edited = edited;
  if (order === 'adopt' || (adopted && !writesRecords)) watcher.adopted = true;
  if (is !== undefined && was?.serving !== is.serving && order === undefined) {
    watcher.untold = [...rest.untold, { epoch: is.epoch, to: is.serving }];
  }
  const problem =
    brokenByMove(before, was, is, sent) ??
    (edited !== undefined && !ends && writesRecords ? 'an edited record was replaced' : undefined) ??
    brokenSet(watcher, after, is);
  return { watcher, ...(problem === undefined ? {} : { problem }) };
};

const brokenByMove = (
  before: Small,
  was: Role | undefined,
  is: Role | undefined,
  sent: Sent,
): string | undefined => {
  if (is === undefined) return 'there is no role record any more';
  if (was !== undefined && is.epoch <= was.epoch) return `epoch ${is.epoch} came after ${was.epoch}`;
  if ('order' in sent.by || !BY_ITSELF.test(sent.comment) || was?.serving === is.serving) return undefined;
  const verdict = sent.by.verdicts[is.serving as keyof Verdicts];
  if (verdict !== 'passed') return `a move by itself to ${is.serving}, on which the verdict was ${verdict}`;
  return before.watcher.held ? 'a move by itself after a hold was answered as done' : undefined;
};

const brokenSet = (
  { edited, adopted }: Watcher,
  zone: RecordSet[],
  role: Role | undefined,
): string | undefined => {
  const records = addresses(zone);
  if (records.length !== 2) return `the zone holds ${records.length} address records instead of 2`;
  if (edited !== undefined || (adopted && role?.serving === 'other')) return undefined;
  const server = site.servers.find((s) => s.name === role?.serving);
  if (server !== undefined && sameRecords(records, desiredRecords(site, server))) return undefined;
  return `the records are not those of ${role?.serving}`;
};
