import type { ProbeInput, SecretInput } from './probe-input.ts';

/**
 * What an adopter writes, with the comments that an editor shows. Durations are in seconds. The schema checks the same
 * shape value by value, and the compiler that both agree.
 */
export type SwitchoverConfig = {
  /** Prefix of all names in AWS: 'main' gives the functions main-controller, main-console and main-prober. */
  deployment: string;
  /** Default false. true allows loopback and private addresses and short intervals, and refuses to be deployed. */
  local?: boolean;
  /** Region of the controller, its state and the alerts. Better not us-east-1, where Route 53's control plane is. */
  homeRegion: string;
  /** Regions to look from, each once. Three or more, so that one may be blind. */
  vantages: string[];
  /** Public hosted zones that hold the records. */
  zones: ZoneInput[];
  /** Who is told. */
  alerts?: AlertInput | AlertInput[];
  /**
   * Default true. Each Monday at 09:00 UTC a message says that messages arrive: an address that gets none was unsubscribed, or is dead.
   */
  weeklyTest?: boolean;
  /**
   * Default none. URLs of websites that are always there. A vantage that gets an answer from none of them doubts itself: it
   * counts as having seen nothing.
   */
  references?: string[];
  /**
   * Default none. Public resolvers that are asked after a switch until they have it or the old answer's time is over: IP
   * addresses such as '9.9.9.9'. When they had it is told with the other times.
   */
  resolvers?: string[];
  /**
   * Default 10. Time between two looks while all is well: 5 to 60, with `local` 1 to 60. With 60 a controller ends once it has looked and
   * nothing is left to do, which costs less than half.
   */
  intervalSeconds?: number;
  /**
   * Default 1000, which is also the most. With more sites there are several controllers, each with a schedule, a role and an alarm of its
   * own. A zone is divided among them only if it has more sites than that itself.
   */
  sitesPerController?: number;
  /**
   * Default 0.25. The share of all sites that may move by themselves within one interval, more than 0 and at most 1; one site may
   * always. The others wait for the next interval, and you are told.
   */
  maxMoveShare?: number;
  /**
   * Default true. A CloudWatch dashboard of all sites, named after the deployment and its region. An account has three for nothing; each
   * further one is $3 a month, by list price.
   */
  dashboard?: boolean;
  /** Fields for every site that does not set them itself; `probe` is merged field by field. */
  defaults?: SharedInput;
  /** The websites. */
  sites?: SiteInput[];
};

/** Some who are told, and what they are told (docs/alerts.md). */
export type AlertInput = {
  /** Each is asked by AWS to confirm. */
  emails?: string[];
  /** Default all messages. Only those about sites with one of these tags. */
  tags?: string[];
  /** Default 'info', which is everything. Only messages that are at least as bad. */
  from?: 'critical' | 'warning' | 'info';
  /** The incoming webhook of a channel of Slack. */
  slack?: UrlChannelInput;
  /** The workflow of a channel of Microsoft Teams, "When a Teams webhook request is received". */
  teams?: UrlChannelInput;
  /** The webhook of a channel of Discord. */
  discord?: UrlChannelInput;
  /** A service of PagerDuty, by the key of its integration "Events API v2". */
  pagerduty?: KeyChannelInput;
  /** Operations in Jira Service Management, or Opsgenie, by the key of an API integration. */
  jira?: KeyChannelInput;
  /** A topic of ntfy, by its URL. */
  ntfy?: NtfyInput;
  /** A program of yours that understands https://www.standardwebhooks.com. */
  webhook?: WebhookInput;
  /** An event bus of EventBridge in the home region: `true` is the account's own (`default`), any other is named by its ARN. */
  eventBridge?: true | string;
};

export type UrlChannelInput = {
  /** The URL to post to, which is a secret: whoever has it may post. */
  url: SecretInput;
};

export type KeyChannelInput = {
  /** The key of the integration. */
  key: SecretInput;
  /** Where the service is, if not where most of its customers find it: 'https://events.eu.pagerduty.com'. */
  service?: string;
};

export type NtfyInput = {
  /** The URL of the topic, such as https://ntfy.sh/TOPIC. Whoever knows a topic may read it. */
  url: SecretInput;
  /** An access token, where the server wants one. */
  token?: SecretInput;
};

export type WebhookInput = {
  /** The URL to post to. */
  url: SecretInput;
  /** The secret that messages are signed with: whsec_ and 24 to 64 random bytes in base64. */
  key: SecretInput;
};

export type ZoneInput = {
  /** Such as dyn.example.co.uk. */
  name: string;
  /** Of a hosted zone that exists already. Without it the zone is created, and kept when the stack goes. */
  id?: string;
  /** Where the hosted zone is in another account than the one that is deployed to; `id` is required then. */
  account?: ZoneAccountInput;
};

export type ZoneAccountInput = {
  /** The role there that reads and writes the zone; zones may share one: 'arn:aws:iam::111122223333:role/switchover-main'. */
  roleArn: string;
  /** What that role asks for, so that no other deployment can assume it: 2 to 256 letters, digits and _+=,.@:/-. */
  externalId: string;
};

export interface SiteInput extends SharedInput {
  /** The record name that moves, in one of the zones; it names the site everywhere. */
  name: string;
  /** More record names that move together with it, in the same zone. */
  extraNames?: string[];
  /** What the lever 'dual' needs, and no other. */
  dual?: DualInput;
}

export type DualInput = {
  /** A record name of the same zone that always means the serving server alone, such as www-primary.dyn.example.co.uk. */
  primaryName: string;
  /** Default `primaryName`. The host that visitors are sent on to, when `primaryName` is the target of its CNAME. */
  primaryHost?: string;
  /** The header of `probe.headers` that a gate lets through to the application whatever its role, such as x-probe-key. */
  probeHeader: string;
  /** Default 300. A standby's addresses are published again once it has been up for so long. 0 to 86400. */
  joinAfterSeconds?: number;
};

/** Whatever several sites may share. `name` and `extraNames` are not among it: a record name belongs to one site. */
export type SharedInput = {
  /** What visitors type. Default: the host of `probe.url`, and it must equal that. */
  host?: string;
  /** Labels for commands that address many sites at once. */
  tags?: string[];
  /** Default 60. How long resolvers keep an answer: for many visitors the longest part of a failover. 10 to 86400. */
  ttlSeconds?: number;
  /**
   * Default 30, or `ttlSeconds` where that is less. The TTL while another server than the preferred one serves: the way back is
   * shorter then. At most `ttlSeconds`.
   */
  ttlWhileFailedOverSeconds?: number;
  /** Default 10. No TTL is ever set below this, and a planned switch lowers the TTL to it for a while. 1 to `ttlSeconds`. */
  ttlFloorSeconds?: number;
  /**
   * Default 'record': a switch changes the records of the site's names. 'dual' publishes the standbys' addresses beside the
   * serving one's, with a gate before each standby that sends visitors on (docs/dual.md). With 'readdress' the records stay, and
   * one address moves from server to server (docs/readdress.md).
   */
  lever?: 'record' | 'dual' | 'readdress';
  /** With lever 'readdress': the address that moves. */
  readdress?: ReaddressInput;
  /** In order of preference: the first is the primary. At least two. Required here or in `defaults`. */
  servers?: ServerInput[];
  /** How to tell whether a server works. */
  probe?: ProbeInput;
  /** Default 3. Failed verdicts in a row before a server is down, 1 to 20. */
  failuresToDown?: number;
  /** Default 3. Passed verdicts in a row before a server is up, 1 to 20. */
  successesToUp?: number;
  /** Default 10. The failed verdicts must span so long: a restart is not an outage. 0 to fail over as soon as they agree. */
  downForSeconds?: number;
  /**
   * Time between two looks while something is wrong; at most `intervalSeconds`. Default 2; 1 where `failuresToDown` looks 2 seconds apart
   * would take longer than `downForSeconds`.
   */
  confirmEverySeconds?: number;
  /**
   * Default 'manual': a primary that is up again waits for the command `failback SITE`. With `afterSeconds` it returns by
   * itself once it has been up for so long.
   */
  failback?: 'manual' | FailbackInput;
  /** Name of a server that may serve when no server is known to be good, if it passed in that very round. */
  lastResort?: string;
  /**
   * Default false. Whether CloudWatch keeps what each probe measured (passed or not, and its time by phase), for graphs on the dashboard
   * and a plot on the page. Some $9 a month for two servers and three vantages; `npm run switchover -- cost` computes it.
   */
  metrics?: boolean;
};

export type FailbackInput = {
  /** For how long the preferred server must have been up, seconds: 0 to 604,800 (a week). */
  afterSeconds: number;
};

export type ReaddressInput = {
  /** The IPv4 address that visitors are sent to, whichever server holds it. Leave `ipv4`, `ipv6` and `hostname` out of the servers. */
  address: string;
  /** It is this Elastic IP: 'eipalloc-…'. Without it each host runs `switchover-readdress`, and takes the address by itself. */
  allocationId?: string;
  /** The Elastic IP's region. Default: the home region. */
  region?: string;
};

export type ServerInput = {
  /** Short and plain (`[a-z0-9-]{1,32}`): it appears in the role record, in commands and in alerts. */
  name: string;
  /** Addresses to publish as A records. */
  ipv4?: string[];
  /** Addresses to publish as AAAA records. */
  ipv6?: string[];
  /** A name to publish as a CNAME, instead of `ipv4` and `ipv6`; not at the apex of a zone. */
  hostname?: string;
  /**
   * A CloudFront distribution, load balancer or S3 website endpoint, by its own name, to publish as alias records instead;
   * also at the apex of a zone.
   */
  alias?: string;
  /** The hosted zone of the alias target. Needed only where Switchover does not know it from the name. */
  aliasZoneId?: string;
  /** An address or host name to probe, where that differs from what visitors are sent to. */
  probeAddress?: string;
  /** With an Elastic IP: the instance ('i-…') or network interface ('eni-…') that holds it when this server serves. */
  holder?: string;
};
