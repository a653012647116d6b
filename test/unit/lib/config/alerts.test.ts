import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkConfig } from '../../../../lib/config/index.ts';
import { config, type Refusal, site, testRefusals } from './fixture.ts';

const told = (alerts: unknown) => config({ alerts, sites: [site({ tags: ['shop'] })] });
const resolved = (alerts: unknown) => checkConfig(told(alerts)).config.alerts;
const url = { secret: '/shop/url' };
const key = { secret: '/shop/key' };
const BUS = 'arn:aws:events:eu-west-2:111122223333:event-bus/alerts';

describe('who is told', () => {
  test('mails alone are what they always were, in a list or not', () => {
    const emails = ['ops@example.co.uk', 'b@example.co.uk'];
    assert.deepEqual(resolved({ emails }), { emails });
    assert.deepEqual(resolved([{ emails: emails.slice(0, 1) }, { emails: emails.slice(1), from: 'info' }]), {
      emails,
    });
    assert.deepEqual(resolved(undefined), { emails: [] });
  });

  test('some are mailed only some messages', () => {
    assert.deepEqual(
      resolved([
        { emails: ['ops@example.co.uk'] },
        { emails: ['shop@example.co.uk'], tags: ['shop'], from: 'warning' },
      ]),
      {
        emails: ['ops@example.co.uk', 'shop@example.co.uk'],
        wanted: { 'shop@example.co.uk': { tags: ['shop'], from: 'warning' } },
      },
    );
  });

  test('a channel has a name by its place, what it wants, and the names of its parameters', () => {
    const { channels = [] } = resolved([
      { emails: ['ops@example.co.uk'], slack: { url }, pagerduty: { key }, from: 'critical' },
      { ntfy: { url, token: key }, jira: { key, service: 'https://api.opsgenie.com/' }, tags: ['shop'] },
      { teams: { url }, discord: { url }, webhook: { url, key } },
    ]);
    assert.deepEqual(
      channels.map(({ kind, name, service }) => [kind, name, service]),
      [
        ['slack', 'alerts[0].slack', undefined],
        ['pagerduty', 'alerts[0].pagerduty', undefined],
        ['jira', 'alerts[1].jira', 'https://api.opsgenie.com'],
        ['ntfy', 'alerts[1].ntfy', undefined],
        ['teams', 'alerts[2].teams', undefined],
        ['discord', 'alerts[2].discord', undefined],
        ['webhook', 'alerts[2].webhook', undefined],
      ],
    );
    assert.deepEqual(channels[0]?.wanted, { from: 'critical' });
    assert.deepEqual(channels[3]?.wanted, { tags: ['shop'] });
    assert.deepEqual(channels[3]?.secrets, { url: '/shop/url', token: '/shop/key' });
  });
});

test("a bus is the account's own or named by its ARN, and has no parameter", () => {
  const { channels = [] } = resolved([{ eventBridge: true, from: 'warning' }, { eventBridge: BUS }]);
  assert.deepEqual(channels, [
    { kind: 'eventBridge', name: 'alerts[0].eventBridge', wanted: { from: 'warning' }, secrets: {} },
    { kind: 'eventBridge', name: 'alerts[1].eventBridge', wanted: {}, service: BUS, secrets: {} },
  ]);
});

const OPS = { emails: ['ops@example.co.uk'] };
const REFUSED: Refusal[] = [
  ['ops@example.co.uk', 'alerts', /an object, or a list of objects, of who is told, received "ops/],
  [[['ops@example.co.uk']], 'alerts[0]', /an object with some of the keys emails, tags, from, slack/],
  [[OPS, { email: ['b@example.co.uk'] }], 'alerts[1].email', /did you mean emails\?/],
  [{ ...OPS, tags: [] }, 'alerts.tags', /one or more tags, received an empty list/],
  [[{ ...OPS, tags: ['my shop'] }], 'alerts[0].tags[0]', /received "my shop"/],
  [[{ ...OPS, from: 'error' }], 'alerts[0].from', /'critical', 'warning' or 'info', received "error"/],
  [{ slack: { url, ...url } }, 'alerts.slack.secret', /it belongs in `url` or `key` or `token`/],
  [{ slack: { url: 'https://hooks.slack.com/services/T/B/x' } }, 'alerts.slack.url', /keys secret/],
  [{ slack: { url: { secret: 'https://x.test/' } } }, 'alerts.slack.url.secret', /not its value or ARN/],
  [{ webhook: { url } }, 'alerts.webhook.key', /received nothing/],
  [{ pagerduty: { key, service: 'events.eu.pagerduty.com' } }, 'alerts.pagerduty.service', /https URL/],
  [{ pagerduty: { key, service: 'http://127.0.0.1/' } }, 'alerts.pagerduty.service', /"http:\/\/…"/],
  [{ jira: { key, service: 'https://u:p@x.test/' } }, 'alerts.jira.service', /a key belongs in a parameter/],
  [[OPS, { tags: ['shop'] }], 'alerts[1]', /somebody who is told, .* add `emails`, or a channel/],
  [{ emails: ['a@b.test', 'A@B.test'] }, 'alerts.emails[1]', /there already as alerts\.emails\[0\]; drop/],
  [
    [OPS, { ...OPS, from: 'critical' }],
    'alerts[1].emails[0]',
    /there already as alerts\[0\]\.emails\[0\]; an address has one filter/,
  ],
  [
    [{ ...OPS, tags: Array.from({ length: 51 }, (_, index) => `t${index}`) }],
    'alerts[0].tags',
    /at most 50 tags, which is what a filter of SNS holds, received 51/,
  ],
  [
    { emails: Array.from({ length: 201 }, (_, index) => `a${index}@b.test`), from: 'critical' },
    'alerts',
    /at most 200 e-mail addresses .*, received 201; name a mailing list/,
  ],
  [
    { eventBridge: false },
    'alerts.eventBridge',
    /true, which is the account's default bus, .* received false/,
  ],
  [{ eventBridge: 'alerts' }, 'alerts.eventBridge', /or the ARN of a bus such as .*, received "alerts"/],
  [{ eventBridge: `${BUS}/x` }, 'alerts.eventBridge', /copy it from the EventBridge console/],
  [
    { eventBridge: BUS.replace('eu-west-2', 'eu-west-1') },
    'alerts.eventBridge',
    /a bus in the home region eu-west-2, received .*; put them on a bus there/,
  ],
  [
    [{ eventBridge: BUS }, { eventBridge: true }, { eventBridge: BUS, from: 'critical' }],
    'alerts[2].eventBridge',
    /each event bus once, received .*as alerts\[0\]\.eventBridge; drop this one/,
  ],
];
testRefusals('who cannot be told', REFUSED, told);

test('what is likely to be regretted is warned of', () => {
  const warned = (alerts: unknown) => checkConfig(told(alerts)).warnings;
  assert.deepEqual(warned([OPS, { slack: { url }, tags: ['shop'] }]), []);
  assert.match(warned({ slack: { url } }).join(), /has no `emails`: nobody is told when a channel takes no/);
  assert.match(warned({ ...OPS, tags: ['shop'] }).join(), /waits for `tags`.*Name somebody without `tags`/);
  assert.match(
    warned([OPS, { ...{ slack: { url } }, tags: ['till'] }]).join(),
    /is till, and no site has it/,
  );
});

test('on one machine a service may be on this one, and needs no certificate', () => {
  const alerts = { emails: [], pagerduty: { key, service: 'http://127.0.0.1:9000' } };
  const { channels = [] } = checkConfig({ ...told(alerts), local: true }).config.alerts;
  assert.equal(channels[0]?.service, 'http://127.0.0.1:9000');
});
