import type { TargetHealth } from '../site/health.ts';
import { homeServer, type Server, type Site } from '../site/site.ts';
import { membersDue, membersListed } from './members.ts';
import { othersOf } from './obstacle.ts';
import { type Change, contentOf, type RecordSet, SITE_RECORD_TYPES } from './records.ts';
import { formatRole, parseRole, ROLE_TTL_SECONDS, type Role, roleRecordName, setOf } from './role-record.ts';

/** What we last left in the zone for a site, as the zone listed it. */
export type Written = { epoch: number; role: string; records: RecordSet[] };

/**
 * How a site stands in the zone, judged from the zone's listing and what we remember of our own writes. `others` are the records that no
 * switch moves and that one may fail for (`obstacleTo`); absent when there are none.
 */
export type ZoneView = Judged & { others?: RecordSet[] };

type Judged =
  | { kind: 'nothing' }
  /** One server's addresses at every name, no role record, and nothing of ours remembered. */
  | { kind: 'adoptable'; serving: string; records: RecordSet[] }
  /** Records and role record exactly as we left them. */
  | { kind: 'ours'; role: Role; roleRecord: RecordSet; records: RecordSet[] }
  /**
   * Anything else: never overwritten. `serving` is set when every name holds exactly one server's addresses; `owner` when the role
   * record is that of another deployment.
   */
  | {
      kind: 'edited';
      detail: string;
      serving?: string;
      owner?: string;
      records: RecordSet[];
      roleRecord?: RecordSet;
    };

/** The records at the site's names that a switch moves: addresses and CNAMEs, whatever their routing. */
const recordsOf = (names: string[], listing: RecordSet[]): RecordSet[] =>
  listing.filter((r) => names.includes(r.name) && (SITE_RECORD_TYPES as readonly string[]).includes(r.type));

/**
 * The longest TTL of the name that means the serving server alone. Who was sent on to it has no other address to try, and
 * only they ask for it, so a short one costs little.
 */
const ALONE_TTL_SECONDS = 10;

/** An alias record for each family. Its health is for us to judge, so Route 53 does not evaluate it as well. */
const aliasRecords = (name: string, { name: target, zoneId, ipv6 }: NonNullable<Server['alias']>) =>
  (ipv6 ? ['A', 'AAAA'] : ['A']).map(
    (type): RecordSet => ({
      name,
      type,
      values: [],
      alias: { name: target, zoneId, evaluateTargetHealth: false },
    }),
  );

/** The TTL of the records while `server` serves: a lower one while that is not the preferred server, so that the way back is short. */
const ttlOf = (site: Site, server: Server): number => {
  const { ttlSeconds, ttlWhileFailedOverSeconds = ttlSeconds } = site;
  return server.name === homeServer(site) ? ttlSeconds : ttlWhileFailedOverSeconds;
};

/**
 * The records that `server` serves with: one set a name and family, a CNAME, or aliases. The addresses of its `members`
 * stand at every name but the one that always means the serving server alone.
 */
export const desiredRecords = (
  site: Site,
  server: Server,
  members: Server[] = [],
  usualTtlSeconds: number = ttlOf(site, server),
): RecordSet[] =>
  site.names.flatMap((name) => {
    const isAlone = name === site.dual?.primaryName;
    const ttlSeconds = isAlone ? Math.min(usualTtlSeconds, ALONE_TTL_SECONDS) : usualTtlSeconds;
    const make = (type: string, values: string[]): RecordSet[] =>
      values.length === 0 ? [] : [{ name, type, ttlSeconds, values }];
    if (server.alias !== undefined) return aliasRecords(name, server.alias);
    if (server.hostname !== undefined) return make('CNAME', [server.hostname]);
    const all = isAlone ? [server] : [server, ...members];
    return [
      ...make(
        'A',
        all.flatMap((s) => s.ipv4),
      ),
      ...make(
        'AAAA',
        all.flatMap((s) => s.ipv6),
      ),
    ];
  });

/** What the records of now depend on apart from the listing. `ttlSeconds`: that of a planned switch under way. */
export type Due = { targets: Record<string, TargetHealth>; nowMs: number; ttlSeconds?: number | undefined };

/** The records that `server` shall serve with now, its members included, when the zone lists `listed`. */
export const dueRecords = (site: Site, server: Server, listed: RecordSet[], due: Due): RecordSet[] =>
  desiredRecords(site, server, membersDue(site, server.name, listed, due), due.ttlSeconds);

/** The records with which `server` would serve along with the members that the zone lists. */
export const keptRecords = (
  site: Site,
  server: Server,
  listed: RecordSet[],
  ttlSeconds?: number,
): RecordSet[] => desiredRecords(site, server, membersListed(site, server.name, listed), ttlSeconds);

const shape = (records: RecordSet[], withTtl: boolean) =>
  records
    .map((r) => `${r.name} ${r.type} ${r.routing ?? ''} ${withTtl ? r.ttlSeconds : ''} ${contentOf(r)}`)
    .sort()
    .join('\n');

/** Whether two sets of records are the same for visitors, TTL included; order of values and the dot of a CNAME do not count. */
export const sameRecords = (a: RecordSet[], b: RecordSet[]): boolean => shape(a, true) === shape(b, true);

/** The server that `records` make serve. What was there before the lever was `dual` has no name of the primary alone. */
const serverAt = (site: Site, records: RecordSet[]): string | undefined => {
  const plain = { ...site, names: site.names.filter((name) => name !== site.dual?.primaryName) };
  const found = shape(records, false);
  return site.servers.find(
    (server) =>
      found === shape(keptRecords(site, server, records), false) ||
      found === shape(desiredRecords(plain, server), false),
  )?.name;
};

const told = (records: RecordSet[]): string =>
  records
    .map(
      (r) => `${r.name} ${r.type} ${r.routing ?? (r.alias ? `alias ${r.alias.name}` : r.values.join(','))}`,
    )
    .join('; ') || 'no records';

/**
 * Of a listing by name, what concerns `site`: all that `standingOf` looks at. A zone of a thousand sites is gone through once then, and
 * not once for each of them.
 */
export const recordsFor = (
  site: Site,
  byName: ReadonlyMap<string, RecordSet[]>,
  written: readonly (Written | undefined)[],
): RecordSet[] => {
  const left = written.flatMap((each) => each?.records ?? []).map(({ name }) => name);
  const names = new Set([...site.names, roleRecordName(site.name), ...left]);
  return [...names].flatMap((name) => byName.get(name) ?? []);
};

/** Two deployments that both hold a site would take it from each other for ever, each with a reason. */
const isForeign = ({ deployment }: Site, { by }: Role): boolean =>
  deployment !== undefined && by !== undefined && by !== deployment;

/** How `site` stands in a zone that lists `listing`, when `written` is what we remember to have left there. */
export const zoneViewOf = (site: Site, listing: RecordSet[], written: Written | undefined): ZoneView => {
  const others = othersOf(site, listing);
  return { ...judge(site, listing, written), ...(others.length > 0 && { others }) };
};

const judge = (site: Site, listing: RecordSet[], written: Written | undefined): Judged => {
  // A name that was configured when we last wrote is still part of what we left.
  const names = [...new Set([...site.names, ...(written?.records ?? []).map((r) => r.name)])];
  let records = recordsOf(names, listing);
  const roleRecord = listing.find((r) => r.name === roleRecordName(site.name) && r.type === 'TXT');
  const serving = serverAt(site, recordsOf(site.names, listing));
  const edited = (detail: string): Judged & { kind: 'edited' } => ({
    kind: 'edited',
    detail,
    records,
    ...(serving === undefined ? {} : { serving }),
    ...(roleRecord === undefined ? {} : { roleRecord }),
  });
  if (roleRecord === undefined) {
    if (written !== undefined) return edited(`the role record is gone; the zone holds ${told(records)}`);
    if (records.length === 0) return { kind: 'nothing' };
    if (serving === undefined)
      return edited(`the zone holds ${told(records)}, which is no configured server`);
    return { kind: 'adoptable', serving, records };
  }
  const role = roleRecord.values.length === 1 ? parseRole(roleRecord.values[0] ?? '') : undefined;
  if (role === undefined || roleRecord.routing !== undefined) {
    return edited(`the role record reads ${roleRecord.values.join(' ') || roleRecord.routing}`);
  }
  if (isForeign(site, role)) {
    const detail = `the role record is that of the deployment ${role.by}, which holds this site as well`;
    return { ...edited(detail), owner: role.by ?? '' };
  }
  // A write that was applied since then covers the names that are configured now.
  const configured = recordsOf(site.names, listing);
  if (setOf(role, configured) === role.set) records = configured;
  if (roleRecord.ttlSeconds !== ROLE_TTL_SECONDS) {
    return edited(`the role record's TTL was changed to ${roleRecord.ttlSeconds}`);
  }
  if (setOf(role, records) !== role.set) {
    return edited(
      `the zone holds ${told(records)}, and that is not what was published for epoch ${role.epoch}`,
    );
  }
  if (written !== undefined && role.epoch < written.epoch) {
    return edited(`the role record went back from epoch ${written.epoch} to ${role.epoch}`);
  }
  if (written !== undefined && role.epoch === written.epoch && roleRecord.values[0] !== written.role) {
    return edited(`the role record was changed to ${roleRecord.values[0]}`);
  }
  return { kind: 'ours', role, roleRecord, records };
};

/** The role record that stands with edited records, if it can be read. Another deployment's says nothing of what we did. */
export const listedRole = (view: ZoneView | undefined): Role | undefined =>
  view?.kind === 'edited' && view.owner === undefined
    ? parseRole(view.roleRecord?.values[0] ?? '')
    : undefined;

/**
 * Whether what looks like an edit stands with a role record newer than the last that we remember: whoever wrote that one may have
 * been deployed with names that we know nothing of.
 */
export const mayBeOthers = (view: ZoneView | undefined, written: Written | undefined): boolean =>
  written !== undefined && (listedRole(view)?.epoch ?? 0) > written.epoch;

/** How a site stands if nobody has changed anything since we last wrote; undefined where nothing is remembered of that. */
export const presumed = (
  site: Site,
  written: Written | undefined,
): (ZoneView & { kind: 'ours' }) | undefined => {
  const role = written && parseRole(written.role);
  if (role === undefined) return undefined;
  return { kind: 'ours', role, roleRecord: roleRecordOf(site, role), records: written?.records ?? [] };
};

/** The role record as a record set. */
export const roleRecordOf = (site: Site, role: Role): RecordSet => ({
  name: roleRecordName(site.name),
  type: 'TXT',
  ttlSeconds: ROLE_TTL_SECONDS,
  values: [formatRole(role)],
});

/**
 * The one batch that takes the site from what the zone lists to `records` with `role`: every DELETE names exactly what was
 * last seen, so a record that changed since makes Route 53 refuse the whole. Records of names that are no longer
 * configured are left where they are: the permission to touch them went with the configuration.
 */
export const batchFor = (site: Site, view: ZoneView, records: RecordSet[], role: Role): Change[] => {
  const listed = view.kind === 'nothing' ? [] : view.records.filter((r) => site.names.includes(r.name));
  const roleRecord = view.kind === 'ours' || view.kind === 'edited' ? view.roleRecord : undefined;
  const deletes = [...listed, ...(roleRecord === undefined ? [] : [roleRecord])];
  const creates = [...records, roleRecordOf(site, role)];
  return [
    ...deletes.map((record): Change => ({ action: 'DELETE', record })),
    ...creates.map((record): Change => ({ action: 'CREATE', record })),
  ];
};
