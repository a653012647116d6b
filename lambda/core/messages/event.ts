import type { Outcome } from '../probe/request.ts';
import type { Health } from '../site/health.ts';
import type { Headline, Severity } from '../state/headline.ts';

/**
 * What an event does to an alert of its key. `trigger` opens it, or says once more that it is open. `resolve` ends it. `change` is a
 * move or an order that opens and ends nothing. `info` is for whoever reads along.
 */
export type AlertState = 'trigger' | 'resolve' | 'change' | 'info';

/** The last that one vantage saw of a server. `code` is one of `probe/outcome.ts` and stays; `phrase` is for people. */
export type EventCause = { outcome: Outcome; code: string; phrase: string };

/**
 * How a server fares. `health` is as the thresholds have it when the event is told; `causes` is by vantage, as the look saw it that the
 * news rests on.
 */
export type EventServer = {
  name: string;
  health: Health;
  serves: boolean;
  causes: Record<string, EventCause>;
};

/** Why a server fails, for all vantages together: the code that most of them saw, and how many did. */
export type CommonCause = { server: string; code: string; phrase: string; vantages: number };

/** A hold or pin that keeps a site where it is: whose it is, as far as that is known, and until when (ISO 8601 UTC). */
export type EventHold = {
  mode: 'held' | 'pinned';
  server?: string;
  by?: string;
  reason?: string;
  until: string;
};

/** An order of a person, told together with what came of it: when it was given (ISO 8601 UTC), by whom, what, and why. */
export type EventOrder = { at: string; by: string; what: string; reason: string; site: string };

/** A site in a message about many. */
export type EventSite = { site: string; kind: string; headline: Headline | 'NEWS' };

/**
 * One event for machines, version 1: what the topic `DEPLOYMENT-events` carries, as JSON. Fields may be added to version 1;
 * none is taken away or given another meaning. Times are ISO 8601 in UTC. What does not apply is left out. Its JSON schema is
 * `docs/event.schema.json`.
 */
export type AlertEvent = {
  v: 1;
  /** Unique to this event. An event may come twice, and then has the same id. */
  id: string;
  deployment: string;
  /** The home region of the deployment. */
  region: string;
  /** When it happened, not when it was told. */
  at: string;
  /** The machine's word for what has happened, as in the mail's last line: `failover`, `server-down`, … Of many sites the worst one's. */
  kind: string;
  /** The first words of the mail's subject. `NEWS`: an earlier version made its words, or a later one stored it. */
  headline: Headline | 'NEWS';
  severity: Severity;
  state: AlertState;
  /**
   * Of a `trigger` the key of the alert that it opens; of a `resolve` that of the worst alert it ends; else the key that this news would
   * have. At most 255 characters. `SITE DOWN` and `FAILOVER` of one incident have keys of their own: a pager that was acknowledged is
   * woken again when it gets worse.
   */
  dedupKey: string;
  /**
   * The keys of all alerts that this event ends, the worst first. Of a `resolve` one or more, `dedupKey` among them. A `trigger` may have
   * some, too: a FAILOVER ends the SITE DOWN before it. Never the key that the event itself opens.
   */
  ends: string[];
  /** The keys of open alerts that a person has taken on (`acknowledge`); absent where nobody did. Opens and ends nothing. */
  acknowledges?: string[];
  /** The id in the mail's subject. Of a site of a mass failure that is told of alone: the site's own. */
  incident: string;
  /** The site's name; absent where the event is about many sites, or about the deployment as a whole. */
  site?: string;
  /** Of a message about many sites: the first of them, the worst first. `siteCount` says how many there are. */
  sites?: EventSite[];
  /**
   * Of many sites, whose event is told once for each set of tags: the others of the same message before this one. `text` is that of all, so who
   * reads it needs one of them.
   */
  before?: Pick<AlertEvent, 'tags' | 'severity' | 'state' | 'ends'>[];
  /** Sites that this event is about; 0 where it is about the deployment as a whole. */
  siteCount: number;
  /**
   * The tags of the site; of many sites those of all. Many sites are told of in one event for each set of tags. Of news of the deployment as a
   * whole those of the sites that it concerns. Sorted.
   */
  tags: string[];
  /** The site's servers in order of preference, with what was seen of them; absent where nothing was. */
  servers?: EventServer[];
  /** Why servers fail; absent where none does, or nothing was seen. Of many sites the commonest, at most ten. */
  causes?: CommonCause[];
  /** The server that was moved away from, or was to be. */
  from?: string;
  /** The server that was moved to, or was to be. */
  to?: string;
  hold?: EventHold;
  /** The orders of persons of which this is what came; at most twenty. Absent where there are none. Each was told by nothing else. */
  orders?: EventOrder[];
  times: {
    /** Since when it fares so: since when the server fails, the write is due, the zone cannot be read. */
    since?: string;
    /** Start of the look that the news rests on. */
    seen?: string;
  };
  /** The mail's subject: less than 100 characters on one line. */
  subject: string;
  /** The mail's text, at most 20,000 characters; more is cut. */
  text: string;
  /** URLs that begin with `https://`. */
  links: {
    /** What visitors open. */
    site?: string;
    /** The function that takes orders, in AWS's console. Not on a local machine. */
    console?: string;
    /** The dashboard of the deployment, where there is one. */
    dashboard?: string;
  };
};

/** The attributes of an event's message, for filter policies. Without tags there is no `tags`: SNS takes no empty list. */
export type EventAttributes = {
  severity: Severity;
  kind: string;
  state: AlertState;
  /** The site's name; `*` where the event is about many sites, or about the deployment as a whole. */
  site: string;
  tags?: string[];
};

/** What filter policies see of an event. */
export const attributesOf = ({ severity, kind, state, site = '*', tags }: AlertEvent): EventAttributes => ({
  severity,
  kind,
  state,
  site,
  ...(tags.length > 0 && { tags }),
});
