import { isoTime } from '../base/time.ts';
import type { AlertEvent } from '../messages/event.ts';
import type { Config } from '../site/site.ts';

/**
 * The event that `check --notify` posts, and its end. It is `info`, so that nobody is woken where a pager has a rule for that; a pager opens
 * an alert and ends it at once.
 */
export const testEvents = (
  { deployment, homeRegion }: Pick<Config, 'deployment' | 'homeRegion'>,
  nonce: string,
  nowMs: number,
): AlertEvent[] => {
  const key = `${deployment}/test/${nonce}`;
  const subject = `TEST of Switchover ${deployment}: this channel is told [test]`;
  const event: AlertEvent = {
    v: 1,
    id: key,
    deployment,
    region: homeRegion,
    at: isoTime(nowMs),
    kind: 'test',
    headline: 'NEWS',
    severity: 'info',
    state: 'trigger',
    dedupKey: key,
    ends: [],
    incident: 'test',
    siteCount: 0,
    tags: [],
    times: {},
    subject,
    text: 'Somebody tried the channels with "check --notify". Nothing has happened.',
    links: {},
  };
  return [event, { ...event, id: `${key}/end`, state: 'resolve', ends: [key] }];
};
