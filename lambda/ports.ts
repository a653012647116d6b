import type { RecordType } from 'dns-packet';
import type { LogLine } from './contract.ts';
import type { Fault } from './core/base/fault.ts';
import type { Post } from './core/channels/post.ts';
import type { PostAnswer } from './core/channels/verdict.ts';
import type { Subscription } from './core/doctor/facts.ts';
import type { Announcement } from './core/messages/announcement.ts';
import type { AlertEvent } from './core/messages/event.ts';
import type { Heartbeat, Observation, ProberEvent } from './core/probe/request.ts';
import type { Config, NotifierConfig } from './core/site/site.ts';
import type { Baton, BatonNote } from './core/state/baton.ts';
import type { KnownDeployment } from './core/state/deployment-state.ts';
import type { Entry } from './core/state/history.ts';
import type { Association } from './core/zone/moved-address.ts';
import type { Change, RecordSet } from './core/zone/records.ts';

/** The only source of time in `lambda/`: tests and the simulator bring their own. */
export type Clock = {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Milliseconds since some moment, on a clock that nobody sets: what `now` gains or loses against it is a jump. */
  steady(): number;
  /** Resolves after `ms` milliseconds, or at once (without error) when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** A DNS server: an IP address and a port. */
export type DnsServer = { address: string; port: number };

/** Single questions to single DNS servers. */
export type Dns = {
  /**
   * Asks over UDP, over TCP when the answer was truncated; `timeoutMs` (2,000 by default) is for all of it. An answer with
   * any rcode is an answer; everything else is a `DnsFault`.
   */
  ask(server: DnsServer, question: DnsQuestion, timeoutMs?: number): Promise<DnsAnswer>;
};

/** Questions to single servers, and where to begin: everything else is found by asking. */
export type DnsEdge = Dns & {
  /** Servers that find an answer elsewhere, asked in turn: those of this machine. None where nothing is delegated. */
  resolvers: DnsServer[];
  /** The port of every name server: 53 in the world. */
  port: number;
  /** For the doctor: asked in place of every name server, where one program plays all of them: the local cloud's. */
  only?: DnsServer;
};

/** A stored document with the version that its next writer must name. */
export type Stored = { text: string; version: number };

/** The state table, reduced to what the flow needs. Every method rejects with a `Fault`. */
export type Store = {
  /** The stored documents of `names`; a name that has none is absent. Consistent reads. */
  load(names: string[]): Promise<Map<string, Stored>>;
  /** Writes a document if its version is still `version` (0: none yet); answers the new version. `conflict` when it is not. */
  save(name: string, text: string, version: number): Promise<number>;
  /** Takes the baton for an event if it is newer than the last one; `undefined` when it is not. */
  takeBaton(scheduledMs: number): Promise<Baton | undefined>;
  /** Keeps the baton and notes what a successor needs to know; `undefined` when a newer controller holds it. */
  keepBaton(term: number, note: BatonNote): Promise<Baton | undefined>;
  /** The baton of one controller, by its number; of this one without. */
  readBaton(controller?: number): Promise<Baton | undefined>;
  /** Adds entries to a site's history, each with an expiry; writing one twice is writing it once. */
  record(name: string, entries: Entry[]): Promise<void>;
  /** The newest `limit` entries of a site's history that are not after `untilMs`, newest first. */
  history(name: string, limit: number, untilMs?: number): Promise<Entry[]>;
  /** Makes the holder of the baton read the states again; of which baton, as above. */
  wake(controller?: number): Promise<void>;
};

/** The Elastic IPs of an account. Everything that fails is a `Fault`; after `lost` a step may or may not have been taken. */
export type Addresses = {
  /** Where they are, by allocation id. One that does not exist in the region is missing. */
  find(region: string, allocationIds: string[]): Promise<Map<string, Association>>;
  /** Gives up exactly this association; EC2 may call it done when it is none any more. */
  disassociate(region: string, associationId: string): Promise<void>;
  /** Gives the address to an instance (`i-…`) or network interface (`eni-…`); refused while anything holds it. */
  associate(region: string, allocationId: string, holder: string): Promise<void>;
};

/** The probers, by vantage. Rejects with a `Fault` when the vantage as such could not look. */
export type Probers = { probe(vantage: string, event: ProberEvent): Promise<Observation[]> };

/** Where the alarm on silence listens. A beat that did not arrive rejects with a `Fault`. */
export type Heart = { beat(heartbeat: Heartbeat): Promise<void> };

/** The hosted zones. Everything that fails is a `Fault`; after `lost` a change may or may not have been applied. */
export type Zones = {
  /** The whole zone as Route 53 lists it, changes included that DNS does not answer with yet. */
  list(zoneId: string): Promise<RecordSet[]>;
  /** Sends the changes as one atomic batch, once. The comment is cut at 256 characters. */
  change(zoneId: string, changes: Change[], comment: string): Promise<{ changeId: string }>;
  /** Whether all name servers of the zone have the change. It is asked of the account that has the zone. */
  changeStatus(changeId: string, zoneId: string): Promise<'PENDING' | 'INSYNC'>;
};

/** The topic that people subscribe to. Rejects with a `Fault`; `lost` may have been told. */
export type Topic = { publish(announcement: Announcement): Promise<void> };

/** The topic that programs subscribe to. Rejects with a `Fault`; `lost` may have been told. */
export type Events = { publish(event: AlertEvent): Promise<void> };

/** Values of parameters, decrypted, by name; those that do not exist are left out. Rejects with a `Fault`. */
export type ReadParameters = (names: string[]) => Promise<Map<string, string>>;

/** What the doctor reads of the account, and nothing else does. Rejects with a `Fault`. */
export type AccountReader = {
  /** The zone's own name servers (lower case, no trailing dot) and the state of its accelerated recovery, if Route 53 tells it. */
  zone(zoneId: string): Promise<{ nameServers: string[]; accelerated?: string }>;
  /** Who is subscribed to a topic, in whichever region that is. */
  subscriptions(topicArn: string): Promise<Subscription[]>;
};

/** Keeps what one process asks of Route 53 within one account's limits, so that it is not throttled in the middle of its work. */
export type Pacer = {
  /** Waits until a request with so many changes (none for one that reads) is within the limits, and counts it. */
  spend(changes: number): Promise<void>;
  /** The request with so many changes was answered, or is not made after all; once for each that spent any. */
  answered(changes: number): void;
  /** How many changes could be sent within `withinMs`. */
  within(withinMs: number): number;
  /** The answer was that Route 53 throttles, to a request with so many changes: other processes of the account ask, too. */
  throttled(changes: number): void;
};

/** What is known of the secrets. */
export type KnownSecrets = {
  /** By parameter name. */
  values: ReadonlyMap<string, string>;
  /** Why others that were read are not among them, by parameter name: words that do not repeat what was read. */
  lacking: ReadonlyMap<string, string>;
  /** The store did not answer, or what it answered is of no use. Told once: each time, and for each parameter. */
  fault?: Fault;
};

/** Never rejects. */
export type Secrets = { of(names: string[]): Promise<KnownSecrets> };

/** Sends one request, once, and never rejects. `secrets` are not in what it answers, whatever the service repeats of them. */
export type Poster = (post: Post, secrets: readonly string[]) => Promise<PostAnswer>;

/** What the notifier touches outside. */
export type NotifierPorts = Logging & {
  config: NotifierConfig;
  post: Poster;
  secrets: Secrets;
  /** Where people are mailed what a channel did not take. */
  topic: Topic;
  /** A text that no other call answers. */
  nonce(): string;
};

/** What the doctor needs apart from the world of rounds. */
export type DoctorTools = {
  account: AccountReader;
  alertsArn: string;
  /** Absent where no DNS may be asked: on one machine without a name server of its own. */
  dns?: DnsEdge;
};

/** What a line of the log takes: when, and where it goes. */
export type Logging = { clock: Clock; log(line: LogLine): void };

/** Everything outside that the controller and the console touch. Tests and the simulator bring their own. */
export type World = Logging & {
  config: Config;
  /** Zone name to hosted zone id. */
  zoneIds: Record<string, string>;
  probers: Probers;
  zones: Zones;
  /** Keeps the requests to Route 53 within the limits of the account that has the zone; without it they are sent at once. */
  pacerOf?(zone: string): Pacer;
  store: Store;
  topic: Topic;
  events: Events;
  /** Where a site moves an Elastic IP. */
  addresses?: Addresses;
  /** Only for who watches: without it no switch is followed to visitors, and edits are seen when the zone is listed. */
  dns?: DnsEdge;
  /** Only for who probes: a site whose probe has a secret is not looked at without. */
  secrets?: Secrets;
  /** Without it no daily check is made, and none on demand. */
  doctorTools?: DoctorTools;
  memory: Memory;
  /** When the first interval round after `afterMs` is due, where that is not as in `core/evidence/jitter.ts`; for tests that are read by people. */
  nextDueMs?(afterMs: number): number;
  /** A text that no other call and no other process answers. */
  nonce(): string;
};

/** Zones as Route 53 lists them, with the addresses that move where EC2 has a part in how a site stands. */
export type ZonePorts = Logging & Pick<World, 'config' | 'zoneIds' | 'zones' | 'addresses'>;

/** What this process told last when nothing could be stored, by kind: milliseconds. It lives as long as the process does. */
export type Memory = Map<string, number> & {
  /** What the last controller knew of the deployment and could not store: the next one goes on from there, and tells nothing twice. */
  deployment?: KnownDeployment;
};

export type DnsQuestion = {
  /** Without a final dot; the root is the empty text. */
  name: string;
  type: RecordType;
  /** Whether the server is to find the answer elsewhere (RD); false by default. */
  recursion?: boolean;
  /** Whether DNSSEC records are wanted (DO); false by default. */
  dnssec?: boolean;
};

export type DnsAnswer = {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED`, …; those without a name here are `RCODE11`. */
  rcode: string;
  /** AA: a name server of the zone says so itself. */
  authoritative: boolean;
  /** RA: the server would have asked others. */
  recursionAvailable: boolean;
  /** AD: a resolver has checked the DNSSEC signatures. */
  authenticated: boolean;
  answers: DnsRecord[];
  authorities: DnsRecord[];
  additionals: DnsRecord[];
};

/**
 * One record. `name` is normalised; `value` is in the presentation form of a record set's value in Route 53, names in it
 * normalised: `192.0.2.1`, `"v=1 epoch=42"`, `10 mail.example.net`, an SOA's seven fields one space apart.
 */
export type DnsRecord = { name: string; type: string; ttlSeconds: number; value: string };
