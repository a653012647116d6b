import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Site } from '../../../lambda/core/site/site.ts';
import type { RecordSet } from '../../../lambda/core/zone/records.ts';
import { parseRole } from '../../../lambda/core/zone/role-record.ts';
import type { Addresses } from '../../../lambda/ports.ts';

/** The one address of the virtual world that moves from server to server. */
export const MOVING = '203.0.113.99';

export type Moving = {
  /** What the Elastic IP is associated with: `i-…`. */
  holder?: string;
  associations: number;
  /** The host of a subnet that has the address; hosts follow the role record unless they are stuck. */
  host?: string;
  stuck: boolean;
};

/** `i-00000000000000a1` for the first server, and so on. */
export const holderId = (index: number): string => `i-00000000000000a${index + 1}`;

/** The site with the lever `readdress`: its servers are probed where they were served, and share the address that moves. */
export const readdressed = (site: Site, elastic: boolean): Site => ({
  ...site,
  lever: 'readdress',
  readdress: {
    address: MOVING,
    ...(elastic && { allocationId: 'eipalloc-00000000000000e1', region: 'eu-west-2' }),
  },
  servers: site.servers.map(({ name, ipv4 }, index) => ({
    name,
    ipv4: [MOVING],
    ipv6: [],
    probeAddress: ipv4[0] ?? '',
    ...(elastic && { holder: holderId(index) }),
  })),
});

/** The address of the server that is met at `MOVING`; nobody's when nothing has it. */
export const metAt = (moving: Moving, site: Site | undefined, listing: RecordSet[]): string | undefined => {
  if (site?.readdress === undefined) return undefined;
  if (site.readdress.allocationId !== undefined) {
    return site.servers.find(({ holder }) => holder === moving.holder)?.probeAddress;
  }
  const role = parseRole(listing.find(({ type }) => type === 'TXT')?.values[0] ?? '');
  if (!moving.stuck && role !== undefined) moving.host = role.serving;
  return site.servers.find(({ name }) => name === moving.host)?.probeAddress;
};

/** EC2 with one Elastic IP, as strict as the real one: what was moved in the meantime is refused. */
export const virtualAddresses = (moving: Moving, call: () => Promise<void>): Addresses => ({
  find: async (_, ids) => {
    await call();
    const associationId = `eipassoc-${moving.associations}`;
    const association = moving.holder === undefined ? {} : { associationId, instanceId: moving.holder };
    return new Map(ids.map((id) => [id, association]));
  },
  disassociate: async (_, associationId) => {
    await call();
    if (moving.holder === undefined || associationId !== `eipassoc-${moving.associations}`) {
      throw new Fault('gone', 'EC2', 'DisassociateAddress', `no ${associationId}`);
    }
    delete moving.holder;
  },
  associate: async (_, allocationId, holder) => {
    await call();
    if (moving.holder !== undefined && moving.holder !== holder) {
      throw new Fault('refused', 'EC2', 'AssociateAddress', `${allocationId} is already associated`);
    }
    give(moving, holder);
  },
});

/** Associates the address with something, as a person does in the EC2 console. */
export const give = (moving: Moving, holder: string): void => {
  moving.holder = holder;
  moving.associations += 1;
};
