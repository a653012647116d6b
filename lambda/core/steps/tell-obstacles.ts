import { servingOf } from '../evidence/targets.ts';
import type { Site } from '../site/site.ts';
import type { SiteNews } from '../state/news.ts';
import { enqueue } from '../state/outbox.ts';
import type { SiteState } from '../state/site-state.ts';
import { obstaclesOf } from '../zone/obstacle.ts';
import type { ZoneView } from '../zone/zone-view.ts';

type Seen = {
  site: Site;
  view: ZoneView;
  nowMs: number;
  stateKnown: boolean;
  listed: boolean;
};

/**
 * A record that stands in the way of a server, as the zone lists it, is told once when it appears and once when it is
 * gone. It may have been made by somebody who knows nothing of the standby, years before the night on which Route 53
 * refuses to move there.
 */
export const tellObstacles = (seen: Seen, state: SiteState): SiteState => {
  const { site, view, nowMs, stateKnown, listed } = seen;
  // What stands there is known from a listing alone.
  if (!stateKnown || !listed) return state;
  const now = obstaclesOf(site, view.others ?? []);
  const told = state.told.obstacles ?? [];
  const appeared = now.filter(({ server }) => !told.includes(server));
  const gone = told.filter((name) => !now.some(({ server }) => server === name));
  if (appeared.length + gone.length === 0) return state;
  const serving = servingOf(view);
  const names = now.map(({ server }) => server);
  let next = state;
  const tell = (news: SiteNews) => enqueue(site, next, { kind: 'server-blocked', news }, nowMs);
  if (appeared.length > 0) next = tell({ type: 'blocked', appeared, all: names, serving });
  // Of a server that is no longer configured nobody needs to know.
  const freed = gone.filter((name) => site.servers.some((server) => server.name === name));
  if (freed.length > 0) next = tell({ type: 'unblocked', servers: freed, serving });
  const { obstacles: _, ...rest } = next.told;
  return { ...next, told: { ...rest, ...(names.length > 0 && { obstacles: names }) } };
};
