import type { Config } from '../site/site.ts';
import { type Blind, type DeploymentState, enqueueNews, type Told } from '../state/deployment-state.ts';
import { isReminderDue, reminderKey, remindersOf, withReminders } from '../state/reminders.ts';

/** A vantage that could not look in so many rounds in a row is announced: once may be a hiccup. */
const BLIND_VANTAGE_ROUNDS = 2;

/** The state with news of each vantage that turned blind. `sees` were called lately and saw something. */
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
    const { code, why } = trouble;
    const left = config.vantages.length - blind.length;
    const news = { type: 'vantage-blind', vantage, code, why, left } as const;
    const told = { kind: 'vantage-blind', news, atMs: now.nowMs };
    const blindFor = { ...next.blindFor, [vantage]: why };
    next = enqueueNews({ ...next, blind, blindFor }, [told], config);
  }
  return next;
};

/** A zone that cannot be listed for this long is announced: an API that answers slowly once is not. */
const UNREADABLE_TOLD_MS = 60_000;

/** The state with news, at once and then hourly, of each zone that stays unreadable. */
export const tellZones = (
  state: DeploymentState,
  now: { unreadable: string[]; nowMs: number },
  config: Config,
): DeploymentState => {
  const { nowMs } = now;
  const told: Told[] = [];
  const unreadable: DeploymentState['unreadable'] = {};
  const before = remindersOf(state.reminders, 'unreadable');
  const toldMs: Record<string, number> = {};
  for (const zone of now.unreadable) {
    const sinceMs = state.unreadable[zone] ?? nowMs;
    unreadable[zone] = sinceMs;
    if (before[zone] !== undefined) toldMs[zone] = before[zone];
    if (!isReminderDue(before[zone], nowMs) || nowMs - sinceMs < UNREADABLE_TOLD_MS) continue;
    toldMs[zone] = nowMs;
    const news = { type: 'zone-unreadable', zone, sinceMs } as const;
    told.push({ kind: 'zone-unreadable', news, atMs: nowMs, sinceMs });
  }
  const reminders = withReminders(state.reminders, 'unreadable', toldMs);
  return enqueueNews({ ...state, unreadable, reminders }, told, config);
};

/** Sites named in one message. */
const WAITING_NAMED = 20;

/** The state with news, once and then at most hourly, when sites wait because only so many may move at a time. */
export const tellWaiting = (
  state: DeploymentState,
  now: { waiting: string[]; allowed: number; nowMs: number },
  config: Config,
): DeploymentState => {
  const { waiting, allowed, nowMs } = now;
  if (waiting.length === 0 || !isReminderDue(state.reminders[reminderKey('waiting')], nowMs)) return state;
  const sites = waiting.slice(0, WAITING_NAMED);
  const news = { type: 'moves-wait', sites, count: waiting.length, allowed } as const;
  const reminders = { ...state.reminders, [reminderKey('waiting')]: nowMs };
  return enqueueNews({ ...state, reminders }, [{ kind: 'moves-wait', news, atMs: nowMs }], config);
};

/** Sites named that are not well when a mass failure is over. */
const DIFFERING_NAMED = 5;

/** The sites of a mass failure that are not well again: how many, and since when. */
export type Mass = { sinceMs: number; count: number };

/**
 * The state with the mass failures that go on, by the incident of each, and with news of each that is over: no site has it any more.
 * `known`: the states of all sites are, so that a site which has it is not missed. `differ`: the sites that are not well on their preferred
 * server now, whatever keeps them from it.
 */
export const tellMasses = (
  state: DeploymentState,
  now: { going: ReadonlyMap<string, Mass>; known: boolean; differ: readonly string[]; nowMs: number },
  config: Config,
): DeploymentState => {
  const before = state.masses ?? {};
  const ids = [...new Set([...Object.keys(before), ...now.going.keys()])];
  const isOver = (id: string) => now.known && !now.going.has(id);
  const masses = ids.flatMap((id): [string, Mass][] => {
    const [known, seen] = [before[id], now.going.get(id)];
    if (isOver(id)) return [];
    const sinceMs = Math.min(
      known?.sinceMs ?? Number.POSITIVE_INFINITY,
      seen?.sinceMs ?? Number.POSITIVE_INFINITY,
    );
    return [[id, { sinceMs, count: Math.max(known?.count ?? 0, seen?.count ?? 0) }]];
  });
  const told = ids.filter(isOver).flatMap((group): Told[] => {
    const { sinceMs = now.nowMs, count = 0 } = before[group] ?? {};
    const but = { first: now.differ.slice(0, DIFFERING_NAMED), count: now.differ.length };
    const news = { type: 'mass-over', group, sinceMs, count, ...(but.count > 0 && { but }) } as const;
    return [{ kind: 'over', news, atMs: now.nowMs, incident: group }];
  });
  const { masses: _, ...rest } = enqueueNews(state, told, config);
  return masses.length === 0 ? rest : { ...rest, masses: Object.fromEntries(masses) };
};
