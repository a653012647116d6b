import type { Site } from '../lambda/core/site/site.ts';
import type { Health } from './events.ts';

/** Whether every site that can be served is in DNS. */
export type Readiness = {
  /** Takes the healths that a round found. */
  saw(site: string, healths: Record<string, Health>): void;
  /** True once: the first time that each site either is listed and has a server up, or has all of them down. */
  justReached(): boolean;
};

/** `listed` says whether the zone lists address records at a name. */
export const trackReadiness = (sites: Site[], listed: (zone: string, name: string) => boolean): Readiness => {
  const seen = new Map<string, Health[]>();
  const waiting = new Set(sites);
  let reached = false;
  const done = (site: Site): boolean => {
    const states = seen.get(site.name) ?? [];
    if (states.includes('up')) return site.names.every((name) => listed(site.zone, name));
    return states.length > 0 && states.every((state) => state === 'down');
  };
  return {
    saw: (site, healths) => void seen.set(site, Object.values(healths)),
    justReached: () => {
      if (reached) return false;
      for (const site of waiting) if (done(site)) waiting.delete(site);
      reached = waiting.size === 0;
      return reached;
    },
  };
};
