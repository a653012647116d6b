import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
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
import { isLasting } from '../../../../lambda/core/state/headline.ts';
import { roleRecordName } from '../../../../lambda/core/zone/role-record.ts';
import { openIn } from '../../../support/open-alerts.ts';
import { play } from './mass-failure-night.ts';

const SITE = 'www.dyn.example.net';
const PRIMARY = '203.0.113.10';
const STANDBY = '198.51.100.20';
const SPARE = '198.51.100.21';

const newWorld = (): VirtualWorld =>
  virtualWorld(virtualConfig([virtualSite('www', { failback: { afterSeconds: 60 } })]));

type Order = Record<string, unknown> & { action: string };
const ask = (world: VirtualWorld, order: Order) => () =>
  void answerCommand(world.mortal(newLife(), 0), { site: SITE, by: 'ann', reason: 'works', ...order });
const kill =
  (world: VirtualWorld, ...servers: string[]) =>
  () => {
    for (const server of servers) world.servers.set(server, 'refuses');
  };
const hold = { action: 'hold', forSeconds: 3600 };
const silence = { action: 'silence', forSeconds: 3600 };

const opened = ({ events }: VirtualWorld): number => events.filter(({ state }) => state === 'trigger').length;

describe('an alert that was opened is ended when it is over', () => {
  test('at a site that is held and silenced, and the mail that woke people is followed by its end', async () => {
    const world = newWorld();
    await play(
      world,
      {
        70: ask(world, hold),
        80: ask(world, silence),
        130: kill(world, PRIMARY, STANDBY),
        240: () => world.servers.clear(),
      },
      420,
    );
    assert.ok(opened(world) > 0);
    assert.deepEqual(openIn(world.events), []);
    const words = world.mails.map(({ subject }) => subject.split(' www.')[0]);
    assert.ok(words.includes('SITE DOWN'));
    assert.equal(words.at(-1), 'BACK');
  });

  test('where the silence begins after it: pagers are told, and people are not, as they asked', async () => {
    const spare = { name: 'spare', ipv4: [SPARE], ipv6: [] };
    const { servers } = virtualSite('www');
    const world = virtualWorld(virtualConfig([virtualSite('www', { servers: [...servers, spare] })]));
    await play(
      world,
      {
        70: kill(world, STANDBY),
        150: ask(world, silence),
        160: kill(world, SPARE),
        240: () => world.servers.delete(STANDBY),
      },
      420,
    );
    assert.ok(opened(world) > 0);
    assert.deepEqual(openIn(world.events), []);
    const later = world.mails.filter(({ toldMs, kind }) => toldMs > START_MS + 155_000 && kind !== 'hand');
    assert.deepEqual(later, []);
  });

  test('where the topic of events is away as it is opened', async () => {
    const world = newWorld();
    await play(
      world,
      {
        70: ask(world, hold),
        80: ask(world, silence),
        130: kill(world, PRIMARY, STANDBY),
        135: () => {
          world.eventsAway = true;
        },
        240: () => world.servers.clear(),
        330: () => {
          world.eventsAway = false;
        },
      },
      700,
    );
    assert.ok(opened(world) > 0);
    assert.deepEqual(openIn(world.events), []);
  });

  test('where a hold ends by itself in the silence', async () => {
    const world = newWorld();
    await play(
      world,
      {
        70: ask(world, { action: 'hold', forSeconds: 200 }),
        130: kill(world, PRIMARY),
        200: ask(world, silence),
        400: () => world.servers.clear(),
      },
      800,
    );
    assert.ok(opened(world) > 0);
    assert.deepEqual(openIn(world.events), []);
  });

  test('of an order that Route 53 refused, once it took it, although that order holds the site', async () => {
    const world = newWorld();
    const protect = () => void world.protections.set(roleRecordName(SITE), 'frozen');
    await play(world, { 65: protect, 70: ask(world, hold), 200: () => world.protections.clear() }, 1500);
    assert.ok(opened(world) > 0);
    assert.deepEqual(openIn(world.events), []);
  });
});

test('the alert of a site that leaves the configuration is ended with the word that nobody watches it', async () => {
  const world = newWorld();
  await play(world, { 70: kill(world, PRIMARY, STANDBY) }, 119);
  const open = openIn(world.events);
  assert.equal(open.length, 1);
  world.config = virtualConfig([virtualSite('shop', { tags: ['shop'] })]);
  await world.clock.runUntil(START_MS + 120_000);
  void runTerm(world.seenBy(), new Date(world.clock.now()).toISOString());
  await world.clock.runUntil(START_MS + 170_000);
  assert.ok(!openIn(world.events).includes(open[0] ?? ''));
  const ending = world.events.find(({ ends }) => ends.includes(open[0] ?? ''));
  assert.deepEqual([ending?.kind, ending?.state, ending?.tags], ['site-removed', 'resolve', ['shop']]);
});

/** What becomes of a server, or what a person orders, so many seconds after the start. */
type Event = { atS: number; does: readonly ['kill' | 'cure', string] | readonly ['order', Order] };
const LAST_S = 420;
const times = fc.integer({ min: 65, max: LAST_S });
const forSeconds = fc.integer({ min: 60, max: 600 });
const order = fc.oneof(
  fc.record({ action: fc.constantFrom('hold', 'silence', 'pin'), forSeconds }),
  fc.record({ action: fc.constantFrom('release', 'unsilence') }),
);
const does: fc.Arbitrary<Event['does']> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom('kill', 'cure'), fc.constantFrom(PRIMARY, STANDBY)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('order' as const), order) },
);
const nights = fc.array(fc.record({ atS: times, does }), { minLength: 2, maxLength: 8 });

/** The site is well from here on; whatever is open is over so many seconds later. */
const WELL_S = LAST_S + 10;
const BOUND_S = 240;

const nightOf = async (events: readonly Event[]): Promise<VirtualWorld> => {
  const world = newWorld();
  const bySecond = Map.groupBy(events, ({ atS }) => atS);
  const doing = ({ does: [what, whom] }: Event) => {
    if (what === 'order') ask(world, { server: 'standby', ...whom })();
    else if (what === 'kill') world.servers.set(whom, 'refuses');
    else world.servers.delete(whom);
  };
  const all = Object.fromEntries(
    [...bySecond].map(([atS, some]) => [atS, () => some.forEach(doing)] as const),
  );
  await play(world, { ...all, [WELL_S]: () => world.servers.clear() }, WELL_S + BOUND_S);
  return world;
};

test('whatever people order, nothing stays open at a site that is well but that it is not on its preferred server', async () => {
  let some = 0;
  await fc.assert(
    fc.asyncProperty(nights, async (events) => {
      const world = await nightOf(events);
      some += opened(world);
      const isHome = world.listing().some(({ name, values }) => name === SITE && values.includes(PRIMARY));
      // Of what only happened, and does not last, a person says that it is over.
      const lasting = world.events.filter(
        ({ headline }) => headline === 'NEWS' || isLasting(headline) || headline === 'BACK',
      );
      const open = openIn(lasting).filter((key) => isHome || !key.endsWith('-failover'));
      assert.deepEqual(open, []);
    }),
    { numRuns: 10, seed: 1, endOnFailure: true },
  );
  assert.ok(some > 0);
});
