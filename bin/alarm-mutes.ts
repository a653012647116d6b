import type { Answer } from '../lambda/console/command.ts';
import type { OwnAlarms } from '../lambda/console/own-alarms.ts';
import { callCloudwatch } from '../lambda/edge/cloudwatch.ts';
import type { Console } from './console.ts';

/** How long, and who asked for it why; without a time what was muted is not any more. */
export type Muting = { forSeconds: number | undefined; reason: string | undefined; by: string };

/** What became of the alarms of one region. */
export type Muted = OwnAlarms & { ok: boolean; message: string };

const MINUTE_MS = 60_000;
/** The longest time that a rule holds: 15 days (API reference, Schedule). */
const LONGEST_MINUTES = 15 * 24 * 60;
const DESCRIPTION_MAX = 1024;

/** `2026-11-22T20:00`, in UTC, which is what a rule has where it names no time zone. */
const minuteOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

/**
 * A rule of one window, which begins with the next minute, since a window whose beginning is over may never come, and ends with the silence:
 * what is left behind mutes nothing. Undefined where the silence is over before that.
 */
export const muteRuleFor = (
  { rule, names }: OwnAlarms,
  { forSeconds = 0, reason = '', by }: Muting,
  nowMs: number,
) => {
  const fromMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  const minutes = Math.min(LONGEST_MINUTES, Math.ceil((nowMs + forSeconds * 1000 - fromMs) / MINUTE_MS));
  if (minutes < 1) return undefined;
  return {
    untilMs: fromMs + minutes * MINUTE_MS,
    input: {
      Name: rule,
      Description: `Switchover: silence --all by ${by}: ${reason}`.slice(0, DESCRIPTION_MAX),
      Rule: { Schedule: { Expression: `at(${minuteOf(fromMs)})`, Duration: `PT${minutes}M` } },
      MuteTargets: { AlarmNames: names },
    },
  };
};

/** An order that may be a silence of all sites, or its end. */
export type MutingEvent = {
  action: string;
  all?: boolean;
  forSeconds?: number;
  reason?: string;
  by?: string;
};

/** Mutes what an order on all sites named, or ends that, where something of the order was done. */
export const mutedWith = async (
  aws: Console['aws'],
  { action, all, forSeconds, reason, by = '' }: MutingEvent,
  { alarms, outcomes = [] }: Answer,
): Promise<Muted[]> => {
  if (!all || alarms === undefined || !outcomes.some(({ ok }) => ok)) return [];
  return muteAlarms(aws, alarms, { forSeconds: action === 'silence' ? forSeconds : undefined, reason, by });
};

/**
 * Mutes the alarms of a deployment, or ends that. It is done with the rights of who asks, region by region, and what could not be done is told:
 * the alarms then ring, which is the safe side.
 */
export const muteAlarms = (aws: Console['aws'], all: OwnAlarms[], muting: Muting): Promise<Muted[]> =>
  Promise.all(
    all.map(async (own): Promise<Muted> => {
      const { region, rule, names } = own;
      const which = `${names.join(', ')} in ${region}`;
      const made = muting.forSeconds === undefined ? undefined : muteRuleFor(own, muting, Date.now());
      if (muting.forSeconds !== undefined && made === undefined)
        return { ...own, ok: true, message: `Not muted, since the silence is too short: ${which}.` };
      const asked = made
        ? ({ operation: 'PutAlarmMuteRule', input: made.input } as const)
        : ({ operation: 'DeleteAlarmMuteRule', input: { AlarmMuteRuleName: rule } } as const);
      try {
        await callCloudwatch({ ...aws, region }, asked);
      } catch (error) {
        const { message } = error as Error;
        const what = made ? 'Not muted' : 'Perhaps still muted';
        return {
          ...own,
          ok: false,
          message: `${what}: ${which}: ${message} (cloudwatch:${asked.operation} on the rule ${rule}${made ? ' and on each alarm' : ''}).`,
        };
      }
      if (made === undefined) return { ...own, ok: true, message: `No longer muted: ${which}.` };
      const until = `${minuteOf(made.untilMs).replace('T', ' ')} UTC`;
      const warning = 'Until then nobody is told if Switchover itself stops.';
      return { ...own, ok: true, message: `Muted until ${until}: ${which}. ${warning}` };
    }),
  );
