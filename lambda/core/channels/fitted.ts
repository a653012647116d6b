import type { AlertEvent } from '../messages/event.ts';
import { cutTo } from './post.ts';

/** So many of many sites are named; `siteCount` says how many there are. */
const SITES_NAMED = 50;

/**
 * The event, as it is where it has at most `most` bytes as `bytesOf` counts them. Of a longer one the text is cut, and of many sites the
 * last are left out.
 */
export const fitted = (
  event: AlertEvent,
  most: number,
  bytesOf: (event: AlertEvent) => number,
): AlertEvent => {
  if (bytesOf(event) <= most) return event;
  const few = { ...event, ...(event.sites && { sites: event.sites.slice(0, SITES_NAMED) }) };
  return { ...few, text: cutTo(few.text, most, (text) => bytesOf({ ...few, text })) };
};
