import { isUnseen } from '../../lambda/core/evidence/targets.ts';
import { isBadPort } from '../../lambda/core/probe/bad-ports.ts';
import { quorum, type Server } from '../../lambda/core/site/site.ts';
import { alertWarnings } from './alert-rules.ts';
import type { ConfigDraft, Draft } from './draft.ts';
import type { SwitchoverConfig } from './input.ts';
import { KNOWN_REGIONS, OPT_IN_REGIONS } from './regions.ts';

const VANTAGES_ADVISED = 3;

/** What works, and is likely to be regretted: whole sentences. */
export const warnings = (
  config: ConfigDraft,
  alerts: Draft<SwitchoverConfig>['alerts'] | null,
  hasTopic: boolean,
): string[] => {
  const found: string[] = [];
  const count = config.vantages?.length ?? VANTAGES_ADVISED;
  if (count < VANTAGES_ADVISED) {
    const why =
      quorum(count) === 1
        ? 'one region alone decides, so its own network trouble looks like a dead server'
        : `both must agree, so as soon as one is blind nothing moves by itself`;
    found.push(`\`vantages\` has ${count} of the three or more that are advised: ${why}.`);
  }
  if (config.homeRegion === 'us-east-1') {
    found.push(
      '`homeRegion` is us-east-1, where the control plane of Route 53 lives: trouble there would take away the controller and the records it changes at once, so choose another region.',
    );
  }
  const tags = new Set(config.sites.flatMap(({ site }) => site.tags?.flatMap((tag) => tag ?? []) ?? []));
  found.push(...alertWarnings(alerts, tags, hasTopic));
  if (config.sites.length === 0) found.push('`sites` is empty: nothing is watched.');
  return [
    ...found,
    ...unknownRegions(config),
    ...closedRegion(config),
    ...unseenServers(config),
    ...hastySites(config),
    ...instanceHolders(config),
    ...blockedPorts(config),
  ];
};

/** A slip of the hand in a region is found here and not by a deployment that has made half of it. */
const unknownRegions = ({ homeRegion, vantages }: ConfigDraft): string[] => {
  const named = [
    ['homeRegion', homeRegion],
    ...(vantages ?? []).map((vantage, index) => [`vantages[${index}]`, vantage]),
  ] as [path: string, region: string | null][];
  return named.flatMap(([path, region]) => {
    if (region === null || KNOWN_REGIONS.includes(region)) return [];
    const alike = KNOWN_REGIONS.filter((known) => known.startsWith(region.replace(/\d+$/, '')));
    const known = alike.length === 0 ? '' : ` It knows ${alike.join(', ')}.`;
    return [
      `\`${path}\` is ${region}, which is no AWS region that this version of Switchover knows.${known} If AWS has no such region, nothing can be deployed there, so correct it.`,
    ];
  });
};

/** STS of a region gives no role of an account that has not switched the region on, and which has is seen there alone. */
const closedRegion = ({ zones, homeRegion }: ConfigDraft): string[] => {
  const account = zones?.find((zone) => zone?.account)?.account?.roleArn?.split(':')[4];
  if (account === undefined || homeRegion === null || !OPT_IN_REGIONS.includes(homeRegion)) return [];
  return [
    `\`homeRegion\` is ${homeRegion}, which an account has to switch on: without it account ${account} lets nobody assume its role from there, so switch the region on there, too, or choose another home region.`,
  ];
};

/** Probers in Lambda have no IPv6; on one machine they have what the machine has. */
const unseenServers = ({ sites, local }: ConfigDraft): string[] =>
  sites.flatMap(({ site, at }) =>
    (site.servers ?? []).flatMap((server, index) => {
      if (server === null || local === true || !isUnseen(server as Server)) return [];
      return [
        `\`${at('servers')}[${index}]\` (${server.name}) can be probed by IPv6 alone, which AWS Lambda does not have: it is never known to be up, so nothing moves to it by itself, nor away from it. Give it an IPv4 address in \`ipv4\` or \`probeAddress\`.`,
      ];
    }),
  );

/** What EC2 demands to take an address from an instance has been read and not seen; of an interface there is no doubt. */
const instanceHolders = ({ sites, local }: ConfigDraft): string[] =>
  sites.flatMap(({ site, at }) => {
    const index = (site.servers ?? []).findIndex((server) => server?.holder?.startsWith('i-'));
    const holder = site.servers?.[index]?.holder;
    if (local === true || holder === undefined) return [];
    return [
      `\`${at('servers')}[${index}].holder\` is ${holder}, an instance: whether AWS lets the controller take an address from one has not been seen in a real account. Name its network interface instead (eni-…, in the EC2 console under the instance's networking), or try a switch before you rely on it.`,
    ];
  });

/** A probe is no browser, and asks at any port. */
const blockedPorts = ({ sites }: ConfigDraft): string[] =>
  sites.flatMap(({ site, at }) => {
    const url = site.probe?.url ?? '';
    if (!/^https?:/i.test(url) || !URL.canParse(url) || !isBadPort(new URL(url))) return [];
    return [
      `\`${at('probe')}.url\` has the port ${new URL(url).port}, at which browsers ask for no page ("unsafe port"): the probe passes and visitors see none. Serve it at another port, or use \`tcp://\` or \`tls://\` if no browser is to ask there.`,
    ];
  });

/** One sample is what every operator of a health check has regretted. */
const hastySites = ({ sites, local }: ConfigDraft): string[] => {
  const hasty = sites.filter(({ site }) => site.failuresToDown === 1 && site.downForSeconds === 0);
  if (local === true || hasty.length === 0) return [];
  const [first] = hasty;
  const more = hasty.length === 1 ? '' : ` and ${hasty.length - 1} more`;
  return [
    `\`${first?.at('failuresToDown')}\` is 1 with \`downForSeconds\` 0${more}: one bad moment that more than half of the vantages share moves visitors. 3 and 10 are advised.`,
  ];
};
