import { normaliseName, type RecordSet } from '../lambda/core/zone/records.ts';

export type Alias = { zoneId: string; name: string; evaluateTargetHealth: boolean };

/**
 * A resource record set as a hosted zone holds it: a simple one (`ttlSeconds` and `values`), an alias, or one of several
 * under one name and type (`setIdentifier` and one routing field). `name` is normalised; values are verbatim.
 */
export type ZoneRecord = {
  name: string;
  type: string;
  ttlSeconds?: number;
  values: string[];
  setIdentifier?: string;
  weight?: number;
  region?: string;
  geoLocation?: Record<string, string>;
  failover?: string;
  multiValueAnswer?: boolean;
  cidrRoutingConfig?: Record<string, string>;
  alias?: Alias;
  healthCheckId?: string;
  trafficPolicyInstanceId?: string;
};

const ROUTING_FIELDS = {
  weight: 'weighted',
  region: 'latency',
  geoLocation: 'geolocation',
  failover: 'failover',
  multiValueAnswer: 'multivalue',
  cidrRoutingConfig: 'cidr',
} as const;

/** The routing policies whose fields the record carries; a valid record has one with a set identifier, else none. */
export const routingPolicies = (record: ZoneRecord): string[] =>
  Object.entries(ROUTING_FIELDS).flatMap(([field, policy]) =>
    record[field as keyof typeof ROUTING_FIELDS] === undefined ? [] : [policy],
  );

/** The record in the controller's terms, as `lambda/edge/route53.ts` reads it from a listing. */
export const toRecordSet = (record: ZoneRecord): RecordSet => {
  const routing =
    routingPolicies(record)[0] ??
    (record.trafficPolicyInstanceId && 'traffic-policy') ??
    (record.healthCheckId && 'health-check');
  return {
    name: record.name,
    type: record.type,
    ...(record.ttlSeconds === undefined ? {} : { ttlSeconds: record.ttlSeconds }),
    values: record.values,
    ...(record.alias === undefined
      ? {}
      : { alias: { ...record.alias, name: normaliseName(record.alias.name) } }),
    ...(routing === undefined ? {} : { routing }),
  };
};

/** All that a DELETE must repeat for it to match, as one string. The order of the values does not count. */
export const fingerprint = (record: ZoneRecord): string =>
  JSON.stringify([
    record.ttlSeconds,
    [...record.values].sort(),
    record.weight,
    record.region,
    record.failover,
    record.multiValueAnswer,
    Object.entries(record.geoLocation ?? {}).sort(),
    Object.entries(record.cidrRoutingConfig ?? {}).sort(),
    record.alias && [
      record.alias.zoneId,
      normaliseName(record.alias.name),
      record.alias.evaluateTargetHealth,
    ],
    record.healthCheckId,
    record.trafficPolicyInstanceId,
  ]);

/** A record with its place in Route 53's order. Kept sorted by `key`. */
export type Entry = { key: string; record: ZoneRecord };

/**
 * Route 53 lists names in the ASCII order of their labels reversed, with a trailing dot: `com.example.www.`. In this
 * order the records of a name are neighbours, followed by those of all names below it.
 */
const nameKey = (name: string): string => `${name.split('.').reverse().join('.')}.`;

/** The separator sorts before every character of a name, so a name's own records come before those below it. */
export const recordKey = (name: string, type = '', setIdentifier = ''): string =>
  `${nameKey(name)}\0${type}\0${setIdentifier}`;

/** Index of the first entry at or after `key`. */
export const lowerBound = (entries: readonly Entry[], key: string): number => {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
};

const startingWith = (entries: readonly Entry[], prefix: string): ZoneRecord[] => {
  const found: ZoneRecord[] = [];
  for (let index = lowerBound(entries, prefix); entries[index]?.key.startsWith(prefix); index += 1) {
    found.push(entries[index]!.record);
  }
  return found;
};

/** All records of one name, by type. */
export const recordsAt = (entries: readonly Entry[], name: string): ZoneRecord[] =>
  startingWith(entries, `${nameKey(name)}\0`);

/** All records of one name and type: more than one only if they have set identifiers. */
export const recordsOf = (entries: readonly Entry[], name: string, type: string): ZoneRecord[] =>
  startingWith(entries, `${nameKey(name)}\0${type}\0`);

/** Whether the name has records, or a name below it has (an empty non-terminal). */
export const nameExists = (entries: readonly Entry[], name: string): boolean => {
  const key = nameKey(name);
  return entries[lowerBound(entries, key)]?.key.startsWith(key) ?? false;
};

const keyOf = (record: ZoneRecord): string => recordKey(record.name, record.type, record.setIdentifier);

/** The record of the same name, type and set identifier. */
export const counterpart = (entries: readonly Entry[], record: ZoneRecord): ZoneRecord | undefined => {
  const key = keyOf(record);
  const entry = entries[lowerBound(entries, key)];
  return entry?.key === key ? entry.record : undefined;
};

/** Puts the record in its place in `entries`, instead of its counterpart. */
export const putRecord = (entries: Entry[], record: ZoneRecord): void => {
  const key = keyOf(record);
  const index = lowerBound(entries, key);
  entries.splice(index, entries[index]?.key === key ? 1 : 0, { key, record });
};

export const removeRecord = (entries: Entry[], record: ZoneRecord): void => {
  const key = keyOf(record);
  const index = lowerBound(entries, key);
  if (entries[index]?.key === key) entries.splice(index, 1);
};
