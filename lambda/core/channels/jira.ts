import type { AlertEvent } from '../messages/event.ts';
import { linksOf } from './look.ts';
import { cut, jsonPost, type Post, type Values } from './post.ts';

/** Operations in Jira Service Management. Opsgenie has the same at https://api.opsgenie.com, until April 2027. */
export const JIRA = 'https://api.atlassian.com/jsm/ops/integration';

/** Characters of the fields, and how many tags there may be (Opsgenie, Alert API). */
const MESSAGE_MAX = 130;
const DESCRIPTION_MAX = 15_000;
const TAGS_MAX = 20;
const TAG_MAX = 50;
const SOURCE_MAX = 100;
const ENTITY_MAX = 512;

const PRIORITIES = { critical: 'P1', warning: 'P3', info: 'P5' } as const;

/** An alert by its alias, its end, and that a person has taken it on. What does none of that is not sent: the service would page somebody for it. */
export const jiraPosts = (event: AlertEvent, { key = '' }: Values, service = JIRA): Post[] => {
  const headers = { authorization: `GenieKey ${key}` };
  const source = cut(`Switchover ${event.deployment}`, SOURCE_MAX);
  const each = (action: 'close' | 'acknowledge', aliases: readonly string[] = []) =>
    aliases.map((alias) =>
      jsonPost(
        `${service}/v2/alerts/${encodeURIComponent(alias)}/${action}?identifierType=alias`,
        { source, note: event.subject },
        headers,
      ),
    );
  const closes = [...each('close', event.ends), ...each('acknowledge', event.acknowledges)];
  if (event.state !== 'trigger') return closes;
  const links = linksOf(event).map(({ href, text }) => `${text}: ${href}`);
  const alert = {
    message: cut(event.subject, MESSAGE_MAX),
    alias: event.dedupKey,
    description: cut([event.text, ...links].join('\n\n'), DESCRIPTION_MAX),
    priority: PRIORITIES[event.severity],
    source,
    entity: cut(event.site ?? event.deployment, ENTITY_MAX),
    tags: event.tags.slice(0, TAGS_MAX).map((tag) => cut(tag, TAG_MAX)),
    details: { kind: event.kind, incident: event.incident },
  };
  return [jsonPost(`${service}/v2/alerts`, alert, headers), ...closes];
};
