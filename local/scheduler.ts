import type { Clock } from '../lambda/ports.ts';

export type Scheduler = { stop(): void };

const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/**
 * Starts what EventBridge Scheduler would: at once and then each period, without waiting for the invocation before and
 * without a retry. `tickSeconds` is how long the scheduler's minute lasts here; `invoke` gets the schedule's input with
 * its scheduled time put in.
 */
export const startScheduler = <S extends { rateSeconds: number; input: string }>(
  schedules: S[],
  tickSeconds: number,
  clock: Clock,
  invoke: (schedule: S, payload: string) => void,
): Scheduler => {
  const stopped = new AbortController();
  const run = async (schedule: S): Promise<void> => {
    const periodMs = (schedule.rateSeconds / 60) * tickSeconds * 1000;
    let [dueMs, dueSteadyMs] = [clock.now(), clock.steady()];
    while (!stopped.signal.aborted) {
      invoke(schedule, schedule.input.replaceAll(SCHEDULED_TIME, scheduledTime(dueMs, periodMs)));
      dueMs += periodMs;
      dueSteadyMs += periodMs;
      await clock.sleep(dueSteadyMs - clock.steady(), stopped.signal);
      // After a machine has slept, the ticks it missed are missed; after its clock was set, the time is the new one.
      const isLate = clock.steady() - dueSteadyMs >= periodMs;
      if (isLate || Math.abs(clock.now() - dueMs) >= periodMs)
        [dueMs, dueSteadyMs] = [clock.now(), clock.steady()];
    }
  };
  for (const schedule of schedules) void run(schedule);
  return { stop: () => stopped.abort() };
};

/** AWS writes whole seconds; a period that is none keeps its milliseconds, since two ticks must not bear the same time. */
const scheduledTime = (dueMs: number, periodMs: number): string => {
  const iso = new Date(dueMs).toISOString();
  return periodMs % 1000 === 0 ? iso.replace(/\.\d+Z$/, 'Z') : iso;
};
