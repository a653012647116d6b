import { isIP } from 'node:net';
import { type Diagnosis, diagnose } from '../../lambda/core/doctor/diagnosis.ts';
import type { Account, DoctorFacts, SiteDns, SiteServers } from '../../lambda/core/doctor/facts.ts';
import { ttlText } from '../../lambda/core/doctor/findings.ts';
import { findingsTogether, toldText } from '../../lambda/core/doctor/together.ts';
import { type Config, disclosed, type Site } from '../../lambda/core/site/site.ts';
import { askDns } from '../../lambda/doctor/visit.ts';
import { zonesNamed } from '../../lambda/edge/account.ts';
import { dnsEdge, dnsOfOne, serverOf } from '../../lambda/edge/dns.ts';
import type { DnsEdge } from '../../lambda/ports.ts';
import type { Given } from '../arguments.ts';
import type { Console } from '../console.ts';
import { type Line, paint, type Screen, type Style, wrap } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { sharingOf } from './check-sharing.ts';
import { compare } from './compare.ts';

const NOTHING = { sites: [], zones: [], topics: [], calls: [], blind: [], vantages: 0, unseen: [] };

/** What is deployed, as its console function tells it, compared with the configuration here. */
export const askAccount = async (console: Console, config: Config, sites: Site[]): Promise<Account> => {
  const nowMs = Date.now();
  try {
    const answer = await console.ask({ action: 'check' });
    const account = answer.facts?.account;
    if (account === undefined) {
      const absent = `${console.name} cannot be examined, and may be of an earlier version: ${answer.message}`;
      return { ...NOTHING, nowMs, absent };
    }
    const deployed = (await console.ask({ action: 'config' })).config;
    const mine = (zone: string) => sites.some((site) => site.zone === zone);
    // Who is signed in here sees the zones of one account.
    const isHere = (zone: string) => config.zones.every(({ name, account }) => name !== zone || !account);
    const zones = account.zones
      .filter(({ zone }) => mine(zone))
      .map((zone) => (isHere(zone.zone) ? withOthers(console, zone) : zone));
    return {
      ...account,
      sites: account.sites.filter(({ site }) => sites.some(({ name }) => name === site)),
      zones: await Promise.all(zones),
      ...(await sharingOf(console, config)),
      ...(deployed !== undefined && { differs: differences(deployed, config) }),
    };
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return { ...NOTHING, nowMs, absent: error.message };
  }
};

/** An operator may not be allowed to see all zones of the account; then nobody looked for a second one. */
const withOthers = async (
  { aws }: Console,
  zone: Account['zones'][number],
): Promise<Account['zones'][number]> => {
  try {
    const others = (await zonesNamed(aws, zone.zone)).filter((id) => id !== zone.id);
    return { ...zone, others };
  } catch {
    return zone;
  }
};

const differences = (deployed: Config, config: Config): string[] => {
  const { deployment, sites } = compare(deployed, disclosed(config), new Map());
  return [...deployment.map(({ what }) => what), ...sites.map(({ site, change }) => `${site} is ${change}`)];
};

/** Where DNS is asked from here; nowhere for what is on this machine alone, unless --dns says where. */
export const dnsFor = (given: Given, config: Config, localDns: string | undefined): DnsEdge | undefined => {
  if (given.dns === undefined) {
    if (localDns !== undefined) return dnsOfOne(serverOf(localDns));
    return config.local ? undefined : dnsEdge(undefined);
  }
  const resolvers = given.dns.split(',').map(serverOf);
  if (resolvers.every(({ address, port }) => isIP(address) !== 0 && port > 0)) {
    return { ...dnsEdge(undefined), resolvers, port: resolvers[0]?.port ?? 53 };
  }
  throw new Trouble(
    `Expected --dns to be addresses of resolvers such as 9.9.9.9 or 127.0.0.1:5353, received ${given.dns}.`,
  );
};

/** Asks DNS where it may be asked, and judges all that was gathered. */
export const examine = async (
  sites: Site[],
  servers: SiteServers[],
  dns: DnsEdge | undefined,
  account: Account | undefined,
): Promise<{ facts: DoctorFacts; diagnosis: Diagnosis }> => {
  const zones = [...new Set(sites.map(({ zone }) => zone))].map((name) => {
    const nameServers = account?.zones.find(({ zone }) => zone === name)?.nameServers;
    return { name, ...(nameServers !== undefined && { nameServers }) };
  });
  const found = dns === undefined ? { zones: [], names: [] } : await askDns(dns, zones, sites);
  const facts = { ...found, servers, ...(account !== undefined && { account }) };
  return { facts, diagnosis: diagnose(facts, sites, Date.now()) };
};

/** 0 when nothing but notes was found, 1 with errors, 3 with warnings alone or where nobody can tell. */
export const exitOf = (
  { findings, prognoses }: Pick<Diagnosis, 'findings' | 'prognoses'>,
  warnings: string[] = [],
): 0 | 1 | 3 => {
  if (findings.some(({ severity }) => severity === 'error')) return 1;
  const doubts =
    warnings.length > 0 ||
    findings.some(({ severity }) => severity === 'warning') ||
    prognoses.some(({ would }) => would === 'unknown');
  return doubts ? 3 : 0;
};

const STYLES: Record<string, Style> = { error: 'red', warning: 'yellow', note: 'dim' };
const VERDICTS: Record<string, Style> = { 'fail-over': 'green', not: 'red', unknown: 'yellow' };

/** The findings, the worst first, and a line for each site at the end. */
export const diagnosisText = ({ findings, prognoses }: Diagnosis, screen: Screen): string => {
  const blocks = findingsTogether(findings).map(({ severity, code, told, why, mend }) =>
    [
      paint(screen, [
        [STYLES[severity] ?? 'dim', severity],
        ['bold', ` ${code}`],
      ]),
      ...[...told.map(toldText), why, mend].flatMap((text) => wrap(text, screen.width, '  ')),
    ].join('\n'),
  );
  const verdicts = prognoses.flatMap(({ would, text }) =>
    wrap(text, screen.width).map((line) => paint(screen, [[VERDICTS[would] ?? 'yellow', line]])),
  );
  return [...blocks, verdicts.join('\n')].join('\n\n');
};

/** The way from the host to the addresses, each link with its TTL and what that costs in an outage. */
export const wayLines = ({ links, addresses, end }: SiteDns, site: Site, screen: Screen): string[] => {
  if (end !== 'addresses' && links.length === 0) return [];
  const hops = links.map(({ name, ttlSeconds, to }) => {
    const moves = site.names.includes(name);
    const cost = moves
      ? 'waited for after a failover'
      : 'not waited for in a failover; waited for if the zone itself must be left';
    return `${name} CNAME ${to}, TTL ${ttlText(ttlSeconds)}: ${cost}`;
  });
  const [last] = addresses;
  const ends =
    last === undefined
      ? []
      : [
          `${last.name} ${addresses.map(({ type, value }) => `${type} ${value}`).join(', ')}, TTL ${ttlText(last.ttlSeconds)}: after a failover visitors ` +
            `wait up to so long, ${ttlText(Math.round(last.ttlSeconds / 2))} on average`,
        ];
  return [...hops, ...ends]
    .flatMap((text) => wrap(text, screen.width, '  '))
    .map((line) => paint(screen, [['dim', line]] satisfies Line));
};
