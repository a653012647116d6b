import type { Site } from '../site/site.ts';
import type { RecordSet } from './records.ts';
import { parseRole, type Role } from './role-record.ts';
import { type Standing, standingOf, type Written } from './zone-view.ts';

/**
 * The lever `readdress`: the records of a site always hold one address, and a switch gives that address to another server. The
 * role record is written first and says who is to have it; a controller moves an Elastic IP (`apply/move-address.ts`), hosts of one subnet
 * take the address by themselves (`readdress/switchover-readdress`). It is done once the site answers at the address.
 */

/** Target key of the address itself: whoever holds it, this is what visitors meet. No server's name has a plus sign. */
export const SERVED = '+served';

/** Where an Elastic IP is, as EC2 tells; without an `associationId` nothing holds it. */
export type Holding = { associationId?: string; instanceId?: string; networkInterfaceId?: string };

/** The configured server that holds the address. */
export const holderOf = (site: Site, { instanceId, networkInterfaceId }: Holding): string | undefined =>
  site.servers.find(
    ({ holder }) => holder !== undefined && (holder === instanceId || holder === networkInterfaceId),
  )?.name;

/** `standby (i-0123…)`, `i-0456…, which is no server of this site`, or `nothing`. */
export const holderText = (site: Site, holding: Holding): string => {
  if (holding.associationId === undefined) return 'nothing';
  const server = holderOf(site, holding);
  const id = holding.networkInterfaceId ?? holding.instanceId ?? 'something unnamed';
  return server === undefined
    ? `${holding.instanceId ?? id}, which is no server of this site`
    : `${server} (${site.servers.find(({ name }) => name === server)?.holder ?? id})`;
};

/** The role under which the site last answered at its address. */
export type Carried = { serving: string; sinceSeconds: number };

/** What is remembered of the records that were written, and of the address. */
type Remembered = { written?: Written | undefined; carried?: Carried | undefined };

/** Whether the site has answered at its address since `role.serving` began to serve. */
export const isCarried = (role: Role, { carried }: Remembered): boolean =>
  carried !== undefined && carried.serving === role.serving && carried.sinceSeconds === role.sinceSeconds;

/** Whether the role record names a server that has not been seen to have the address, or people were told last that it has not. */
export const isUnderWay = (
  site: Site,
  standing: Standing | undefined,
  state: Remembered & { told: { uncarried?: unknown } },
): boolean =>
  site.readdress !== undefined &&
  standing?.kind === 'ours' &&
  (!isCarried(standing.role, state) || state.told.uncarried !== undefined);

/**
 * `standingOf`, and where the address is. All servers have the same records here, so those tell nobody who serves: EC2 does, or
 * else the role record, or else what we remember of it. An Elastic IP that was given to somebody else after it had been where the
 * role record says is an edit by hand like one of a record: nobody takes it back unasked. One that nothing holds is not, since
 * EC2 takes it from an instance that is terminated.
 */
export const standingWith = (
  site: Site,
  listing: RecordSet[],
  state: Remembered,
  holding?: Holding,
): Standing => {
  const standing = standingOf(site, listing, state.written);
  if (site.readdress === undefined || standing.kind === 'nothing') return standing;
  const holder = holding && holderOf(site, holding);
  const strange = holding?.associationId !== undefined && holder === undefined;
  const isAt = holding && `the address ${site.readdress.address} is held by ${holderText(site, holding)}`;
  if (standing.kind === 'adoptable') {
    return strange
      ? { kind: 'edited', detail: `${isAt}`, records: standing.records }
      : { ...standing, serving: holder ?? standing.serving };
  }
  if (standing.kind === 'edited') {
    const { serving, ...rest } = standing;
    const named = holding === undefined ? rememberedServing(standing.roleRecord, state) : holder;
    return serving === undefined || named === undefined ? rest : { ...rest, serving: named };
  }
  const { role, roleRecord, records } = standing;
  // Of a server that is no longer configured nobody knows what it holds.
  if (!site.servers.some(({ name }) => name === role.serving)) return standing;
  const moved = holding?.associationId !== undefined && holder !== role.serving;
  if (!moved || !isCarried(role, state)) return standing;
  const detail = `${isAt}, and ${role.serving} was left with it`;
  return { kind: 'edited', detail, records, roleRecord, ...(holder !== undefined && { serving: holder }) };
};

const rememberedServing = (
  roleRecord: RecordSet | undefined,
  { written }: Remembered,
): string | undefined => {
  const role = parseRole(roleRecord?.values[0] ?? '') ?? parseRole(written?.role ?? '');
  return role?.serving;
};
