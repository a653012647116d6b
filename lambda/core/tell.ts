import { type Announcement, announcement, incidentId } from './announcement.ts';
import type { Decision, Facts } from './decide.ts';
import type { Look } from './judge.ts';
import type { Config, Site } from './site.ts';
import type { Standing } from './standing.ts';
import type { SiteState } from './state.ts';
import { edited, stuck, turned } from './wording.ts';

/** What was seen and decided for one site in one round. */
export type Considered = {
  site: Site;
  state: SiteState;
  standing: Standing;
  look: Look;
  facts: Facts;
  decision: Decision;
  nowMs: number;
  config: Config;
  /** Rounds in a row in which all vantages were called and no quorum saw anything. */
  blindRounds: number;
  /** The edit was listed twice, some time apart. */
  editConfirmed: boolean;
};

/** What keeps a site where it is although its serving server is not up is told again after this time. */
export const TELL_AGAIN_MS = 3_600_000;
/** One blind round may be a hiccup of ours; two in a row are told. */
export const BLIND_ROUNDS_TOLD = 2;
/** Health is unknown for a moment after every start; longer than this many intervals is told. */
const UNSURE_INTERVALS = 3;

/** The state with an open incident. */
export const withIncident = (
  site: Site,
  state: SiteState,
  nowMs: number,
): SiteState & { incident: { id: string } } => ({
  ...state,
  incident: state.incident ?? { id: incidentId(site.name, nowMs), openedMs: nowMs },
});

/** The state with one more announcement owed. */
export const owe = (
  site: Site,
  state: SiteState,
  kind: string,
  words: { subject: string; text: string },
  nowMs: number,
): SiteState => {
  const open = withIncident(site, state, nowMs);
  return { ...open, owed: [...open.owed, announcementOf(site, open.incident.id, kind, words, nowMs)] };
};

export const announcementOf = (
  site: Site,
  incident: string,
  kind: string,
  words: { subject: string; text: string },
  atMs: number,
): Announcement => announcement({ site: site.name, incident, kind, words, atMs });

const tellTurns = (seen: Considered, state: SiteState): SiteState => {
  const { site, facts, look, nowMs, config, decision } = seen;
  let next = state;
  for (const { name } of site.servers) {
    const health = facts.healths[name] ?? 'unknown';
    const toldDown = next.told.down.includes(name);
    if (health === 'unknown' || toldDown === (health === 'down')) continue;
    const heir = facts.servers.find((s) => s !== facts.serving && s !== name && facts.healths[s] === 'up');
    const turn = { server: name, health, serves: facts.serving === name, next: heir, decision } as const;
    const down = health === 'down' ? [...next.told.down, name] : next.told.down.filter((s) => s !== name);
    next = owe(site, next, `server-${health}`, turned(site, config, turn, look), nowMs);
    next = { ...next, told: { ...next.told, down } };
  }
  return next;
};

/** Whether the decision leaves a site in a state that people must hear of. */
const isStuck = (seen: Considered): boolean => {
  const { facts, decision, nowMs, config, blindRounds } = seen;
  if (decision.act !== 'leave') return false;
  const servingHealth = facts.healths[facts.serving ?? ''] ?? 'unknown';
  switch (decision.reason) {
    case 'held':
    case 'pinned':
    case 'nowhere-better':
    case 'flapping':
      return servingHealth === 'down';
    case 'blind':
      return blindRounds >= BLIND_ROUNDS_TOLD;
    case 'unsure': {
      const sinceMs = facts.sinceMs[facts.serving ?? ''];
      return sinceMs === undefined || nowMs - sinceMs > UNSURE_INTERVALS * config.intervalSeconds * 1000;
    }
    case 'waiting':
      return facts.mode.mode === 'auto' && facts.servers.every((s) => facts.healths[s] === 'down');
    default:
      return false;
  }
};

const tellStuck = (seen: Considered, state: SiteState): SiteState => {
  const { site, facts, decision, look, nowMs, config } = seen;
  const before = state.told.stuck;
  if (!isStuck(seen)) {
    // One good round does not end what was told; the serving server being up again does.
    const over =
      before !== undefined && (decision.act === 'serve' || facts.healths[facts.serving ?? ''] === 'up');
    if (!over) return state;
    const { stuck: _, ...told } = state.told;
    return { ...state, told };
  }
  if (before?.reason === decision.reason && nowMs - before.atMs < TELL_AGAIN_MS) return state;
  const openedMs = state.incident?.openedMs ?? nowMs;
  const words = stuck(site, config, { decision, serving: facts.serving, forMs: nowMs - openedMs }, look);
  const next = owe(site, state, decision.reason, words, nowMs);
  return { ...next, told: { ...next.told, stuck: { reason: decision.reason, atMs: nowMs } } };
};

const tellEdit = (seen: Considered, state: SiteState): SiteState => {
  const { site, standing, nowMs, config, editConfirmed } = seen;
  if (standing.kind !== 'edited') {
    const { edit: _, ...told } = state.told;
    return state.told.edit === undefined ? state : { ...state, told };
  }
  if (!editConfirmed || state.told.edit === standing.detail) return state;
  const next = owe(site, state, 'edited-by-hand', edited(site, config, standing.detail), nowMs);
  return { ...next, told: { ...next.told, edit: standing.detail } };
};

/** An incident ends when all is well again on the server that is preferred and nothing is owed any more. */
const closeIncident = (seen: Considered, state: SiteState): SiteState => {
  const { facts, decision } = seen;
  const home = facts.serving === facts.servers.find((s) => s !== facts.lastResort);
  const allUp = facts.servers.every((s) => facts.healths[s] === 'up');
  if (state.incident === undefined || state.owed.length > 0) return state;
  if (decision.reason !== 'fine' || !home || !allUp || state.told.stuck !== undefined) return state;
  const { incident: _, ...rest } = state;
  return rest;
};

/** The state with everything owed that this round gives reason to announce. */
export const tell = (seen: Considered): SiteState =>
  closeIncident(seen, tellEdit(seen, tellStuck(seen, tellTurns(seen, seen.state))));
