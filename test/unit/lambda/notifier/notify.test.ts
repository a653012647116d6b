import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { ChannelKind } from '../../../../lambda/core/site/alerts.ts';
import { eventsIn } from '../../../../lambda/notifier/event.ts';
import { newMemory, notify } from '../../../../lambda/notifier/notify.ts';
import { tryChannels } from '../../../../lambda/notifier/try-channels.ts';
import { event } from '../core/channels/events.ts';
import { type Answering, channelOf, hangs, KEY, notifierOf, says, serviceOf } from './fixture.ts';

const TIMEOUT = { timeout: 20_000 };
describe('a channel that is broken', { concurrency: true }, () => {
  const BROKEN: [what: string, answer: (count: number) => Answering, tries: number, why: RegExp][] = [
    ['refuses', () => says(403, 'action_prohibited'), 1, /answered 403 "action_prohibited"/],
    ['is archived', () => says(410, 'channel_is_archived'), 1, /answered 410 "channel_is_archived"/],
    ['sends elsewhere', () => says(302, '', { location: 'https://x.test/' }), 1, /leads elsewhere/],
    ['hangs', hangs, 7, /did not answer in time \(tries: 7\)/],
    ['fails', () => says(500, 'rollup_error'), 7, /answered 500 "rollup_error" \(tries: 7\)/],
    ['breaks off', () => (response) => response.destroy(), 7, /broke the connection/],
    ['asks for an hour', () => says(429, '', { 'retry-after': '3600' }), 1, /asks to wait 3600 s/],
  ];
  for (const [what, answer, tries, why] of BROKEN)
    test(
      `and ${what} neither holds up nor repeats the others, and is mailed about once`,
      TIMEOUT,
      async (t) => {
        const [slack, hook] = [await serviceOf(t, answer), await serviceOf(t, () => says(204))];
        const url = `${slack.url}/services/T0SECRET/B0SECRET/tokenSECRET`;
        const values = { '/slack/url': url, '/webhook/url': hook.url, '/webhook/key': KEY };
        const { ports, mails, lines } = notifierOf([channelOf('slack'), channelOf('webhook')], values, {
          ...(answer === hangs && { hanging: url }),
        });
        const memory = newMemory();
        await notify(ports, event(), memory);
        assert.deepEqual([slack.got.length, hook.got.length], [tries, 1]);
        assert.equal(mails.length, 1);
        assert.match(mails[0]?.text.replace(/\s+/g, ' ') ?? '', why);
        assert.match(mails[0]?.subject ?? '', /^NOT POSTED to alerts\.slack: FAILOVER \[www-k3f9ab\]$/);
        assert.equal(mails[0]?.severity, 'critical');
        assert.doesNotMatch(JSON.stringify([mails, lines]), /SECRET|127\.0\.0\.1/, 'no URL is repeated');
        // Lambda may deliver an event twice.
        await notify(ports, event(), memory);
        assert.deepEqual([slack.got.length, hook.got.length, mails.length], [tries, 1, 1]);
      },
    );
});

test(
  'what could not even be mailed makes Lambda call again, and then those that took it are left alone',
  TIMEOUT,
  async (t) => {
    const [slack, hook] = [await serviceOf(t, () => says(403)), await serviceOf(t, () => says(200))];
    const topic = { fault: new Fault('lost', 'SNS', 'Publish', 'no answer') as Fault | undefined };
    const { ports, mails } = notifierOf(
      [channelOf('slack'), channelOf('webhook')],
      { '/slack/url': slack.url, '/webhook/url': hook.url, '/webhook/key': KEY },
      { topicFault: topic },
    );
    const memory = newMemory();
    await assert.rejects(notify(ports, event(), memory), /SNS Publish/);
    topic.fault = undefined;
    await notify(ports, event(), memory);
    assert.deepEqual([slack.got.length, hook.got.length, mails.length], [2, 1, 1]);
  },
);

test(
  'a parameter that is not there, or holds no URL, is told by its name and not by its value',
  TIMEOUT,
  async () => {
    const slack = { ...channelOf('slack'), secrets: { url: '/lacking/url' } };
    const { ports, mails } = notifierOf([slack, channelOf('teams')], { '/teams/url': 'xoxb-SECRET' });
    await notify(ports, event(), newMemory());
    const text = mails[0]?.text.replace(/\s+/g, ' ') ?? '';
    assert.match(text, /parameter \/lacking\/url: there is no such parameter/);
    assert.match(text, /parameter \/teams\/url does not hold an http or https URL/);
    assert.doesNotMatch(JSON.stringify(mails), /SECRET/);
  },
);

test('outside one machine a URL without TLS is refused', TIMEOUT, async (t) => {
  const slack = await serviceOf(t, () => says(200));
  const { ports, mails } = notifierOf([channelOf('slack')], { '/slack/url': slack.url });
  await notify({ ...ports, config: { ...ports.config, local: false } }, event(), newMemory());
  assert.equal(slack.got.length, 0);
  assert.match(mails[0]?.text.replace(/\s+/g, ' ') ?? '', /does not hold an https URL/);
});

describe("the services' own limits", () => {
  test(
    'PagerDuty takes 120 in a minute of one key: what is over waits, and each is sent once',
    TIMEOUT,
    async (t) => {
      let allowedFromMs = 0;
      const { ports, mails, clock } = notifierOf([], {});
      const taken: string[] = [];
      const pager = await serviceOf(t, () => (response) => {
        // A window of a minute, by the time that the notifier has.
        if (clock.now() >= allowedFromMs + 60_000) {
          allowedFromMs = clock.now();
          taken.length = 0;
        }
        if (taken.length >= 120) return says(429, '{"status":"throttled"}')(response);
        taken.push('');
        return says(202, '{"status":"success"}')(response);
      });
      const channels = [channelOf('pagerduty', pager.url)];
      const own = { ...ports, config: { ...ports.config, alerts: { emails: [], channels } } };
      const withKey = {
        ...own,
        secrets: {
          of: async () => ({ values: new Map([['/pagerduty/key', 'k'.repeat(32)]]), lacking: new Map() }),
        },
      };
      const ends = Array.from({ length: 200 }, (_, index) => `main/site${index}`);
      await notify(withKey, event({ state: 'resolve', severity: 'info', ends }), newMemory());
      const keys = pager.got.map(({ body }) => body.dedup_key);
      assert.equal(new Set(keys).size, 200);
      assert.equal(keys.length - 200, 2, 'two tries met the limit');
      assert.deepEqual(clock.slept, [30_000, 30_000]);
      assert.deepEqual(mails, []);
    },
  );

  const WAITS: [kind: ChannelKind, answer: Answering, waitMs: number][] = [
    ['slack', says(429, '', { 'retry-after': '30' }), 30_000],
    ['discord', says(429, '{"message":"You are being rate limited.","retry_after":2.337}'), 2337],
    ['ntfy', says(429, '{"code":42901}'), 30_000],
    ['teams', says(503, '', { 'retry-after': new Date(1_795_341_600_000 + 20_000).toUTCString() }), 20_000],
    ['jira', says(502), 1000],
    ['pagerduty', says(500), 1000],
    ['webhook', says(408), 1000],
  ];
  for (const [kind, answer, waitMs] of WAITS)
    test(`${kind} says when to come again, and is believed`, TIMEOUT, async (t) => {
      const service = await serviceOf(t, (count) => (count === 1 ? answer : says(200, 'ok')));
      const { ports, mails, clock } = notifierOf([channelOf(kind, service.url)], {
        [`/${kind}/url`]: `${service.url}/x/topic`,
        [`/${kind}/key`]: KEY,
      });
      await notify(ports, event(), newMemory());
      assert.deepEqual(clock.slept, [waitMs]);
      assert.equal(service.got.length, 2);
      assert.equal(service.got[0]?.id, service.got[1]?.id, 'a webhook has the same id at each try');
      assert.deepEqual(mails, []);
    });
});

test('an alert that opens is not opened again because the end of another was refused', TIMEOUT, async (t) => {
  const pager = await serviceOf(t, (count) => (count === 2 ? says(500) : says(202)));
  const { ports } = notifierOf([channelOf('pagerduty', pager.url)], { '/pagerduty/key': KEY });
  await notify(ports, event({ ends: ['main/down'] }), newMemory());
  assert.deepEqual(
    pager.got.map(({ body }) => body.event_action),
    ['trigger', 'resolve', 'resolve'],
  );
});

test(
  'an incident that somebody has taken on is acknowledged at the pagers, whatever else they wait for',
  TIMEOUT,
  async (t) => {
    const kinds = ['pagerduty', 'jira', 'slack'] as const;
    const services = await Promise.all(
      kinds.map((kind) => serviceOf(t, (count) => (kind === 'jira' && count === 1 ? says(503) : says(202)))),
    );
    const channels = kinds.map((kind, index) => ({
      ...channelOf(kind, services[index]?.url),
      wanted: { from: 'critical' as const, tags: ['shop'] },
    }));
    const values = {
      '/pagerduty/key': 'k'.repeat(32),
      '/jira/key': 'j',
      '/slack/url': services[2]?.url ?? '',
    };
    const { ports, mails } = notifierOf(channels, values);
    const acknowledges = ['www-k3f9ab-failover', 'www-k3f9ab-site-down'];
    const taken = event({ kind: 'hand', state: 'info', severity: 'info', acknowledges });
    await notify(ports, taken, newMemory());
    const [pager, jira, slack] = services.map(({ got }) => got);
    assert.deepEqual(
      pager?.map(({ body }) => [body.event_action, body.dedup_key]),
      acknowledges.map((key) => ['acknowledge', key]),
    );
    assert.deepEqual(
      jira?.map(({ path }) => path),
      // The first was refused for the moment, and is asked for again before the second.
      [0, 0, 1].map((which) => `/v2/alerts/${acknowledges[which]}/acknowledge?identifierType=alias`),
    );
    assert.deepEqual([slack, mails], [[], []]);
    const others = event({ ...taken, id: 'of another team', tags: ['till'] });
    await notify(ports, others, newMemory());
    assert.equal(services[0]?.got.length, 2);
  },
);

test('a test is posted to each channel whatever it wants, and each answer is told', TIMEOUT, async (t) => {
  const [slack, pager] = [
    await serviceOf(t, () => says(404, 'no_service')),
    await serviceOf(t, () => says(202)),
  ];
  const picky = {
    ...channelOf('pagerduty', pager.url),
    wanted: { tags: ['none'], from: 'critical' } as const,
  };
  const { ports, mails } = notifierOf([channelOf('slack'), { ...picky, wanted: { from: 'critical' } }], {
    '/slack/url': slack.url,
    '/pagerduty/key': KEY,
  });
  const { ok, message, channels } = await tryChannels(ports);
  assert.equal(ok, false);
  assert.equal(message, 'A test was not taken by alerts.slack.');
  assert.deepEqual(
    channels.map(({ name, ok: taken, answer }) => [name, taken, answer]),
    [
      ['alerts.slack', false, 'answered 404 "no_service"'],
      ['alerts.pagerduty', true, 'answered 202'],
    ],
  );
  assert.deepEqual(
    pager.got.map(({ body }) => body.event_action),
    ['trigger', 'resolve'],
    'nothing is left open',
  );
  assert.deepEqual(mails, []);
});

test('what SNS hands over is read, and anything else is refused', () => {
  const record = (message: unknown) => ({ Records: [{ Sns: { Message: message } }] });
  assert.deepEqual(eventsIn(record(JSON.stringify(event()))), [event()]);
  const { dedupKey: _, ...without } = event();
  for (const wrong of [
    undefined,
    null,
    {},
    { Records: [] },
    { Records: 7 },
    record('text'),
    record('{"v":2}'),
  ])
    assert.throws(() => eventsIn(wrong), /Expected a message of SNS with an event of version 1, received/);
  for (const wrong of [
    without,
    { ...event(), v: 2 },
    { ...event(), severity: 'bad' },
    { ...event(), ends: 'a' },
  ])
    assert.throws(() => eventsIn(record(JSON.stringify(wrong))), /Expected a message of SNS/);
});
