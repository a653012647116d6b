import type { AlertEvent } from '../messages/event.ts';
import { fitted } from './fitted.ts';
import { jsonPost, type Post, utf8Bytes, type Values } from './post.ts';

/** A receiver may refuse more (Standard Webhooks: below 20 KB is recommended). */
const BYTES_MAX = 20_000;

/** As long as the event, unique as it is, and without the full stop that separates it in what is signed. */
const messageId = ({ id }: AlertEvent): string => `msg_${id.replace(/[^A-Za-z0-9-]/g, '_')}`;

/** The event as it is, in the envelope of Standard Webhooks. */
export const webhookPosts = (event: AlertEvent, { url = '', key = '' }: Values): Post[] => {
  const envelope = (data: AlertEvent) => ({ type: `switchover.${event.kind}`, timestamp: event.at, data });
  const data = fitted(event, BYTES_MAX, (one) => utf8Bytes(JSON.stringify(envelope(one))));
  return [{ ...jsonPost(url, envelope(data)), signed: { id: messageId(event), key } }];
};
