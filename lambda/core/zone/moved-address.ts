import type { Site } from '../site/site.ts';
import type { RecordSet } from './records.ts';
import { parseRole, type Role } from './role-record.ts';
import { type Written, type ZoneView, zoneViewOf } from './zone-view.ts';

/**
 * The lever `readdress`: the records of a site always hold one address, and a switch gives that address to another server. The
 * role record is written first and says who is to have it; a controller moves an Elastic IP (`apply/move-address.ts`), hosts of one subnet
 * take the address by themselves (`readdress/switchover-readdress`). It is done once the site answers at the address.
 */

/** Target key of the address itself: whoever holds it, this is what visitors meet. No server's name has a plus sign. */
export const SERVED = '+served';

/** Where an Elastic IP is, as EC2 tells; without an `associationId` nothing holds it. */
export type Association = { associationId?: string; instanceId?: string; networkInterfaceId?: string };

/** The configured server that holds the address. */
export const holderOf = (site: Site, { instanceId, networkInterfaceId }: Association): string | undefined =>
  site.servers.find(
    ({ holder }) => holder !== undefined && (holder === instanceId || holder === networkInterfaceId),
  )?.name;

/** `standby (i-0123…)`, `i-0456…, which is no server of this site`, or `nothing`. */
export const holderText = (site: Site, association: Association): string => {
  if (association.associationId === undefined) return 'nothing';
  const server = holderOf(site, association);
  const id = association.networkInterfaceId ?? association.instanceId ?? 'something unnamed';
  return server === undefined
    ? `${association.instanceId ?? id}, which is no server of this site`
    : `${server} (${site.servers.find(({ name }) => name === server)?.holder ?? id})`;
};

/** The role under which the site last answered at its address. */
export type AnsweredAs = { serving: string; sinceSeconds: number };

/** What is remembered of the records that were written, and of the address. */
type Remembered = { written?: Written | undefined; answeredAs?: AnsweredAs | undefined };

/** Whether the site has answered at its address since `role.serving` began to serve. */
export const hasAnswered = (role: Role, { answeredAs }: Remembered): boolean =>
  answeredAs !== undefined &&
  answeredAs.serving === role.serving &&
  answeredAs.sinceSeconds === role.sinceSeconds;

/** Whether the role record names a server that has not been seen to have the address, or people were told last that it has not. */
export const isUnderWay = (
  site: Site,
  view: ZoneView | undefined,
  state: Remembered & { reminders: Readonly<Record<string, number>> },
): boolean =>
  site.readdress !== undefined &&
  view?.kind === 'ours' &&
  (!hasAnswered(view.role, state) || Object.keys(state.reminders).some((key) => key.startsWith('address ')));

/**
 * `standingOf`, and where the address is. All servers have the same records here, so those tell nobody who serves: EC2 does, or
 * else the role record, or else what we remember of it. An Elastic IP that was given to somebody else after it had been where the
 * role record says is an edit by hand like one of a record: nobody takes it back unasked. One that nothing holds is not, since
 * EC2 takes it from an instance that is terminated.
 */
export const zoneViewWith = (
  site: Site,
  listing: RecordSet[],
  state: Remembered,
  association?: Association,
): ZoneView => {
  const view = zoneViewOf(site, listing, state.written);
  if (site.readdress === undefined || view.kind === 'nothing') return view;
  const holder = association && holderOf(site, association);
  const strange = association?.associationId !== undefined && holder === undefined;
  const isAt =
    association && `the address ${site.readdress.address} is held by ${holderText(site, association)}`;
  if (view.kind === 'adoptable') {
    return strange
      ? { kind: 'edited', detail: `${isAt}`, records: view.records }
      : { ...view, serving: holder ?? view.serving };
  }
  if (view.kind === 'edited') {
    const { serving, ...rest } = view;
    const named = association === undefined ? rememberedServing(view.roleRecord, state) : holder;
    return serving === undefined || named === undefined ? rest : { ...rest, serving: named };
  }
  const { role, roleRecord, records } = view;
  // Of a server that is no longer configured nobody knows what it holds.
  if (!site.servers.some(({ name }) => name === role.serving)) return view;
  const moved = association?.associationId !== undefined && holder !== role.serving;
  if (!moved || !hasAnswered(role, state)) return view;
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
