import type { AlertEvent } from '../messages/event.ts';
import { linksOf, smallPrint } from './look.ts';
import { cutTo, jsonPost, type Post, utf8Bytes, type Values } from './post.ts';

/** About 28 KB are taken (learn.microsoft.com, limits of webhooks); what stands around the text has its share of them. */
const BYTES_MAX = 25_000;

const COLORS = { critical: 'attention', warning: 'warning', info: 'accent' } as const;

/** Runs of text are shown as they are, where a TextBlock would read Markdown in them. */
const run = (text: string, more: object = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text, ...more }],
});

/** A card of a workflow "When a Teams webhook request is received". Its answer comes before the card is shown, and says nothing of that. */
export const teamsPosts = (event: AlertEvent, { url = '' }: Values): Post[] => {
  const color = event.state === 'resolve' ? 'good' : COLORS[event.severity];
  const card = (text: string) => ({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            run(event.subject, { weight: 'bolder', size: 'medium', color }),
            ...text
              .split(/\n{2,}/)
              .filter((part) => part !== '')
              .map((part) => run(part)),
            run(smallPrint(event), { isSubtle: true, size: 'small' }),
          ],
          actions: linksOf(event).map(({ href, text: title }) => ({
            type: 'Action.OpenUrl',
            title,
            url: href,
          })),
        },
      },
    ],
  });
  const text = cutTo(event.text, BYTES_MAX, (one) => utf8Bytes(JSON.stringify(card(one))));
  return [jsonPost(url, card(text))];
};
