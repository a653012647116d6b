/** `2026-11-22 18:59:03 UTC`. */
export const clockTime = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `45 s`, `3 min`, `2 h 5 min`, `21 days`. */
export const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  if (minutes >= 48 * 60) return `${Math.round(minutes / 1440)} days`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
};

/** ISO 8601 UTC with milliseconds, as every log line has it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
