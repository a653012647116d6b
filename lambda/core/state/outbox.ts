import type { Site } from '../site/site.ts';
import { type Announcement, announcement, bounded, incidentId, type News } from './announcement.ts';
import type { SiteState } from './site-state.ts';

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
export const owe = (site: Site, state: SiteState, kind: string, words: News, nowMs: number): SiteState => {
  const open = withIncident(site, state, nowMs);
  return enqueued(open, announcementOf(site, open.incident.id, kind, words, nowMs));
};

/** The state with this announcement owed, once. */
export const enqueued = <S extends { owed: Announcement[] }>(state: S, one: Announcement): S =>
  state.owed.some(({ id }) => id === one.id) ? state : { ...state, owed: bounded([...state.owed, one]) };

export const announcementOf = (
  site: Site,
  incident: string,
  kind: string,
  words: News,
  atMs: number,
): Announcement => announcement({ site: site.name, incident, kind, words, atMs });
