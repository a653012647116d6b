import { vantageBlind, zoneUnreadable } from '../messages/deployment.ts';
import type { Config } from '../site/site.ts';
import { type Announcement, announcement, incidentId } from '../state/announcement.ts';
import { type Blind, DEPLOYMENT, type DeploymentState, oweMore } from '../state/deployment-state.ts';
import { TELL_AGAIN_MS } from '../state/reminders.ts';

/** A vantage that could not look in so many rounds in a row is announced: once may be a hiccup. */
export const BLIND_VANTAGE_ROUNDS = 2;

/** The state with an announcement owed for each vantage that turned blind. `sees` were called lately and saw something. */
export const tellVantages = (
  state: DeploymentState,
  now: { blind: Map<string, Blind>; sees: string[]; nowMs: number },
  config: Config,
): DeploymentState => {
  let next = state;
  for (const vantage of now.sees.filter((v) => next.blind.includes(v))) {
    const { [vantage]: _, ...blindFor } = next.blindFor ?? {};
    next = { ...next, blind: next.blind.filter((v) => v !== vantage), blindFor };
  }
  for (const [vantage, trouble] of now.blind) {
    if (trouble.rounds < BLIND_VANTAGE_ROUNDS || next.blind.includes(vantage)) continue;
    const blind = [...next.blind, vantage];
    const words = vantageBlind(config, vantage, trouble, config.vantages.length - blind.length);
    const incident = incidentId(config.deployment, now.nowMs);
    const told = announcement({ site: DEPLOYMENT, incident, kind: 'vantage-blind', words, atMs: now.nowMs });
    const blindFor = { ...next.blindFor, [vantage]: trouble.why };
    next = oweMore({ ...next, blind, blindFor }, [{ ...told, id: `${told.id}/${vantage}` }], config);
  }
  return next;
};

/** A zone that cannot be listed for this long is announced: an API that answers slowly once is not. */
const UNREADABLE_TOLD_MS = 60_000;

/** The state with an announcement owed, at once and then hourly, for each zone that stays unreadable. */
export const tellZones = (
  state: DeploymentState,
  now: { unreadable: string[]; nowMs: number },
  config: Config,
): DeploymentState => {
  const told: Announcement[] = [];
  const unreadable: DeploymentState['unreadable'] = {};
  for (const zone of now.unreadable) {
    const before = state.unreadable[zone] ?? { sinceMs: now.nowMs };
    const due = now.nowMs - (before.toldMs ?? now.nowMs - TELL_AGAIN_MS) >= TELL_AGAIN_MS;
    const tells = due && now.nowMs - before.sinceMs >= UNREADABLE_TOLD_MS;
    unreadable[zone] = tells ? { ...before, toldMs: now.nowMs } : before;
    if (!tells) continue;
    const words = zoneUnreadable(config, zone, before.sinceMs);
    const incident = incidentId(config.deployment, before.sinceMs);
    told.push(announcement({ site: DEPLOYMENT, incident, kind: 'zone-unreadable', words, atMs: now.nowMs }));
  }
  return oweMore({ ...state, unreadable }, told, config);
};

/** Sites named in one message. */
const WAITING_NAMED = 20;

/** The state with an announcement owed, once and then at most hourly, when sites wait because only so many may move at a time. */
export const tellWaiting = (
  state: DeploymentState,
  now: { waiting: string[]; allowed: number; nowMs: number },
  config: Config,
): DeploymentState => {
  const { waiting, allowed, nowMs } = now;
  if (waiting.length === 0 || nowMs - (state.waitingToldMs ?? 0) < TELL_AGAIN_MS) return state;
  const named = waiting.slice(0, WAITING_NAMED).join(', ');
  const more = waiting.length > WAITING_NAMED ? ` and ${waiting.length - WAITING_NAMED} more` : '';
  const words = {
    subject: `${waiting.length} more of the sites of ${config.deployment} wait to move, ${allowed} may at a time`,
    text: [
      `What happened\n  More sites are due to move by themselves than ${allowed}, the number that may within ${config.intervalSeconds} s (maxMoveShare). These wait:\n  ${named}${more}`,
      'What was done\n  The others moved first, those without a working server before all. Each interval as many follow.',
      `What to do\n  Nothing if the servers are really down. If not, stop it: Lambda function ${config.deployment}-console in ${config.homeRegion}, tab Test, event ${JSON.stringify({ action: 'hold', all: true, reason: 'why', by: 'you' })}`,
    ].join('\n\n'),
  };
  const incident = incidentId(config.deployment, nowMs);
  const told = announcement({ site: DEPLOYMENT, incident, kind: 'moves-wait', words, atMs: nowMs });
  return oweMore({ ...state, waitingToldMs: nowMs }, [told], config);
};
