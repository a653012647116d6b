import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { isWanted } from '../../../../../lambda/core/channels/posts.ts';
import { announcementOfAll } from '../../../../../lambda/core/messages/announcement.ts';
import { eventOfAll } from '../../../../../lambda/core/messages/event-of.ts';
import type { Channel } from '../../../../../lambda/core/site/alerts.ts';
import { noticeOfAll } from '../../../../../lambda/core/state/deployment-state.ts';
import type { Finding } from '../../../../../lambda/core/state/finding.ts';
import type { DeploymentNews } from '../../../../../lambda/core/state/news.ts';
import { snsClient, snsEvents, snsTopic } from '../../../../../lambda/edge/sns.ts';
import { OPERATOR } from '../../../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../../../local/gateway.ts';
import { snsService } from '../../../../../local/sns.ts';

const AT_MS = 1_795_982_806_000;
const ZONES = [{ name: 'dyn.example.net' }, { name: 'other.example.net' }];
const SITES = [
  virtualSite('www', { tags: ['shop', 'eu'] }),
  virtualSite('blog', { tags: ['blog'] }),
  { ...virtualSite('till', { tags: ['till'] }), zone: 'other.example.net' },
  virtualSite('plain'),
];
const [WWW, BLOG] = SITES.map(({ name }) => name) as [string, string];
const CONFIG = virtualConfig(SITES, { zones: ZONES });
const ALL = ['blog', 'eu', 'shop', 'till'];

const finding = (about: { site?: string; zone?: string }): Finding => ({
  ...{ code: 'held', severity: 'warning', what: 'x', why: 'y', mend: 'z' },
  ...about,
});
const checkup = (findings: Finding[], count = findings.length): DeploymentNews => ({
  ...{ type: 'checkup', findings, count, sites: 4 },
  ...{ not: { first: [], count: 0 }, open: { first: [], count: 0 } },
});

const ROWS: [what: string, news: DeploymentNews, tags: string[]][] = [
  [
    'a zone that cannot be read',
    { type: 'zone-unreadable', zone: 'other.example.net', sinceMs: 0 },
    ['till'],
  ],
  ['moves that wait', { type: 'moves-wait', sites: [WWW], count: 1, allowed: 1 }, ['eu', 'shop']],
  ['more moves than are named', { type: 'moves-wait', sites: [WWW], count: 9, allowed: 1 }, ALL],
  ['states that nobody can read', { type: 'states-unreadable', sites: [BLOG] }, ['blog']],
  ['findings of a site', checkup([finding({ site: WWW })]), ['eu', 'shop']],
  [
    'findings of a zone',
    checkup([finding({ zone: 'other.example.net' }), finding({ site: BLOG })]),
    ['blog', 'till'],
  ],
  ['findings of the deployment', checkup([finding({})]), []],
  ['more findings than are kept', checkup([finding({ site: WWW })], 2), ALL],
  ['the end of a mass failure', { type: 'mass-over', group: 'main-tk3e', sinceMs: 0, count: 3 }, ALL],
  ['the weekly test', { type: 'weekly-test', nextMs: AT_MS }, ALL],
  [
    'what is told late',
    {
      ...{ type: 'several', more: 0 },
      of: [
        { kind: 'k', incident: 'i', atMs: 0, news: { type: 'states-unreadable', sites: [BLOG] } },
        { kind: 'k', incident: 'i', atMs: 0, news: { type: 'store-away' } },
      ],
    },
    ['blog'],
  ],
  ['a blind vantage', { type: 'vantage-blind', vantage: 'eu-west-1', code: 'x', why: 'y', left: 2 }, []],
  ['the table away', { type: 'store-away' }, []],
  ['a defect', { type: 'defect', message: 'x' }, []],
];

const toldOf = (news: DeploymentNews, config = CONFIG) => {
  const notice = noticeOfAll({ kind: news.type, atMs: AT_MS, news }, config);
  const announcement = announcementOfAll(config, notice);
  return { announcement, event: eventOfAll(config, { notice, announcement }) };
};

describe('news of the deployment has the tags of the sites that it concerns', () => {
  for (const [what, news, tags] of ROWS)
    test(what, () => {
      const { announcement, event } = toldOf(news);
      assert.deepEqual([event.tags, announcement.tags ?? []], [tags, tags]);
      assert.equal('tags' in announcement, tags.length > 0, 'SNS takes no empty list');
    });

  test('the weekly test has those that anybody waits for, since another controller may have the sites', () => {
    const channel: Channel = {
      kind: 'slack',
      name: 'alerts[1].slack',
      wanted: { tags: ['far'] },
      secrets: {},
    };
    const alerts = { emails: ['a@b.test'], wanted: { 'a@b.test': { tags: ['away'] } }, channels: [channel] };
    const { event } = toldOf({ type: 'weekly-test', nextMs: AT_MS }, { ...CONFIG, alerts });
    assert.deepEqual(event.tags, ['away', 'blog', 'eu', 'far', 'shop', 'till']);
  });
});

describe('a team whose subscription filters by its tag', () => {
  const TOPICS = ['main-alerts', 'main-events'].map((name) => `arn:aws:sns:eu-west-2:000000000000:${name}`);
  const mailed: string[] = [];
  const called: string[] = [];
  let gateway: Gateway;
  before(async () => {
    const filter = { policy: { tags: ['shop'] }, scope: 'MessageAttributes' } as const;
    const subscribed = [
      { protocol: 'email', endpoint: 'shop@example.net', filter },
      { protocol: 'lambda', endpoint: 'arn:aws:lambda:eu-west-2:000000000000:function:shop', filter },
    ];
    const topics = TOPICS.map((arn, index) => ({
      ...{ arn, name: arn.split(':')[5] ?? '', region: 'eu-west-2' },
      subscriptions: subscribed.slice(index, index + 1),
    }));
    gateway = await startGateway({
      ...{ port: 0, accountId: '000000000000', functions: [], policies: {}, resourcePolicies: {} },
      services: [
        snsService({
          topics,
          onMail: ({ subject }) => mailed.push(subject),
          onInvoke: (_, payload) => called.push(JSON.parse(JSON.parse(payload).Records[0].Sns.Message).kind),
        }),
      ],
    });
  });
  after(() => gateway.close());

  test('is told what concerns its sites by SNS and by the notifier, and nothing else', async () => {
    const client = snsClient({ region: 'eu-west-2', endpoint: gateway.url, credentials: OPERATOR });
    const [mails, events] = [snsTopic(client, TOPICS[0] ?? '', 'main'), snsEvents(client, TOPICS[1] ?? '')];
    const posted: string[] = [];
    const channel: Channel = { kind: 'slack', name: 'alerts.slack', wanted: { tags: ['shop'] }, secrets: {} };
    for (const [, news] of ROWS) {
      const { announcement, event } = toldOf(news);
      await mails.publish(announcement);
      await events.publish(event);
      if (isWanted(channel, event)) posted.push(event.kind);
    }
    client.destroy();
    const concerning = ROWS.filter(([, , tags]) => tags.includes('shop')).map(
      ([, news]) => news.type as string,
    );
    assert.deepEqual([called, posted], [concerning, concerning]);
    assert.equal(mailed.length, concerning.length);
    assert.equal(concerning.length, 6);
  });
});
