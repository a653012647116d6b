import { type NotTold, notPosted } from '../core/channels/not-posted.ts';
import type { AlertEvent } from '../core/messages/event.ts';
import type { NotifierPorts } from '../ports.ts';

/** The last mail about a channel: when, and how many events it did not take since that nobody was mailed about. */
type Mailed = { atMs: number; isCritical: boolean; more: number };

/** The last mail about each channel, by the channel's name, as far as this process remembers. */
export type MailedAbout = Map<string, Mailed>;

/** A channel that stays broken is one mail an hour, however many events it does not take. */
const AGAIN_MS = 3_600_000;

/**
 * Mails in one message about channels that did not take an event, but for those that were mailed about within the hour. Those who are
 * mailed only what is critical may not have had that mail, so the first critical event is mailed about as well. Rejects where it could not
 * be published, and remembers nothing then.
 */
export const mailMissed = async (
  { topic, clock }: Pick<NotifierPorts, 'topic' | 'clock'>,
  event: AlertEvent,
  missed: Omit<NotTold, 'more'>[],
  about: MailedAbout,
): Promise<void> => {
  const nowMs = clock.now();
  const isCritical = event.severity === 'critical';
  const isNews = ({ channel }: Pick<NotTold, 'channel'>): boolean => {
    const last = about.get(channel.name);
    return last === undefined || nowMs - last.atMs >= AGAIN_MS || (isCritical && !last.isCritical);
  };
  const { news = [], known = [] } = Object.groupBy(missed, (one) => (isNews(one) ? 'news' : 'known'));
  if (news.length > 0) {
    const told = news.map((one) => ({ ...one, more: about.get(one.channel.name)?.more ?? 0 }));
    await topic.publish(notPosted(event, told, nowMs));
  }
  for (const { channel } of news) about.set(channel.name, { atMs: nowMs, isCritical, more: 0 });
  for (const { channel } of known) (about.get(channel.name) as Mailed).more += 1;
};
