import { isoTime } from '../core/base/time.ts';
import type { NotTold } from '../core/channels/not-posted.ts';
import type { AlertEvent } from '../core/messages/event.ts';
import type { NotifierPorts } from '../ports.ts';
import { type Delivered, deliver } from './deliver.ts';
import { type MailedAbout, mailMissed } from './failures.ts';

/** What this process remembers from one event to the next. */
export type Memory = {
  /** Channels that took an event, by the event's id, if it comes twice. */
  served: Map<string, Set<string>>;
  mailed: MailedAbout;
};

export const newMemory = (): Memory => ({ served: new Map(), mailed: new Map() });

/** So long after the first channel that fails is waited for others: what has one cause is one mail. */
const GATHER_MS = 5000;

/** More than come twice; the oldest is forgotten. */
const SERVED_MAX = 200;

const servedFor = ({ served }: Memory, { id }: AlertEvent): Set<string> => {
  const known = served.get(id) ?? new Set();
  served.set(id, known);
  const [oldest] = served.keys();
  if (served.size > SERVED_MAX && oldest !== undefined) served.delete(oldest);
  return known;
};

type Missed = Omit<NotTold, 'more'>;

const noted = (
  { clock, log }: NotifierPorts,
  { id, kind }: AlertEvent,
  one: Missed & { told: boolean },
): void => {
  const { channel, why, told } = one;
  const at = isoTime(clock.now());
  const message = `${channel.name} ${why}`;
  if (told) log({ event: 'note', message, at, id, kind });
  else log({ event: 'error', code: 'channel-failed', message, at, during: 'notify' });
};

/**
 * Tells every channel of an event, all at the same time. Those that did not take it are mailed about within seconds of the first, and those
 * that are still tried then in one more message. Rejects only where not even that could be published: Lambda then calls again, and
 * channels that took the event are left alone as far as this process remembers.
 */
export const notify = async (ports: NotifierPorts, event: AlertEvent, memory: Memory): Promise<void> => {
  const done = servedFor(memory, event);
  const due = (ports.config.alerts.channels ?? []).filter(({ name }) => !done.has(name));
  const first = Promise.withResolvers<void>();
  const missed: Missed[] = [];
  let tried = 0;
  const all = Promise.all(
    due.map(async (channel) => {
      const { told, why }: Delivered = await deliver(ports, channel, event);
      noted(ports, event, { channel, why, told });
      tried += 1;
      if (told) return void done.add(channel.name);
      missed.push({ channel, why });
      if (tried < due.length) first.resolve();
    }),
  );
  const mail = async () => {
    const now = [...missed];
    await mailMissed(ports, event, now, memory.mailed);
    missed.splice(0, now.length);
    for (const { channel } of now) done.add(channel.name);
  };
  const isOver = new AbortController();
  const gathered = first.promise.then(() => ports.clock.sleep(GATHER_MS, isOver.signal));
  await Promise.race([all, gathered]);
  isOver.abort();
  // What cannot be published now is tried once more at the end.
  await mail().catch(() => {});
  await all;
  await mail();
};
