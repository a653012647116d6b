import { isoMs } from '../lambda/core/base/moment.ts';

const UNIT_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
const DAY_MS = 86_400_000;
const DATE_TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?\s*(Z|UTC|[+-]\d\d:\d\d)?$/i;
const TIME_OF_DAY = /^(\d\d:\d\d(?::\d\d)?)\s*(?:Z|UTC)?$/i;

/** The seconds in `30s`, `20m`, `2h` or `3d`; undefined for anything else. */
export const secondsIn = (text: string): number | undefined => {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_SECONDS[unit] ?? 0);
};

/**
 * A moment as people write it, milliseconds; undefined when it cannot be read. It is UTC unless it says otherwise, as is
 * everything that is shown; `20m` is so long ago, and a time of day the last one.
 */
export const momentIn = (text: string, nowMs: number): number | undefined => {
  const ago = secondsIn(text);
  if (ago !== undefined) return nowMs - ago * 1000;
  const [, date, time = '00:00', zone = 'Z'] = DATE_TIME.exec(text) ?? [];
  if (date !== undefined) return isoMs(`${date}T${time}${zone.toUpperCase().replace('UTC', 'Z')}`);
  const [, ofDay] = TIME_OF_DAY.exec(text) ?? [];
  const today = new Date(nowMs).toISOString().slice(0, 10);
  const ms = isoMs(`${today}T${ofDay}Z`);
  return ms !== undefined && ms > nowMs ? ms - DAY_MS : ms;
};
