import type { SiteStatus } from '../orders/status.ts';
import type { Observation } from '../probe/request.ts';
import type { Finding } from '../state/finding.ts';

/** What the doctor was able to find out; what is absent was not looked at, and nothing is concluded from it. */
export type DoctorFacts = {
  zones: ZoneDns[];
  names: SiteDns[];
  servers: SiteServers[];
  account?: Account;
};

/** A record as a server answered it; names normalised, values as Route 53 writes them. */
export type Answered = { name: string; type: string; ttlSeconds: number; value: string };

/** Why a question has no answer; `unreachable` may be for want of IPv6 here. */
export type NoAnswer = { reason: 'timeout' | 'refused' | 'unreachable' | 'garbage'; text: string };

/** Name servers and the TTL of the NS records that name them. */
export type NameServers = { names: string[]; ttlSeconds: number };

/** A name server of the parent, asked for the delegation. */
export type ParentServer = {
  name: string;
  address: string;
  trouble?: NoAnswer;
  /** Absent when it delegates the zone to nobody. */
  delegation?: NameServers;
  /** DS records, `tag algorithm digest-type digest`; absent when the question for them was not answered. */
  ds?: string[];
};

/** A name server of the zone at one of its addresses. */
export type NameServer = {
  name: string;
  /** Absent when the name has none, or (with `trouble`) when no resolver answered what it has. */
  address?: string;
  /** Whether the parent names it; else only Route 53 does. */
  delegated: boolean;
  trouble?: NoAnswer;
  /** Of the question for the SOA record. */
  rcode?: string;
  authoritative?: boolean;
  soa?: { ttlSeconds: number; minimumSeconds: number };
  ns?: NameServers;
  /** DNSKEY records, `flags 3 algorithm key`; absent when the question for them was not answered. */
  keys?: string[];
};

/** How the world finds a zone. */
export type ZoneDns = {
  zone: string;
  /** Absent where nothing delegates, as on one machine; `servers` is empty when the parent could not be found. */
  parent?: { zone: string; servers: ParentServer[]; trouble?: string };
  servers: NameServer[];
  /** Addresses in the parent's glue that the name server's own name does not have, by name. */
  strayGlue: { name: string; glue: string[]; resolved: string[] }[];
};

/** How visitors find a site: from what they type to its addresses, each link as the zone's own name servers answer it. */
export type SiteDns = {
  site: string;
  links: { name: string; ttlSeconds: number; to: string }[];
  end: 'addresses' | 'missing' | 'loop' | 'unseen';
  /** Why it could not be followed. */
  trouble?: string;
  /** A and AAAA records where the chain ends. */
  addresses: Answered[];
  /** What each name server of the site's zone answers for the site's own name; asked of one server only when there are many sites. */
  published: { server: string; records: Answered[] }[];
  /** Records of other types at the site's names, asked for where a server is published as a CNAME. */
  others?: Answered[];
  /** What resolvers answer for the host. */
  resolved: { resolver: string; rcode?: string; trouble?: NoAnswer; addresses: string[] }[];
};

/** What was seen of a site's servers from the place where the doctor looked. */
export type SiteServers = {
  site: string;
  /** Whether a failover would find a server that passes, and the same in a sentence. */
  standby: 'able' | 'unable' | 'unknown';
  text: string;
  /** Where there is none: the servers of which one would have to work again. */
  unable?: string[];
  probes: (Observation & { server: string; address: string })[];
};

/** One e-mail address or other endpoint of a topic. */
export type Subscription = {
  protocol: string;
  endpoint: string;
  state: 'confirmed' | 'pending' | 'deleted';
};

/** What a call that must be refused for its content came to: refused for it (`allowed`), for want of permission, not answered at all, or otherwise. */
export type DryCall = {
  /** The function whose permission it is. */
  by: string;
  does: 'write' | 'announce' | 'store' | 'follow';
  on: string;
  outcome: 'allowed' | 'denied' | 'protected' | 'unanswered' | 'open';
  detail: string;
};

/** What only the account knows, as the console function or the controller could read it. */
export type Account = {
  nowMs: number;
  /** Why nothing could be asked: there is no deployment, or no way to it. Then all else is empty. */
  absent?: string;
  /** In what the deployed configuration differs from the one here. */
  differs?: string[];
  /** When the controller has not decided lately: since when, in a sentence. */
  silent?: string;
  /** Why the state table could not be read. */
  storeTrouble?: string;
  sites: (Pick<
    SiteStatus,
    'site' | 'serving' | 'zone' | 'mode' | 'until' | 'healths' | 'incident' | 'notes'
  > &
    Partial<Pick<SiteStatus, 'holder'>>)[];
  /** When how the sites stand could not be read in time. */
  late?: string;
  zones: {
    zone: string;
    id: string;
    nameServers?: string[];
    /** `ENABLED`, `DISABLED`, `ENABLING`, …; absent when Route 53 says nothing of it. */
    accelerated?: string;
    /** Other hosted zones of this account with the same name, as far as anybody looked. */
    others?: string[];
    trouble?: { code: string; text: string };
  }[];
  topics: {
    name: string;
    region: string;
    wanted: string[];
    subscriptions?: Subscription[];
    trouble?: string;
  }[];
  calls: DryCall[];
  /** Roles by which dashboards of the account are shared, and whether who has such a link may give orders; absent where nobody looked. */
  sharing?: { role: string; mayOrder: boolean }[];
  /** Why that could not be looked up. */
  sharingUnread?: string;
  /** Vantages that were announced as blind, of how many. */
  blind: string[];
  /** Why each of them was, as far as it was noted. */
  blindFor?: Record<string, string>;
  vantages: number;
  /** Addresses of families that no vantage could look at lately, by site. */
  unseen: { site: string; addresses: string[] }[];
  /** The controller's own last check, and what only it can find. */
  checked?: { atMs: number; kept: Finding[] };
};
