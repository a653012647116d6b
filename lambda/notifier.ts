import { notifierPorts } from './edge/notifier-world.ts';
import { eventsIn } from './notifier/event.ts';
import { newMemory, notify } from './notifier/notify.ts';
import { type TriedAll, tryChannels } from './notifier/try-channels.ts';

const ports = notifierPorts();
const memory = newMemory();

/** What a person sends who tries the channels. */
const isTest = (event: unknown): boolean => (Object(event) as { action?: unknown }).action === 'test';

/** Posts what the topic of events carries, one message after the other; or a test to each channel, for a person who asks. */
export const handler = async (event: unknown): Promise<TriedAll | undefined> => {
  if (isTest(event)) return tryChannels(ports);
  for (const one of eventsIn(event)) await notify(ports, one, memory);
  return undefined;
};
