import { type Announcement, announcement, bounded, incidentId } from './announcement.ts';
import { expired } from './letters/ended.ts';
import type { Role } from './role.ts';
import type { Config, Site } from './site.ts';
import type { SiteState } from './state.ts';

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
  const owing = announcementOf(site, open.incident.id, kind, words, nowMs);
  return open.owed.some((a) => a.id === owing.id) ? open : { ...open, owed: bounded([...open.owed, owing]) };
};

export const announcementOf = (
  site: Site,
  incident: string,
  kind: string,
  words: { subject: string; text: string },
  atMs: number,
): Announcement => announcement({ site: site.name, incident, kind, words, atMs });

/** A hold or pin, of the role record or of a hand, that has ended is announced once. */
export const oweExpiry = (
  site: Site,
  state: SiteState,
  listed: Role | undefined,
  nowMs: number,
  config: Config,
): SiteState => {
  const role = listed?.mode === 'auto' ? undefined : listed;
  const hand = state.hand?.mode.mode === 'auto' ? undefined : state.hand?.mode;
  const untilMs = Math.max((role?.untilSeconds ?? 0) * 1000, hand?.untilMs ?? 0);
  if (untilMs === 0 || untilMs > nowMs || (state.told.expiryMs ?? 0) >= untilMs) return state;
  const words = expired(site, config, { mode: role?.mode ?? hand?.mode ?? 'held', untilMs, listed, state });
  const next = owe(site, state, 'expiry', words, nowMs);
  return { ...next, told: { ...next.told, expiryMs: untilMs } };
};
