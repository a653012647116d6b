import { servingOf } from '../evidence/targets.ts';
import type { Config, Site } from '../site/site.ts';
import type { Telling } from './assessment.ts';

/** Health is unknown for a moment after every start; longer than this many intervals is told. */
const UNSURE_INTERVALS = 3;

/**
 * For how long the health of a server may be unknown before people are told, milliseconds: three intervals, or longer
 * where the thresholds need longer. A server may fail just before it would have been up, and then has to be down first.
 */
export const unsureMs = (site: Site, { intervalSeconds }: Config): number => {
  const { successesToUp, failuresToDown, downForSeconds, confirmEverySeconds: every, probe } = site;
  const downSeconds = Math.max((failuresToDown - 1) * every, downForSeconds + every);
  const settleSeconds = (successesToUp - 1) * every + downSeconds + 2 * probe.timeoutSeconds;
  return Math.max(UNSURE_INTERVALS * intervalSeconds, settleSeconds) * 1000;
};

/** What serves by now, where the site has moved since it was looked at. */
export const movedTo = ({ facts, view }: Telling): string | undefined => {
  const now = view.kind === 'ours' ? servingOf(view) : undefined;
  return now === facts.serving ? undefined : now;
};

export const servingNow = (seen: Telling): string | undefined => movedTo(seen) ?? seen.facts.serving;

/** The server that would take over if the serving one died now, were it not for `server`. None that Route 53 would refuse. */
export const heirBut = (seen: Telling, server: string): string | undefined => {
  const { servers, healths, blocked } = seen.facts;
  const others = servers.filter((s) => s !== servingNow(seen) && s !== server);
  return others.find((s) => healths[s] === 'up' && !blocked?.includes(s));
};
