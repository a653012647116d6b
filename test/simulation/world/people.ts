import type { Site } from '../../../lambda/core/site/site.ts';
import type { Change, RecordSet } from '../../../lambda/core/zone/records.ts';
import { addressRecords, roleNameOf } from '../observer/chronicle.ts';
import type { EditHow } from './troubles.ts';

/** What a person does in the Route 53 console: the batches that come of it, each `afterMs` after the one before. */
export type Edit = { afterMs: number; changes: Change[] }[];

const remove = (records: RecordSet[]): Change[] => records.map((record) => ({ action: 'DELETE', record }));
const create = (records: RecordSet[]): Change[] => records.map((record) => ({ action: 'CREATE', record }));
const swap = (before: RecordSet[], after: RecordSet[]): Change[] => [...remove(before), ...create(after)];
const once = (changes: Change[]): Edit => (changes.length === 0 ? [] : [{ afterMs: 0, changes }]);

const roleRecords = (site: Site, listing: RecordSet[]): RecordSet[] =>
  listing.filter((r) => r.name === roleNameOf(site.name) && r.type === 'TXT');

const simple = (records: RecordSet[]): RecordSet[] => records.filter((r) => r.routing === undefined);

/** A stranger's address: no server of any site has it. */
const STRANGER = '192.0.2.77';

/** The edit of `how` at a site as the zone lists it now; nothing when there is nothing to edit in that way. */
export const editOf = (how: EditHow, site: Site, listing: RecordSet[], choice: number): Edit => {
  const records = simple(addressRecords(site.names, listing));
  const roles = roleRecords(site, listing);
  const withRole = (change: (value: string) => string): Edit =>
    once(
      swap(
        roles,
        roles.map((r) => ({ ...r, values: r.values.map(change) })),
      ),
    );
  const address = (name: string, value: string): RecordSet => ({
    name,
    type: 'A',
    ttlSeconds: 60,
    values: [value],
  });
  switch (how) {
    case 'to-another-server': {
      const server = site.servers[choice % site.servers.length];
      const value = server?.ipv4[0];
      if (value === undefined || (server?.ipv6.length ?? 0) > 0 || (server?.ipv4.length ?? 0) > 1) return [];
      return once(
        swap(
          records,
          site.names.map((name) => address(name, value)),
        ),
      );
    }
    case 'to-a-stranger':
      return once(
        swap(
          records,
          site.names.map((name) => address(name, STRANGER)),
        ),
      );
    case 'one-name-only':
      return once(
        swap(
          records.filter((r) => r.name === site.names.at(-1)),
          [address(site.names.at(-1) ?? '', STRANGER)],
        ),
      );
    case 'remove-records':
      return once(remove(records));
    case 'remove-role':
      return once(remove(roles));
    case 'remove-all':
      return once(remove([...records, ...roles]));
    case 'ttl':
      return once(
        swap(
          records,
          records.map((r) => ({ ...r, ttlSeconds: 86_400 })),
        ),
      );
    case 'add-ipv6':
      return records.some((r) => r.type !== 'A')
        ? []
        : once(create([{ name: site.name, type: 'AAAA', ttlSeconds: 60, values: ['2001:db8::77'] }]));
    case 'role-says-held':
      return withRole((value) => value.replace(/mode=auto/, 'mode=held until=1999999999'));
    case 'role-is-garbage':
      return withRole(() => '"do not touch"');
    case 'role-ttl':
      return once(
        swap(
          roles,
          roles.map((r) => ({ ...r, ttlSeconds: 3600 })),
        ),
      );
    case 'weighted':
      return once(
        records.length === 0 || records.some((r) => r.type === 'CNAME')
          ? []
          : [...remove(records), ...weighted(site.name)],
      );
    case 'in-two-steps': {
      const value = site.servers[choice % site.servers.length]?.ipv4[0] ?? STRANGER;
      return [
        { afterMs: 0, changes: remove(records) },
        { afterMs: 6000, changes: create(site.names.map((name) => address(name, value))) },
      ];
    }
  }
};

/** The zone model knows more fields of a record than the product ever writes. */
const weighted = (name: string): Change[] => {
  const record = { name, type: 'A', ttlSeconds: 60, values: [STRANGER], setIdentifier: 'one', weight: 10 };
  return [{ action: 'CREATE', record }];
};

/** What takes the site back to how it was when a person began to edit it. */
export const undoOf = (site: Site, before: RecordSet[], now: RecordSet[]): Edit => {
  const of = (listing: RecordSet[]) => [
    ...simple(addressRecords(site.names, listing)),
    ...roleRecords(site, listing),
  ];
  return once(swap(of(now), of(before)));
};
