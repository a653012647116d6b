import type { Server, Site } from '../../../lambda/core/site/site.ts';
import { recordsFor } from '../world/plan.ts';
import { addressProblem } from './addresses-settled.ts';
import { standbysOf } from './alone.ts';
import { addressRecords, contentOf, roleIn, servingIn } from './chronicle.ts';
import type { Settling } from './settling.ts';

/** What is not yet as it must be once there is no trouble any more: which server a record names. */
export const settledProblem = (world: Settling): string | undefined => {
  for (const [index, site] of world.config.sites.entries()) {
    const problem = siteProblem(world, site, index) ?? addressProblem(world, site, index);
    if (problem !== undefined) return `${site.name}: ${problem}`;
  }
  return undefined;
};

const siteProblem = (world: Settling, site: Site, index: number): string | undefined => {
  const { plan, cloud, observer, clock } = world;
  const listing = cloud.listing();
  const records = addressRecords(site.names, listing);
  const serving = servingIn(site, listing);
  const role = roleIn(site.name, listing);
  const left = observer.chronicle.sites.get(site.name)?.left;
  const isUp = (name: string) =>
    !plan.downForGood.includes(`${index} ${site.servers.findIndex((s) => s.name === name)}`);
  const candidates = site.servers.map((s) => s.name).filter((name) => name !== site.lastResort && isUp(name));
  if (left === undefined && records.length === 0) {
    return candidates.length === 0 ? undefined : 'there is still no record';
  }
  const isStrangers = site.readdress !== undefined && cloud.addresses.holder(index) === 'stranger';
  // What a person edited and nobody put right is a person's affair.
  if (left === undefined && (serving === 'other' || isStrangers)) return undefined;
  if (left !== undefined && contentOf(site.name, left.names, listing) !== left.content) return undefined;
  if (role === undefined) return 'there is no role record that can be read';
  const isSet = (name: string | undefined) => {
    const server = site.servers.find((s) => s.name === name);
    if (server === undefined) return false;
    const shape = (all: typeof records) =>
      all
        .map((r) => `${r.name} ${r.type} ${r.ttlSeconds} ${[...r.values].sort()}`)
        .sort()
        .join();
    const isNotDown = (one: typeof server) => isUp(one.name);
    const beside = standbysOf(site).filter((one) => one !== server && isNotDown(one));
    return shape(records) === shape(wanted(site, server, beside));
  };
  if (role.mode !== 'auto' && role.untilMs > clock.now()) {
    const isThere = site.readdress === undefined || serving === role.pin;
    return role.mode === 'held' || (isSet(role.pin) && isThere)
      ? undefined
      : `pinned to ${role.pin}, and ${serving} serves`;
  }
  if (role.serving === 'other') return undefined;
  // A server that is no longer configured is left where it is, whatever becomes of it: nobody looks at it any more.
  if (!site.servers.some((s) => s.name === role.serving)) return undefined;
  if (serving === undefined || serving === 'other') return `visitors are sent to ${serving}`;
  if (!isUp(serving) || serving === site.lastResort) {
    if (candidates.length > 0) return `${serving} serves although ${candidates} are up`;
    const resort = site.lastResort;
    return resort !== undefined && isUp(resort) && serving !== resort
      ? `${resort} should serve as the last resort`
      : undefined;
  }
  if (site.failback !== 'manual' && candidates[0] !== serving)
    return `${serving} serves although ${candidates[0]} is up`;
  return isSet(serving) ? undefined : `the records of ${serving} are not as configured`;
};

/** The records that `server` serves with, `beside` it the standbys that are up. */
const wanted = (site: Site, server: Server, beside: Server[]) => {
  const alone = site.dual?.primaryName;
  const all = {
    ...server,
    ipv4: [server, ...beside].flatMap((s) => s.ipv4),
    ipv6: [server, ...beside].flatMap((s) => s.ipv6),
  };
  return [
    ...recordsFor(
      site.names.filter((name) => name !== alone),
      site.ttlSeconds,
      all,
    ),
    ...(alone === undefined ? [] : recordsFor([alone], 10, server)),
  ];
};

/** What was to be told and was not, or is still on its way. */
export const untoldProblem = ({ observer, cloud, config }: Settling): string | undefined => {
  const [outbox] = observer.outbox.filter(({ isVoid }) => isVoid?.() !== true);
  if (outbox !== undefined) return `nobody was told of ${outbox.what} of ${outbox.site}`;
  for (const { name } of config.sites) {
    const state = JSON.parse(cloud.store.documents.get(name)?.text ?? '{}');
    if (state.outbox?.length > 0) return `${name}: ${state.outbox.length} announcements are still owed`;
    if (state.intent !== undefined) return `${name}: the intent ${state.intent.nonce} is still open`;
    if (state.unpublished !== undefined)
      return `${name}: epoch ${state.unpublished.epoch} is not known to be published`;
    if (state.propagation !== undefined)
      return `${name}: epoch ${state.propagation.epoch} is not proven to be visible`;
  }
  return undefined;
};
