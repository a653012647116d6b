import type { AlertEvent } from '../messages/event.ts';
import { cutTo, jsonPost, type Post, utf8Bytes, type Values } from './post.ts';

/** A receiver may refuse more (Standard Webhooks: below 20 KB is recommended). */
const BYTES_MAX = 20_000;

/** As long as the event, unique as it is, and without the full stop that separates it in what is signed. */
const messageId = ({ id }: AlertEvent): string => `msg_${id.replace(/[^A-Za-z0-9-]/g, '_')}`;

/** The event as it is, in the envelope of Standard Webhooks. Of a long one the text is cut, and of many sites the last are left out. */
export const webhookPosts = (event: AlertEvent, { url = '', key = '' }: Values): Post[] => {
  const envelope = (data: AlertEvent) => ({ type: `switchover.${event.kind}`, timestamp: event.at, data });
  const bytesOf = (data: AlertEvent) => utf8Bytes(JSON.stringify(envelope(data)));
  const whole = bytesOf(event) <= BYTES_MAX;
  const text = whole ? event.text : cutTo(event.text, BYTES_MAX, (one) => bytesOf({ ...event, text: one }));
  return [{ ...jsonPost(url, envelope({ ...event, text })), signed: { id: messageId(event), key } }];
};
