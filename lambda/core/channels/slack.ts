import type { AlertEvent } from '../messages/event.ts';
import { linksOf, lookOf, smallPrint } from './look.ts';
import { cut, cutTo, jsonPost, type Post, type Values } from './post.ts';

/** Characters of a header, and of the text of a section (npm @slack/types 2). With one of each the undocumented limit of all, 13,200, is far. */
const HEADER_MAX = 150;
const SECTION_MAX = 3000;

/** The three signs that Slack gives a meaning to: without them no text can mention anybody or make a link. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What is cut is the text, never an escape in it. */
const plain = (text: string, most: number) => ({
  type: 'plain_text',
  text: escaped(cutTo(text, most, (one) => escaped(one).length)),
  emoji: false,
});

/** A message of an incoming webhook. `text` is what a notification shows and a screen reader reads. There are no threads by this way. */
export const slackPosts = (event: AlertEvent, { url = '' }: Values): Post[] => {
  const title = `${lookOf(event).sign} ${event.subject}`;
  const links = linksOf(event).map(({ href, text }) => `<${escaped(href)}|${escaped(text)}>`);
  const small = [escaped(smallPrint(event)), ...links].join(' · ');
  const blocks = [
    { type: 'header', text: plain(title, HEADER_MAX) },
    { type: 'section', text: plain(event.text, SECTION_MAX) },
    { type: 'context', elements: [{ type: 'mrkdwn', text: cut(small, SECTION_MAX), verbatim: true }] },
  ];
  return [jsonPost(url, { text: escaped(title), blocks, unfurl_links: false, unfurl_media: false })];
};
