import type { Account, SiteServers } from '../../lambda/core/doctor/facts.ts';
import type { Site } from '../../lambda/core/site/site.ts';
import { type CheckedServer, type CheckedSite, standbyOf } from './check-servers.ts';

/**
 * The vantages decide whether a site moves, so their word is the answer; a look from here that differs is told as one. `blocked`: servers
 * that Route 53 would refuse.
 */
export const asVantagesSee = (
  site: Site,
  local: boolean,
  probed: CheckedSite[],
  { account, blocked = [] }: { account: Account | undefined; blocked?: string[] },
): CheckedSite => {
  const here = probed.find((one) => one.site === site.name);
  const told = account?.sites.find((one) => one.site === site.name);
  const healths = account?.silent === undefined ? told?.healths : undefined;
  const servers = site.servers.map(({ name }): CheckedServer => {
    const seen = here?.servers.find(({ server }) => server === name) ?? {
      server: name,
      outcome: 'unknown',
      probes: [],
    };
    const health = healths?.[name];
    if (health !== 'up' && health !== 'down') return seen;
    const differs = differing(site, seen, health);
    const outcome = health === 'up' ? 'passed' : 'failed';
    return { ...seen, outcome, health, ...(differs !== undefined && { differs }) };
  });
  return {
    site: site.name,
    ...standbyOf(site, servers, { local, serving: told?.serving, blocked }),
    servers,
  };
};

const differing = (site: Site, { server, outcome }: CheckedServer, health: 'up' | 'down') => {
  if (health === 'down' && outcome === 'passed')
    return (
      `The vantages count ${server} as down, and it passes from here: it may have been revived just now, and counts as up ` +
      `once ${site.successesToUp} of their looks in a row have passed. Or this machine reaches what they do not.`
    );
  if (health === 'up' && outcome === 'failed')
    return `The vantages count ${server} as up, and it fails from here: it may have failed just now, or they reach what this machine does not.`;
  return undefined;
};

/** The looks from here, for the doctor. One that the vantages see otherwise says so. */
export const probesOf = (servers: CheckedServer[]): SiteServers['probes'] =>
  servers.flatMap(({ server, probes, differs, health }) =>
    probes.map((probe) => ({
      ...probe,
      server,
      ...(differs !== undefined &&
        probe.outcome === 'failed' && {
          detail: `${probe.detail}; that is from here, and the vantages count it as ${health}`,
        }),
    })),
  );
