import { homeServer } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { enqueue } from '../state/outbox.ts';
import { advancePoint, newPoint, pointStatus } from '../state/planned-switch.ts';
import { modeInForce } from '../state/site-state.ts';
import { allOf, cancelledSwitches, healthOf, type Order, type Ordered, zoneRefusal } from './ordered.ts';

type Asking = { by: string; reason: string; server?: string; planned?: true };

const refusal = (now: Ordered, to: string): string | undefined => {
  const { site, state, view, nowMs } = now;
  if (view.kind !== 'ours')
    return `${site.name} has no records as Switchover left them; after an edit by hand, "adopt" or "put-back" comes first`;
  const { serving } = view.role;
  const { mode } = modeInForce(view.role, state.override, nowMs);
  if (mode !== 'auto')
    return `${site.name} is ${mode}, and this needs the mode auto. "release" ends a hold or pin`;
  if (serving === to) return `${to} serves ${site.name} already`;
  if (to === site.lastResort)
    return `${to} is the last resort, and the site would leave it at once. "pin" keeps the site there`;
  if (site.failback !== 'manual' && to !== homeServer(site))
    return `${site.name} moves back by itself ${site.failback.afterSeconds} s after, so it would not stay on ${to}. "pin" keeps it there`;
  const unwell = [to, serving].find((server) => healthOf(now, server) !== 'up');
  if (unwell === undefined) return undefined;
  return `${unwell} is ${healthOf(now, unwell)}, and this moves visitors between servers that are up. "pin" with force serves a server whatever its health`;
};

/** `point`: serve another server from now on, at once or as a planned switch, and leave the mode auto. */
export const pointOrder = (asking: Asking, now: Ordered): Order => {
  const { site, state, view, nowMs } = now;
  const { by, reason, planned = false, server: to = '' } = asking;
  const why = refusal(now, to);
  if (why !== undefined || view.kind !== 'ours') return { refused: `Refused: ${why}.` };
  const blocked = zoneRefusal(now, to);
  if (blocked !== undefined) return { refused: blocked };
  const asked = { by, reason, askedMs: nowMs, from: view.role.serving, to };
  const made = newPoint(site, asked, view.records, planned);
  // A TTL that is as low as it gets need not be lowered first.
  const { point = made } = advancePoint(site, { ...state, point: made }, view, nowMs);
  const what = `${planned ? 'planned switch' : 'switch'} to ${to} asked for`;
  const ended = cancelledSwitches(now, by);
  const { failbackAsked: _, ...kept } = state;
  const news = { type: 'ordered', what, ended, by, reason } as const;
  const queued = enqueue(site, kept, { kind: 'hand', news }, nowMs);
  const history = noted(queued.history, {
    atMs: nowMs,
    what: 'hand',
    text: `${by}: ${allOf(what, ended)} (${reason})`,
  });
  const done = `${site.name}: ${allOf(pointStatus(point, nowMs).text, ended)}. You are told what becomes of it; "release" cancels it`;
  return { state: { ...queued, history, point }, changes: [], done, saved: done };
};
