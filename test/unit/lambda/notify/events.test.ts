import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newLife } from '../../../../fixtures/virtual/mishaps.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { parseState } from '../../../../lambda/core/state/site-state.ts';
import type { World } from '../../../../lambda/ports.ts';
import { openIn } from '../../../support/open-alerts.ts';
import { play, worldOf } from './mass-failure-night.ts';

const PRIMARY = '203.0.113.10';
const STANDBY = '198.51.100.20';
const SITE = 'www.dyn.example.net';

const newWorld = (): VirtualWorld =>
  virtualWorld(virtualConfig([virtualSite('www', { failback: { afterSeconds: 60 } })]));

const idsOf = (all: readonly { id: string }[]): string[] => all.map(({ id }) => id);
const twice = (ids: readonly string[]): string[] => ids.filter((id, at) => ids.indexOf(id) !== at);

const outage = {
  130: (world: VirtualWorld) => world.servers.set(PRIMARY, 'refuses'),
  300: (world: VirtualWorld) => world.servers.clear(),
};
const playOutage = (
  world: VirtualWorld,
  more: Record<number, () => void> = {},
  untilS = 600,
): Promise<void> =>
  play(
    world,
    {
      ...Object.fromEntries(Object.entries(outage).map(([at, what]) => [at, () => what(world)])),
      ...more,
    },
    untilS,
  );

describe('each thing is told by mail and by event', () => {
  test('once each way, and what an event opens an event ends', async () => {
    const world = newWorld();
    await playOutage(world);
    assert.deepEqual(idsOf(world.events), idsOf(world.mails));
    assert.deepEqual(twice(idsOf(world.events)), []);
    const failover = world.events.find(({ kind }) => kind === 'failover');
    assert.deepEqual(
      [failover?.state, failover?.dedupKey, failover?.site],
      ['trigger', `${failover?.incident}-failover`, SITE],
    );
    assert.deepEqual(
      failover?.servers?.map(({ name, health, serves }) => [name, health, serves]),
      [
        ['primary', 'down', false],
        ['standby', 'up', true],
      ],
    );
    assert.deepEqual(openIn(world.events), []);
    const { state, ends } = world.events.findLast(({ state: one }) => one === 'resolve') ?? {};
    assert.deepEqual([state, ends], ['resolve', [`${failover?.incident}-failover`]]);
    const stored = parseState((await world.store.load([SITE])).get(SITE)?.text ?? '');
    assert.deepEqual([stored?.outbox, stored?.alerts, stored?.incident], [[], undefined, undefined]);
  });

  test('SITE DOWN has a key of its own, and each ends when it is over', async () => {
    const world = newWorld();
    const both = { 180: () => world.servers.set(STANDBY, 'refuses') };
    await playOutage(world, both, 700);
    const triggered = new Set(
      world.events
        .filter(({ state }) => state === 'trigger')
        .map(({ headline, dedupKey }) => `${headline} ${dedupKey}`),
    );
    const incident = world.events.find(({ kind }) => kind === 'failover')?.incident;
    assert.ok(triggered.has(`FAILOVER ${incident}-failover`));
    assert.ok(triggered.has(`SITE DOWN ${incident}-site-down`), [...triggered].join(', '));
    assert.deepEqual(openIn(world.events), []);
  });
});

describe('one way does not wait for the other, nor tell anything twice for it', () => {
  test('with the topic of events away mails come as ever, and the events later, in order', async () => {
    const [quiet, world] = [newWorld(), newWorld()];
    await playOutage(quiet);
    await playOutage(
      world,
      {
        100: () => {
          world.eventsAway = true;
        },
        450: () => {
          world.eventsAway = false;
        },
      },
      900,
    );
    assert.deepEqual(
      world.mails.map(({ subject, toldMs }) => [subject, toldMs]),
      quiet.mails.map(({ subject, toldMs }) => [subject, toldMs]),
    );
    assert.deepEqual(idsOf(world.events), idsOf(world.mails));
    assert.deepEqual(openIn(world.events), []);
    assert.ok(world.events.some(({ kind, toldMs }) => kind === 'failover' && toldMs > START_MS + 450_000));
  });

  test('with the topic of mails away events come as ever, and the mails later', async () => {
    const [quiet, world] = [newWorld(), newWorld()];
    await playOutage(quiet);
    let away = false;
    const { seenBy } = world;
    world.seenBy = (clock): World => {
      const seen = seenBy(clock);
      const publish: World['topic']['publish'] = async (announcement) => {
        if (away) throw new Fault('lost', 'SNS', 'Publish', 'no answer');
        await seen.topic.publish(announcement);
      };
      return { ...seen, topic: { publish } };
    };
    await playOutage(
      world,
      {
        100: () => {
          away = true;
        },
        250: () => {
          away = false;
        },
      },
      900,
    );
    const failoverMs = (told: VirtualWorld) => told.events.find(({ kind }) => kind === 'failover')?.toldMs;
    assert.equal(failoverMs(world), failoverMs(quiet));
    assert.deepEqual(twice(idsOf(world.events)), []);
    assert.deepEqual(twice(idsOf(world.mails)), []);
    assert.deepEqual(new Set(idsOf(world.mails)), new Set(idsOf(world.events)));
  });

  test('a controller that dies between the two leaves the event to its successor, and the mail is not told again', async () => {
    const world = newWorld();
    const life = newLife();
    const { seenBy } = world;
    // The topic of events never answers the first controller; that dies twenty seconds after its mail.
    world.seenBy = (clock): World => {
      const seen = seenBy(clock);
      const publish: World['events']['publish'] = (event) =>
        world.clock.now() < START_MS + 170_000 ? new Promise(() => {}) : seen.events.publish(event);
      return { ...seen, events: { publish } };
    };
    await play(world, { 130: () => world.servers.set(PRIMARY, 'refuses') }, 120);
    void runTerm(world.mortal(life, 0), new Date(START_MS + 120_000).toISOString());
    await world.clock.runUntil(START_MS + 130_000);
    world.servers.set(PRIMARY, 'refuses');
    await world.clock.runUntil(START_MS + 170_000);
    life.dead = true;
    assert.ok(world.mails.some(({ kind }) => kind === 'failover'));
    assert.ok(world.events.every(({ kind }) => kind !== 'failover'));
    // In another process: what is told is known by the table alone.
    const successor = { ...world.seenBy(), memory: new Map() };
    void runTerm(successor, new Date(START_MS + 180_000).toISOString());
    await world.clock.runUntil(START_MS + 230_000);
    assert.equal(world.events.filter(({ kind }) => kind === 'failover').length, 1);
    assert.equal(world.mails.filter(({ kind }) => kind === 'failover').length, 1);
  });

  test('an order is told directly both ways while the table is away', async () => {
    const world = newWorld();
    await play(world, {}, 60);
    world.store.away = true;
    void answerCommand(world.seenBy(), {
      action: 'hold',
      site: SITE,
      reason: 'x',
      by: 'amy',
      forSeconds: 600,
    });
    await world.clock.runUntil(world.clock.now() + 10_000);
    assert.deepEqual(
      world.events.filter(({ headline }) => headline === 'ORDER').map(({ state, site }) => [state, site]),
      [['change', SITE]],
    );
  });
});

describe('a silence', () => {
  test('keeps back what would be told both ways, and a move is told both ways all the same', async () => {
    const world = newWorld();
    const hush = () =>
      void answerCommand(world.seenBy(), {
        ...{ action: 'silence', site: SITE, reason: 'works', by: 'amy', forSeconds: 3600 },
      });
    await playOutage(world, {
      100: hush,
      110: () => world.servers.set(STANDBY, 'refuses'),
      128: () => world.servers.set(STANDBY, 'ok'),
    });
    assert.ok(world.events.some(({ kind }) => kind === 'failover'));
    assert.deepEqual(new Set(idsOf(world.events)), new Set(idsOf(world.mails)));
    assert.ok(world.events.every(({ headline }) => headline !== 'NO STANDBY'));
    assert.deepEqual(openIn(world.events), []);
  });

  test('does not keep from pagers what people were mailed before it', async () => {
    const world = newWorld();
    world.eventsAway = true;
    await play(
      world,
      {
        70: () => world.servers.set(STANDBY, 'refuses'),
        100: () =>
          void answerCommand(world.seenBy(), {
            ...{ action: 'silence', site: SITE, reason: 'works', by: 'amy', forSeconds: 3600 },
          }),
        130: () => {
          world.eventsAway = false;
        },
      },
      500,
    );
    assert.ok(world.mails.some(({ subject }) => subject.startsWith('NO STANDBY')));
    assert.equal(world.events.filter(({ headline }) => headline === 'NO STANDBY').length, 1);
  });
});

test('a mass failure is told to each team with its own sites, and all that it opened is ended', async () => {
  const { world, kill } = worldOf(40, 1, { afterSeconds: 300 });
  await play(world, { 130: () => kill(40), 600: () => world.servers.clear() }, 1300);
  const many = world.events.filter(({ siteCount, state }) => siteCount > 1 && state === 'trigger');
  assert.deepEqual(new Set(many.map(({ tags }) => tags.join())), new Set(['shop', 'blog']));
  for (const { tags, sites = [], incident, dedupKey } of many) {
    const wanted = tags[0] === 'shop' ? 0 : 1;
    assert.ok(sites.every(({ site }) => Number(/\d+/.exec(site)?.[0]) % 2 === wanted));
    assert.ok(dedupKey.startsWith(`${incident}-`) && dedupKey.endsWith(`-${tags[0]}`), dedupKey);
  }
  const shop = world.events.filter(({ tags, sites = [] }) => tags.includes('shop') && sites.length > 0);
  assert.ok(shop.length <= 6, shop.map(({ subject }) => subject).join('\n'));
  assert.deepEqual(openIn(world.events), []);
  const resolved = world.events.filter(({ state }) => state === 'resolve');
  assert.deepEqual(new Set(resolved.map(({ tags }) => tags.join())), new Set(['shop', 'blog']));
});

test('of two sites that are the last of a mass failure, and told of at one moment, the second ends the alert', async () => {
  const { world, kill } = worldOf(6, 1, 'manual');
  const [first, second, ...others] = world.config.sites
    .map(({ name }) => name)
    .sort((a, b) => tagOf(a) - tagOf(b));
  const failback = (...sites: (string | undefined)[]) => {
    for (const site of sites)
      void answerCommand(world.seenBy(), { action: 'failback', site, reason: 'repaired', by: 'amy' });
  };
  const events = {
    130: () => kill(6),
    300: () => world.servers.clear(),
    700: () => failback(...others),
    1100: () => failback(first, second),
  };
  await play(world, events, 1800);
  assert.ok(world.events.some(({ siteCount, state }) => siteCount > 1 && state === 'trigger'));
  assert.deepEqual(openIn(world.events), []);
});

/** 0 for those of the tag shop, which are every second. */
const tagOf = (name: string): number => Number(/\d+/.exec(name)?.[0]) % 2;

describe('an acknowledge reaches the pagers', () => {
  const takenIn = (world: VirtualWorld) => world.events.flatMap(({ acknowledges = [] }) => acknowledges);

  test('with the keys of the alerts that are open there', async () => {
    const world = newWorld();
    const take = () => {
      const incident = world.events.find(({ kind }) => kind === 'failover')?.incident;
      void answerCommand(world.seenBy(), { action: 'acknowledge', incident, reason: 'on it', by: 'bo' });
    };
    await play(world, { 130: () => world.servers.set(PRIMARY, 'refuses'), 180: take }, 260);
    assert.deepEqual(takenIn(world), openIn(world.events));
    assert.equal(takenIn(world).length, 1);
  });

  test('of a mass failure for each set of tags, and of one of its sites for none of them', async () => {
    const { world, kill } = worldOf(10, 1, 'manual');
    const take = (of: () => string | undefined) => () =>
      void answerCommand(world.seenBy(), {
        action: 'acknowledge',
        incident: of(),
        reason: 'on it',
        by: 'bo',
      });
    const group = () => world.events.find(({ kind }) => kind === 'failover')?.incident;
    const own = () => {
      const stored = world.store.documents.get('a000.dyn.example.net');
      return parseState(stored?.text ?? '')?.incident?.id;
    };
    let before: string[] | undefined;
    await play(
      world,
      {
        130: () => kill(10),
        260: take(own),
        320: () => {
          before = takenIn(world);
        },
        330: take(group),
      },
      460,
    );
    assert.deepEqual(before, [], 'nine others are nobody’s yet');
    const open = openIn(world.events);
    assert.equal(open.length, 2);
    assert.deepEqual([...new Set(takenIn(world))].sort(), open.sort());
  });
});
