import { isoTime } from '../base/time.ts';
import { type Decision, decide, type Facts, nextServer } from '../decision/decide.ts';
import { explained } from '../decision/explained.ts';
import type { Verdict } from '../evidence/judge.ts';
import type { Health } from '../site/health.ts';
import { homeServer, type Server, type Site } from '../site/site.ts';
import type { Entry } from '../state/history.ts';
import { type Mode, parseRole, type Role } from '../zone/role-record.ts';
import { conditionOf, conditionSince } from './condition.ts';
import {
  addressesOf,
  blockedOr,
  type CauseStatus,
  type Holder,
  releaseOf,
  type ServerStatus,
} from './site-now.ts';
import type { SiteStatus } from './status.ts';

export type Made = { decision: Decision; facts: Facts };

/** What the history tells of a site until a moment: the decision that was noted last, and entries until then, newest first. */
export type Recorded = { made: Made; entries: readonly Entry[] };

/** What an entry on a server says: see `steps/assess.ts`. */
type Turn = { target?: string; was?: Health; is?: Health; sightings?: Record<string, string> };
type Seen = Turn & { atMs: number; text: string };

const seenOf = (entries: readonly Entry[], server: string): Seen[] =>
  entries
    .filter(({ what }) => what === 'seen')
    .map(({ detail, atMs, text }) => ({ ...(detail as Turn | undefined), atMs, text }))
    .filter(({ target }) => target === server);

const VERDICTS: Record<Health, Verdict> = { up: 'passed', down: 'failed', unknown: 'none' };

/** The newest change of the records, with its role record. */
const lastWrite = (entries: readonly Entry[]): { atMs: number; role: Role } | undefined => {
  for (const { what, detail, atMs } of entries) {
    const role = what === 'written' && typeof detail?.role === 'string' ? parseRole(detail.role) : undefined;
    if (role !== undefined) return { atMs, role };
  }
  return undefined;
};

/** The facts of the decision, with each server as it turned since. While all is well one vantage looks, so a health stands for its verdict. */
const factsThen = ({ made: { facts }, entries }: Recorded): Facts => {
  const healths = facts.servers.map((server) => {
    const [last] = seenOf(entries, server);
    const known = facts.healths[server] ?? 'unknown';
    return [server, last?.is === undefined || last.atMs < facts.nowMs ? known : last.is] as const;
  });
  return {
    ...facts,
    healths: { ...facts.healths, ...Object.fromEntries(healths) },
    verdicts: Object.fromEntries(healths.map(([server, health]) => [server, VERDICTS[health]])),
  };
};

/**
 * What held at that moment. A write that followed the decision has carried it out: what is so from then on is noted with the next one
 * alone, seconds later.
 */
export const madeThen = (recorded: Recorded): Made => {
  const { made, entries } = recorded;
  const write = lastWrite(entries);
  if (write === undefined || write.atMs < made.facts.nowMs || write.role.serving === made.facts.serving)
    return made;
  const { atMs, role } = write;
  const facts: Facts = { ...factsThen(recorded), nowMs: atMs, zone: 'ours', serving: role.serving };
  return { decision: decide(facts), facts };
};

/** The code by which a server was found down, as the sentence of the history has it. */
const codeIn = (text: string): string | undefined =>
  /(?:is down|for another cause): ([a-z0-9-]+)/.exec(text)?.[1];

/** What each vantage saw in the look that was noted last; those that saw the same stand together. */
const causesOf = ({ sightings = {}, atMs, text }: Seen): CauseStatus[] =>
  [...Map.groupBy(Object.entries(sightings), ([, said]) => said)].flatMap(([said, of]): CauseStatus[] => {
    const [, outcome, phrase = ''] = /^(passed|failed|unknown): (.*)$/s.exec(said) ?? [];
    if (outcome !== 'passed' && outcome !== 'failed' && outcome !== 'unknown') return [];
    const code = outcome === 'passed' ? 'ok' : outcome === 'failed' ? (codeIn(text) ?? outcome) : outcome;
    return [{ vantages: of.map(([vantage]) => vantage), outcome, code, phrase, since: isoTime(atMs) }];
  });

const serverThen = (server: Server, facts: Facts, entries: readonly Entry[]): ServerStatus => {
  const { name } = server;
  const seen = seenOf(entries, name);
  const health = facts.healths[name] ?? 'unknown';
  const sinceMs = seen.find(({ was, is }) => was !== is)?.atMs ?? facts.sinceMs?.[name];
  const last = seen.find(({ is }) => is === health);
  const notArmed = blockedOr(facts, name);
  return {
    server: name,
    addresses: addressesOf(server),
    health,
    since: sinceMs === undefined ? null : isoTime(sinceMs),
    serves: facts.serving === name,
    armed: notArmed === undefined,
    notArmed: notArmed ?? null,
    causes: last === undefined ? [] : causesOf(last),
    certificateEnds: null,
  };
};

/** Since when that server served, as the last change of the records says. */
const servingSinceThen = ({ made: { facts }, entries }: Recorded): string | null => {
  const role = lastWrite(entries)?.role;
  return role === undefined || role.serving !== facts.serving ? null : isoTime(role.sinceSeconds * 1000);
};

/** Whose hold or pin was in force, as the order was noted; an earlier version noted no more than its text. */
const holderThen = (site: Site, mode: Mode, entries: readonly Entry[]): Holder | null => {
  if (mode.mode === 'auto') return null;
  const order = entries.find(({ what, detail }) => what === 'hand' && detail?.mode === mode.mode);
  const { by, reason } = (order?.detail ?? {}) as { by?: string; reason?: string };
  return {
    by: by ?? null,
    reason: reason ?? null,
    server: mode.mode === 'pinned' ? mode.pin : null,
    since: order === undefined ? null : isoTime(order.atMs),
    until: isoTime(mode.untilMs),
    end: releaseOf(site),
  };
};

/** One site as it was, in the words of now: what the history does not tell is null or left out. */
export const siteThen = (site: Site, recorded: Recorded): SiteStatus => {
  const { entries } = recorded;
  const made = madeThen(recorded);
  const facts = factsThen({ made, entries });
  const { zone, serving = null, mode = { mode: 'auto' } } = facts;
  const servers = site.servers.map((server) => serverThen(server, facts, entries));
  const condition = conditionOf({
    zone,
    serving,
    mode: mode.mode,
    notes: [],
    servers,
    home: homeServer(site),
  });
  const servingSince = servingSinceThen({ made, entries });
  const holder = holderThen(site, mode, entries);
  const { decision } = made;
  const editedAt = decision.reason === 'edited-by-hand' ? isoTime(made.facts.nowMs) : null;
  return {
    site: site.name,
    tags: site.tags,
    ttlSeconds: site.ttlSeconds,
    condition,
    since: conditionSince(condition, { servers, servingSince, orderedAt: holder?.since ?? null, editedAt }),
    serving,
    servingSince,
    zone,
    mode: mode.mode,
    until: holder?.until ?? null,
    holder,
    epoch: null,
    healths: Object.fromEntries(servers.map(({ server, health }) => [server, health])),
    servers,
    next: nextServer(facts) ?? null,
    decision: { row: decision.row, reason: decision.reason, text: explained(decision) },
    incident: null,
    silence: null,
    acknowledged: null,
    notes: [],
  };
};
