import { clockTime } from '../base/time.ts';
import { type Announcement, subjectLine } from '../messages/announcement.ts';
import type { AlertEvent } from '../messages/event.ts';
import { wrapped } from '../messages/layout.ts';
import { paragraphs } from '../messages/letter.ts';
import type { Channel } from '../site/alerts.ts';

/** What the mail is called. */
export const CHANNEL_FAILED = 'channel-failed';

/** A channel that was not told, and what it answered last. */
export type NotTold = { channel: Pick<Channel, 'name' | 'kind'>; why: string };

const listed = (all: NotTold[]): string =>
  all.map(({ channel, why }) => `  ${channel.name} (${channel.kind})  ${why}`).join('\n');

/**
 * The mail about channels that did not take an event. It is as bad as what they were not told, and names no URL. It is mailed, and posted
 * to no channel: none of them may be in order.
 */
export const notPosted = (event: AlertEvent, all: NotTold[], atMs: number): Announcement => {
  const names = all.map(({ channel }) => channel.name).join(', ');
  const text = paragraphs(
    `${clockTime(atMs)}: ${names} did not take this message: ${event.subject}`,
    listed(all),
    'It was mailed as always, and the other channels have it. It is not posted there again.',
    [
      'Put right what is wrong there, or the parameter that holds the URL or key; then try it:',
      '',
      '  npm run switchover -- check --notify',
    ].join('\n'),
    `Incident ${event.incident} (${CHANNEL_FAILED}, ${event.severity})`,
  );
  return {
    id: `${event.id}/${CHANNEL_FAILED}`,
    kind: CHANNEL_FAILED,
    severity: event.severity === 'info' ? 'warning' : event.severity,
    site: event.site ?? '*',
    incident: event.incident,
    atMs,
    subject: subjectLine(event.incident, `NOT POSTED to ${names}: ${event.headline}`),
    text: wrapped(text),
  };
};
