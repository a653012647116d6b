import { canonicalAddress } from '../base/address.ts';
import type { Health, TargetHealth } from '../site/health.ts';
import { type Server, type Site, servedAddresses } from '../site/site.ts';
import { SERVED } from '../zone/moved-address.ts';
import type { RecordSet } from '../zone/records.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import { settled, unseen } from './judge.ts';

/**
 * What is probed for a site. The key is the server's name; the serving server is judged at the addresses that DNS names,
 * and when it is configured differently now, its new addresses are probed along with it under `NAME+next`. An address that moves
 * from server to server is probed too, under `SERVED`.
 */
export type Target = { key: string; server: string; addresses: string[] };

export const nextKey = (server: string): string => `${server}+next`;

/** Where a server is probed: apart from where it serves, if it is configured so. */
export const probedAddresses = (server: Server): string[] =>
  server.probeAddress === undefined ? servedAddresses(server) : [server.probeAddress];

/** Whether a server is probed by IPv6 alone, which probers in Lambda do not have. */
export const isUnseen = (server: Server): boolean => {
  const addresses = probedAddresses(server);
  return addresses.length > 0 && addresses.every((address) => address.includes(':'));
};

/** The addresses that the zone lists for the serving server itself. */
const listedAddresses = (site: Site, view: ZoneView, serving: Server): string[] => {
  if (view.kind === 'nothing') return [];
  const valuesOf = (records: RecordSet[]) => [
    ...new Set(records.flatMap(servedBy).map((value) => value.replace(/\.$/, ''))),
  ];
  const alone = valuesOf(view.records.filter((r) => r.name === site.dual?.primaryName));
  if (alone.length > 0) return alone;
  const all = valuesOf(view.records);
  const others = site.servers
    .filter((s) => s !== serving)
    .flatMap(servedAddresses)
    .map(canonicalAddress);
  const own = all.filter((value) => !others.includes(canonicalAddress(value)));
  return own.length > 0 ? own : all;
};

const servedBy = ({ routing, alias, values }: RecordSet): string[] => {
  if (routing !== undefined) return [];
  return alias === undefined ? values : [alias.name];
};

const addressKey = (addresses: string[]): string => addresses.map(canonicalAddress).sort().join(',');

/** The name of the serving server as the zone has it, when the zone is as we left it or could be adopted. */
export const servingOf = (view: ZoneView): string | undefined => {
  if (view.kind === 'ours') return view.role.serving;
  return view.kind === 'adoptable' || view.kind === 'edited' ? view.serving : undefined;
};

export const targetsOf = (site: Site, view: ZoneView): Target[] => [
  ...serversOf(site, view),
  ...(site.readdress === undefined || view.kind === 'nothing'
    ? []
    : [{ key: SERVED, server: SERVED, addresses: [site.readdress.address] }]),
];

const serversOf = (site: Site, view: ZoneView): Target[] =>
  site.servers.flatMap((server): Target[] => {
    const configured = probedAddresses(server);
    const target = { key: server.name, server: server.name, addresses: configured };
    const listed = listedAddresses(site, view, server);
    const moved =
      view.kind === 'ours' &&
      view.role.serving === server.name &&
      server.probeAddress === undefined &&
      listed.length > 0 &&
      addressKey(listed) !== addressKey(configured);
    if (!moved) return [target];
    return [
      { ...target, addresses: listed },
      { key: nextKey(server.name), server: server.name, addresses: configured },
    ];
  });

/** The health of each target, carried over from `known` where it was judged at the same addresses, else `unknown`. */
export const alignHealths = (
  targets: Target[],
  known: Record<string, TargetHealth>,
  nowMs: number,
): Record<string, TargetHealth> =>
  Object.fromEntries(
    targets.map(({ key, server, addresses }) => {
      const address = addressKey(addresses);
      const same = [known[key], known[nextKey(server)], known[server]].find((h) => h?.address === address);
      return [key, same ?? unseen(address, nowMs)];
    }),
  );

export const healthsOf = (targets: Record<string, TargetHealth>): Record<string, Health> =>
  Object.fromEntries(Object.entries(targets).map(([key, target]) => [key, target.health]));

/** A target that no quorum can see (an IPv6 address without IPv6 here) stays unknown however often it is asked. */
const hurries = (target: TargetHealth): boolean =>
  !settled(target) && (target.streak !== undefined || target.lapsed === undefined);

/** How soon, and from how many vantages, a site is looked at next. */
export type Pace = { full: boolean; everyMs: number };

/**
 * The pace of a site (design.md, Evidence): one vantage an interval while all is well; all vantages an interval while a
 * server is down, or a move waits for this round's passes; all vantages each `confirmEverySeconds` until every server is
 * settled, while serving is down, and until an address has moved. A site of which a quorum sees nothing waits an interval: asking faster shows no more.
 */
export const paceOf = (
  site: Site,
  targets: Record<string, TargetHealth>,
  now: { serving: string | undefined; blind: boolean; moveWaits: boolean; underWay?: boolean },
  intervalSeconds: number,
): Pace => {
  const all = Object.values(targets);
  const intervalMs = intervalSeconds * 1000;
  const confirmMs = site.confirmEverySeconds * 1000;
  if (now.blind) return { full: true, everyMs: intervalMs };
  const servingDown = now.serving !== undefined && targets[now.serving]?.health === 'down';
  if (servingDown || now.underWay || all.some(hurries)) return { full: true, everyMs: confirmMs };
  return { full: now.moveWaits || all.some((t) => t.health !== 'up'), everyMs: intervalMs };
};
