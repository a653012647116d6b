import { roleRecordName } from '../../lambda/contract.ts';
import { canonicalAddress } from '../../lambda/core/base/address.ts';
import { accountRules } from './account-rules.ts';
import type { ConfigDraft, SiteDraft } from './draft.ts';
import { zoneOf } from './names.ts';
import { expected, type Problem } from './problems.ts';
import { referenceRules } from './reference-rules.ts';
import { siteRules } from './site-rules.ts';

/** What is wrong between the fields of the configuration, as far as the schema left them readable. Pure. */
export const rules = (config: ConfigDraft): Problem[] => [
  ...twice(config.vantages, 'vantages', 'each vantage once', 'one region has one vote, so drop this one'),
  ...twice(
    config.resolvers?.map((resolver) => (resolver === null ? null : canonicalAddress(resolver))) ?? null,
    'resolvers',
    'each resolver once, however it is spelled',
    'drop this one',
  ),
  ...zoneRules(config),
  ...oneSiteForEachName(config.sites),
  ...movingNames(config.sites),
  ...namesInZones(config),
  ...referenceRules(config),
  ...config.sites.flatMap((draft) => siteRules(draft, config.intervalSeconds)),
];

/** A problem for each value that an earlier one of the list equals. */
const twice = (values: (string | null)[] | null, path: string, allowed: string, wayOut: string): Problem[] =>
  (values ?? []).flatMap((value, index, all) =>
    value !== null && all.indexOf(value) < index
      ? [
          {
            path: `${path}[${index}]`,
            message: expected(
              allowed,
              value,
              `it is there already as ${path}[${all.indexOf(value)}]; ${wayOut}`,
            ),
          },
        ]
      : [],
  );

const zoneRules = ({ zones, homeRegion }: ConfigDraft): Problem[] => {
  const column = (field: 'name' | 'id', allowed: string): Problem[] =>
    twice(zones?.map((zone) => zone?.[field] ?? null) ?? null, 'zones', allowed, 'drop one of them').map(
      (problem) => ({ ...problem, path: `${problem.path}.${field}` }),
    );
  return [
    ...column('name', 'each zone once'),
    ...column('id', 'each hosted zone id once'),
    ...accountRules(zones, homeRegion),
  ];
};

/** Where the record name number `index` of a site is written; the site's own name comes first. */
const namePath = (path: string, index: number, site: SiteDraft['site']): string => {
  if (index === 0) return `${path}.name`;
  const isPrimaryName = site.dual !== undefined && index === (site.names?.length ?? 0) - 1;
  return isPrimaryName ? `${path}.dual.primaryName` : `${path}.extraNames[${index - 1}]`;
};

/** One batch changes one zone, and all names of a site move in one batch. */
const namesInZones = ({ zones, sites }: ConfigDraft): Problem[] => {
  const zoneNames = new Set(zones?.flatMap((zone) => zone?.name ?? []));
  // With an unreadable zone nobody can tell which one holds a name.
  if (zones === null || zones.length === 0 || !zones.every((zone) => zone?.name)) return [];
  return sites.flatMap(({ site, path }) =>
    (site.names ?? []).flatMap((name, index) => {
      const message = name === null ? undefined : zoneTrouble(name, site, zoneNames);
      return message === undefined ? [] : [{ path: namePath(path, index, site), message }];
    }),
  );
};

const zoneTrouble = (
  name: string,
  site: SiteDraft['site'],
  zoneNames: ReadonlySet<string>,
): string | undefined => {
  const zone = zoneOf(name, zoneNames);
  if (zone === undefined) {
    return expected(
      `a name inside a configured zone (${[...zoneNames].join(', ')})`,
      name,
      'correct the name, or add its zone to `zones`',
    );
  }
  if (site.zone === null || zone === site.zone) return undefined;
  return expected(
    `a name in the zone ${site.zone}, as ${site.name} is`,
    name,
    `it lies in the zone ${zone}, and all names of a site move in one change of one zone, so make it a site of its own`,
  );
};

const oneSiteForEachName = (sites: SiteDraft[]): Problem[] => {
  const owners = new Map<string, string>();
  return sites.flatMap(({ site, path }) =>
    (site.names ?? []).flatMap((name, index) => {
      if (name === null) return [];
      const here = namePath(path, index, site);
      const owner = owners.get(name);
      owners.set(name, owner ?? here);
      if (owner === undefined) return [];
      const role = index === 0 && owner.endsWith('.name') ? `, and so is ${roleRecordName(name)}` : '';
      return [
        {
          path: here,
          message: expected(
            'each record name once',
            name,
            `it is held by ${owner} already${role}; a record can be moved from one place only, so drop one`,
          ),
        },
      ];
    }),
  );
};

/** A probe that goes through a name that moves, or that a visitor's name points to, follows the failover and proves nothing. */
const movingNames = (sites: SiteDraft[]): Problem[] => {
  const moving = new Map<string, string>();
  for (const { site, path } of sites) {
    for (const [index, name] of (site.names ?? []).entries()) {
      if (name !== null && !moving.has(name))
        moving.set(name, `a record that moves (${namePath(path, index, site)})`);
    }
  }
  for (const { site, hostAt } of sites) {
    if (site.host && !moving.has(site.host)) moving.set(site.host, `the host that visitors type (${hostAt})`);
  }
  return sites.flatMap(({ site, at }) =>
    (site.servers ?? []).flatMap((server, index) =>
      (['hostname', 'alias', 'probeAddress'] as const).flatMap((field) => {
        const name = field === 'alias' ? server?.alias?.name : server?.[field];
        const what = name ? moving.get(name) : undefined;
        if (!name || what === undefined) return [];
        const message = expected(
          "the server's own address, which stays the same in a failover",
          name,
          `it is ${what}, so a probe would follow the failover to another server; give an address or a name that always means this server`,
        );
        return [{ path: `${at('servers')}[${index}].${field}`, message }];
      }),
    ),
  );
};
