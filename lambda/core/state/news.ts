import type { Decision, Reason } from '../decision/decide.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Health } from '../site/health.ts';
import type { Role } from '../zone/role-record.ts';
import type { Finding } from './finding.ts';
import type { Done, Heard, Propagation } from './propagation.ts';

/** What a write was to change, null where no record was there; `reason`: for which decision, where that is known. */
type Write = { from: string | null; to: string; reason?: string | undefined };

/** `again`: it was told before, and goes on. */
type Lasting = { again?: true | undefined };

/** A server that turned: `serving` is what DNS named then, `next` what would take over without it. */
type Turned = {
  server: string;
  health: Health;
  serves: boolean;
  serving?: string | undefined;
  next?: string | undefined;
};

/** A server that comes and goes: so many turns since then. */
type Flapping = Turned & { sinceMs: number; turns: number };

/**
 * A hold or pin that is in force: whose it is, as far as that is known, and until when. `server`: the one that is pinned. `epoch`: of the
 * order, or of the role record where it stands there alone; a later order has a higher one. Absent where an earlier version stored it.
 */
export type Hold = {
  epoch?: number | undefined;
  mode: 'held' | 'pinned';
  server?: string | undefined;
  by?: string | undefined;
  reason?: string | undefined;
  untilMs: number;
};

/** What an order of a person was; `by` and `reason` as they gave them. */
type Given = { by: string; reason: string };

/** What an order asks of a site. `to`: the server that is to serve. */
export type Asks = {
  order: 'hold' | 'pin' | 'release' | 'failback' | 'point' | 'adopt' | 'put-back';
  to?: string | undefined;
};

/**
 * What people are told about one site, as data. It is stored as it happened; the words are made when it is published,
 * by `messages/site-letters.ts`. A server is named as the configuration names it. Times are milliseconds.
 */
export type SiteNews =
  | ({ type: 'moved' } & MoveNews)
  | { type: 'address-answers'; serving: string; epoch: number; sinceSeconds: number }
  | ({ type: 'address-late'; serving: string; why: string; evidence: Evidence } & Lasting)
  /**
   * `sinceMs`: since when it fails, or passes. `over`: nothing is amiss at the site any more. `also`: the others that turned up in the same
   * look, if any. `blocked`: those to which Route 53 would refuse a move.
   */
  | ({
      type: 'turned';
      movedTo?: string | undefined;
      decision: Decision;
      evidence: Evidence;
      sinceMs?: number | undefined;
      over?: true;
      also?: string[];
      blocked?: string[];
    } & Turned)
  | ({ type: 'flapping'; evidence: Evidence } & Flapping)
  | ({ type: 'steady'; evidence: Evidence; over?: true } & Flapping)
  | { type: 'unseen'; server: string; evidence: Evidence }
  | { type: 'large-hello'; server: string; vantage: string; detail: string }
  | { type: 'certificate'; server: string; expiresMs: number; authority?: string | undefined }
  /**
   * It stays where it is although what serves it is not up. `stays`: what serves, as people know it. `sinceMs`: since when that fails.
   * `next`: what would take over if nothing kept it. `hold`: whose hold or pin keeps it. `blocked`: as above.
   */
  | ({
      type: 'stuck';
      decision: Decision;
      serving?: string | undefined;
      stays: string;
      forMs: number;
      evidence: Evidence;
      sinceMs?: number | undefined;
      next?: string | undefined;
      hold?: Hold | undefined;
      blocked?: string[];
    } & Lasting)
  /** All is well again on the preferred server, and nothing else has said so. */
  | { type: 'over'; sinceMs: number; serving?: string | undefined }
  | { type: 'edited'; detail: string }
  | { type: 'held-elsewhere'; owner: string }
  /** `passes`: it may be taken at the next try, and nobody has to mend anything. */
  | ({ type: 'refused'; message: string; passes: boolean } & Write & Lasting)
  | ({ type: 'protected'; message: string } & Write & Lasting)
  | ({ type: 'late'; sinceMs: number; waitsFor: string; evidence: Evidence } & Write & Lasting)
  | ({ type: 'unwritten' } & Write)
  | { type: 'rolled-back'; epoch: number; lostEpoch: number }
  | ({ type: 'state-lost' } & Pick<Role, 'epoch' | 'serving' | 'mode'>)
  /** `unwritten`: why it could not be written, as a clause, where it was due. */
  | ({
      type: 'failback-not-done';
      serving?: string | undefined;
      decision: Decision;
      unwritten?: string | undefined;
    } & Given)
  /** `about`: it is about what people are told, and moves nothing. `asks` is absent then, and where an earlier version stored it. */
  | ({
      type: 'ordered';
      what: string;
      ended?: string | undefined;
      asks?: Asks | undefined;
      about?: 'silence' | 'acknowledgement' | undefined;
    } & Given)
  | ({ type: 'silence-ended' } & SilenceEnded)
  | ({ type: 'found'; from: string } & Pick<Role, 'epoch' | 'serving' | 'mode'>)
  | ({ type: 'unread'; epoch: number; reason: string; row: number } & Write)
  | ({
      type: 'switch-ended';
      planned: boolean;
      done: boolean;
      why: string;
      to: string;
      serving?: string | undefined;
    } & Given)
  /** A hold or pin has ended. `stays`: what serves and is no configured server. */
  | {
      type: 'expired';
      mode: string;
      untilMs: number;
      serving?: string | undefined;
      stays?: string | undefined;
    }
  | {
      type: 'blocked';
      appeared: { server: string; why: string }[];
      all: string[];
      serving?: string | undefined;
    }
  | { type: 'unblocked'; servers: string[]; serving?: string | undefined }
  | { type: 'visible'; propagation: Propagation; done: Done }
  | { type: 'lagging'; propagation: Propagation; heard: Heard }
  | Several
  | Worded;

/**
 * The silence that `by` gave for `reason` at `sinceMs` is over since `untilMs`. `ended`: who ended it before its time. `suppressed`: so many messages
 * were kept back. The rest is what still holds: servers that are down, not known, or come and go; those that a record stands in the
 * way of; an edit by hand; whose hold or pin keeps the site. `known`: people were told in the silence that no server works.
 */
type SilenceEnded = Given & {
  sinceMs: number;
  untilMs: number;
  ended?: Given | undefined;
  suppressed: number;
  serving?: string | undefined;
  next?: string | undefined;
  down: string[];
  unknown: string[];
  flapping: string[];
  blocked: string[];
  edited?: true | undefined;
  hold?: Hold | undefined;
  known?: true | undefined;
  evidence: Evidence;
};

/** A move, written down before it is made and told once the zone lists it. */
export type MoveNews = {
  reason: Reason;
  row: number;
  from: string | null;
  to: string;
  epoch: number;
  /** Servers published along with `to` (lever `dual`). */
  members: string[];
  /** The planned switch for which a TTL was lowered. */
  lowered?: { to: string; by: string } | undefined;
  evidence: Evidence;
  /** Since when the server fails that it moved away from, milliseconds. */
  sinceMs?: number | undefined;
  /** With this move nothing is amiss at the site any more. */
  over?: true;
};

/** The first of so many. */
type Some = { first: string[]; count: number };

/**
 * What people are told about the deployment as a whole. Of long lists the first are kept, and how many there are:
 * `count`.
 */
export type DeploymentNews =
  | { type: 'vantage-blind'; vantage: string; code: string; why: string; left: number }
  | { type: 'zone-unreadable'; zone: string; sinceMs: number }
  | { type: 'moves-wait'; sites: string[]; count: number; allowed: number }
  /** `ended`: what pagers had open about them, by key with its class. */
  | {
      type: 'sites-removed';
      sites: { site: string; serving?: string | undefined }[];
      count: number;
      ended?: Record<string, string> | undefined;
    }
  /** `not`: sites that would not fail over, in a sentence each; `open`: those of which nobody knows. */
  | { type: 'checkup'; findings: Finding[]; count: number; sites: number; not: Some; open: Some }
  /**
   * Each site of a mass failure that began then was well again at a moment of its own. `but`: sites of the deployment that are not so when
   * the last one is, since a person has moved or holds them, or something else has begun.
   */
  | { type: 'mass-over'; group: string; sinceMs: number; count: number; but?: Some | undefined }
  /** Once a week: messages arrive. The next one comes at `nextMs`. */
  | { type: 'weekly-test'; nextMs: number }
  | { type: 'store-away' }
  | { type: 'states-unreadable'; sites: string[] }
  | { type: 'deployment-unreadable' }
  | { type: 'defect'; message: string }
  | Several
  | Worded;

/** What could not be told in time, oldest first, without its evidence; before these so many more are not kept. */
export type Several = {
  type: 'several';
  of: { kind: string; incident: string; atMs: number; news: News }[];
  more: number;
};

/** Words that an earlier version made when it happened. */
export type Worded = { type: 'worded'; subject: string; text: string };

export type News = SiteNews | DeploymentNews;

/** The news of one type. */
export type NewsOf<T extends News['type']> = Extract<News, { type: T }>;
