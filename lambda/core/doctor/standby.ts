import type { Site } from '../site/site.ts';
import type { Account, SiteServers } from './facts.ts';
import { lowerFirst } from './findings.ts';

/** A server as a failover would meet it; `is` says so of it in a clause. */
export type Candidate = { server: string; state: 'able' | 'unable' | 'unknown'; is: string };

/** What a failover would find. `finds`: the server that it would move to, as far as servers are concerned. */
export type Standby = Pick<SiteServers, 'standby' | 'text' | 'unable'> & { finds?: string };

/**
 * What a failover would find now, from the server that serves; where nobody knows which, from the primary. One that Route 53 would
 * refuse (`blocked`) is named only where there is no other: that it is refused is a finding of its own.
 */
export const standbyAmong = (
  { servers, lastResort }: Site,
  candidates: Candidate[],
  serving: string | null | undefined,
  blocked: string[] = [],
): Standby => {
  const from = candidates.some(({ server }) => server === serving) ? serving : servers[0]?.name;
  const others = candidates.filter(({ server }) => server !== from && server !== lastResort);
  const able = others.filter(({ state }) => state === 'able');
  const finds = (able.find(({ server }) => !blocked.includes(server)) ?? able[0])?.server;
  const find = `A failover from ${from} would find`;
  if (finds !== undefined) return { standby: 'able', finds, text: `${find} ${finds} able to take over.` };
  const resort = candidates.find(({ server }) => server === lastResort && server !== from);
  const why = others.length === 0 ? 'there is no other standby' : others.map(({ is }) => is).join(', ');
  if (resort?.state === 'able') {
    const text = `${find} nothing but the last resort, ${resort.server}: ${why}.`;
    return { standby: 'able', finds: resort.server, text };
  }
  const all = [...others, ...(resort === undefined ? [] : [resort])];
  if (all.some(({ state }) => state === 'unknown'))
    return { standby: 'unknown', text: `Nobody can tell from here what ${lowerFirst(find)}: ${why}.` };
  const unable = all.map(({ server }) => server);
  return { standby: 'unable', unable, text: `${find} nothing that is able to take over: ${why}.` };
};

const STATES = { up: 'able', down: 'unable', unknown: 'unknown' } as const;

/** The same of every site as the vantages count its servers, for who has no look of his own. */
export const standbysKnown = ({ absent, sites: told }: Account, sites: Site[]): SiteServers[] =>
  absent !== undefined
    ? []
    : told.flatMap(({ site: name, serving, healths }) => {
        const site = sites.find((one) => one.name === name);
        if (site === undefined) return [];
        const candidates = site.servers.map(({ name: server }): Candidate => {
          const health = healths[server] ?? 'unknown';
          return { server, state: STATES[health], is: `${server} is ${health}` };
        });
        const { finds: _, ...standby } = standbyAmong(site, candidates, serving);
        return [{ site: name, ...standby, probes: [] }];
      });
