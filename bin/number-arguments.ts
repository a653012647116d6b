import { missingDay } from '../lambda/core/base/moment.ts';
import { LONGEST_FOR_SECONDS } from '../lambda/core/orders/command.ts';
import type { Refuse, Values } from './grammar.ts';
import { momentIn, secondsIn } from './times.ts';

/** The times and numbers among the flags. */
export const numbersIn = (
  { for: lasting, at, limit, since, until, port }: Values,
  nowMs: number,
  refuse: Refuse,
) => {
  const forSeconds = lasting === undefined ? undefined : secondsIn(lasting);
  if (lasting !== undefined && /^0+[smhd]?$/.test(lasting))
    refuse(`Expected --for to be a time above 0 such as 30s, 20m, 2h or 3d, received "${lasting}".`);
  if (lasting !== undefined && forSeconds === undefined)
    refuse(`Expected --for to be a time such as 30s, 20m, 2h or 3d, received "${lasting}".`);
  if (forSeconds !== undefined && forSeconds > LONGEST_FOR_SECONDS)
    refuse(
      `Expected --for to be at most ${LONGEST_FOR_SECONDS / 86_400}d, received "${lasting}"; give the order again before that has passed.`,
    );
  if (limit !== undefined && !/^[1-9]\d{0,5}$/.test(limit))
    refuse(`Expected --limit to be a whole number above 0, received "${limit}".`);
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535))
    refuse(`Expected --port to be a port from 0 to 65535, received "${port}".`);
  return {
    ...(port !== undefined && { port: Number(port) }),
    ...(forSeconds !== undefined && { forSeconds }),
    ...(at !== undefined && { at: pastMoment('at', at, nowMs, refuse) }),
    ...(since !== undefined && { since: pastMoment('since', since, nowMs, refuse) }),
    ...(until !== undefined && { until: pastMoment('until', until, nowMs, refuse) }),
    ...(limit !== undefined && { limit: Number(limit) }),
  };
};

const pastMoment = (flag: string, text: string, nowMs: number, refuse: Refuse): string => {
  const atMs = momentIn(text, nowMs);
  if (atMs === undefined || Number.isNaN(atMs)) {
    const day = missingDay(text);
    if (day !== undefined)
      refuse(`Expected --${flag} to be a day that there is, received "${text}": there is no ${day}.`);
    return refuse(
      `Expected --${flag} to be a time such as "2026-11-22 03:14" (UTC), 2026-11-22T04:14+01:00, 03:14, or 20m for ` +
        `twenty minutes ago, received "${text}".`,
    );
  }
  if (atMs > nowMs) refuse(`Expected --${flag} to be in the past, received "${text}".`);
  return new Date(atMs).toISOString();
};
