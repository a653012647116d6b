import type { VirtualClock } from '../../../fixtures/virtual/clock.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Association } from '../../../lambda/core/zone/moved-address.ts';
import { newAssociations, Refused } from '../../../local/associations.ts';
import { roleIn } from '../observer/chronicle.ts';
import type { Holder, Moved, Witness } from '../observer/truth.ts';
import { lot } from '../random.ts';
import type { Cloud, SharedAddresses } from './cloud-shape.ts';
import {
  allocationOf,
  instanceOf,
  isElastic,
  STRANGE_INSTANCE,
  serverOf,
  sharedBy,
  siteOfAllocation,
} from './instances.ts';
import type { Plan } from './plan-shape.ts';
import { concerns } from './troubles.ts';

const [FOLLOWED_AFTER_MS, FOLLOWED_WITHIN_MS] = [500, 4000];

/** `cloudOf` answers the cloud that these belong to, once it is there. */
export const newAddresses = (
  plan: Plan,
  clock: VirtualClock,
  witness: Witness,
  cloudOf: () => Cloud,
): SharedAddresses => {
  const { sites } = plan.config;
  const before = (plan.held ?? []).flatMap((instance, site) =>
    instance === undefined ? [] : [[allocationOf(site), instance] as const],
  );
  let made = 0;
  const associations = newAssociations(
    before.map(([id, instance]) => [id, instance]),
    () => `eipassoc-${made++}`,
  );
  const zoneOf = (site: number) => plan.config.zones.findIndex(({ name }) => name === sites[site]?.zone);
  const hosts = new Map<number, Holder>();
  const holder = (site: number): Holder => {
    if (!isElastic(sites[site] as Plan['config']['sites'][number])) return hosts.get(site) ?? 'nobody';
    const instance = associations.of(allocationOf(site))?.holder;
    return instance === undefined ? 'nobody' : (serverOf(instance) ?? 'stranger');
  };
  /** Does something to the address of `site`, and tells what became of it. */
  const change = (site: number, author: Moved['author'], work: () => void): void => {
    const from = holder(site);
    try {
      work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const isGone = error.code.endsWith('NotFound');
      witness.met(`address ${isGone ? 'association gone' : 'associated already'}`);
      throw new Fault(isGone ? 'gone' : 'refused', 'EC2', 'address', `${error.code}: ${error.message}`);
    }
    const to = holder(site);
    const named = roleIn(sites[site]?.name ?? '', cloudOf().listing())?.serving;
    if (from !== to) witness.moved({ atMs: clock.now(), site, from, to, author, named });
  };
  const takeFrom = (site: number, author: Moved['author'], associationId: string): void =>
    change(site, author, () => associations.disassociate(associationId));
  const hostFollows = (site: number): void => {
    const { active, listing } = cloudOf();
    const isDeaf = [...active].some(
      ({ trouble: t }) =>
        (t.kind === 'host' && t.site === site) ||
        (t.kind === 'names' && t.how === 'away' && concerns(t.only, { zone: zoneOf(site), site })) ||
        (t.kind === 'zone' && t.which === zoneOf(site)),
    );
    const role = roleIn(sites[site]?.name ?? '', listing());
    if (isDeaf || role === undefined) return;
    const named = sites[site]?.servers.findIndex(({ name }) => name === role.serving) ?? -1;
    change(site, { by: 'host' }, () => hosts.set(site, named < 0 ? 'nobody' : named));
  };
  return {
    find: (allocationIds) =>
      new Map(
        allocationIds.map((id): [string, Association] => {
          const found = associations.of(id);
          return [id, found === undefined ? {} : { associationId: found.id, instanceId: found.holder }];
        }),
      ),
    siteOf: (associationId) => siteOfAllocation(associations.allocationOf(associationId)),
    taking: (life, associationId, asked) => {
      const site = siteOfAllocation(associations.allocationOf(associationId));
      if (site !== undefined) witness.moves({ life, asked, site, from: holder(site), to: 'nobody' });
      // An association that is none any more never is one again.
      return () => takeFrom(site ?? 0, { by: life.who, life }, associationId);
    },
    giving: (life, allocationId, instance, asked) => {
      const site = siteOfAllocation(allocationId) ?? 0;
      const to = serverOf(instance) ?? 'stranger';
      witness.moves({ life, asked, site, from: holder(site), to });
      return () =>
        change(site, { by: life.who, life }, () => {
          associations.associate(allocationId, instance, false);
        });
    },
    byPerson: (site, instance) =>
      change(site, { by: 'person' }, () => {
        const found = associations.of(allocationOf(site));
        if (instance !== undefined) associations.associate(allocationOf(site), instance, true);
        else if (found !== undefined) associations.disassociate(found.id);
      }),
    holder,
    metAt: (address) => {
      const site = sharedBy(address);
      if (site === undefined) return address;
      const at = holder(site);
      return typeof at === 'number' ? (sites[site]?.servers[at]?.probeAddress ?? '') : '';
    },
    follow: () => {
      for (const [site, { readdress }] of sites.entries()) {
        if (readdress === undefined || readdress.allocationId !== undefined) continue;
        const within = FOLLOWED_WITHIN_MS * lot(`${plan.seed} host ${site} ${clock.now()}`);
        void clock.sleep(FOLLOWED_AFTER_MS + within).then(() => hostFollows(site));
      }
    },
  };
};

/** The instance that a person gives the address to. */
export const instanceFor = (
  how: 'to-a-server' | 'to-a-stranger' | 'to-nobody',
  site: number,
  server: number,
): string | undefined => {
  if (how === 'to-nobody') return undefined;
  return how === 'to-a-stranger' ? STRANGE_INSTANCE : instanceOf(site, server);
};
