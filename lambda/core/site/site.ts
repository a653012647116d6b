import { fingerprint } from '../base/fingerprint.ts';
import type { Question } from '../probe/request.ts';
import type { Alerts } from './alerts.ts';

/**
 * What the operator configured, after the door (`lib/config`) has checked it, filled in the defaults and resolved every
 * relation. This is the shape that is baked into the controller's and the console's bundle as `config.json`.
 */
export type Config = {
  /** Prefix of every AWS name: `main` gives `main-controller`, `main-console`, `main-prober`. */
  deployment: string;
  /** Loopback and private addresses and short intervals; such an assembly cannot be deployed. */
  local: boolean;
  homeRegion: string;
  /** Regions from which probers look; the home region may be one of them. */
  vantages: string[];
  zones: Zone[];
  alerts: Alerts;
  /** Once a week a message says that messages arrive. Not without it. */
  weeklyTest?: boolean;
  /** URLs that a vantage must be able to see at least one of, or it abstains. None: nobody abstains. */
  references: string[];
  /** Public resolvers that are asked after a switch until they have it: IP addresses, `192.0.2.1` or `192.0.2.1:53`. None when absent. */
  resolvers?: string[];
  /** Seconds between two interval rounds. */
  intervalSeconds: number;
  /** With more sites than that there are several controllers; without it one for all. */
  sitesPerController?: number;
  /** In the configuration of one of several controllers, whose `sites` and `zones` are its own: which one it is. */
  shard?: Shard;
  /** The share of all sites that may move by themselves within one interval, above 0 and up to 1; all of them without it. */
  maxMoveShare?: number;
  /** Whether there is a CloudWatch dashboard. */
  dashboard?: boolean;
  sites: Site[];
};

/** What the notifier has of it: nothing of sites and zones. */
export type NotifierConfig = Pick<Config, 'deployment' | 'local' | 'homeRegion' | 'alerts'>;

export type Zone = {
  /** Lower case, without the trailing dot. */
  name: string;
  /** A hosted zone that exists already; without it the stack makes (and retains) one. */
  id?: string;
  /** Whose zone it is, where that is another account: the role there that reads and writes it. */
  account?: ZoneAccount;
};

/** A role in another account that our functions assume to reach a zone there. Zones may share one. */
export type ZoneAccount = {
  /** It writes; what only reads assumes `readRoleArn` of it. */
  roleArn: string;
  /** The role asks for it: another deployment, which has another one, cannot assume the role. */
  externalId: string;
};

/** The role beside the one that writes, for the function that only looks. */
export const readRoleArn = (roleArn: string): string => `${roleArn}-read`;

/** The account, partition, path and name in the ARN of a role: `arn:aws:iam::111122223333:role/dns/switchover`. */
export const partsOfRole = (
  roleArn: string,
): { partition: string; account: string; path: string; name: string } => {
  const [, partition = '', , , account = '', resource = ''] = roleArn.split(':');
  const [, ...names] = resource.split('/');
  const name = names.pop() ?? '';
  return { partition, account, path: ['', ...names, ''].join('/'), name };
};

/** The roles in other accounts that a configuration names, each once. */
export const zoneAccounts = ({ zones }: Pick<Config, 'zones'>): ZoneAccount[] => [
  ...new Map(zones.flatMap(({ account }) => (account ? [[account.roleArn, account] as const] : []))).values(),
];

export type Site = {
  /** The deployment that holds the site. Set where a function reads its configuration; what is written is signed with it. */
  deployment?: string;
  /** The record name we move; also the site's name everywhere. Lower case, no trailing dot. */
  name: string;
  /** Every record name moved together: `name` first, then the extra names. */
  names: string[];
  /** The name of the configured zone that holds all `names`. */
  zone: string;
  /** What visitors type: Host header, SNI and certificate name. */
  host: string;
  tags: string[];
  ttlSeconds: number;
  /** The TTL while another server than the preferred one serves; `ttlSeconds` without it. */
  ttlWhileFailedOverSeconds?: number;
  /** No TTL is ever set below this; a planned switch lowers the TTL to it. 10 without it, or `ttlSeconds` if that is less. */
  ttlFloorSeconds?: number;
  /**
   * How a switch is carried out: `record` publishes the serving server alone, `dual` its standbys along with it, `readdress` moves one
   * address from server to server.
   */
  lever: 'record' | 'dual' | 'readdress';
  /** With the lever `dual`. */
  dual?: Dual;
  /** With the lever `readdress`; every server's `ipv4` is its address then, and each has a `probeAddress`. */
  readdress?: Readdress;
  /** In order of preference: the first is the primary. At least two. */
  servers: Server[];
  probe: ProbeSpec;
  failuresToDown: number;
  successesToUp: number;
  downForSeconds: number;
  confirmEverySeconds: number;
  failback: 'manual' | { afterSeconds: number };
  /** A configured server that may serve when no server is armed, if it passed in that very round. */
  lastResort?: string;
  /** Whether what its probes measure is kept by CloudWatch, for its price. */
  metrics?: boolean;
};

/** What the lever `dual` needs to know: see `zone/members.ts`, and `gate/` for what stands before a standby. */
export type Dual = {
  /** The record name that always means the serving server alone; one of the site's `names`. */
  primaryName: string;
  /** The host that a gate sends visitors to: `primaryName`, or the name of a CNAME to it. In the site's certificate. */
  primaryHost: string;
  /** The probe's header, lower case, whose value lets a request through the gate. */
  probeHeader: string;
  /** A standby's addresses join the set once it has been up for so long. */
  joinAfterSeconds: number;
};

/** What the lever `readdress` needs to know: see `zone/moved-address.ts`. */
export type Readdress = {
  /** The address that visitors are sent to, whichever server holds it. */
  address: string;
  /** It is this Elastic IP of AWS; without it the hosts take the address by themselves on seeing the role record. */
  allocationId?: string;
  /** The Elastic IP's region. */
  region?: string;
};

export type Server = {
  /** `[a-z0-9-]{1,32}`. */
  name: string;
  ipv4: string[];
  ipv6: string[];
  /** Served as a CNAME; excludes ipv4 and ipv6. */
  hostname?: string;
  /** Served by alias records to an AWS resource, one a family; excludes the three above. */
  alias?: { name: string; zoneId: string; ipv6: boolean };
  /** An address (or host name) to probe instead of the addresses that are served. */
  probeAddress?: string;
  /** What the Elastic IP is associated with when this server serves: an instance (`i-…`) or a network interface (`eni-…`). */
  holder?: string;
};

export type ProbeSpec = Question & {
  /** Headers whose values are secrets: header name to the name of the SSM parameter that holds it. */
  secretHeaders?: Record<string, string>;
  slowAfterSeconds?: number;
  timeoutSeconds: number;
};

/** Whether any site moves an Elastic IP, for which the functions need EC2's client and permissions. */
export const movesElasticIps = ({ sites }: Config): boolean =>
  sites.some(({ readdress }) => readdress?.allocationId !== undefined);

/** Whether a site is asked with a header whose value the parameter store keeps. */
export const hasSecrets = ({ sites }: Config): boolean =>
  sites.some(({ probe }) => probe.secretHeaders !== undefined);

/** More than half of all configured vantages: no verdict rests on less. */
export const quorum = (vantageCount: number): number => Math.floor(vantageCount / 2) + 1;

/**
 * Where heartbeats go and the dead-man alarm lives: the first vantage region apart from the home region, because an alarm dies
 * with its region; the home region when no other looks.
 */
export const deadManRegion = (config: Config): string =>
  config.vantages.find((region) => region !== config.homeRegion) ?? config.homeRegion;

/** The addresses visitors are sent to, IPv4 first; a host name stands for itself, and so does an alias target. */
export const servedAddresses = ({ ipv4, ipv6, hostname, alias }: Server): string[] => {
  const name = alias?.name ?? hostname;
  return name === undefined ? [...ipv4, ...ipv6] : [name];
};

/** The server that is preferred to all others, the last resort aside. */
export const homeServer = (site: Site): string | undefined =>
  site.servers.find(({ name }) => name !== site.lastResort)?.name;

/**
 * The configuration as it may be shown: a header or body that is sent with a probe may be a secret, so its fingerprint stands
 * for it; and for authorities, since nobody reads them. Secrets proper are names of parameters here.
 */
export const disclosed = (config: Config): Config => ({
  ...config,
  sites: config.sites.map((site) => ({
    ...site,
    probe: { ...site.probe, ...maskedTexts(site.probe), headers: masked(site.probe.headers) },
  })),
});

const maskedTexts = ({ body, ca }: ProbeSpec): Partial<ProbeSpec> => ({
  ...(body !== undefined && { body: mask(body) }),
  ...(ca !== undefined && { ca: mask(ca) }),
});

const masked = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, mask(value)]));

const mask = (text: string): string => `fingerprint ${fingerprint(text)}`;

/** Whether a text of a configuration that was shown stands for another one. */
export const isMasked = (text: string): boolean => /^fingerprint [0-9a-f]{8}$/.test(text);

/** Which of a deployment's controllers this is: `number` counts from 1. `elsewhere` names the sites of the others. */
export type Shard = { number: number; of: number; elsewhere: string[] };
