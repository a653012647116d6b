import { isoTime } from '../base/time.ts';
import { type Decision, decide, type Facts } from '../decision/decide.ts';
import { explained } from '../decision/explained.ts';
import { whyNotArmed } from '../decision/rows.ts';
import type { Verdict } from '../evidence/judge.ts';
import { probedAddresses } from '../evidence/targets.ts';
import type { Health, TargetHealth } from '../site/health.ts';
import { type Server, type Site, servedAddresses } from '../site/site.ts';
import { type SiteState, whoseMode } from '../state/site-state.ts';
import { factsFrom } from '../steps/assess.ts';
import type { Mode } from '../zone/role-record.ts';
import type { ZoneView } from '../zone/zone-view.ts';

/** What vantages saw last of a server; those that saw the same since the same moment stand together. */
export type CauseStatus = {
  vantages: string[];
  outcome: 'passed' | 'failed' | 'unknown';
  /** One of the codes of docs/probes.md. */
  code: string;
  /** For people. */
  phrase: string;
  /** ISO 8601 UTC: since when these vantages have seen it. */
  since: string;
};

/** One server of a site as it stands now. */
export type ServerStatus = {
  server: string;
  addresses: string[];
  health: Health;
  /** Since when it has this health, ISO 8601 UTC; null where nobody knows. */
  since: string | null;
  serves: boolean;
  /** Whether it would take over now. */
  armed: boolean;
  /** Why not, for people; null for one that is armed. */
  notArmed: string | null;
  causes: CauseStatus[];
  /** When the certificate that it shows ends, ISO 8601 UTC; null where none was seen. */
  certificateEnds: string | null;
};

/** Who holds or pinned a site. Name and reason are null where they were lost with the state table. */
export type Holder = {
  by: string | null;
  reason: string | null;
  /** The server that it is pinned to; null for a hold. */
  server: string | null;
  /** ISO 8601 UTC. */
  since: string | null;
  until: string;
  /** The command that ends it, as it follows the name of the program. */
  end: string;
};

/**
 * The row of the decision table that holds now. What excludes the rows above it is told by `explain`: it would be most
 * of a status.
 */
export type RowNow = {
  row: number;
  reason: Decision['reason'];
  text: string;
};

/** The verdict of the last round, as far as it can be told from the healths: what speaks against one is its streak. */
const verdictNow = ({ health, streak, lapsed }: TargetHealth): Verdict => {
  if (lapsed !== undefined) return 'none';
  if (streak !== undefined) return streak.verdict;
  if (health === 'unknown') return 'none';
  return health === 'up' ? 'passed' : 'failed';
};

/** The facts as they are now, for who has not looked himself. */
export const factsNow = (
  site: Site,
  { state, view, nowMs }: { state: SiteState; view: ZoneView; nowMs: number },
): Facts => {
  const verdicts = Object.fromEntries(
    Object.entries(state.targets).map(([key, target]) => [key, verdictNow(target)]),
  );
  const sighted = state.decided?.decision.reason !== 'blind';
  return factsFrom({ site, state, view }, { verdicts, sighted }, nowMs);
};

/** What holds now. A move that the controller lets wait for others still waits. */
export const rowNow = (facts: Facts, { decided }: SiteState): RowNow => {
  const fresh = decide(facts);
  const decision: Decision =
    decided?.decision.waits && decided.decision.row === fresh.row
      ? { ...fresh, act: 'leave', waits: true }
      : fresh;
  const { row, reason } = decision;
  // It is not all well where a standby serves, or nothing would take over.
  const text =
    reason === 'fine' ? 'what serves is up and as configured; nothing is due.' : explained(decision);
  return { row, reason, text };
};

const causesOf = (state: SiteState, key: string): CauseStatus[] => {
  const groups = new Map<string, CauseStatus>();
  for (const [vantage, cause] of Object.entries(state.causes?.[key]?.byVantage ?? {})) {
    const { outcome, code, sinceMs } = cause;
    // Of those that pass, the time differs at each look and says nothing.
    const phrase = cause.phrase;
    const id = outcome === 'passed' ? code : `${code} ${phrase}`;
    const known = groups.get(id);
    if (known === undefined) {
      groups.set(id, { vantages: [vantage], outcome, code, phrase, since: isoTime(sinceMs) });
    } else {
      known.vantages.push(vantage);
      if (isoTime(sinceMs) > known.since) known.since = isoTime(sinceMs);
    }
  }
  return [...groups.values()].sort((a, b) => b.vantages.length - a.vantages.length);
};

/** Where visitors reach it; where its addresses are AWS's own, where probers do. */
export const addressesOf = (server: Server): string[] => {
  const served = servedAddresses(server);
  return served.length > 0 ? served : probedAddresses(server);
};

/** Every server of a site, the most preferred first. `facts` are absent where nobody knows what is now. */
export const serversNow = (
  site: Site,
  state: SiteState | undefined,
  facts: Facts | undefined,
): ServerStatus[] =>
  site.servers.map((server): ServerStatus => {
    const { name } = server;
    const target = facts === undefined ? undefined : state?.targets[name];
    const ends = state?.causes?.[name]?.certificate?.expiresMs;
    const notArmed = facts === undefined ? 'its health is not known' : blockedOr(facts, name);
    return {
      server: name,
      addresses: addressesOf(server),
      health: target?.health ?? 'unknown',
      since: target === undefined ? null : isoTime(target.sinceMs),
      serves: facts?.serving === name,
      armed: notArmed === undefined,
      notArmed: notArmed ?? null,
      causes: state === undefined ? [] : causesOf(state, name),
      certificateEnds: ends === undefined ? null : isoTime(ends),
    };
  });

/** Why a server would not take over, as the end of a sentence; undefined where it would. */
export const blockedOr = (facts: Facts, server: string): string | undefined =>
  whyNotArmed(facts, server) ??
  (facts.blocked?.includes(server)
    ? 'Route 53 would refuse it, for a record that stands in its way'
    : undefined);

/** The command that ends a hold or pin, as it follows the name of the program. */
export const releaseOf = ({ name }: Site): string => `release ${name} --reason "why"`;

/** Whose hold or pin is in force. */
export const holderNow = (site: Site, mode: Mode, state: SiteState | undefined): Holder | null => {
  if (mode.mode === 'auto') return null;
  const given = whoseMode(mode, state?.override);
  return {
    by: given?.by ?? null,
    reason: given?.reason ?? null,
    server: mode.mode === 'pinned' ? mode.pin : null,
    since: given === undefined ? null : isoTime(given.askedMs),
    until: isoTime(mode.untilMs),
    end: releaseOf(site),
  };
};
