import type { AlertEvent } from '../messages/event.ts';
import { fitted } from './fitted.ts';
import { jsonPost, type Post, utf8Bytes, type Values } from './post.ts';

/** What rules of EventBridge find our events by. */
export const EVENT_SOURCE = 'switchover';

/**
 * Bytes of an event. A call may have 1 MB (doc comments of @aws-sdk/client-eventbridge 3.1169), but a rule hands events on to services
 * that take 256 KB.
 */
const BYTES_MAX = 250_000;

/**
 * One entry, and one call for it: an entry that failed is sent again without any other. The bus is the account's own where none is named.
 * `Time` is when it happened, in seconds.
 */
export const eventBridgePosts = (event: AlertEvent, _: Values, bus?: string): Post[] => {
  const detail = fitted(event, BYTES_MAX, (one) => utf8Bytes(JSON.stringify(one)));
  const entry = {
    Source: EVENT_SOURCE,
    DetailType: event.kind,
    Detail: JSON.stringify(detail),
    Time: Math.floor(Date.parse(event.at) / 1000),
    ...(bus !== undefined && { EventBusName: bus }),
  };
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' };
  return [{ ...jsonPost('', { Entries: [entry] }, headers), aws: 'events' }];
};
