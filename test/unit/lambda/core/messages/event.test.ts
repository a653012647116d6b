import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { attributesOf } from '../../../../../lambda/core/messages/event.ts';
import { linksOf } from '../../../../../lambda/core/messages/event-parts.ts';
import { massOverEvents } from '../../../../../lambda/core/messages/events-together.ts';
import { type Alerts, alertsAfter, staleAlerts } from '../../../../../lambda/core/state/alerts.ts';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';
import { EVERY_NEWS } from '../../../../support/every-news.ts';
import { eventFor, made, madeTogether, openOf } from '../../../../support/made-events.ts';

const CONFIG = virtualConfig([virtualSite('www')]);

test('an event says of a failover who was left, why, and where to look', () => {
  const { event } = made(EVERY_NEWS.moved[0]);
  assert.deepEqual(
    [event.state, event.severity, event.dedupKey, event.from, event.to],
    ['trigger', 'critical', 'www-tpa57a-failover', 'primary', 'standby'],
  );
  assert.deepEqual(event.causes, [
    { server: 'primary', code: 'refused', phrase: 'the server refused the connection', vantages: 3 },
  ]);
  assert.deepEqual(
    event.servers?.map(({ name, serves }) => [name, serves]),
    [
      ['primary', false],
      ['standby', true],
    ],
  );
  assert.equal(event.servers?.[0]?.causes['eu-west-1']?.code, 'refused');
  assert.deepEqual(event.times, { since: '2026-11-29T20:06:44.000Z', seen: '2026-11-29T20:06:44.000Z' });
  assert.equal(event.links.site, 'https://www.dyn.example.net/');
  assert.match(event.links.console ?? '', /^https:\/\/eu-west-2\.console\.aws\.amazon\.com\/.*main-console/);
  assert.deepEqual(attributesOf(event), {
    ...{ severity: 'critical', kind: 'kind', state: 'trigger' },
    ...{ site: 'www.dyn.example.net', tags: ['eu', 'shop'] },
  });
});

test('links the dashboard where there is one, and never that of a local machine', () => {
  const site = virtualSite('www');
  const urlOf = (more: object) => linksOf(virtualConfig([site], more), site).dashboard;
  assert.match(
    urlOf({ dashboard: true }) ?? '',
    /^https:\/\/eu-west-2\.console\.aws\.amazon\.com\/cloudwatch\/.*#dashboards:name=main-eu-west-2$/,
  );
  assert.deepEqual(
    [urlOf({}), urlOf({ dashboard: false }), urlOf({ dashboard: true, local: true })],
    [undefined, undefined, undefined],
  );
});

test('a site without tags has no attribute of tags, since SNS takes no empty one', () => {
  const { event } = made(EVERY_NEWS.moved[0], openOf(), virtualSite('www'));
  assert.deepEqual(event.tags, []);
  assert.equal('tags' in attributesOf(event), false);
});

test('a hold that keeps a site where it is says whose it is, and until when', () => {
  const held = EVERY_NEWS.stuck.find(({ hold }) => hold?.mode === 'held');
  assert.ok(held);
  assert.deepEqual(made(held).event.hold, {
    ...{ mode: 'held', by: 'oncall-b', reason: 'db migration', until: '2026-11-29T21:06:44.000Z' },
  });
});

/** Plays what is told of one site, one after the other; answers of each what it opened or told, and what it ended. */
const play = (...all: SiteNews[]): [state: string, key: string, ends: string[]][] => {
  let alerts: Alerts = {};
  return all.map((news) => {
    const { event, changes } = made(news, openOf(alerts));
    const [change] = changes.values();
    alerts = (change && alertsAfter(alerts, change)) ?? {};
    return [
      event.state,
      event.dedupKey.replace('www-tpa57a-', ''),
      event.ends.map((key) => key.replace('www-tpa57a-', '')),
    ];
  });
};

describe('an incident that a person has taken on', () => {
  const ACKNOWLEDGED = EVERY_NEWS.ordered.find(({ about }) => about === 'acknowledgement') ?? assert.fail();
  const OPEN = { 'www-tpa57a-site-down': 'site-down', 'main-tk3e-failover-shop': 'failover' };

  test('names the alerts that are open at its site, and opens and ends none', () => {
    const { event, changes } = made(ACKNOWLEDGED, openOf(OPEN));
    assert.deepEqual([event.state, event.ends, event.acknowledges], ['info', [], Object.keys(OPEN)]);
    assert.deepEqual([...changes.values()], [{ opens: {}, ends: [] }]);
    assert.equal(made(ACKNOWLEDGED).event.acknowledges, undefined);
  });

  test('leaves an alert of many alone while the incident of another of them is nobody’s', () => {
    const open = openOf(OPEN, ['main-tk3e-failover-shop'], ['main-tk3e-failover-shop']);
    assert.deepEqual(made(ACKNOWLEDGED, open).event.acknowledges, ['www-tpa57a-site-down']);
    const taken = openOf(OPEN, ['main-tk3e-failover-shop']);
    assert.deepEqual(made(ACKNOWLEDGED, taken).event.acknowledges, Object.keys(OPEN));
  });

  test('is told once of many sites, with each key once', () => {
    const sites = ['a', 'b', 'c', 'd'].map((name) => virtualSite(name, { tags: ['shop'] }));
    const [one, ...others] = madeTogether(sites, ACKNOWLEDGED, openOf(OPEN));
    assert.deepEqual([one?.event.acknowledges, others], [Object.keys(OPEN), []]);
  });

  test('is no other order', () => {
    for (const news of EVERY_NEWS.ordered.filter((each) => each !== ACKNOWLEDGED))
      assert.equal(made(news, openOf(OPEN)).event.acknowledges, undefined);
  });
});

describe('the key of an alert', () => {
  const [failover, lastResort, , failback] = EVERY_NEWS.moved;
  const [serverDown, , noStandby, standbyDown, standbyUp, servesAgain] = EVERY_NEWS.turned;
  const [siteDown, notMoved] = EVERY_NEWS.stuck;
  const [over] = EVERY_NEWS.over;
  assert.ok(lastResort && failback && noStandby && standbyDown && standbyUp && servesAgain && notMoved);

  test('is one for SITE DOWN and another for the failover of the same incident, which ends the first', () => {
    assert.deepEqual(play(siteDown, siteDown, failover, over), [
      ['trigger', 'site-down', []],
      ['trigger', 'site-down', []],
      ['trigger', 'failover', ['site-down']],
      ['resolve', 'failover', ['failover']],
    ]);
  });

  test('wakes again when no server is left after a failover; the move back ends both', () => {
    assert.deepEqual(play(failover, siteDown, { ...failback, over: true }), [
      ['trigger', 'failover', []],
      ['trigger', 'site-down', []],
      ['resolve', 'site-down', ['site-down', 'failover']],
    ]);
  });

  test('is the same for a server that died and the failover from it: nobody is woken twice', () => {
    assert.deepEqual(
      play(serverDown, failover).map(([state, key]) => [state, key]),
      [
        ['trigger', 'failover'],
        ['trigger', 'failover'],
      ],
    );
    assert.deepEqual(play(serverDown, servesAgain)[1], ['resolve', 'failover', ['failover']]);
  });

  test('of a standby ends when that standby is up, and a failover does not end with it', () => {
    assert.deepEqual(play(failover, noStandby, standbyUp), [
      ['trigger', 'failover', []],
      ['trigger', 'no-standby', []],
      ['resolve', 'no-standby', ['no-standby']],
    ]);
    assert.deepEqual(play(standbyDown, { ...standbyUp, server: 'third' })[1]?.[2], []);
  });

  test('of a hold ends when the site has moved; of a pin to a dead server nothing is served', () => {
    assert.deepEqual(play(notMoved, lastResort)[1], ['trigger', 'last-resort', ['not-moved']]);
    const pinned = EVERY_NEWS.moved.find(({ reason }) => reason === 'pinned');
    assert.ok(pinned);
    const dead = { ...pinned, to: 'primary', from: 'standby' };
    assert.deepEqual(play(siteDown, dead)[1], ['change', 'pinned', []]);
    assert.deepEqual(play(siteDown, pinned)[1], ['resolve', 'site-down', ['site-down']]);
  });

  test('of a certificate stays until a person ends it: the end of another incident says nothing of it', () => {
    assert.deepEqual(play(EVERY_NEWS.certificate[0], failover, over)[2], [
      'resolve',
      'failover',
      ['failover'],
    ]);
  });

  test('of what concerns the deployment is the same each time, and of each zone and vantage its own', () => {
    assert.equal(eventFor(EVERY_NEWS['store-away'][0]).dedupKey, 'main-table-away');
    assert.equal(eventFor(EVERY_NEWS['zone-unreadable'][0]).dedupKey, 'main-zone-away-dyn.example.net');
    assert.equal(eventFor(EVERY_NEWS['vantage-blind'][0]).dedupKey, 'main-blind-eu-west-1');
  });
});

describe('one event at many sites', () => {
  const sites = Array.from({ length: 12 }, (_, at) =>
    virtualSite(`s${at}`, { tags: at < 6 ? ['shop', 'eu'] : at < 11 ? ['blog'] : [] }),
  );

  test('is told once for each set of tags, so that the filter policy of a team lets it through', () => {
    const events = madeTogether(sites, EVERY_NEWS.moved[0]).map(({ event }) => event);
    assert.deepEqual(
      events.map(({ tags, siteCount, dedupKey }) => [tags, siteCount, dedupKey]),
      [
        [['eu', 'shop'], 6, 'main-tk3e-failover-eu+shop'],
        [['blog'], 5, 'main-tk3e-failover-blog'],
        [[], 1, 'main-tk3e-failover'],
      ],
    );
    assert.equal(new Set(events.map(({ id }) => id)).size, 3);
    assert.deepEqual(
      events.map(({ before }) => before?.map(({ tags, severity }) => [tags, severity])),
      [
        undefined,
        [[['eu', 'shop'], 'critical']],
        [
          [['eu', 'shop'], 'critical'],
          [['blog'], 'critical'],
        ],
      ],
    );
    for (const event of events) {
      assert.equal(attributesOf(event).site, '*');
    }
    assert.deepEqual(
      events[1]?.sites?.map(({ site }) => site),
      sites.slice(6, 11).map(({ name }) => name),
    );
  });

  test('ends an alert that many share when it ends at the last of them', () => {
    const key = 'main-tk3e-site-down-eu+shop';
    const alerts = { [key]: 'site-down' };
    const [some] = madeTogether(sites.slice(0, 3), EVERY_NEWS.moved[0], openOf(alerts, [key]));
    assert.deepEqual(some?.event.ends, []);
    const [last] = madeTogether(sites.slice(0, 3), EVERY_NEWS.moved[0], openOf(alerts));
    assert.deepEqual(last?.event.ends, [key]);
  });

  test('of as many sets of tags as sites is told in ten events, the last with the tags of all the others', () => {
    const alone = Array.from({ length: 200 }, (_, at) => virtualSite(`t${at}`, { tags: [`team-${at}`] }));
    const events = madeTogether(alone, EVERY_NEWS.moved[0]).map(({ event }) => event);
    assert.equal(events.length, 10);
    assert.equal(new Set(events.flatMap(({ tags }) => tags)).size, 200);
    assert.equal(
      events.reduce((sum, { siteCount }) => sum + siteCount, 0),
      200,
    );
  });

  test('at 5,000 sites fits into a message of SNS', () => {
    const many = Array.from({ length: 5000 }, (_, at) => virtualSite(`a-site-with-a-long-name-${at}`));
    const [one] = madeTogether(many, EVERY_NEWS.moved[0]);
    assert.equal(one?.event.siteCount, 5000);
    assert.equal(one?.event.sites?.length, 500);
    assert.ok(Buffer.byteLength(JSON.stringify(one?.event)) < 200_000);
  });
});

describe('the end of a mass failure', () => {
  const [news] = EVERY_NEWS['mass-over'];
  const frame = eventFor(news);
  const announcement = { ...frame, atMs: 0, site: '*', sites: undefined };
  const site = (name: string, tag: string) => virtualSite(name, { tags: [tag] });
  const key = (tag: string) => `main-tk3e-failover-${tag}`;

  test('ends what the sites of each team have open, and tells that to the team', () => {
    const stale = [
      { site: site('a', 'shop'), alerts: { [key('shop')]: 'failover', 'a-1-site-down': 'site-down' } },
      { site: site('b', 'shop'), alerts: { [key('shop')]: 'failover' } },
      { site: site('c', 'blog'), alerts: { [key('blog')]: 'failover' } },
    ];
    const events = massOverEvents(stale, CONFIG, announcement, frame);
    assert.deepEqual(
      events.map(({ event: { tags, state, ends } }) => [tags, state, ends]),
      [
        [['shop'], 'resolve', ['a-1-site-down', key('shop')]],
        [['blog'], 'resolve', [key('blog')]],
      ],
    );
    assert.deepEqual(events[0]?.changes.get('b.dyn.example.net'), { opens: {}, ends: [key('shop')] });
  });

  test('leaves alone what belongs to an incident that goes on', () => {
    const alerts = {
      'www-2-failover': 'failover',
      'www-1-failover': 'failover',
      'main-3-failover': 'failover',
    };
    assert.deepEqual(staleAlerts({ alerts, incident: { id: 'www-2', group: 'main-3' } }), {
      'www-1-failover': 'failover',
    });
    assert.deepEqual(staleAlerts({ alerts }), alerts);
  });
});
