import assert from 'node:assert/strict';
import { changeZone, createZone, listRecords, type Refusal, type Zone } from '../../../local/zone.ts';
import type { ZoneRecord } from '../../../local/zone-records.ts';
import type { ZoneChange } from '../../../local/zone-rules.ts';

/**
 * A record as `LABEL TYPE TTL VALUE | VALUE {"more":"fields"}`. The label is below example.com, `@` is the apex, and a
 * label with a trailing dot is a whole name. TTL and values may be missing.
 */
export const record = (text: string): ZoneRecord => {
  const [, label, type, ttl, values, more] =
    /^(\S+) (\S+)(?: (-?\d+))?(?: ([^{]+?))?(?: (\{.*\}))?$/.exec(text) ?? assert.fail(`cannot read ${text}`);
  const name =
    label === '@' ? 'example.com' : label!.endsWith('.') ? label!.slice(0, -1) : `${label}.example.com`;
  return {
    name,
    type: type!,
    ...(ttl === undefined ? {} : { ttlSeconds: Number(ttl) }),
    values: values?.split(' | ') ?? [],
    ...JSON.parse(more ?? '{}'),
  };
};

/** A change as its action and its record. */
export const change = (text: string): ZoneChange => {
  const space = text.indexOf(' ');
  return { action: text.slice(0, space), record: record(text.slice(space + 1)) };
};

type Options = Partial<Parameters<typeof changeZone>[2]>;

const attempt = (zone: Zone, steps: string[], options: Options) =>
  changeZone(zone, { changes: steps.map(change) }, { now: 0, insyncAfterMs: 1000, ...options });

/** The zone after a batch that must pass, and the id of the change. */
export const changed = (zone: Zone, steps: string[], options: Options = {}): Zone & { changeId: string } => {
  const result = attempt(zone, steps, options);
  if ('refusal' in result) assert.fail(result.refusal.messages.join('\n'));
  return { ...result.zone, changeId: result.change.id };
};

/** Why a batch is refused, which must leave the zone as it was. */
export const refused = (zone: Zone, steps: string[], options: Options = {}): Refusal => {
  const before = JSON.stringify(zone.entries);
  const result = attempt(zone, steps, options);
  assert.ok('refusal' in result, `expected a refusal of ${steps.join(', ')}`);
  assert.equal(JSON.stringify(zone.entries), before, 'a refused batch changes nothing');
  return result.refusal;
};

/** Everything listed, as `NAME TYPE IDENTIFIER`. */
export const listed = (zone: Zone): string[] => listRecords(zone, 300).records.map(shown);

export const shown = ({ name, type, setIdentifier }: ZoneRecord): string =>
  [name, type, setIdentifier].filter(Boolean).join(' ');

export const ALIAS = 'alias A {"alias":{"zoneId":"Z2","name":"elb.example.net","evaluateTargetHealth":true}}';

/** The apex, an address pair, a CNAME, a TXT, a weighted pair and an alias. */
export const ZONE: Zone = changed(createZone('example.com'), [
  'CREATE www A 60 192.0.2.1 | 192.0.2.2',
  'CREATE www AAAA 60 2001:db8::1',
  'CREATE blog CNAME 300 www.example.com',
  'CREATE txt TXT 60 "a b"',
  'CREATE w A 60 192.0.2.1 {"setIdentifier":"blue","weight":10}',
  'CREATE w A 60 192.0.2.1 {"setIdentifier":"green","weight":0}',
  `CREATE ${ALIAS}`,
]);
