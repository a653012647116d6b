import type { AlertEvent } from '../../lambda/core/messages/event.ts';

/** An event as it may be published. */
export const ANY_EVENT: AlertEvent = {
  v: 1,
  id: 'www-tpa57a/failover/1795982806000/0a1b2c3d',
  deployment: 'main',
  region: 'eu-west-2',
  at: '2026-11-29T20:06:46.000Z',
  kind: 'failover',
  headline: 'FAILOVER',
  severity: 'critical',
  state: 'trigger',
  dedupKey: 'www-tpa57a-failover',
  ends: [],
  incident: 'www-tpa57a',
  site: 'www.dyn.example.net',
  siteCount: 1,
  tags: ['shop', 'eu'],
  from: 'primary',
  to: 'standby',
  times: { since: '2026-11-29T20:06:44.000Z' },
  subject: 'FAILOVER www.dyn.example.net: standby serves [www-tpa57a]',
  text: 'primary is dead.',
  links: { site: 'https://www.dyn.example.net/' },
};
