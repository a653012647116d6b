import { testEvents } from '../core/channels/test-event.ts';
import type { Channel } from '../core/site/alerts.ts';
import type { NotifierPorts } from '../ports.ts';
import { type Delivered, deliver } from './deliver.ts';

/** What one channel came to. */
export type Tried = { name: string; kind: Channel['kind']; ok: boolean; answer: string };

/** What `check --notify` is answered. */
export type TriedAll = { ok: boolean; message: string; channels: Tried[] };

/** A person waits: one more try where a service asks for a moment, and no more. */
const PATIENCE_MS = 20_000;

const tryOne = async (ports: NotifierPorts, channel: Channel): Promise<Tried> => {
  const events = testEvents(ports.config, ports.nonce(), ports.clock.now());
  const keepsAlerts = ['pagerduty', 'jira'].includes(channel.kind);
  let last: Delivered = { told: true, why: '' };
  // Whatever it waits for otherwise, it is tried.
  for (const event of keepsAlerts ? events : events.slice(0, 1)) {
    last = await deliver(ports, { ...channel, wanted: {} }, event, PATIENCE_MS);
    if (!last.told) break;
  }
  return { name: channel.name, kind: channel.kind, ok: last.told, answer: last.why };
};

/** Sends a test to each channel, whatever it waits for, and says what each answered. */
export const tryChannels = async (ports: NotifierPorts): Promise<TriedAll> => {
  const channels = await Promise.all(
    (ports.config.alerts.channels ?? []).map((channel) => tryOne(ports, channel)),
  );
  const failed = channels.filter(({ ok }) => !ok);
  const message =
    failed.length === 0
      ? `A test was posted to all ${channels.length} channels.`
      : `A test was not taken by ${failed.map(({ name }) => name).join(', ')}.`;
  return { ok: failed.length === 0, message, channels };
};
