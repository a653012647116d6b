import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cut, cutTo, utf8Bytes } from '../../../../../lambda/core/channels/post.ts';
import { isWanted, postsOf } from '../../../../../lambda/core/channels/posts.ts';
import type { AlertEvent } from '../../../../../lambda/core/messages/event.ts';
import { CHANNEL_KINDS, type Channel, type ChannelKind } from '../../../../../lambda/core/site/alerts.ts';
import { event, LONG } from './events.ts';

const VALUES = { url: 'https://hooks.example.net/services/T0/secret', key: 'k'.repeat(32), token: 'tk_1' };
const channel = (kind: ChannelKind, more: Partial<Channel> = {}): Channel => ({
  kind,
  name: `alerts.${kind}`,
  wanted: {},
  secrets: {},
  ...more,
});
const sent = (kind: ChannelKind, of: AlertEvent = event(), values = VALUES, more: Partial<Channel> = {}) =>
  postsOf(channel(kind, more), values, of).map((post) => ({ ...post, body: JSON.parse(post.body) }));

/** The first of what is sent. */
const first = (...of: Parameters<typeof sent>) => sent(...of)[0] ?? assert.fail('nothing was sent');

describe('Slack', () => {
  test('shows a text without letting it mention anybody or make a link', () => {
    const post = first('slack', event({ text: '<!channel> & <https://x.test|here>' }));
    assert.equal(post.url, VALUES.url);
    const [header, section, context] = post.body.blocks;
    assert.equal(section.text.text, '&lt;!channel&gt; &amp; &lt;https://x.test|here&gt;');
    assert.equal(section.text.type, 'plain_text');
    assert.match(header.text.text, /^🔴 FAILOVER www\.dyn.* -&gt; standby/);
    assert.equal(post.body.text, header.text.text, 'a notification shows the text alone');
    assert.match(context.elements[0].text, /<https:.*region=eu-west-2&amp;a=1\|Give an order>$/);
  });
  test('keeps within its limits', () => {
    const { blocks } = first('slack', event({ text: LONG, subject: LONG.slice(0, 99) })).body;
    assert.ok(blocks[0].text.text.length <= 150);
    assert.ok(blocks[1].text.text.length <= 3000 && blocks[1].text.text.length > 2900);
    assert.doesNotMatch(blocks[1].text.text, /&(?!amp;|lt;|gt;)/, 'no escape is cut in two');
    assert.ok(JSON.stringify(blocks).length < 13_200);
  });
});

describe('Teams', () => {
  test('shows an Adaptive Card of runs, in which nothing is read as Markdown', () => {
    const post = first('teams');
    const [{ contentType, content }] = post.body.attachments;
    assert.equal(contentType, 'application/vnd.microsoft.card.adaptive');
    assert.deepEqual([content.type, content.version], ['AdaptiveCard', '1.4']);
    assert.deepEqual(
      content.body.map(({ type, inlines }: { type: string; inlines: { text: string }[] }) => [
        type,
        inlines[0]?.text,
      ]),
      [
        ['RichTextBlock', event().subject],
        ['RichTextBlock', '10:00 UTC: www.dyn.example.co.uk moved.'],
        ['RichTextBlock', 'The <primary> & its *friends* failed.'],
        ['RichTextBlock', 'Switchover main, eu-west-2 · incident www-k3f9ab · critical'],
      ],
    );
    assert.equal(content.body[0].inlines[0].color, 'attention');
    assert.equal(content.actions[0].type, 'Action.OpenUrl');
  });
  test('keeps below 28 KB', () => {
    for (const text of [LONG, LONG.replaceAll(' ', '\n\n')]) {
      const bytes = Buffer.byteLength(JSON.stringify(first('teams', event({ text })).body));
      assert.ok(bytes <= 28_000 && bytes > 15_000, String(bytes));
    }
  });
});

describe('Discord', () => {
  test('waits for the message to be kept, mentions nobody and reads no Markdown', () => {
    const url = 'https://discord.com/api/webhooks/1/token?thread_id=7';
    const post = first('discord', event({ text: '@everyone **bold** `x`' }), { ...VALUES, url });
    assert.equal(post.url, `${url}&wait=true`);
    assert.deepEqual(post.body.allowed_mentions, { parse: [] });
    assert.match(
      post.body.embeds[0].description,
      /^@everyone \\\*\\\*bold\\\*\\\* \\`x\\`\n\n\[Give an order/,
    );
  });
  test('keeps within its limits', () => {
    const [embed] = first('discord', event({ text: LONG, subject: `${'*'.repeat(90)} [x]` })).body.embeds;
    assert.ok(
      embed.title.length <= 256 && embed.description.length <= 4096 && embed.description.length > 3900,
    );
    assert.ok(embed.title.length + embed.description.length + embed.footer.text.length <= 6000);
    assert.doesNotMatch(embed.description.split('\n\n[')[0], /[^\\]\\…$/, 'no escape is cut in two');
  });
});

describe('ntfy', () => {
  test('posts to the root and names the topic', () => {
    const values = { url: 'https://ntfy.example.net/base/oncall-7f3k', token: 'tk_1' };
    const post = first('ntfy', event(), { ...VALUES, ...values });
    assert.equal(post.url, 'https://ntfy.example.net/base/');
    assert.deepEqual(post.headers, { authorization: 'Bearer tk_1' });
    const { topic, priority, tags, click } = post.body;
    assert.deepEqual([topic, priority, tags], ['oncall-7f3k', 5, ['rotating_light']]);
    assert.equal(click, event().links.console);
    assert.equal(first('ntfy', event({ state: 'resolve' }), { ...VALUES, ...values }).body.priority, 3);
  });
  test('keeps within 4,096 bytes, beyond which a message becomes an attachment', () => {
    const { message } = first('ntfy', event({ text: LONG })).body;
    assert.ok(Buffer.byteLength(message) <= 4096 && Buffer.byteLength(message) > 4080);
  });
});

describe('EventBridge', () => {
  test('puts the event on the bus as it is, under its kind, and names no endpoint', () => {
    const [post = assert.fail(), ...others] = sent('eventBridge');
    assert.deepEqual([post.url, post.aws, others], ['', 'events', []]);
    const { Detail, ...entry } = post.body.Entries[0];
    assert.deepEqual(entry, { Source: 'switchover', DetailType: 'failover', Time: 1_795_341_600 });
    assert.deepEqual(JSON.parse(Detail), event());
    const bus = 'arn:aws:events:eu-west-2:111122223333:event-bus/alerts';
    assert.equal(first('eventBridge', event(), VALUES, { service: bus }).body.Entries[0].EventBusName, bus);
  });
  test('keeps within what the targets of a rule take', () => {
    const sites = Array.from({ length: 5000 }, (_, index) => ({
      ...{
        site: `${'w'.repeat(60)}${index}.dyn.example.co.uk`,
        kind: 'failover',
        headline: 'FAILOVER' as const,
      },
    }));
    const { Detail } = first('eventBridge', event({ text: LONG, sites, siteCount: 5000 })).body.Entries[0];
    assert.ok(Buffer.byteLength(Detail) <= 250_000);
    const { text, sites: named, siteCount } = JSON.parse(Detail);
    assert.deepEqual([text, named.length, siteCount], [LONG, 50, 5000]);
  });
});

describe('PagerDuty', () => {
  test('opens an alert by its key, and ends those that it makes an end to after that', () => {
    const posts = sent('pagerduty', event({ ends: ['main/www-k3f9ab/site-down'] }));
    assert.deepEqual(
      posts.map(({ url, body }) => [url, body.event_action, body.dedup_key]),
      [
        ['https://events.pagerduty.com/v2/enqueue', 'trigger', 'main/www-k3f9ab/failover'],
        ['https://events.pagerduty.com/v2/enqueue', 'resolve', 'main/www-k3f9ab/site-down'],
      ],
    );
    const { routing_key, payload } = posts[0]?.body ?? {};
    assert.equal(routing_key, VALUES.key);
    assert.deepEqual(
      [payload.summary, payload.source, payload.severity, payload.timestamp],
      [event().subject, 'www.dyn.example.co.uk', 'critical', event().at],
    );
  });
  test('acknowledges what a person has taken on, and makes no change event of it', () => {
    const posts = sent('pagerduty', event({ state: 'info', severity: 'info', acknowledges: ['a', 'b'] }));
    assert.deepEqual(
      posts.map(({ url, body }) => [url, body]),
      ['a', 'b'].map((dedup_key) => [
        'https://events.pagerduty.com/v2/enqueue',
        { routing_key: VALUES.key, event_action: 'acknowledge', dedup_key },
      ]),
    );
  });
  test('ends each alert of an end', () => {
    const posts = sent('pagerduty', event({ state: 'resolve', severity: 'info', ends: ['a', 'b'] }));
    assert.deepEqual(
      posts.map(({ body }) => [body.event_action, body.dedup_key]),
      [
        ['resolve', 'a'],
        ['resolve', 'b'],
      ],
    );
  });
  test('makes a change event of a planned move, but not for a ruleset, and nothing of what is for readers', () => {
    const eu = { service: 'https://events.eu.pagerduty.com' };
    const post = first('pagerduty', event({ state: 'change', severity: 'info' }), VALUES, eu);
    assert.equal(post.url, 'https://events.eu.pagerduty.com/v2/change/enqueue');
    assert.equal(post.body.event_action, undefined);
    const ruleset = { ...VALUES, key: 'R0123456789' };
    assert.deepEqual(sent('pagerduty', event({ state: 'change' }), ruleset), []);
    assert.deepEqual(sent('pagerduty', event({ state: 'info' })), []);
  });
  test('keeps within its limits', () => {
    const post = first('pagerduty', event({ text: LONG, subject: LONG }));
    assert.ok(post.body.payload.summary.length <= 1024);
    assert.ok(Buffer.byteLength(JSON.stringify(post.body)) < 512_000);
  });
});

describe('Jira Service Management', () => {
  test('opens an alert by its alias, and closes others by theirs', () => {
    const posts = sent('jira', event({ ends: ['main/x y'] }));
    assert.deepEqual(
      posts.map(({ url }) => url),
      [
        'https://api.atlassian.com/jsm/ops/integration/v2/alerts',
        'https://api.atlassian.com/jsm/ops/integration/v2/alerts/main%2Fx%20y/close?identifierType=alias',
      ],
    );
    assert.deepEqual(posts[0]?.headers, { authorization: `GenieKey ${VALUES.key}` });
    const { alias, priority, tags, entity } = posts[0]?.body ?? {};
    assert.deepEqual([alias, priority, tags, entity], [event().dedupKey, 'P1', ['shop'], event().site]);
  });
  test('acknowledges what a person has taken on, by its alias, and says who', () => {
    const said = event({ state: 'info', severity: 'info', acknowledges: ['main/x y'] });
    const [post = assert.fail(), ...others] = sent('jira', said);
    assert.equal(
      post.url,
      'https://api.atlassian.com/jsm/ops/integration/v2/alerts/main%2Fx%20y/acknowledge?identifierType=alias',
    );
    assert.deepEqual([post.body, others], [{ source: 'Switchover main', note: event().subject }, []]);
    const opsgenie = { service: 'https://api.opsgenie.com' };
    assert.match(
      first('jira', said, VALUES, opsgenie).url,
      /^https:\/\/api\.opsgenie\.com\/v2\/alerts\/.*acknowledge/,
    );
  });
  test('is not sent what opens and ends nothing', () => {
    assert.deepEqual(sent('jira', event({ state: 'change' })), []);
    assert.equal(sent('jira', event({ state: 'resolve', ends: ['a'] })).length, 1);
  });
  test('keeps within its limits', () => {
    const tags = Array.from({ length: 40 }, (_, index) => `${index}`.repeat(40).slice(0, 64));
    const {
      message,
      description,
      tags: kept,
    } = first('jira', event({ text: LONG, subject: LONG, tags })).body;
    assert.ok(message.length <= 130 && description.length <= 15_000 && kept.length <= 20);
    assert.ok(kept.every((tag: string) => tag.length <= 50));
  });
});

describe('a webhook', () => {
  test('gets the event as it is, and an id that is the same at each try and has no full stop', () => {
    const post = first('webhook');
    assert.deepEqual(post.body, { type: 'switchover.failover', timestamp: event().at, data: event() });
    assert.deepEqual(post.signed, { id: 'msg_www-k3f9ab_failover_1795341600000_0a1b2c3d', key: VALUES.key });
  });
  test('keeps below 20 KB', () => {
    const bytes = Buffer.byteLength(JSON.stringify(first('webhook', event({ text: LONG })).body));
    assert.ok(bytes <= 20_000 && bytes > 19_900, String(bytes));
  });
  test('of many sites names the first, so that it stays so', () => {
    const sites = Array.from({ length: 500 }, (_, index) => ({
      site: `www${index}.a-rather-long-name.dyn.example.co.uk`,
      kind: 'failover',
      headline: 'FAILOVER' as const,
    }));
    const { body } = first('webhook', event({ sites, siteCount: 500, text: LONG }));
    assert.ok(Buffer.byteLength(JSON.stringify(body)) <= 20_000);
    assert.deepEqual([body.data.sites.length, body.data.siteCount], [50, 500]);
  });
});

test('a text that is cut keeps its characters whole', () => {
  assert.equal(cut('🙂🙂', 3), '🙂…');
  assert.equal(cut('abc', 3), 'abc');
  assert.equal(cutTo('ääää', 6), 'ä…');
  for (const text of ['', 'a', 'é', '€', '🙂', '\ud800'])
    assert.equal(utf8Bytes(text), Buffer.byteLength(text));
});

describe('who wants an event', () => {
  const wants = (wanted: Channel['wanted'], of: Partial<AlertEvent>, kind: ChannelKind = 'slack') =>
    isWanted(channel(kind, { wanted }), event(of));
  test('everybody, who names nothing', () => {
    for (const kind of CHANNEL_KINDS) assert.ok(wants({}, { severity: 'info', tags: [] }, kind));
  });
  test('who names tags: what is about one of them, so a message about many sites with them, too', () => {
    assert.ok(wants({ tags: ['till', 'shop'] }, { tags: ['shop', 'x'] }));
    assert.ok(!wants({ tags: ['till'] }, { tags: ['shop'] }));
    assert.ok(!wants({ tags: ['till'] }, { tags: [] }));
  });
  test('who names a severity: what is at least as bad, and the end of it', () => {
    assert.ok(wants({ from: 'warning' }, { severity: 'critical' }));
    assert.ok(!wants({ from: 'critical' }, { severity: 'warning' }));
    assert.ok(wants({ from: 'critical' }, { severity: 'info', state: 'resolve' }));
    assert.ok(!wants({ from: 'critical' }, { severity: 'info', state: 'change' }));
  });
  test('of a message that comes once for each set of tags, one in a chat, and each where alerts are kept', () => {
    const [shop, till] = [['eu', 'shop'], ['till']];
    const second = { tags: till, before: [{ ...event(), tags: shop }] };
    assert.ok(!wants({}, second));
    assert.ok(!wants({ tags: ['shop', 'till'] }, second));
    assert.ok(wants({ tags: ['till'] }, second));
    assert.ok(wants({ from: 'critical' }, { ...second, before: [{ ...event(), severity: 'warning' }] }));
    for (const kind of ['pagerduty', 'jira', 'webhook'] as const) assert.ok(wants({}, second, kind));
  });
  test('a pager hears of whatever ends an alert, or it would stay open for ever', () => {
    const back = { severity: 'warning', state: 'trigger', ends: ['a'] } as const;
    assert.ok(wants({ from: 'critical' }, { ...back, ends: ['a'] }, 'pagerduty'));
    assert.ok(!wants({ from: 'critical' }, { ...back, ends: ['a'] }, 'slack'));
  });
});
