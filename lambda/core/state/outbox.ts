import type { Site } from '../site/site.ts';
import type { SiteNews } from './news.ts';
import { bounded, incidentId, type Notice, noticeOf } from './notice.ts';
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

/** The state with one more notice in its outbox. */
export const enqueued = <S extends { outbox: Notice<SiteNews>[] }>(state: S, notice: Notice<SiteNews>): S =>
  state.outbox.some(({ id }) => id === notice.id)
    ? state
    : { ...state, outbox: bounded([...state.outbox, notice]) };

/** The state with this news to tell, in an open incident. */
export const enqueue = (
  site: Site,
  state: SiteState,
  told: { kind: string; news: SiteNews },
  nowMs: number,
): SiteState => {
  const open = withIncident(site, state, nowMs);
  return enqueued(open, noticeOf({ site: site.name, incident: open.incident.id, atMs: nowMs, ...told }));
};
