import type { AlertEvent } from '../messages/event.ts';
import { linksOf, lookOf } from './look.ts';
import { cut, cutTo, jsonPost, type Post, type Values } from './post.ts';

/** Bytes of a message; a longer one becomes an attachment (ntfy, docs/config). */
const MESSAGE_BYTES_MAX = 4096;
const TITLE_MAX = 250;
const ACTIONS_MAX = 3;

/** 5 wakes a phone that is silent, 3 is usual, 2 makes no sound. */
const PRIORITIES = { critical: 5, warning: 4, info: 2 } as const;

/** JSON is sent to the server's root and names the topic: headers, the other way, cannot hold what is not ASCII. */
export const ntfyPosts = (event: AlertEvent, { url = '', token }: Values): Post[] => {
  const [, root = url, topic = ''] = /^(.*\/)([^/?#]+)\/?$/.exec(url) ?? [];
  const links = linksOf(event);
  const body = {
    topic,
    title: cut(event.subject, TITLE_MAX),
    message: cutTo(event.text, MESSAGE_BYTES_MAX),
    priority: event.state === 'resolve' ? 3 : PRIORITIES[event.severity],
    tags: [lookOf(event).tag],
    ...(links[0] !== undefined && { click: links[0].href }),
    actions: links
      .slice(0, ACTIONS_MAX)
      .map(({ href, text }) => ({ action: 'view', label: text, url: href })),
  };
  return [jsonPost(root, body, token === undefined ? {} : { authorization: `Bearer ${token}` })];
};
