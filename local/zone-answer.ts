import { normaliseName } from '../lambda/core/zone/records.ts';
import type { Zone } from './zone.ts';
import { type Entry, nameExists, recordsAt, recordsOf, type ZoneRecord } from './zone-records.ts';

/** One resource record of a DNS answer; `value` is in the presentation form of a record set's value. */
export type AnswerRecord = { name: string; type: string; ttlSeconds: number; value: string };

/** An answer of an authoritative name server. `aa` is absent from referrals. */
export type Answer = {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  aa: boolean;
  answers: AnswerRecord[];
  authority: AnswerRecord[];
};

/** A CNAME chain inside one zone is followed this far; a loop ends here too. */
const CHAIN_MAX = 16;

/** The zone with the longest name that `name` (normalised) lies in. */
export const zoneOf = (zones: Iterable<Zone>, name: string): Zone | undefined => {
  let best: Zone | undefined;
  for (const zone of zones) {
    const inside = name === zone.name || name.endsWith(`.${zone.name}`);
    if (inside && zone.name.length > (best?.name.length ?? -1)) best = zone;
  }
  return best;
};

/** The names from just below the apex down to `name` itself. */
const pathTo = (name: string, apex: string): string[] => {
  if (name === apex) return [];
  const labels = name.slice(0, -(apex.length + 1)).split('.');
  return labels.map((_, index) => `${labels.slice(labels.length - 1 - index).join('.')}.${apex}`);
};

/**
 * Which of several routed records answers. Real Route 53 asks health checks, latencies and dice; here it is the failover
 * primary, else the heaviest, else the first by set identifier, so that answers can be foreseen.
 */
const chosen = (records: ZoneRecord[]): ZoneRecord[] => {
  if (records.length < 2 || records.every((record) => record.multiValueAnswer)) return records;
  const primary = records.find((record) => record.failover === 'PRIMARY');
  const heaviest = [...records].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))[0]!;
  return [primary ?? heaviest];
};

/** Records as answers under `owner`. An alias to a name of this zone answers with that name's values, others with nothing. */
const answersOf = (
  entries: readonly Entry[],
  records: ZoneRecord[],
  owner: string,
  depth = 0,
): AnswerRecord[] =>
  chosen(records).flatMap((record) => {
    const { alias, type } = record;
    if (alias !== undefined) {
      const targets = depth < CHAIN_MAX ? recordsOf(entries, normaliseName(alias.name), type) : [];
      return answersOf(entries, targets, owner, depth + 1);
    }
    const ttlSeconds = record.ttlSeconds ?? 0;
    return record.values.map((value) => ({ name: owner, type, ttlSeconds, value }));
  });

/** The SOA of a negative answer: cached for the smaller of its TTL and its last number (RFC 2308). */
const negativeSoa = (entries: readonly Entry[], apex: string): AnswerRecord[] =>
  answersOf(entries, recordsOf(entries, apex, 'SOA'), apex).map((soa) => ({
    ...soa,
    ttlSeconds: Math.min(soa.ttlSeconds, Number(soa.value.split(/\s+/).at(-1))),
  }));

/** The records that answer for `name`: its own, or those of the wildcard below its closest encloser; undefined: NXDOMAIN. */
const recordsFor = (
  entries: readonly Entry[],
  name: string,
  path: string[],
  apex: string,
): ZoneRecord[] | undefined => {
  if (nameExists(entries, name)) return recordsAt(entries, name);
  const encloser = path.findLast((ancestor) => nameExists(entries, ancestor)) ?? apex;
  const wildcard = recordsAt(entries, `*.${encloser}`);
  return wildcard.length > 0 ? wildcard : undefined;
};

/**
 * What the zone's name servers answer to one question: the published state, with CNAMEs inside the zone followed,
 * wildcards, NODATA apart from NXDOMAIN (empty non-terminals exist), and referrals below a delegation. Glue is left out.
 * `name` is normalised and lies in the zone; `type` is a mnemonic such as `AAAA`. ANY gets the minimal HINFO of RFC 8482.
 */
export const answer = (zone: Zone, name: string, type: string): Answer => {
  const { published: entries, name: apex } = zone;
  const answers: AnswerRecord[] = [];
  let owner = name;
  for (let depth = 0; depth < CHAIN_MAX; depth += 1) {
    if (owner !== apex && !owner.endsWith(`.${apex}`))
      return { rcode: 'NOERROR', aa: true, answers, authority: [] };
    const path = pathTo(owner, apex);
    const cut = path.find((ancestor) => recordsOf(entries, ancestor, 'NS').length > 0);
    if (cut !== undefined) {
      const authority = answersOf(entries, recordsOf(entries, cut, 'NS'), cut);
      return { rcode: 'NOERROR', aa: answers.length > 0, answers, authority };
    }
    const records = recordsFor(entries, owner, path, apex);
    const negative = () => negativeSoa(entries, apex);
    if (records === undefined) return { rcode: 'NXDOMAIN', aa: true, answers, authority: negative() };
    if (type === 'ANY') {
      const hinfo = { name: owner, type: 'HINFO', ttlSeconds: 3600, value: '"RFC8482" ""' };
      return { rcode: 'NOERROR', aa: true, answers: [hinfo], authority: [] };
    }
    const alias = records.filter((record) => record.type === 'CNAME');
    const asked = alias.length > 0 ? alias : records.filter((record) => record.type === type);
    const found = answersOf(entries, asked, owner);
    answers.push(...found);
    if (found.length === 0) return { rcode: 'NOERROR', aa: true, answers, authority: negative() };
    if (alias.length === 0 || type === 'CNAME') return { rcode: 'NOERROR', aa: true, answers, authority: [] };
    owner = normaliseName(found[0]!.value);
  }
  return { rcode: 'SERVFAIL', aa: false, answers: [], authority: [] };
};
