import type { AlertEvent } from '../messages/event.ts';
import { cutTo, jsonPost, type Post, utf8Bytes, type Values } from './post.ts';

/** A receiver may refuse more (Standard Webhooks: below 20 KB is recommended). */
const BYTES_MAX = 20_000;

/** As long as the event, unique as it is, and without the full stop that separates it in what is signed. */
const messageId = ({ id }: AlertEvent): string => `msg_${id.replace(/[^A-Za-z0-9-]/g, '_')}`;

/** So many of many sites are named; `siteCount` says how many there are. */
const SITES_NAMED = 50;

/** The event as it is, in the envelope of Standard Webhooks. Of a long one the text is cut, and of many sites the last are left out. */
export const webhookPosts = (event: AlertEvent, { url = '', key = '' }: Values): Post[] => {
  const envelope = (data: AlertEvent) => ({ type: `switchover.${event.kind}`, timestamp: event.at, data });
  const bytesOf = (data: AlertEvent) => utf8Bytes(JSON.stringify(envelope(data)));
  const signed = { id: messageId(event), key };
  if (bytesOf(event) <= BYTES_MAX) return [{ ...jsonPost(url, envelope(event)), signed }];
  const few = { ...event, ...(event.sites && { sites: event.sites.slice(0, SITES_NAMED) }) };
  const text = cutTo(few.text, BYTES_MAX, (one) => bytesOf({ ...few, text: one }));
  return [{ ...jsonPost(url, envelope({ ...few, text })), signed }];
};
