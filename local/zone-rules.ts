import { escapedName } from '../lambda/core/zone/records.ts';
import {
  counterpart,
  type Entry,
  fingerprint,
  putRecord,
  recordsAt,
  recordsOf,
  removeRecord,
  routingPolicies,
  type ZoneRecord,
} from './zone-records.ts';
import { nameProblem, RECORD_TYPES, valueMessage } from './zone-values.ts';

/** One change of a batch. `record.name` is normalised; `givenName` is what the caller wrote, for messages. */
export type ZoneChange = { action: string; record: ZoneRecord; givenName?: string };

/** XML namespace of the API; its error texts quote it. */
export const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

const ACTIONS = ['CREATE', 'DELETE', 'UPSERT'];
/** Limits of one batch and one zone (facts: R53G-26 DNSLimitations); UPSERT counts twice in the first two. */
const BATCH_VALUES_MAX = 1000;
const BATCH_CHARACTERS_MAX = 32_000;
const RECORD_VALUES_MAX = 400;
/** Of weighted, latency, … record sets of one name and type. */
const ROUTED_SETS_MAX = 100;
const ZONE_RECORDS_MAX = 10_000;
const TTL_MAX = 2_147_483_647;
const COMMENT_MAX = 256;

/** A name as it appears in messages and listings. */
export const shownName = (name: string): string => `${escapedName(name)}.`;

const shownChange = ({ action, record, givenName }: ZoneChange): string =>
  `[Action=${action}, Name=${givenName ?? shownName(record.name)}, Type=${record.type}, SetIdentifier=${record.setIdentifier ?? null}]`;

const shownRecord = ({ name, type, setIdentifier }: ZoneRecord): string => {
  const identifier = setIdentifier === undefined ? '' : `, set-identifier='${setIdentifier}'`;
  return `resource record set [name='${shownName(name)}', type='${type}'${identifier}]`;
};

/** Route 53's schema error about an element that lacks a child. */
export const incomplete = (element: string, child: string): string =>
  `Invalid XML ; cvc-complex-type.2.4.b: The content of element '${element}' is not complete. One of '{"${NAMESPACE}":${child}}' is expected.`;

/** Values outside the ranges of the API's model. */
const constraintMessages = (changes: readonly ZoneChange[], comment: string): string[] => {
  const failed = (value: unknown, path: string, constraint: string): string =>
    `Value '${value}' at '${path}' failed to satisfy constraint: Member must ${constraint}`;
  const problems = changes.flatMap(({ action, record }, index) => {
    const member = `changeBatch.changes.${index + 1}.member`;
    const { type, ttlSeconds = 0, weight = 0 } = record;
    const field = (name: string) => `${member}.resourceRecordSet.${name}`;
    return [
      ACTIONS.includes(action) ||
        failed(action, `${member}.action`, `satisfy enum value set: [${ACTIONS.join(', ')}]`),
      (RECORD_TYPES as readonly string[]).includes(type) ||
        failed(type, field('type'), `satisfy enum value set: [${RECORD_TYPES.join(', ')}]`),
      ttlSeconds >= 0 || failed(ttlSeconds, field('tTL'), 'have value greater than or equal to 0'),
      ttlSeconds <= TTL_MAX ||
        failed(ttlSeconds, field('tTL'), `have value less than or equal to ${TTL_MAX}`),
      weight >= 0 || failed(weight, field('weight'), 'have value greater than or equal to 0'),
      weight <= 255 || failed(weight, field('weight'), 'have value less than or equal to 255'),
    ].filter((problem) => typeof problem === 'string');
  });
  if (comment.length > COMMENT_MAX) {
    problems.push(failed(comment, 'changeBatch.comment', `have length less than or equal to ${COMMENT_MAX}`));
  }
  if (problems.length === 0) return [];
  const count = problems.length === 1 ? '1 validation error' : `${problems.length} validation errors`;
  return [`${count} detected: ${problems.join('; ')}`];
};

/** Fields that are missing or exclude one another. */
const shapeMessage = (change: ZoneChange): string | undefined => {
  const { alias, trafficPolicyInstanceId, ttlSeconds, values, setIdentifier } = change.record;
  const plain = ttlSeconds !== undefined && values.length > 0;
  const any = ttlSeconds !== undefined || values.length > 0;
  const kinds = [alias !== undefined, any, trafficPolicyInstanceId !== undefined].filter(Boolean).length;
  if (kinds !== 1 || (any && !plain)) {
    const found = kinds > 1 ? 'more than one' : 'none';
    return `Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found} in Change with ${shownChange(change)}`;
  }
  const policies = routingPolicies(change.record);
  if (policies.length > 0 && setIdentifier === undefined) {
    return `Missing field 'SetIdentifier' in Change with ${shownChange(change)}`;
  }
  // This text is ours: the real one was not seen.
  return policies.length > 1 || (policies.length === 0 && setIdentifier !== undefined)
    ? `Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, or CidrRoutingConfig], but found ${policies.length === 0 ? 'none' : 'more than one'} in Change with ${shownChange(change)}`
    : undefined;
};

/** What is wrong with the request as such (`InvalidInput`), whatever the zone holds. */
export const inputMessages = (changes: readonly ZoneChange[], comment: string): string[] => {
  if (changes.length === 0) return [incomplete('Changes', 'Change')];
  const constraints = constraintMessages(changes, comment);
  if (constraints.length > 0) return constraints;
  const shapes = changes.map(shapeMessage).filter((message) => message !== undefined);
  return shapes.length === 0 ? [] : [`Invalid request: ${shapes.join(', ')}`];
};

const sizeMessages = (changes: readonly ZoneChange[]): string[] => {
  let values = 0;
  let characters = 0;
  const messages: string[] = [];
  for (const { action, record } of changes) {
    const times = action === 'UPSERT' ? 2 : 1;
    values += times * (record.values.length || 1);
    characters += times * record.values.reduce((sum, value) => sum + value.length, 0);
    if (record.values.length > RECORD_VALUES_MAX) {
      messages.push(`Cannot have more than ${RECORD_VALUES_MAX} records in a RRSet.`);
    }
  }
  if (values > BATCH_VALUES_MAX) messages.push(`Number of records limit of ${BATCH_VALUES_MAX} exceeded.`);
  if (characters > BATCH_CHARACTERS_MAX)
    messages.push(`RDATA character limit of ${BATCH_CHARACTERS_MAX} exceeded.`);
  return messages;
};

/** What is wrong with a record set in itself: its name, its type at that name, its values. */
const recordMessages = ({ action, record }: ZoneChange, zoneName: string): string[] => {
  const { name, type, values } = record;
  const problem = nameProblem(name);
  if (problem !== undefined) return [`FATAL problem: ${problem} encountered with '${shownName(name)}'`];
  if (name !== zoneName && !name.endsWith(`.${zoneName}`)) {
    return [`RRSet with DNS name ${shownName(name)} is not permitted in zone ${shownName(zoneName)}`];
  }
  // Only what is to be published must be valid; a DELETE with a bad value simply does not match.
  if (action === 'DELETE') return [];
  const rrset = `RRSet of type ${type} with DNS name ${shownName(name)}`;
  if (type === 'CNAME' && name === zoneName) {
    return [`${rrset} is not permitted at apex in zone ${shownName(zoneName)}`];
  }
  if (type === 'SOA' && name !== zoneName) return ['A HostedZone must contain exactly one SOA record.'];
  // The next two texts are ours: the real ones were not seen.
  if (type === 'NS' && name.startsWith('*.')) return [`${rrset} is not permitted as a wildcard.`];
  const messages = values
    .map((value) => valueMessage(type, value))
    .filter((message) => message !== undefined);
  // Documented for weighted and latency record sets; the sentence for these is ours.
  const single =
    ['CNAME', 'SOA'].includes(type) || record.weight !== undefined || record.region !== undefined;
  if (single && values.length > 1) messages.push(`${rrset} cannot have more than one resource record.`);
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) messages.push(`Duplicate Resource Record: '${value}'`);
    seen.add(value);
  }
  return messages;
};

/** What forbids a record set beside those that are there. */
const neighbourMessages = (entries: readonly Entry[], record: ZoneRecord, zoneName: string): string[] => {
  const { name, type, setIdentifier } = record;
  const rrset = `RRSet of type ${type} with DNS name ${shownName(name)}`;
  const others = recordsAt(entries, name).filter((other) => other.type !== type);
  if (type === 'CNAME' && others.length > 0) {
    return [
      `${rrset} is not permitted as it conflicts with other records with the same DNS name in zone ${shownName(zoneName)}`,
    ];
  }
  if (others.some((other) => other.type === 'CNAME')) {
    return [
      `${rrset} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${shownName(zoneName)}`,
    ];
  }
  const policy = routingPolicies(record)[0];
  const siblings = recordsOf(entries, name, type).filter((other) => other.setIdentifier !== setIdentifier);
  const unlike = siblings.map((other) => routingPolicies(other)[0]).filter((other) => other !== policy);
  if (unlike.length === 0) return [];
  // Seen from the real service for a weighted set beside a simple one; the others are built alike.
  const existing = policy === undefined ? unlike[0] : `non-${policy}`;
  return [
    `RRSet with DNS name ${shownName(name)}, type ${type}, SetIdentifier ${setIdentifier ?? null} cannot be created as a ${existing} set exists with the same name and type.`,
  ];
};

/** What forbids the routed record sets of one name and type together, once the batch is through. Both sentences are ours. */
const groupMessages = (entries: readonly Entry[], { name, type }: ZoneRecord): string[] => {
  const group = recordsOf(entries, name, type).filter(({ setIdentifier }) => setIdentifier !== undefined);
  const told = `RRSets with DNS name ${shownName(name)}, type ${type}`;
  const ttls = group.flatMap(({ weight, ttlSeconds }) => (weight === undefined ? [] : (ttlSeconds ?? [])));
  return [
    ...(group.length > ROUTED_SETS_MAX ? [`${told} cannot be more than ${ROUTED_SETS_MAX}.`] : []),
    ...(new Set(ttls).size > 1 ? [`${told} are weighted and must have the same TTL.`] : []),
  ];
};

/** Applies one change to the working copy, or says what forbids it and leaves the copy alone. */
const step = (
  entries: Entry[],
  { action, record }: ZoneChange,
  written: Set<ZoneRecord>,
  zoneName: string,
): string[] => {
  const current = counterpart(entries, record);
  if (current !== undefined && written.has(current)) {
    return [
      `The request contains an invalid set of changes for a resource record set '${record.type} ${shownName(record.name)}'`,
    ];
  }
  if (action === 'DELETE') {
    if (current === undefined) return [`Tried to delete ${shownRecord(record)} but it was not found`];
    if (fingerprint(current) !== fingerprint(record)) {
      return [
        `Tried to delete ${shownRecord(record)} but the values provided do not match the current values`,
      ];
    }
    removeRecord(entries, record);
    return [];
  }
  if (action === 'CREATE' && current !== undefined) {
    return [`Tried to create ${shownRecord(record)} but it already exists`];
  }
  const messages = neighbourMessages(entries, record, zoneName);
  if (messages.length === 0) {
    putRecord(entries, record);
    written.add(record);
  }
  return messages;
};

/** The records after the batch, or every reason why Route 53 refuses it whole (`InvalidChangeBatch`). */
export const applyChanges = (
  zone: { id: string; name: string; entries: readonly Entry[] },
  changes: readonly ZoneChange[],
): { entries: Entry[] } | { messages: string[] } => {
  const early = [...sizeMessages(changes), ...changes.flatMap((change) => recordMessages(change, zone.name))];
  if (early.length > 0) return { messages: early };
  const entries = [...zone.entries];
  const written = new Set<ZoneRecord>();
  // Changes are validated one after the other against the working copy, so DELETE and CREATE of one record set pass.
  const messages = changes.flatMap((change) => step(entries, change, written, zone.name));
  const routed = changes.filter(({ record }) => record.setIdentifier !== undefined);
  const groups = new Map(routed.map(({ record }) => [`${record.name} ${record.type}`, record]));
  messages.push(...[...groups.values()].flatMap((record) => groupMessages(entries, record)));
  if (recordsOf(entries, zone.name, 'NS').length === 0) {
    messages.push('A HostedZone must contain at least one NS record for the zone itself.');
  }
  if (recordsOf(entries, zone.name, 'SOA').length === 0) {
    messages.push('A HostedZone must contain exactly one SOA record.');
  }
  if (entries.length > ZONE_RECORDS_MAX)
    messages.push(`Exceeded limit MAX_RRSETS_BY_ZONE for zone: ${zone.id}`);
  return messages.length === 0 ? { entries } : { messages };
};
