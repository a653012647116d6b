import { homeServer } from '../site/site.ts';
import { advancePoint, newPoint, pointStatus } from '../state/planned-switch.ts';
import { modeInForce } from '../state/site-state.ts';
import { servingText } from '../zone/stranger.ts';
import type { Command } from './command.ts';
import {
  allOf,
  cancelledSwitches,
  healthOf,
  type Order,
  type Ordered,
  refusedOnEdit,
  withOrder,
  zoneRefusal,
} from './ordered.ts';

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
  if (view.kind === 'edited' && view.owner !== undefined) return { refused: refusedOnEdit(site, view) };
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
  const done = `${site.name}: ${allOf(pointStatus(point, nowMs).text, ended)}. You are told what becomes of it; "release" cancels it`;
  return {
    state: { ...withOrder(now, kept, { by, reason, what, ended, asks: { order: 'point', to } }), point },
    changes: [],
    done,
    saved: done,
  };
};

/** A `failback` command is alive for this time, then reported as not done. */
const FAILBACK_ALIVE_MS = 60_000;

export const failback = (command: Command, now: Ordered): Order => {
  const { site, state, view, nowMs } = now;
  if (view.kind === 'edited') return { refused: refusedOnEdit(site, view) };
  if (view.kind !== 'ours') return { refused: `Refused: ${site.name} has no records of ours yet.` };
  const { mode } = modeInForce(view.role, state.override, nowMs);
  if (mode !== 'auto')
    return {
      refused: `Refused: ${site.name} is ${mode}, and failback needs the mode auto. "release" ends a hold or pin.`,
    };
  const { serving } = view.role;
  const at = site.servers.findIndex((s) => s.name === serving);
  if (at === -1)
    return {
      refused: `Refused: failback moves from a configured server to a preferred one, and ${servingText(site, serving, view.records)} is none. "pin" moves ${site.name} to a server.`,
    };
  const names = site.servers.slice(0, at).map(({ name }) => name);
  const preferred = names.filter((name) => name !== site.lastResort);
  if (preferred.length === 0)
    return { refused: `Refused: ${serving} serves ${site.name}, and no server is preferred to it.` };
  const up = preferred.filter((name) => healthOf(now, name) === 'up');
  const to = up.find((name) => zoneRefusal(now, name) === undefined) ?? up[0];
  if (to === undefined) {
    const healths = preferred.map((name) => `${name} is ${healthOf(now, name)}`).join(', ');
    return { refused: `Refused: failback needs a preferred server that is up, and ${healths}.` };
  }
  const blocked = zoneRefusal(now, to);
  if (blocked !== undefined) return { refused: blocked };
  const { by, reason } = command;
  const asked = { by, reason, askedMs: nowMs, untilMs: nowMs + FAILBACK_ALIVE_MS, from: serving };
  const what = `failback to ${to} asked for`;
  const done = `${site.name}: asked for; it moves to ${to} as soon as a majority of all vantages sees it pass, within ${FAILBACK_ALIVE_MS / 1000} s, or you are told that it did not`;
  return {
    state: {
      ...withOrder(now, state, { by, reason, what, asks: { order: 'failback', to } }),
      failbackAsked: asked,
    },
    changes: [],
    done,
    saved: done,
  };
};
