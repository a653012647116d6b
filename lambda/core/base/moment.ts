const ISO = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/i;

/**
 * The moment that an ISO 8601 text names, milliseconds; undefined when it names none. A day that the month does not have is none:
 * `Date.parse` takes 31 February for 3 March.
 */
export const isoMs = (text: string): number | undefined => {
  const [, day] = ISO.exec(text) ?? [];
  if (day === undefined) return undefined;
  const [dayMs, ms] = [Date.parse(`${day}T00:00:00Z`), Date.parse(text)];
  if (Number.isNaN(ms) || Number.isNaN(dayMs)) return undefined;
  return new Date(dayMs).toISOString().startsWith(day) ? ms : undefined;
};

/** The day in the text that no calendar has, such as 2026-02-31 or 2026-13-01; undefined where there is none, or no day at all. */
export const missingDay = (text: string): string | undefined => {
  const [day] = /^\d{4}-\d\d-\d\d/.exec(text) ?? [];
  return day === undefined || isoMs(day) !== undefined ? undefined : day;
};
