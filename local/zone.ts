import { normaliseName } from '../lambda/core/zone/records.ts';
import { type Entry, lowerBound, putRecord, recordKey, type ZoneRecord } from './zone-records.ts';
import { applyChanges, inputMessages, type ZoneChange } from './zone-rules.ts';

/** What a change batch became. Times are milliseconds since 1970. */
export type ZoneChangeInfo = { id: string; comment: string; submittedAt: number };

/** A change that DNS does not answer with yet: until `insyncAt`, or for as long as it is held (null). */
type PendingChange = ZoneChangeInfo & { insyncAt: number | null; entries: readonly Entry[] };

/**
 * A hosted zone of Route 53. Immutable: every function here returns a new zone that shares what did not change, so a
 * zone can be kept and compared at no cost. There is no clock: `now` is milliseconds since 1970, given by the caller.
 *
 * `entries` is what Route 53 lists, `published` what DNS answers: the state after the last change that is INSYNC.
 * Changes are published in the order of their submission, so one that is held holds up those after it.
 */
export type Zone = {
  id: string;
  /** Normalised. */
  name: string;
  /** Host names without a trailing dot. */
  nameServers: readonly string[];
  entries: readonly Entry[];
  published: readonly Entry[];
  pending: readonly PendingChange[];
  /** The latest changes that are INSYNC, oldest first. */
  insync: readonly ZoneChangeInfo[];
  /** Number of changes accepted so far. */
  sequence: number;
  /** AcceleratedRecoveryStatus; `ENABLED` without it. */
  accelerated?: string;
};

/** How long GetChange still knows a change after it became INSYNC, counted in changes of the zone. */
const CHANGES_KEPT = 200;

/** TTLs and SOA numbers of a new zone are Route 53's own (facts: R53G SOA-NSrecords). */
const NS_TTL_SECONDS = 172_800;
const SOA_TTL_SECONDS = 900;
const SOA_TAIL = 'awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400';

/** FNV-1a, 32 bits: ids and name servers follow from the zone's name, so they survive a restart without any state. */
const hash = (text: string): number => {
  let sum = 0x811c9dc5;
  for (const character of text) sum = Math.imul(sum ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return sum;
};

const zoneIdFor = (name: string): string =>
  `Z${[0, 1, 2].map((salt) => hash(`${salt}${name}`).toString(36).padStart(7, '0').slice(-7)).join('')}`.toUpperCase();

const nameServersFor = (id: string): string[] =>
  ['com', 'net', 'org', 'co.uk'].map((suffix, index) => {
    const number = hash(`${index}${id}`) % 512;
    return `ns-${index * 512 + number}.awsdns-${String(number >>> 3).padStart(2, '0')}.${suffix}`;
  });

/** A new hosted zone with Route 53's SOA and NS records. The id, if not given, follows from the name. */
export const createZone = (name: string, id?: string): Zone => {
  const apex = normaliseName(name);
  const zoneId = id ?? zoneIdFor(apex);
  const nameServers = nameServersFor(zoneId);
  const hosts = nameServers.map((host) => `${host}.`);
  const entries: Entry[] = [];
  putRecord(entries, { name: apex, type: 'NS', ttlSeconds: NS_TTL_SECONDS, values: hosts });
  putRecord(entries, {
    name: apex,
    type: 'SOA',
    ttlSeconds: SOA_TTL_SECONDS,
    values: [`${hosts[0]} ${SOA_TAIL}`],
  });
  return {
    id: zoneId,
    name: apex,
    nameServers,
    entries,
    published: entries,
    pending: [],
    insync: [],
    sequence: 0,
  };
};

export type ChangeOptions = {
  now: number;
  /** Milliseconds from acceptance to INSYNC. */
  insyncAfterMs: number;
  /** The change stays PENDING until `releaseChanges`. */
  held?: boolean;
  /** Milliseconds for which the zone refuses the next batch after one that it accepted; 0 by default. */
  busyMs?: number;
};

/** `code` is the API's error code, each message one of Route 53's texts. */
export type Refusal = {
  code: 'InvalidInput' | 'InvalidChangeBatch' | 'PriorRequestNotComplete';
  messages: string[];
};

/** Applies a batch as Route 53 does: whole, or not at all and with every reason. */
export const changeZone = (
  zone: Zone,
  batch: { changes: readonly ZoneChange[]; comment?: string },
  options: ChangeOptions,
): { zone: Zone; change: ZoneChangeInfo } | { refusal: Refusal } => {
  const { now, insyncAfterMs, held = false, busyMs = 0 } = options;
  const comment = batch.comment ?? '';
  const changes = batch.changes.map((change) => ({
    ...change,
    givenName: change.givenName ?? change.record.name,
    record: { ...change.record, name: normaliseName(change.record.name) },
  }));
  const wrong = inputMessages(changes, comment);
  if (wrong.length > 0) return { refusal: { code: 'InvalidInput', messages: wrong } };
  const latest = zone.pending.at(-1) ?? zone.insync.at(-1);
  if (latest !== undefined && now < latest.submittedAt + busyMs) {
    const message = 'The request was rejected because Route 53 was still processing a prior request.';
    return { refusal: { code: 'PriorRequestNotComplete', messages: [message] } };
  }
  const applied = applyChanges(zone, changes);
  if ('messages' in applied) return { refusal: { code: 'InvalidChangeBatch', messages: applied.messages } };
  const sequence = zone.sequence + 1;
  const id = `C${sequence.toString(36).toUpperCase().padStart(7, '0')}${zone.id.slice(1)}`;
  const change: ZoneChangeInfo = { id, comment, submittedAt: now };
  const { entries } = applied;
  const pending = [...zone.pending, { ...change, entries, insyncAt: held ? null : now + insyncAfterMs }];
  return { zone: publish({ ...zone, sequence, entries, pending }, now), change };
};

/** Lets DNS answer with the changes that are due. Returns the same zone when there are none. */
export const publish = (zone: Zone, now: number): Zone => {
  const waiting = zone.pending.findIndex(({ insyncAt }) => insyncAt === null || insyncAt > now);
  const count = waiting === -1 ? zone.pending.length : waiting;
  if (count === 0) return zone;
  const due = zone.pending.slice(0, count);
  const infos = due.map(({ id, comment, submittedAt }) => ({ id, comment, submittedAt }));
  return {
    ...zone,
    published: due.at(-1)!.entries,
    pending: zone.pending.slice(count),
    insync: [...zone.insync, ...infos].slice(-CHANGES_KEPT),
  };
};

/**
 * The zone after Route 53's control plane failed over: changes that were PENDING are lost, and GetChange knows them no more
 * (facts: R53G-26 accelerated-recovery).
 */
export const strandChanges = (zone: Zone): Zone => ({ ...zone, entries: zone.published, pending: [] });

/** Lets go of all changes that are held: they become INSYNC at `now`. */
export const releaseChanges = (zone: Zone, now: number): Zone =>
  publish(
    { ...zone, pending: zone.pending.map((change) => ({ ...change, insyncAt: change.insyncAt ?? now })) },
    now,
  );

/** A change by its id, without the prefix `/change/`; undefined if this zone does not know it. Publish first. */
export const findChange = (
  zone: Zone,
  id: string,
): (ZoneChangeInfo & { status: 'PENDING' | 'INSYNC' }) | undefined => {
  const pending = zone.pending.find((change) => change.id === id);
  const change = pending ?? zone.insync.find((known) => known.id === id);
  return change && { ...change, status: pending ? 'PENDING' : 'INSYNC' };
};

export type ListStart = { name: string; type?: string; identifier?: string };

/** A page of the listing in Route 53's order, from the first record at or after `start`, and where the next begins. */
export const listRecords = (
  zone: Zone,
  maxItems: number,
  start?: ListStart,
): { records: ZoneRecord[]; next?: ListStart } => {
  const { name, type, identifier } = start ?? {};
  const from =
    name === undefined ? 0 : lowerBound(zone.entries, recordKey(normaliseName(name), type, identifier));
  const records = zone.entries.slice(from, from + maxItems).map(({ record }) => record);
  const following = zone.entries[from + maxItems]?.record;
  if (following === undefined) return { records };
  const next = { name: following.name, type: following.type };
  return following.setIdentifier === undefined
    ? { records, next }
    : { records, next: { ...next, identifier: following.setIdentifier } };
};

/** A zone as it is saved: plain JSON. */
export type SavedZone = {
  id: string;
  name: string;
  nameServers: readonly string[];
  sequence: number;
  records: ZoneRecord[];
  changes: ZoneChangeInfo[];
  accelerated?: string;
};

export const saveZone = ({
  id,
  name,
  nameServers,
  sequence,
  entries,
  pending,
  insync,
  accelerated,
}: Zone): SavedZone => ({
  ...(accelerated !== undefined && { accelerated }),
  id,
  name,
  nameServers,
  sequence,
  records: entries.map(({ record }) => record),
  changes: [...insync, ...pending].map(({ id, comment, submittedAt }) => ({ id, comment, submittedAt })),
});

/** The zone again. A restart takes longer than propagation, so every saved change is INSYNC. */
export const loadZone = ({ records, changes, ...saved }: SavedZone): Zone => {
  const entries: Entry[] = [];
  for (const record of records) putRecord(entries, record);
  return { ...saved, entries, published: entries, pending: [], insync: changes.slice(-CHANGES_KEPT) };
};
