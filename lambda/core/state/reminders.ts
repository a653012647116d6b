/** What goes on is told again after this time, milliseconds. */
const TELL_AGAIN_MS = 3_600_000;

/** Whether something is to be told that was told last at `toldMs`; undefined when it never was. */
export const isReminderDue = (toldMs: number | undefined, nowMs: number, everyMs = TELL_AGAIN_MS): boolean =>
  toldMs === undefined || nowMs - toldMs >= everyMs;
