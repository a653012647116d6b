import type { AlertEvent } from '../../../../../lambda/core/messages/event.ts';

/** An event as the topic carries it: a failover of one site. */
export const event = (more: Partial<AlertEvent> = {}): AlertEvent => ({
  v: 1,
  id: 'www-k3f9ab/failover/1795341600000/0a1b2c3d',
  deployment: 'main',
  region: 'eu-west-2',
  at: '2026-11-22T10:00:00.000Z',
  kind: 'failover',
  headline: 'FAILOVER',
  severity: 'critical',
  state: 'trigger',
  dedupKey: 'main/www-k3f9ab/failover',
  ends: [],
  incident: 'www-k3f9ab',
  site: 'www.dyn.example.co.uk',
  siteCount: 1,
  tags: ['shop'],
  times: {},
  subject: 'FAILOVER www.dyn.example.co.uk: primary -> standby [www-k3f9ab]',
  text: '10:00 UTC: www.dyn.example.co.uk moved.\n\nThe <primary> & its *friends* failed.',
  links: { console: 'https://eu-west-2.console.aws.amazon.com/lambda/home?region=eu-west-2&a=1' },
  ...more,
});

/** A text that is longer than any channel takes, of characters that cost most: escapes, several bytes, two units. */
export const LONG = '<&> *_🙂 "\\" '.repeat(2000).slice(0, 20_000);
