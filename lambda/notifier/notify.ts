import { isoTime } from '../core/base/time.ts';
import { type NotTold, notPosted } from '../core/channels/not-posted.ts';
import type { AlertEvent } from '../core/messages/event.ts';
import type { NotifierPorts } from '../ports.ts';
import { type Delivered, deliver } from './deliver.ts';

/** Channels that took an event, by the event's id: this process knows them if the event comes twice. */
export type Served = Map<string, Set<string>>;

/** More than come twice; the oldest is forgotten. */
const SERVED_MAX = 200;

const servedFor = (served: Served, { id }: AlertEvent): Set<string> => {
  const known = served.get(id) ?? new Set();
  served.set(id, known);
  const [oldest] = served.keys();
  if (served.size > SERVED_MAX && oldest !== undefined) served.delete(oldest);
  return known;
};

const noted = (
  { clock, log }: NotifierPorts,
  { id, kind }: AlertEvent,
  one: NotTold & { told: boolean },
): void => {
  const { channel, why, told } = one;
  const at = isoTime(clock.now());
  const message = `${channel.name} ${why}`;
  if (told) log({ event: 'note', message, at, id, kind });
  else log({ event: 'error', code: 'channel-failed', message, at, during: 'notify' });
};

/**
 * Tells every channel of an event, all at the same time. Those that did not take it are mailed about in one message. Rejects only where
 * not even that could be published: Lambda then calls again, and channels that took the event are left alone as far as this process
 * remembers.
 */
export const notify = async (ports: NotifierPorts, event: AlertEvent, served: Served): Promise<void> => {
  const done = servedFor(served, event);
  const due = (ports.config.alerts.channels ?? []).filter(({ name }) => !done.has(name));
  const all = await Promise.all(
    due.map(async (channel): Promise<NotTold & { told: boolean }> => {
      const { told, why }: Delivered = await deliver(ports, channel, event);
      if (told) done.add(channel.name);
      noted(ports, event, { channel, why, told });
      return { channel, why, told };
    }),
  );
  const missed = all.filter(({ told }) => !told);
  if (missed.length === 0) return;
  await ports.topic.publish(notPosted(event, missed, ports.clock.now()));
  // They were mailed about: that is told once.
  for (const { channel } of missed) done.add(channel.name);
};
