import type { Site } from '../../../lambda/core/site/site.ts';

/** Addresses that move, and the instances that they move between: numbered so that the site and the server are plain. */
const ADDRESS = /^203\.0\.113\.1(\d\d)$/;
const HOLDER = /^i-0000000000000(\d)a(\d)$/;

export const sharedAddress = (site: number): string => `203.0.113.${100 + site}`;

/** The index of the site whose address moves there. */
export const sharedBy = (address: string): number | undefined => {
  const found = ADDRESS.exec(address);
  return found === null ? undefined : Number(found[1]);
};

export const allocationOf = (site: number): string => `eipalloc-0000000000000000${site}`;

/** The index of the site whose Elastic IP it is. */
export const siteOfAllocation = (id = ''): number | undefined => {
  const found = /^eipalloc-0000000000000000(\d)$/.exec(id);
  return found === null ? undefined : Number(found[1]);
};

/** The instance that the server of a site is. */
export const instanceOf = (site: number, server: number): string => `i-0000000000000${site}a${server}`;

/** An instance that is no server of any site. */
export const STRANGE_INSTANCE = 'i-00000000000000bad';

/** The index of the server that an instance is. */
export const serverOf = (instance: string): number | undefined => {
  const found = HOLDER.exec(instance);
  return found === null ? undefined : Number(found[2]);
};

export const isElastic = (site: Site): boolean => site.readdress?.allocationId !== undefined;
