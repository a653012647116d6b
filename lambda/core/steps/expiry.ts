import type { Site } from '../site/site.ts';
import { enqueue } from '../state/outbox.ts';
import type { SiteState } from '../state/site-state.ts';
import type { Role } from '../zone/role-record.ts';
import { isStranger, servingText } from '../zone/stranger.ts';

/** What serves, and how people know it where it is no configured server. */
const whatStays = (site: Site, serving: string | undefined, { written }: SiteState) =>
  serving === undefined || !isStranger(site, serving)
    ? { serving }
    : { serving, stays: servingText(site, serving, written?.records) };

/** A hold or pin, of the role record or of an order, that has ended is announced once. */
export const tellExpiry = (
  site: Site,
  state: SiteState,
  listed: Role | undefined,
  nowMs: number,
): SiteState => {
  const role = listed?.mode === 'auto' ? undefined : listed;
  const override = state.override?.mode.mode === 'auto' ? undefined : state.override?.mode;
  const untilMs = Math.max((role?.untilSeconds ?? 0) * 1000, override?.untilMs ?? 0);
  if (untilMs === 0 || untilMs > nowMs || (state.told.expiryMs ?? 0) >= untilMs) return state;
  const mode = role?.mode ?? override?.mode ?? 'held';
  const news = { type: 'expired', mode, untilMs, ...whatStays(site, listed?.serving, state) } as const;
  const next = enqueue(site, state, { kind: 'expiry', news }, nowMs);
  return { ...next, told: { ...next.told, expiryMs: untilMs } };
};
