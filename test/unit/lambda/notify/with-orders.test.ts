import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { type Answer, answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { flowing } from '../../../support/in-words.ts';

/** What people and programs are told of an order, in virtual time. */
const PRIMARY = '203.0.113.10';
const SITE = 's0.dyn.example.net';
const WHO = { by: 'amy', reason: 'disk replaced' };

const worldOf = (count: number, more: object = {}): VirtualWorld =>
  virtualWorld(
    virtualConfig(
      Array.from({ length: count }, (_, index) => virtualSite(`s${index}`)),
      more,
    ),
  );

/** Runs to this second, with a controller started each minute. */
const runTo = async (world: VirtualWorld, seconds: number): Promise<void> => {
  const untilMs = START_MS + seconds * 1000;
  for (let atMs = world.clock.now(); atMs < untilMs; atMs = world.clock.now()) {
    const minuteMs = Math.ceil((atMs - START_MS) / 60_000) * 60_000 + START_MS;
    await world.clock.runUntil(Math.min(untilMs, minuteMs));
    if (minuteMs >= untilMs) return;
    void runTerm(world.seenBy(), new Date(minuteMs).toISOString());
    await world.clock.runUntil(Math.min(untilMs, minuteMs + 1));
  }
};

const ask = async (world: VirtualWorld, event: object): Promise<Answer> => {
  const answer = answerCommand(world.seenBy(), { ...WHO, ...event });
  await world.clock.runUntil(world.clock.now() + 1000);
  return answer;
};

/** The standby serves, and the primary is well again. */
const failedOver = async (count = 1, more: object = {}): Promise<VirtualWorld> => {
  const world = worldOf(count, more);
  await runTo(world, 30);
  world.servers.set(PRIMARY, 'refuses');
  await runTo(world, 90);
  world.servers.set(PRIMARY, 'ok');
  await runTo(world, 200);
  return world;
};

const ORDERED = /Ordered at \S+ \S+ UTC by amy/;

/** Mails since then, without their incidents. */
const toldSince = ({ mails }: VirtualWorld, atMs: number) =>
  mails
    .filter(({ toldMs }) => toldMs > atMs)
    .map((mail) => ({ ...mail, subject: mail.subject.replace(/ \[[^\]]*\]$/, '') }));

const noted = async (world: VirtualWorld): Promise<string[]> => {
  const answer = answerCommand(world.seenBy(), { action: 'history', site: SITE });
  await world.clock.runUntil(world.clock.now() + 1000);
  return ((await answer).history ?? []).map(({ text }) => text);
};

describe('an order that is done at once', () => {
  test('is one mail and one event, which say who asked, when and why', async () => {
    const world = await failedOver();
    const atMs = world.clock.now();
    const before = world.events.length;
    await ask(world, { action: 'failback', site: SITE });
    await runTo(world, 230);
    const [told, ...others] = toldSince(world, atMs);
    assert.equal(told?.subject, `BACK ${SITE}: primary serves again, ordered by amy`);
    assert.match(
      flowing(told?.text ?? ''),
      /Ordered at \S+ 00:03:2\d UTC by amy: failback to primary asked for\. Reason: disk replaced /,
    );
    assert.deepEqual(
      others.map(({ kind }) => kind),
      ['visible'],
    );
    const events = world.events.slice(before);
    assert.deepEqual(
      events.map(({ kind, state }) => [kind, state]),
      [
        ['failback', 'resolve'],
        ['visible', 'info'],
      ],
    );
    const [order] = events[0]?.orders ?? [];
    assert.equal(events[0]?.orders?.length, 1);
    // The alert of the failover ends under the key that opened it.
    assert.match(events[0]?.dedupKey ?? '', /^s0-\w+-failover$/);
    assert.deepEqual(
      { ...order, at: '' },
      { ...WHO, at: '', what: 'failback to primary asked for', site: SITE },
    );
    const history = await noted(world);
    assert.ok(history.some((text) => text === 'amy: failback to primary asked for (disk replaced)'));
    assert.equal(history.filter((text) => /^failback: BACK .*, ordered by amy \[/.test(text)).length, 1);
    assert.deepEqual(
      history.filter((text) => text.startsWith('hand: ')),
      [],
    );
  });

  test('says who asked in the silence of the site, too: moves are told', async () => {
    const world = await failedOver();
    await ask(world, { action: 'silence', site: SITE, forSeconds: 600, by: 'bob' });
    await runTo(world, 215);
    const atMs = world.clock.now();
    await ask(world, { action: 'failback', site: SITE });
    await runTo(world, 260);
    const [told, ...others] = toldSince(world, atMs);
    assert.equal(told?.subject, `BACK ${SITE}: primary serves again, ordered by amy`);
    assert.match(flowing(told?.text ?? ''), ORDERED);
    assert.deepEqual(others, []);
  });

  test('of many sites at once is one message, which says who asked and why', async () => {
    const world = await failedOver(12);
    const atMs = world.clock.now();
    await ask(world, { action: 'failback', all: true });
    await runTo(world, 360);
    // That the mass failure is over is news of the deployment.
    const [told, ...others] = toldSince(world, atMs).filter(({ kind }) => kind !== 'over');
    assert.match(told?.subject ?? '', /^BACK 12 sites: primary serves again/);
    assert.match(
      flowing(told?.text ?? ''),
      /Ordered at \S+ \S+ UTC by amy for 12 sites: failback to primary asked for\. Reason: disk replaced /,
    );
    assert.deepEqual(others, []);
    const orders = world.events.flatMap((event) => event.orders ?? []);
    assert.deepEqual(new Set(orders.map(({ site }) => site)).size, 12);
  });
});

describe('an order of which nothing comes', () => {
  test('is told with why it could not be written, and again when it is over', async () => {
    const world = await failedOver();
    const atMs = world.clock.now();
    world.onChange = () => {
      throw new Fault('throttled', 'Route 53', 'ChangeResourceRecordSets', 'Rate exceeded');
    };
    await ask(world, { action: 'failback', site: SITE });
    await runTo(world, 300);
    const told = toldSince(world, atMs);
    assert.deepEqual(
      told.map(({ subject }) => subject.replace(` ${SITE}`, '')),
      [
        'NOT WRITTEN: primary should serve, and the change could not be made',
        'NOT DONE: failback not done, standby still serves',
      ],
    );
    assert.match(flowing(told[0]?.text ?? ''), ORDERED);
    assert.match(
      flowing(told[1]?.text ?? ''),
      /amy asked to move .* back \(disk replaced\)\. .*Rate exceeded/,
    );
  });

  for (const intervalSeconds of [10, 30])
    test(`because the site may not move yet is told alone within an interval of ${intervalSeconds} s and 10 s`, async () => {
      // One of two sites may move at a time, and what was refused keeps its turn.
      const world = worldOf(2, { maxMoveShare: 0.5, intervalSeconds });
      await runTo(world, 60);
      await ask(world, { action: 'hold', all: true });
      world.servers.set(PRIMARY, 'refuses');
      await runTo(world, 300);
      world.onChange = () => {
        throw new Fault('throttled', 'Route 53', 'ChangeResourceRecordSets', 'Rate exceeded');
      };
      const atMs = world.clock.now();
      await ask(world, { action: 'release', all: true });
      await runTo(world, 420);
      const told = toldSince(world, atMs).filter(({ text }) =>
        /amy: released|Ordered at .* by amy: released/.test(flowing(text)),
      );
      assert.deepEqual(told.map(({ site }) => site).sort(), [SITE, 's1.dyn.example.net']);
      for (const { toldMs, subject } of told)
        assert.ok(toldMs - atMs <= (intervalSeconds + 10 + 2) * 1000, `${subject}: ${toldMs - atMs} ms`);
    });

  test('because another order takes its place is told before that one', async () => {
    const world = await failedOver();
    const atMs = world.clock.now();
    const [first] = await Promise.all([
      ask(world, { action: 'failback', site: SITE }),
      ask(world, { action: 'hold', site: SITE, by: 'bob' }),
    ]);
    assert.ok(first.ok);
    await runTo(world, 260);
    const hands = toldSince(world, atMs).filter(({ kind }) => kind === 'hand');
    assert.deepEqual(
      hands.map(({ subject }) => / by (\w+)$/.exec(subject)?.[1]),
      ['amy', 'bob'],
    );
  });

  test('while the table is away is told at once', async () => {
    const world = await failedOver();
    world.store.away = true;
    const atMs = world.clock.now();
    await ask(world, { action: 'hold', site: SITE });
    const told = toldSince(world, atMs).find(({ kind }) => kind === 'hand');
    assert.match(told?.subject ?? '', /^ORDER .*held until/);
    assert.ok((told?.toldMs ?? 0) - atMs < 3000);
  });
});

test('an order that puts an edit back is told with the end of the incident', async () => {
  const world = await failedOver();
  await ask(world, { action: 'failback', site: SITE });
  await runTo(world, 260);
  const served = world.listing().find(({ name, type }) => name === SITE && type === 'A');
  assert.ok(served);
  world.edit([
    { action: 'DELETE', record: served },
    { action: 'CREATE', record: { ...served, values: ['192.0.2.99'] } },
  ]);
  await runTo(world, 320);
  const atMs = world.clock.now();
  await ask(world, { action: 'put-back', site: SITE });
  await runTo(world, 380);
  const [told, ...others] = toldSince(world, atMs).filter(({ kind }) => kind !== 'visible');
  assert.equal(told?.subject, `BACK ${SITE}: this incident is over, put back by amy`);
  assert.match(flowing(told?.text ?? ''), ORDERED);
  assert.deepEqual(others, []);
});
