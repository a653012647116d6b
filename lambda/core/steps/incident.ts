import type { Reason } from '../decision/decide.ts';
import { homeServer } from '../site/site.ts';
import { mayEndAll } from '../state/answered-order.ts';
import { isOwed } from '../state/notice.ts';
import { enqueue } from '../state/outbox.ts';
import { remindersOf } from '../state/reminders.ts';
import { roleLags, type SiteState } from '../state/site-state.ts';
import type { Assessment, Telling } from './assessment.ts';
import { movedTo } from './heir.ts';
import { isToldStuck } from './stuck.ts';

/** What comes and goes is told by one incident, from its first turn to the word that it is steady. */
const isFlapping = ({ told }: SiteState): boolean =>
  Object.values(told.flaps ?? {}).some(({ flapping }) => flapping !== undefined);

const areAllUp = ({ facts }: Assessment): boolean => facts.servers.every((s) => facts.healths[s] === 'up');

/** Whether all is well on the preferred server, as far as this look shows, and nobody keeps it there. */
export const isWell = (seen: Assessment, state: SiteState): boolean =>
  seen.decision.reason === 'fine' && isAtRest(seen, state);

/** Why nothing is due: all is fine, or a person keeps it. */
const AT_REST: readonly Reason[] = ['fine', 'held', 'pinned'];

/** Whether trouble is over: all is well there, also where a person holds it there. Nothing was moved since the look. */
export const isOver = (seen: Telling, state: SiteState): boolean =>
  movedTo(seen) === undefined && isAtRest(seen, state);

const isAtRest = (seen: Assessment, state: SiteState): boolean =>
  seen.decision.act === 'leave' &&
  AT_REST.includes(seen.decision.reason) &&
  seen.facts.serving === homeServer(seen.site) &&
  areAllUp(seen) &&
  !isFlapping(state);

const WAYS_BACK: readonly Reason[] = ['failback', 'pointed', 'recovered'];

/** Whether nothing is amiss at the site once it has moved to `to`: the message of that move tells the end of the incident. */
export const endsIncident = (seen: Assessment, to: string): boolean =>
  WAYS_BACK.includes(seen.decision.reason) &&
  to === homeServer(seen.site) &&
  areAllUp(seen) &&
  !isFlapping(seen.state);

/**
 * An incident ends when all is well again on the server that is preferred and nothing is owed any more. Whoever was told of the trouble
 * is told of its end: by the last message of it, or by one of its own; of a mass failure by one for all of its sites. Where a person keeps
 * the site as it is, trouble ends, and an incident that had none goes on until the person is done.
 */
export const closeIncident = (seen: Telling, state: SiteState): SiteState => {
  const { site, nowMs, facts, view } = seen;
  const { incident, ...rest } = state;
  const owed = state.outbox.filter((one) => isOwed(one, 'mail'));
  if (incident === undefined || !owed.every(mayEndAll)) return state;
  const isAway = Object.keys(remindersOf(state.reminders, 'address')).length > 0;
  // Of a person's order that is not in DNS yet people may have been told.
  const isOwedToZone = view.kind === 'ours' && roleLags(view.role, state.override);
  if (!isOver(seen, state) || isToldStuck(state) || isAway || isOwedToZone) return state;
  const { alarmed, ended, group } = incident;
  const hadTrouble = [alarmed, ended, group].some((one) => one !== undefined);
  if (!hadTrouble && !isWell(seen, state)) return state;
  // Nobody was told of it, or all of its sites together are.
  const endsQuietly = incident.alarmed !== true || incident.group !== undefined;
  if (endsQuietly) return owed.length === 0 ? rest : state;
  const news = { type: 'over', sinceMs: incident.openedMs, serving: facts.serving } as const;
  return enqueue(site, state, { kind: 'over', news }, nowMs);
};
