import { isUnseen, targetsOf } from '../../lambda/core/evidence/targets.ts';
import type { Observation, Outcome, ProbeRequest } from '../../lambda/core/probe/request.ts';
import type { Site } from '../../lambda/core/site/site.ts';
import { requestFor } from '../../lambda/observe/ask-vantages.ts';
import { probeBatch } from '../../lambda/prober/batch.ts';
import type { Progress } from '../progress.ts';

type Probed = Observation & { address: string };
/** `health`: as the vantages count it, where they were asked; then `outcome` is theirs. `differs`: a look from here says otherwise. */
export type CheckedServer = {
  server: string;
  outcome: Outcome;
  probes: Probed[];
  health?: 'up' | 'down';
  differs?: string;
};
/** `standby`: whether a failover would find a server that passes: `able`, `unable`, or `unknown` from here. */
export type CheckedSite = {
  site: string;
  standby: 'able' | 'unable' | 'unknown';
  /** The same in a sentence. */
  text: string;
  servers: CheckedServer[];
};

/** Probes in one batch, as a controller sends them; a second on top of the longest is for the prober's own work. */
const PROBES_PER_BATCH = 150;
const BATCH_OVERHEAD_MS = 1000;

/** Asks every server of these sites from this machine, as a prober would. */
export const probeSites = async (
  sites: Site[],
  local: boolean,
  progress: Progress,
): Promise<CheckedSite[]> => {
  const plans = sites.flatMap((site) =>
    targetsOf(site, { kind: 'nothing' }).flatMap(({ server, addresses }) =>
      addresses.map((address) => ({
        site,
        server,
        request: { ...requestFor(site, `${site.name} ${server} ${address}`, address), browserHello: true },
      })),
    ),
  );
  const seen = new Map<string, Observation>();
  const run = async (): Promise<void> => {
    for (let from = 0; from < plans.length; from += PROBES_PER_BATCH) {
      const probes: ProbeRequest[] = plans.slice(from, from + PROBES_PER_BATCH).map(({ request }) => request);
      // Twice: a large hello is offered after the probe, and may take as long.
      const deadlineMs = 2 * Math.max(...probes.map(({ timeoutMs }) => timeoutMs)) + BATCH_OVERHEAD_MS;
      for (const one of (await probeBatch({ probes, deadlineMs })).observations) seen.set(one.id, one);
    }
  };
  await progress(() => `Asking servers, ${seen.size} of ${plans.length} addresses done`, run());
  return sites.map((site) => {
    const servers = site.servers.map(({ name }): CheckedServer => {
      const probes = plans.flatMap((plan): Probed[] => {
        const one = plan.site === site && plan.server === name ? seen.get(plan.request.id) : undefined;
        return one === undefined ? [] : [{ ...one, address: plan.request.address }];
      });
      return { server: name, outcome: outcomeOf(probes), probes };
    });
    return { site: site.name, ...standbyOf(site, servers, { local }), servers };
  });
};

/** As a controller takes it: visitors may get any of the addresses, so one that fails fails the server. */
const outcomeOf = (probes: Observation[]): Outcome =>
  (['failed', 'passed'] as const).find((outcome) => probes.some((one) => one.outcome === outcome)) ??
  'unknown';

/**
 * What a failover would find now, from the server that serves; where nobody knows which, from the primary. However well a server
 * with IPv6 alone answers here, no prober in Lambda can see it; on one machine they see what this one sees.
 */
export const standbyOf = (
  { servers: configured, lastResort }: Site,
  asked: CheckedServer[],
  { local, serving }: { local: boolean; serving?: string | null | undefined },
): Pick<CheckedSite, 'standby' | 'text'> => {
  const [primary] = configured;
  const unseen = new Set(local ? [] : configured.filter(isUnseen).map(({ name }) => name));
  const servers = asked.map(
    (one): CheckedServer => (unseen.has(one.server) ? { ...one, outcome: 'failed' } : one),
  );
  const from = servers.some(({ server }) => server === serving) ? serving : primary?.name;
  const others = servers.filter(({ server }) => server !== from && server !== lastResort);
  const passing = others.find(({ outcome }) => outcome === 'passed');
  const find = `A failover from ${from} would find`;
  if (passing !== undefined) return { standby: 'able', text: `${find} ${passing.server} able to take over.` };
  const resort = servers.find(({ server }) => server === lastResort && server !== from);
  const states = others.map(({ server, outcome, health, differs }) => {
    if (unseen.has(server)) return `${server} can be probed by IPv6 alone, which no vantage has`;
    if (health === 'down') return `${server} is down${differs === undefined ? '' : ' for the vantages'}`;
    return `${server} ${outcome === 'failed' ? 'fails' : 'could not be asked from here'}`;
  });
  const why = states.length === 0 ? 'there is no other standby' : states.join(', ');
  if (resort?.outcome === 'passed')
    return { standby: 'able', text: `${find} nothing but the last resort, ${lastResort}: ${why}.` };
  const isOpen = [...others, ...(resort === undefined ? [] : [resort])].some(
    ({ outcome }) => outcome === 'unknown',
  );
  return isOpen
    ? {
        standby: 'unknown',
        text: `Nobody can tell from here what a failover from ${from} would find: ${why}.`,
      }
    : { standby: 'unable', text: `${find} nothing that is able to take over: ${why}.` };
};
