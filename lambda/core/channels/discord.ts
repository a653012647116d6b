import type { AlertEvent } from '../messages/event.ts';
import { linksOf, lookOf, smallPrint } from './look.ts';
import { cut, cutTo, jsonPost, type Post, type Values } from './post.ts';

/** Characters of an embed's parts (discord-api-docs, August 2026); all together may have 6,000. */
const TITLE_MAX = 256;
const DESCRIPTION_MAX = 4096;
const FOOTER_MAX = 1000;

/** Signs that Discord reads as Markdown, each with a backslash before it. */
const escaped = (text: string): string => text.replace(/[\\*_~`|>#[\]()-]/g, '\\$&');

const escapedTo = (text: string, most: number): string =>
  escaped(cutTo(text, most, (one) => escaped(one).length));

/** With `wait`, Discord answers once the message is kept; without, one that is not is no error. A `thread_id` in the URL stays. */
const waiting = (url: string): string => {
  const wanted = URL.parse(url);
  if (wanted === null) return url;
  wanted.searchParams.set('wait', 'true');
  return wanted.href;
};

/** A message of a webhook, which mentions nobody. */
export const discordPosts = (event: AlertEvent, { url = '' }: Values): Post[] => {
  const { color } = lookOf(event);
  const links = linksOf(event).map(({ href, text }) => `[${text}](<${href}>)`);
  const room = DESCRIPTION_MAX - links.join(' · ').length - 2;
  const description = [escapedTo(event.text, room), links.join(' · ')].filter((part) => part !== '');
  const embed = {
    title: escapedTo(event.subject, TITLE_MAX),
    description: description.join('\n\n'),
    color,
    timestamp: event.at,
    footer: { text: cut(smallPrint(event), FOOTER_MAX) },
  };
  return [jsonPost(waiting(url), { embeds: [embed], allowed_mentions: { parse: [] } })];
};
