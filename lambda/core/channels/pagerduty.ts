import type { AlertEvent } from '../messages/event.ts';
import { linksOf } from './look.ts';
import { cut, jsonPost, type Post, type Values } from './post.ts';

/** Where customers outside the EU find it. */
export const PAGERDUTY = 'https://events.pagerduty.com';

/** Characters of a summary (PagerDuty, Events API v2). The whole may have 512 KB, and an event has a twentieth. */
const SUMMARY_MAX = 1024;

const payloadOf = (event: AlertEvent) => ({
  summary: cut(event.subject, SUMMARY_MAX),
  source: event.site ?? `Switchover ${event.deployment}`,
  timestamp: event.at,
  custom_details: {
    text: event.text,
    kind: event.kind,
    incident: event.incident,
    deployment: event.deployment,
    ...(event.tags.length > 0 && { tags: event.tags.join(', ') }),
    ...(event.siteCount > 1 && { sites: event.siteCount }),
  },
});

/**
 * A trigger opens an alert under its key, or says once more that it is open; a resolve ends one, and an acknowledge stops it from calling the next
 * person. A move that was planned is a change event,
 * which pages nobody; a key of a ruleset, which begins with R, takes none. What is for readers alone is not sent: there is no reader.
 */
export const pagerdutyPosts = (event: AlertEvent, { key = '' }: Values, service = PAGERDUTY): Post[] => {
  const known = { routing_key: key, client: `Switchover ${event.deployment}`, links: linksOf(event) };
  const enqueue = (body: object): Post => jsonPost(`${service}/v2/enqueue`, body);
  const each = (action: 'resolve' | 'acknowledge', keys: readonly string[] = []) =>
    keys.map((one) => enqueue({ routing_key: key, event_action: action, dedup_key: one }));
  const resolves = [...each('resolve', event.ends), ...each('acknowledge', event.acknowledges)];
  if (event.state === 'trigger') {
    const more = {
      severity: event.severity,
      component: event.site,
      group: event.deployment,
      class: event.kind,
    };
    const payload = { ...payloadOf(event), ...more };
    // The worse news comes first: what it ends can wait.
    return [enqueue({ ...known, event_action: 'trigger', dedup_key: event.dedupKey, payload }), ...resolves];
  }
  if (event.state === 'change' && !/^r/i.test(key))
    return [
      ...resolves,
      jsonPost(`${service}/v2/change/enqueue`, {
        routing_key: key,
        payload: payloadOf(event),
        links: known.links,
      }),
    ];
  return resolves;
};
