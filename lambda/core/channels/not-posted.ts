import { clockTime } from '../base/time.ts';
import { type Announcement, subjectLine } from '../messages/announcement.ts';
import type { AlertEvent } from '../messages/event.ts';
import { wrapped } from '../messages/layout.ts';
import { paragraphs } from '../messages/letter.ts';
import type { Channel } from '../site/alerts.ts';

/** What the mail is called. */
export const CHANNEL_FAILED = 'channel-failed';

/** A channel that was not told, what it answered last, and how many it did not take before, that nobody was mailed about. */
export type NotTold = { channel: Pick<Channel, 'name' | 'kind'>; why: string; more: number };

const lineOf = ({ channel, why, more }: NotTold): string => {
  const before = more === 0 ? '' : `; others that it did not take since the last mail: ${more}`;
  return `  ${channel.name} (${channel.kind})  ${why}${before}`;
};

/**
 * The mail about channels that did not take an event. It is as bad as what they were not told, and names no URL. It is mailed, and posted
 * to no channel: none of them may be in order.
 */
export const notPosted = (event: AlertEvent, all: NotTold[], atMs: number): Announcement => {
  const names = all.map(({ channel }) => channel.name).join(', ');
  const text = paragraphs(
    `${clockTime(atMs)}: ${names} did not take this message: ${event.subject}`,
    all.map(lineOf).join('\n'),
    'It was mailed as always, and the other channels have it. It is not posted there again.',
    'What else is not taken there within an hour is counted, and not mailed.',
    [
      'Put right what is wrong there, or the parameter that holds the URL or key; then try it:',
      '',
      '  npm run switchover -- check --notify',
    ].join('\n'),
    `Incident ${event.incident} (${CHANNEL_FAILED}, ${event.severity})`,
  );
  return {
    id: `${event.id}/${CHANNEL_FAILED}/${all[0]?.channel.name}`,
    kind: CHANNEL_FAILED,
    severity: event.severity === 'info' ? 'warning' : event.severity,
    site: event.site ?? '*',
    incident: event.incident,
    atMs,
    subject: subjectLine(event.incident, `NOT POSTED to ${names}: ${event.headline}`),
    text: wrapped(text),
  };
};
