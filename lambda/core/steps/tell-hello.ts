import type { Look } from '../evidence/judge.ts';
import type { Site } from '../site/site.ts';
import { enqueue } from '../state/outbox.ts';
import type { SiteState } from '../state/site-state.ts';

type Seen = { site: Site; look: Look; nowMs: number; stateKnown: boolean };

/**
 * A server that passes and takes no hello as large as a browser's is told once, until the vantage that found it sees
 * such a hello taken: what breaks it may stand on the way from one vantage alone, and vantages look by turns.
 */
export const tellHello = ({ site, look, nowMs, stateKnown }: Seen, state: SiteState): SiteState => {
  if (!stateKnown) return state;
  let next = state;
  for (const { name } of site.servers) {
    for (const [vantage, byTarget] of Object.entries(look.sightings)) {
      const hello = byTarget[name]?.browserHello;
      const { [name]: toldBy, ...others } = next.told.hellos ?? {};
      if (hello?.outcome === 'passed' && toldBy === vantage)
        next = { ...next, told: { ...next.told, hellos: others } };
      if (hello?.outcome !== 'failed' || toldBy !== undefined) continue;
      const news = { type: 'large-hello', server: name, vantage, detail: hello.detail } as const;
      const queued = enqueue(site, next, { kind: 'hello-refused', news }, nowMs);
      next = { ...queued, told: { ...queued.told, hellos: { ...others, [name]: vantage } } };
    }
  }
  return next;
};
