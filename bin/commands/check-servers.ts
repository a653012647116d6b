import { concerns, type Diagnosis } from '../../lambda/core/doctor/diagnosis.ts';
import { type Candidate, type Standby, standbyAmong } from '../../lambda/core/doctor/standby.ts';
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
/** `standby`: whether a failover would find a server that passes: `able`, `unable`, or `unknown` from here; `text` says it. */
export type CheckedSite = Standby & { site: string; servers: CheckedServer[] };

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
 * What a failover would find. However well a server with IPv6 alone answers here, no prober in Lambda can see it; on one machine they
 * see what this one sees.
 */
export const standbyOf = (
  site: Site,
  asked: CheckedServer[],
  { local, serving, blocked }: { local: boolean; serving?: string | null | undefined; blocked?: string[] },
): Standby => {
  const unseen = new Set(local ? [] : site.servers.filter(isUnseen).map(({ name }) => name));
  const candidates = asked.map(({ server, outcome, health, differs }): Candidate => {
    if (unseen.has(server))
      return {
        server,
        state: 'unable',
        is: `${server} can be probed by IPv6 alone, which no vantage has`,
      };
    const state = STATES[outcome];
    if (health === 'down')
      return { server, state, is: `${server} is down${differs === undefined ? '' : ' for the vantages'}` };
    return {
      server,
      state,
      is: `${server} ${outcome === 'failed' ? 'fails' : 'could not be asked from here'}`,
    };
  });
  return standbyAmong(site, candidates, serving, blocked);
};

const STATES = { passed: 'able', failed: 'unable', unknown: 'unknown' } as const;

/**
 * The same where the diagnosis says that the site would not fail over, or that nobody can tell: what the servers can do and what comes
 * of it are told in one sentence.
 */
export const asDiagnosed = (
  one: CheckedSite,
  site: Site,
  { findings, prognoses }: Diagnosis,
): CheckedSite => {
  const would = prognoses.find((prognosis) => prognosis.site === site.name)?.would ?? 'fail-over';
  if (one.finds === undefined || would === 'fail-over') return one;
  const because = findings.filter(
    (found) => (would === 'not' ? found.stops : found.unknown) !== undefined && concerns(found, site),
  );
  const codes = [...new Set(because.map(({ code }) => code))].join(', ');
  const text =
    would === 'not'
      ? `${one.finds} is well, and ${one.site} would not fail over all the same: see ${codes}.`
      : `${one.finds} is well; whether ${one.site} would fail over is not known: see ${codes}.`;
  return { ...one, text };
};
