import { probeBatch } from '../../lambda/batch.ts';
import type { Account, SiteServers } from '../../lambda/core/doctor/facts.ts';
import type { Observation, Outcome, ProbeRequest } from '../../lambda/core/probe.ts';
import { isMasked, type Site } from '../../lambda/core/site.ts';
import { targetsOf } from '../../lambda/core/targets.ts';
import type { DnsEdge } from '../../lambda/edge/dns.ts';
import { requestFor } from '../../lambda/probe.ts';
import { checkConfig, readConfig } from '../../lib/config/index.ts';
import { readRunning } from '../../local/running.ts';
import type { Given } from '../arguments.ts';
import { closest } from '../closest.ts';
import { findConsole } from '../console.ts';
import type { Progress } from '../progress.ts';
import type { Command } from '../result.ts';
import { columns, counted, type Line, paint, type Screen, wrap } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { secretNote, silentReferences } from './check-notes.ts';
import { askAccount, diagnosisText, dnsFor, examine, exitOf, wayLines } from './diagnosis.ts';

type Probed = Observation & { address: string };
export type CheckedServer = { server: string; outcome: Outcome; probes: Probed[] };
/** `standby`: whether a failover would find a server that passes: `able`, `unable`, or `unknown` from here. */
export type CheckedSite = {
  site: string;
  standby: 'able' | 'unable' | 'unknown';
  /** The same in a sentence. */
  text: string;
  servers: CheckedServer[];
};

/** `check`: whether each site would fail over, and what is wrong with it: configuration, servers, DNS, and what is deployed. */
export const check: Command = async (given, { screen, progress }) => {
  const { config, warnings, file, localDns, console } = await checkedConfig(given);
  const sites = chosenSites(config.sites, given.which);
  const servers = config.sites.reduce((count, site) => count + site.servers.length, 0);
  const head = [
    `${file} is in order: ${counted(config.sites.length, 'site')}, ${counted(servers, 'server')}, vantages ${config.vantages.join(', ')}.`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ].flatMap((text) => wrap(text, screen.width));
  if (given.offline) {
    return { ok: true, text: head.join('\n'), answer: { message: head[0], warnings } };
  }
  const dns = dnsFor(given, config, localDns);
  warnings.push(...secretNote(sites));
  const [probed, account, references] = await Promise.all([
    probeSites(sites.filter(isWhole), progress),
    console === undefined ? undefined : askAccount(console, config, sites),
    silentReferences(config),
  ]);
  warnings.push(...references);
  const checked = sites.map((site) => asVantagesSee(site, probed, account));
  const seen = checked.map(({ site, standby, text, servers: all }) => ({
    site,
    standby,
    text,
    probes: probesOf(all),
  }));
  const { facts, diagnosis } = await progress(() => 'Asking DNS', examine(sites, seen, dns, account));
  const trouble = checked.filter(({ standby, servers: all }) => standby !== 'able' || all.some(isFailing));
  const message =
    trouble.length === 0
      ? 'Every server passed that could be asked from this machine, and every failover would find a standby.'
      : `Seen from this machine, something is wrong with ${counted(trouble.length, 'site')}: ${named(trouble)}.`;
  const blocks = checked.map((one, at) => {
    const site = sites[at] as Site;
    const way = facts.names
      .filter((dns) => dns.site === site.name)
      .flatMap((dns) => wayLines(dns, site, screen));
    return [...siteLines(one, site, screen), ...way].join('\n');
  });
  const last = [
    ...secretNote(sites),
    ...references,
    ...familyNote(checked),
    ...unasked(dns, account),
    message,
  ].flatMap((one) => wrap(one, screen.width));
  const text = [head.join('\n'), ...blocks, last.join('\n'), diagnosisText(diagnosis, screen)].join('\n\n');
  const code = exitOf(diagnosis);
  const answer = { message, warnings, sites: checked, ...diagnosis, facts };
  return { ok: code === 0, ...(code === 3 && { code }), text, answer };
};

/** The configuration here, or the one that a local cloud runs with, and the console function if it is to be asked. */
const checkedConfig = async (given: Given) => {
  const console = given.deployed || given.local !== undefined ? await findConsole(given) : undefined;
  if (console?.local === undefined) {
    const { input, file } = await readConfig(given.config);
    return { ...checkConfig(input, file), file, localDns: undefined, console };
  }
  const { config, message } = await console.ask({ action: 'config' });
  if (config === undefined) throw new Trouble(message);
  const localDns = readRunning(console.local)?.dns;
  return {
    config,
    warnings: [] as string[],
    file: `The configuration of ${console.local}`,
    localDns,
    console,
  };
};

/** A deployed configuration is told without what its probes send along, and such a probe would be another one. */
const isWhole = ({ probe }: Site): boolean =>
  ![...Object.values(probe.headers), probe.body, probe.ca].some(
    (text) => text !== undefined && isMasked(text),
  );

/** What the vantages agree on counts for more than what is seen from here. */
const asVantagesSee = (site: Site, probed: CheckedSite[], account: Account | undefined): CheckedSite => {
  const here = probed.find((one) => one.site === site.name);
  const told = account?.sites.find((one) => one.site === site.name);
  const there = account?.silent === undefined ? told?.healths : undefined;
  const servers = site.servers.map(({ name }): CheckedServer => {
    const seen = here?.servers.find(({ server }) => server === name) ?? {
      server: name,
      outcome: 'unknown',
      probes: [],
    };
    const health = there?.[name];
    const outcome = health === 'up' ? 'passed' : health === 'down' ? 'failed' : seen.outcome;
    return { ...seen, outcome };
  });
  return { site: site.name, ...standbyOf(site, servers, told?.serving), servers };
};

const probesOf = (servers: CheckedServer[]): SiteServers['probes'] =>
  servers.flatMap(({ server, probes }) => probes.map((probe) => ({ ...probe, server })));

/** What was left alone is said, so that silence about it is not taken for health. */
const unasked = (dns: DnsEdge | undefined, account: Account | undefined): string[] => [
  ...(dns === undefined
    ? [
        'DNS was not asked: this configuration is for one machine (`local: true`). --dns names a resolver to ask.',
      ]
    : []),
  ...(account === undefined
    ? ['What is deployed was not asked; --deployed does that: alerts, permissions, the controller.']
    : account.absent === undefined && account.zones.some(({ others }) => others === undefined)
      ? [
          'Whether this account has a second zone of the same name could not be looked up (route53:ListHostedZonesByName).',
        ]
      : []),
];

/** As many as a person will read. */
const NAMED = 10;
const named = (sites: CheckedSite[]): string =>
  sites
    .slice(0, NAMED)
    .map(({ site }) => site)
    .join(', ') + (sites.length > NAMED ? ', …' : '');

const isFailing = ({ outcome }: CheckedServer): boolean => outcome === 'failed';

const chosenSites = (sites: Site[], { site, tag }: Given['which']): Site[] => {
  if (site === undefined && tag === undefined) return sites;
  const found = sites.filter((one) => one.name === site || (tag !== undefined && one.tags.includes(tag)));
  if (found.length > 0) return found;
  const all =
    site === undefined ? [...new Set(sites.flatMap(({ tags }) => tags))] : sites.map(({ name }) => name);
  const near = closest(site ?? tag ?? '', all);
  const hint =
    near === undefined ? `There are ${all.slice(0, 10).join(', ') || 'none'}.` : `Did you mean ${near}?`;
  throw new Trouble(
    `Expected a configured ${site === undefined ? 'tag' : 'site'}, received "${site ?? tag}". ${hint}`,
  );
};

/** Probes in one batch, as a controller sends them; a second on top of the longest is for the prober's own work. */
const PROBES_PER_BATCH = 150;
const BATCH_OVERHEAD_MS = 1000;

const probeSites = async (sites: Site[], progress: Progress): Promise<CheckedSite[]> => {
  const plans = sites.flatMap((site) =>
    targetsOf(site, { kind: 'nothing' }).flatMap(({ server, addresses }) =>
      addresses.map((address) => ({
        site,
        server,
        request: requestFor(site, `${site.name} ${server} ${address}`, address),
      })),
    ),
  );
  const seen = new Map<string, Observation>();
  const run = async (): Promise<void> => {
    for (let from = 0; from < plans.length; from += PROBES_PER_BATCH) {
      const probes: ProbeRequest[] = plans.slice(from, from + PROBES_PER_BATCH).map(({ request }) => request);
      const deadlineMs = Math.max(...probes.map(({ timeoutMs }) => timeoutMs)) + BATCH_OVERHEAD_MS;
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
    return { site: site.name, ...standbyOf(site, servers), servers };
  });
};

/** As a controller takes it: visitors may get any of the addresses, so one that fails fails the server. */
const outcomeOf = (probes: Observation[]): Outcome =>
  (['failed', 'passed'] as const).find((outcome) => probes.some((one) => one.outcome === outcome)) ??
  'unknown';

/** What a failover would find now, from the server that serves; where nobody knows which, from the primary. */
export const standbyOf = (
  { servers: [primary], lastResort }: Site,
  servers: CheckedServer[],
  serving?: string | null,
): Pick<CheckedSite, 'standby' | 'text'> => {
  const from = servers.some(({ server }) => server === serving) ? serving : primary?.name;
  const others = servers.filter(({ server }) => server !== from && server !== lastResort);
  const passing = others.find(({ outcome }) => outcome === 'passed');
  const find = `A failover from ${from} would find`;
  if (passing !== undefined) return { standby: 'able', text: `${find} ${passing.server} able to take over.` };
  const resort = servers.find(({ server }) => server === lastResort && server !== from);
  const states = others.map(
    ({ server, outcome }) => `${server} ${outcome === 'failed' ? 'fails' : 'could not be asked from here'}`,
  );
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

const STYLE_OF = { passed: 'green', failed: 'red', unknown: 'yellow' } as const;

const siteLines = (
  { site, standby, text, servers }: CheckedSite,
  { probe }: Site,
  screen: Screen,
): string[] => {
  const rows = servers.flatMap(({ server, probes }) =>
    probes.map((one, index): Line[] => [
      [`  ${index === 0 ? server : ''}`],
      [one.address],
      [[STYLE_OF[one.outcome], one.outcome]],
      [one.code === 'ok' ? `${answerOf(one)} in ${timings(one)}` : `${one.code}: ${one.detail}`],
    ]),
  );
  const style = standby === 'able' ? 'green' : standby === 'unable' ? 'red' : 'yellow';
  const lines: Line[] = [
    [
      ['bold', site],
      ['dim', `  ${probe.method} ${probe.url}`],
    ],
    ...columns(rows),
    ...wrap(text, screen.width, '  ').map((line): Line => [[style, line]]),
  ];
  return lines.map((line) => paint(screen, line));
};

/** A probe of tcp or tls gets no status. */
const answerOf = ({ status, phases }: Observation): string => {
  if (status !== undefined) return `status ${status}`;
  return phases.tlsMs === undefined ? 'a connection' : 'a TLS handshake';
};

const timings = ({ phases }: Observation): string => {
  const parts = [
    ['name', phases.dnsMs],
    ['connect', phases.connectMs],
    ['TLS', phases.tlsMs],
    ['first byte', phases.firstByteMs],
  ] as const;
  const known = parts.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${Math.round(ms)}`]));
  return `${Math.round(phases.totalMs)} ms (${known.join(', ')})`;
};

/** Said once, instead of letting a line a server look like trouble of the servers. */
export const familyNote = (checked: CheckedSite[]): string[] => {
  const six = checked
    .flatMap(({ servers }) => servers)
    .flatMap(({ probes }) => probes)
    .filter(({ address }) => address.includes(':'));
  return six.length > 0 && six.every(({ code }) => code === 'no-network')
    ? [
        'This machine has no IPv6. A family that no vantage can see has no vote; its records move with their site.',
      ]
    : [];
};
