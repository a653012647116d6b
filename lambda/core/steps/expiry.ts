import { expired } from '../messages/ended.ts';
import type { Config, Site } from '../site/site.ts';
import { owe } from '../state/outbox.ts';
import type { SiteState } from '../state/site-state.ts';
import type { Role } from '../zone/role-record.ts';

/** A hold or pin, of the role record or of a hand, that has ended is announced once. */
export const oweExpiry = (
  site: Site,
  state: SiteState,
  listed: Role | undefined,
  nowMs: number,
  config: Config,
): SiteState => {
  const role = listed?.mode === 'auto' ? undefined : listed;
  const hand = state.hand?.mode.mode === 'auto' ? undefined : state.hand?.mode;
  const untilMs = Math.max((role?.untilSeconds ?? 0) * 1000, hand?.untilMs ?? 0);
  if (untilMs === 0 || untilMs > nowMs || (state.told.expiryMs ?? 0) >= untilMs) return state;
  const words = expired(site, config, { mode: role?.mode ?? hand?.mode ?? 'held', untilMs, listed, state });
  const next = owe(site, state, 'expiry', words, nowMs);
  return { ...next, told: { ...next.told, expiryMs: untilMs } };
};
