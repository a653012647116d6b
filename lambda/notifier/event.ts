import type { AlertEvent } from '../core/messages/event.ts';

/** What Lambda hands over of a message of SNS: one record, as a rule. */
type SnsEvent = { Records?: { Sns?: { Message?: unknown } }[] };

const TEXTS = ['id', 'at', 'kind', 'headline', 'dedupKey', 'incident', 'subject', 'text'] as const;

const isEvent = (value: unknown): value is AlertEvent => {
  const event = Object(value) as Record<string, unknown>;
  return (
    event.v === 1 &&
    TEXTS.every((field) => typeof event[field] === 'string') &&
    ['critical', 'warning', 'info'].includes(event.severity as string) &&
    ['trigger', 'resolve', 'change', 'info'].includes(event.state as string) &&
    Array.isArray(event.tags) &&
    Array.isArray(event.ends) &&
    typeof Object(event.links) === 'object'
  );
};

const parsed = (text: unknown): unknown => {
  try {
    return JSON.parse(String(text));
  } catch {
    return text;
  }
};

/** The events in what SNS hands over. Throws at anything else, so that it is kept for people to look at. */
export const eventsIn = (received: unknown): AlertEvent[] => {
  const { Records = [] } = Object(received) as SnsEvent;
  const events = Array.isArray(Records) ? Records.map((record) => parsed(record?.Sns?.Message)) : [];
  if (events.length > 0 && events.every(isEvent)) return events;
  const shown = JSON.stringify(events[0] ?? received)?.slice(0, 200);
  throw new Error(
    `Expected a message of SNS with an event of version 1, received ${shown}; deploy all functions of one version.`,
  );
};
