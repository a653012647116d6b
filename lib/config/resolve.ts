import { canonicalAddress } from '../../lambda/core/base/address.ts';
import type { Dual, Readdress, Server, Zone } from '../../lambda/core/site/site.ts';
import { resolveAlerts } from './alerts.ts';
import { aliasTarget } from './alias.ts';
import type { ConfigDraft, Draft, SiteDraft } from './draft.ts';
import type {
  DualInput,
  ReaddressInput,
  ServerInput,
  SharedInput,
  SiteInput,
  SwitchoverConfig,
} from './input.ts';
import { canonicalName, zoneOf } from './names.ts';
import { resolveProbe } from './resolve-probe.ts';

const DEFAULT_INTERVAL_SECONDS = 10;
const DEFAULT_JOIN_AFTER_SECONDS = 300;
/** Such a controller is small and has time to spare: docs/performance.md. */
const DEFAULT_SITES_PER_CONTROLLER = 1000;
/** All sites of a deployment move within four intervals; a mistake of ours shows before it has reached the second quarter. */
const DEFAULT_MOVE_SHARE = 0.25;
/** Half of the usual TTL, as gdnsd has it too. */
const DEFAULT_TTL_WHILE_FAILED_OVER_SECONDS = 30;

/**
 * Between two looks at what is in doubt. Two seconds leave a server and a network time to come back; where the looks that it takes would
 * span more than `downForSeconds` asks for, each of them is waited for, and then there is one each second.
 */
const CONFIRM_EVERY_SECONDS = 2;
const CONFIRM_EVERY_SECONDS_IN_HASTE = 1;

/** For fields that neither the site nor `defaults` sets. */
const SITE_DEFAULTS = {
  ttlSeconds: 60,
  ttlFloorSeconds: 10,
  lever: 'record',
  failuresToDown: 3,
  successesToUp: 3,
  downForSeconds: 10,
  failback: 'manual',
} as const;

/** Fills in defaults, writes names and addresses in their one spelling, and finds each site's zone. */
export const resolve = (given: Draft<SwitchoverConfig>): ConfigDraft => {
  const zones = given.zones?.map((zone) => zone && resolveZone(zone)) ?? null;
  const zoneNames = new Set(zones?.flatMap((zone) => zone?.name ?? []));
  const defaults = orElse(given.defaults, {});
  // Nothing can be said of any site while what all of them share is unreadable.
  const sites = defaults === null ? [] : (given.sites ?? []);
  return {
    deployment: given.deployment,
    local: orElse(given.local, false),
    homeRegion: given.homeRegion,
    vantages: given.vantages,
    zones,
    alerts: resolveAlerts(given.alerts),
    weeklyTest: orElse(given.weeklyTest, true),
    references: orElse(given.references, []),
    resolvers: orElse(given.resolvers, []),
    intervalSeconds: orElse(given.intervalSeconds, DEFAULT_INTERVAL_SECONDS),
    sitesPerController: orElse(given.sitesPerController, DEFAULT_SITES_PER_CONTROLLER),
    maxMoveShare: orElse(given.maxMoveShare, DEFAULT_MOVE_SHARE),
    dashboard: orElse(given.dashboard, true),
    sites: sites.flatMap((site, index) =>
      site === null ? [] : siteDraft(`sites[${index}]`, site, defaults ?? {}, zoneNames, given.homeRegion),
    ),
  };
};

const orElse = <T>(value: T, fallback: Exclude<T, undefined>): Exclude<T, undefined> =>
  value === undefined ? fallback : (value as Exclude<T, undefined>);

/** Without the keys whose value is `undefined`, so that they do not hide what is spread before. */
const defined = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;

const resolveZone = (zone: Draft<Zone>): Draft<Zone> =>
  defined({ name: zone.name && canonicalName(zone.name), id: zone.id, account: zone.account });

const siteDraft = (
  path: string,
  own: Draft<SiteInput>,
  defaults: Draft<SharedInput>,
  zoneNames: ReadonlySet<string>,
  homeRegion: string | null,
): SiteDraft => {
  const shared = { ...SITE_DEFAULTS, ...defined(defaults), ...defined(own) };
  const { probe, idle, lacksUrl } = resolveProbe(own.probe, defaults.probe);
  const extraNames = own.extraNames === undefined ? [] : (own.extraNames ?? [null]);
  const primaryNames = own.dual ? [own.dual.primaryName] : [];
  const names = [own.name, ...extraNames, ...primaryNames].map((name) => name && canonicalName(name));
  const name = names[0] ?? null;
  const url = probe?.url ?? null;
  const missing: SiteDraft['missing'] = [];
  if (shared.servers === undefined) missing.push('servers');
  if (lacksUrl) missing.push('probe.url');
  const at = (field: string) =>
    `${!holds(own, field) && holds(defaults, field) ? 'defaults' : path}.${field}`;
  return {
    path,
    at,
    hostAt: at(shared.host === undefined ? 'probe.url' : 'host'),
    missing,
    idle,
    site: defined({
      name,
      names,
      zone: (name && zoneOf(name, zoneNames)) ?? null,
      host:
        shared.host === undefined ? url && new URL(url).hostname : shared.host && canonicalName(shared.host),
      tags: shared.tags === undefined ? [] : shared.tags,
      ttlSeconds: shared.ttlSeconds,
      ...ttlsOf(shared),
      lever: shared.lever,
      dual: own.dual && resolveDual(own.dual),
      readdress: shared.readdress && resolveReaddress(shared.readdress, homeRegion),
      servers:
        shared.servers?.map(
          (server) =>
            server &&
            resolveServer(server, shared.lever === 'readdress' ? shared.readdress?.address : undefined),
        ) ?? null,
      probe,
      failuresToDown: shared.failuresToDown,
      successesToUp: shared.successesToUp,
      downForSeconds: shared.downForSeconds,
      confirmEverySeconds: orElse(shared.confirmEverySeconds, confirmEverySecondsOf(shared)),
      failback: shared.failback,
      lastResort: shared.lastResort,
      metrics: shared.metrics,
    }),
  };
};

/** Defaults that never exceed what the site itself says. */
const ttlsOf = (shared: Draft<SharedInput>) => {
  const ttl = shared.ttlSeconds ?? 0;
  const floor = shared.ttlFloorSeconds ?? 0;
  const {
    ttlWhileFailedOverSeconds = Math.min(ttl, Math.max(floor, DEFAULT_TTL_WHILE_FAILED_OVER_SECONDS)),
  } = shared;
  return { ttlWhileFailedOverSeconds, ttlFloorSeconds: shared.ttlFloorSeconds };
};

/** The looks up to the verdict span this many pauses between them. Without sound numbers the rules refuse those. */
const confirmEverySecondsOf = ({ failuresToDown, downForSeconds }: Draft<SharedInput>): number =>
  ((failuresToDown ?? 1) - 1) * CONFIRM_EVERY_SECONDS > (downForSeconds ?? 0)
    ? CONFIRM_EVERY_SECONDS_IN_HASTE
    : CONFIRM_EVERY_SECONDS;

const holds = (fields: object, field: string): boolean => {
  const value = field
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key], fields);
  return value !== undefined;
};

/** What the operator says of the zone counts; without it and unknown to us, the rules refuse the null. */
const resolveAlias = (name: string, given: string | null | undefined): Draft<Server['alias']> => {
  const known = aliasTarget(name);
  return { name, zoneId: given ?? known?.zoneId ?? null, ipv6: known?.ipv6 ?? true };
};

/** A zone without an alias is one without a name, which the rules refuse. */
const aliasless = ({ alias, aliasZoneId }: Draft<ServerInput>): Draft<Server['alias']> | null | undefined => {
  if (alias === undefined && aliasZoneId !== undefined) return { name: '', zoneId: aliasZoneId, ipv6: true };
  return alias === undefined ? undefined : null;
};

const resolveDual = (dual: Draft<DualInput>): Draft<Dual> => ({
  primaryName: dual.primaryName && canonicalName(dual.primaryName),
  primaryHost:
    dual.primaryHost === undefined
      ? dual.primaryName && canonicalName(dual.primaryName)
      : dual.primaryHost && canonicalName(dual.primaryHost),
  probeHeader: dual.probeHeader?.toLowerCase() ?? null,
  joinAfterSeconds: orElse(dual.joinAfterSeconds, DEFAULT_JOIN_AFTER_SECONDS),
});

const resolveReaddress = (given: Draft<ReaddressInput>, homeRegion: string | null): Draft<Readdress> =>
  defined({
    address: given.address,
    allocationId: given.allocationId,
    region: given.allocationId === undefined ? given.region : orElse(given.region, homeRegion),
  });

/** `moving`: the address that moves from server to server, which is what each of them serves at. */
const resolveServer = (server: Draft<ServerInput>, moving: string | null | undefined): Draft<Server> =>
  defined({
    name: server.name,
    ipv4: server.ipv4 === undefined ? (moving === undefined ? [] : [moving]) : server.ipv4,
    ipv6:
      server.ipv6 === undefined
        ? []
        : (server.ipv6?.map((address) => address && canonicalAddress(address)) ?? null),
    hostname: server.hostname && canonicalName(server.hostname),
    alias: server.alias ? resolveAlias(canonicalName(server.alias), server.aliasZoneId) : aliasless(server),
    probeAddress: server.probeAddress && canonicalName(canonicalAddress(server.probeAddress)),
    holder: server.holder,
  });
