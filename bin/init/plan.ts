import { BlockList, isIP } from 'node:net';
import { ConfigError, checkConfig, type SwitchoverConfig } from '../../lib/config/index.ts';
import { KNOWN_REGIONS } from '../../lib/config/regions.ts';
import { billOf } from '../../lib/cost/model.ts';
import { ownDomain } from './dns.ts';
import { type Answers, addressesIn, type Known, QUESTIONS } from './questions.ts';

/** What came of the answers: the configuration, and why it is so, one sentence a choice. */
export type Plan = {
  config: SwitchoverConfig;
  reasons: { vantages: string; interval: string; local?: string };
};

/** Addresses that only this machine or this network reaches. */
const HERE = new BlockList();
HERE.addSubnet('127.0.0.0', 8);
for (const [net, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  HERE.addSubnet(net, bits);
HERE.addAddress('::1', 'ipv6');
HERE.addSubnet('fc00::', 7, 'ipv6');

const isHere = (address: string): boolean => HERE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Regions that AWS opens without being asked, by the continent in their names: vantages are chosen among them. */
const OPEN = [
  'eu-west-1',
  'eu-central-1',
  'eu-west-2',
  'us-west-2',
  'us-east-2',
  'us-east-1',
  'ap-southeast-1',
  'ap-northeast-1',
  'ap-southeast-2',
  'ap-south-1',
].filter((region) => KNOWN_REGIONS.includes(region));

const vantagesFor = (region: string): string[] => {
  const continent = region.slice(0, 3);
  const others = OPEN.filter((other) => other !== region);
  const near = others.filter((other) => other.startsWith(continent));
  return [region, ...near, ...others.filter((other) => !near.includes(other))].slice(0, 3);
};

/** The record that moves: the host itself where the zone holds it, else `www` below its own name, or its first label in a zone elsewhere. */
const siteName = (host: string, zone: string): string => {
  if (host === zone || host.endsWith(`.${zone}`)) return host;
  if (zone.endsWith(`.${ownDomain(host)}`)) return `www.${zone}`;
  return `${host.split('.')[0]}.${zone}`;
};

const INTERVALS = [10, 20, 30, 60] as const;

/** The shortest interval that the budget pays for also where AWS's free allowances are used up, and its bill. */
const intervalFor = (config: SwitchoverConfig, budget: number) => {
  const priced = INTERVALS.map((intervalSeconds) => ({
    intervalSeconds,
    ...billOf(checkConfig({ ...config, intervalSeconds }).config),
  }));
  return priced.find(({ dollars }) => dollars <= budget) ?? (priced.at(-1) as (typeof priced)[number]);
};

const serverOf = (name: string, text: string) => {
  const { ipv4, ipv6 } = addressesIn(text);
  return { name, ...(ipv4.length > 0 && { ipv4 }), ...(ipv6.length > 0 && { ipv6 }) };
};

/** Makes a configuration of the answers. Throws a `ConfigError` where they do not fit together. */
export const planFor = (answers: Answers): Plan => {
  const { url, primary, standby, email, region, budget } = answers;
  const [zone = '', id] = answers.zone.split('=');
  const { hostname } = new URL(url);
  const all = [primary, standby].flatMap((text) => Object.values(addressesIn(text)).flat());
  const local = all.every(isHere);
  const vantages = vantagesFor(region);
  const sites = [
    {
      name: siteName(hostname, zone),
      servers: [serverOf('primary', primary), serverOf('standby', standby)],
      probe: { url },
    },
  ];
  const base: SwitchoverConfig = {
    deployment: local ? 'local' : 'main',
    ...(local && { local }),
    homeRegion: region,
    vantages,
    zones: [{ name: zone, ...(id !== undefined && { id }) }],
    alerts: { emails: [email] },
    sites,
  };
  const reasons = {
    vantages:
      'More than half of these regions must agree before anything moves: three near the first of them.',
  };
  if (local)
    return {
      config: { ...base, intervalSeconds: 5 },
      reasons: {
        ...reasons,
        interval: 'Brisk, to watch it on one machine.',
        local:
          'Both servers are on this machine or network, so this can be watched here and not be deployed.',
      },
    };
  const { intervalSeconds, dollars, dollarsBeyondFree } = intervalFor(base, Number(budget));
  const beyond = dollars > Number(budget) ? ', more than you said: no longer interval is possible' : '';
  return {
    config: { ...base, intervalSeconds },
    reasons: {
      ...reasons,
      interval: `By "cost" about $${dollarsBeyondFree.toFixed(2)} a month within AWS's free allowances, $${dollars.toFixed(2)} where something else uses them up${beyond}.`,
    },
  };
};

/**
 * Why no configuration can be made of the answers so far, whatever else is answered, as sentences. The servers are judged together: one on
 * this machine is no error before the other is known.
 */
export const troubleSoFar = (known: Known): string | undefined => {
  if (known.primary !== undefined && known.standby === undefined) return undefined;
  const filled = Object.fromEntries(
    QUESTIONS.map(({ name, propose, example }) => [name, known[name] ?? propose?.(known) ?? example]),
  );
  try {
    checkConfig(planFor(filled as Answers).config);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ message }) => message).join(' ');
  }
};
