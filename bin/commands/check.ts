import { basename } from 'node:path';
import type { Diagnosis } from '../../lambda/core/doctor/diagnosis.ts';
import type { Account, DoctorFacts } from '../../lambda/core/doctor/facts.ts';
import type { Observation } from '../../lambda/core/probe/request.ts';
import { isMasked, type Site } from '../../lambda/core/site/site.ts';
import { obstaclesOf } from '../../lambda/core/zone/obstacle.ts';
import type { DnsEdge } from '../../lambda/ports.ts';
import { knowsBrowserHello } from '../../lambda/prober/tls-offer.ts';
import { closest } from '../../lib/closest.ts';
import { checkConfig, exampleText, readConfig } from '../../lib/config/index.ts';
import { readRunning } from '../../local/running.ts';
import type { Given } from '../arguments.ts';
import { findConsole } from '../console.ts';
import type { Command, Result } from '../result.ts';
import { columns, counted, type Line, paint, type Screen, wrap } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { checkChannels } from './check-channels.ts';
import { helloNote, secretNote, sharingNote, silentReferences } from './check-notes.ts';
import { asDiagnosed, type CheckedServer, type CheckedSite, probeSites } from './check-servers.ts';
import { asVantagesSee, probesOf } from './check-vantages.ts';
import { askAccount, diagnosisText, dnsFor, examine, exitOf, wayLines } from './diagnosis.ts';

/** `check`: whether each site would fail over, and what is wrong with it: configuration, servers, DNS, and what is deployed. */
export const check: Command = async (given, terminal) => {
  if (given.notify) return checkChannels(given, terminal);
  const { screen, progress } = terminal;
  const { config, warnings, file, localDns, console } = await checkedConfig(given);
  const example = exampleText(config, basename(file));
  if (example !== undefined) return exampleResult(example, warnings, screen);
  const sites = chosenSites(config.sites, given.which);
  const servers = config.sites.reduce((count, site) => count + site.servers.length, 0);
  const order = warnings.length === 0 ? 'in order' : `valid, with ${counted(warnings.length, 'warning')}`;
  const head = [
    `${file} is ${order}: ${counted(config.sites.length, 'site')}, ${counted(servers, 'server')}, vantages ${config.vantages.join(', ')}.`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ].flatMap((text) => wrap(text, screen.width));
  if (given.offline) {
    const code = exitOf(NOTHING_FOUND, warnings);
    return { ...endOf(code), text: head.join('\n'), answer: { message: head[0], warnings } };
  }
  const dns = dnsFor(given, config, localDns);
  const [probed, account, references] = await Promise.all([
    probeSites(sites.filter(isWhole), config.local, progress),
    console === undefined ? undefined : askAccount(console, config, sites),
    silentReferences(config),
  ]);
  // That secrets are not sent from here is no doubt about the configuration: it is said, and counts for nothing.
  const doubts = [...warnings, ...references];
  warnings.push(...secretNote(sites), ...references);
  const seen = sites.map((site) => {
    const { servers: all, finds: _, ...standby } = asVantagesSee(site, config.local, probed, { account });
    return { ...standby, probes: probesOf(all) };
  });
  const { facts, diagnosis } = await progress(() => 'Asking DNS', examine(sites, seen, dns, account));
  const checked = sites.map((site) => {
    const blocked = blockedServers(site, facts);
    return asDiagnosed(asVantagesSee(site, config.local, probed, { account, blocked }), site, diagnosis);
  });
  const message = messageOf(checked, diagnosis);
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
    ...helloNote(sites, knowsBrowserHello()),
    ...unasked(dns, account),
    ...(account === undefined ? [] : sharingNote(account)),
    message,
  ].flatMap((one) => wrap(one, screen.width));
  const text = [head.join('\n'), ...blocks, last.join('\n'), diagnosisText(diagnosis, screen)].join('\n\n');
  const answer = { message, warnings, sites: checked, ...diagnosis, facts };
  return { ...endOf(exitOf(diagnosis, doubts)), text, answer };
};

/** What came of asking the servers, and no more hope than the diagnosis has. */
const messageOf = (checked: CheckedSite[], { prognoses }: Diagnosis): string => {
  const trouble = checked.filter(({ standby, servers }) => standby !== 'able' || servers.some(isTrouble));
  if (trouble.length > 0)
    return `${isFromHere(trouble) ? 'Seen from this machine, something' : 'Something'} is wrong with ${counted(trouble.length, 'site')}: ${named(trouble)}.`;
  const passed = 'Every server passed that could be asked from this machine';
  const [not, open] = (['not', 'unknown'] as const).map((would) =>
    checked.filter(({ site }) => prognoses.some((one) => one.site === site && one.would === would)),
  ) as [CheckedSite[], CheckedSite[]];
  if (not.length > 0)
    return `${passed}, and ${counted(not.length, 'site')} would not fail over all the same: ${named(not)}.`;
  return open.length > 0
    ? `${passed}; of ${counted(open.length, 'site')} nobody can tell whether a failover would be made: ${named(open)}.`
    : `${passed}, and every failover would find a standby.`;
};

/** Servers that Route 53 would refuse, as far as name servers tell what stands at the site's names. */
const blockedServers = (site: Site, { names }: DoctorFacts): string[] => {
  const others = names.find((dns) => dns.site === site.name)?.others ?? [];
  const listed = others.map((one) => ({ ...one, values: [one.value] }));
  return obstaclesOf(site, listed).map(({ server }) => server);
};

/** Nobody who has that address or name asked for our probes, so nothing else is looked at. */
const exampleResult = (example: string, warnings: string[], screen: Screen): Result => {
  const text = wrap(`${example} Nothing was sent to any of them.`, screen.width).join('\n');
  return { ok: false, text, answer: { message: example, warnings, example: true } };
};

const NOTHING_FOUND = { findings: [], prognoses: [] };

const endOf = (code: 0 | 1 | 3) => ({ ok: code === 0, ...(code === 3 && { code }) });

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
          `Whether there is a second zone of the same name was not looked up for ${account.zones
            .filter(({ others }) => others === undefined)
            .map(({ zone }) => zone)
            .join(
              ', ',
            )}: it takes route53:ListHostedZonesByName, and shows the zones of the account that you are signed in to.`,
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

/** Whether no vantage has told anything of these sites. */
const isFromHere = (sites: CheckedSite[]): boolean =>
  sites.every(({ servers }) => servers.every(({ health }) => health === undefined));

const isTrouble = ({ outcome, differs }: CheckedServer): boolean =>
  outcome === 'failed' || differs !== undefined;

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
  const remarks = servers.flatMap(({ differs }) => differs ?? []);
  const style = standby === 'able' ? 'green' : standby === 'unable' ? 'red' : 'yellow';
  const lines: Line[] = [
    [
      ['bold', site],
      ['dim', `  ${probe.method} ${probe.url}`],
    ],
    ...columns(rows),
    ...remarks.flatMap((remark) => wrap(remark, screen.width, '  ')).map((line): Line => [['yellow', line]]),
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
