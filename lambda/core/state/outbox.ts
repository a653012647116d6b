import type { Site } from '../site/site.ts';
import { type Announcement, announcement, bounded, incidentId } from './announcement.ts';
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
