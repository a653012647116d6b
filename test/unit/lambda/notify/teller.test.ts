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
import { Fault, type FaultCode } from '../../../../lambda/core/base/fault.ts';
import { flowing } from '../../../support/in-words.ts';

/** What people are told by controllers that follow one another, in virtual time. */
const worldOf = (count: number): VirtualWorld =>
  virtualWorld(virtualConfig(Array.from({ length: count }, (_, index) => virtualSite(`s${index}`))));

const PRIMARY = '203.0.113.10';
const STANDBY = '198.51.100.20';

/** Runs to this second, with a controller started each minute. */
const runTo = async (world: VirtualWorld, seconds: number): Promise<void> => {
  const untilMs = START_MS + seconds * 1000;
  for (let atMs = world.clock.now(); atMs < untilMs; atMs = world.clock.now()) {
    const minuteMs = Math.ceil((atMs - START_MS) / 60_000) * 60_000 + START_MS;
    if (minuteMs >= untilMs) {
      await world.clock.runUntil(untilMs);
      return;
    }
    await world.clock.runUntil(minuteMs);
    void runTerm(world.seenBy(), new Date(minuteMs).toISOString());
    await world.clock.runUntil(Math.min(untilMs, minuteMs + 1));
  }
};

describe('standbys that come and go fill no mailbox', () => {
  for (const [count, most] of [
    [1, 6],
    [30, 36],
  ] as const)
    test(`${count} of them`, async () => {
      const world = worldOf(count);
      await runTo(world, 60);
      const before = world.mails.length;
      for (let atS = 60; atS < 13 * 60; atS += 20) {
        world.servers.set(STANDBY, (atS / 20) % 2 === 0 ? 'ok' : 'refuses');
        await runTo(world, atS + 20);
      }
      world.servers.set(STANDBY, 'ok');
      await runTo(world, 26 * 60);
      const told = world.mails.slice(before);
      assert.ok(told.length <= most, `${told.length} mails: ${told.map((m) => m.subject).join('\n')}`);
      const flapping = told
        .filter(({ kind }) => kind === 'server-flapping')
        .map(({ subject, text }) => `${subject} ${flowing(text)}`);
      const [begins, ends] = [/comes and goes/, /flaps no more and is up/].map((words) =>
        flapping.filter((text) => words.test(text)),
      );
      assert.equal((begins?.length ?? 0) + (ends?.length ?? 0), flapping.length);
      assert.ok(begins?.length && begins.length === ends?.length, 'once when it begins, once when it ends');
    });
});

const ask = async (world: VirtualWorld, event: unknown): Promise<Answer> => {
  const answer = answerCommand(world.seenBy(), event);
  await world.clock.runUntil(world.clock.now() + 1000);
  return answer;
};

describe('an outage in which every write is refused is told as not moved, each time', () => {
  const cases: [what: string, code: FaultCode, serving: 'primary' | 'standby'][] = [
    ['denied', 'denied', 'primary'],
    ['throttled', 'throttled', 'primary'],
    ['another change is under way', 'busy', 'primary'],
    ['denied, while the standby serves', 'denied', 'standby'],
    ['throttled, while the standby serves', 'throttled', 'standby'],
  ];
  for (const [what, code, serving] of cases)
    test(what, async () => {
      const world = worldOf(1);
      const [address = '', other = ''] = serving === 'primary' ? [PRIMARY, STANDBY] : [STANDBY, PRIMARY];
      if (serving === 'standby') world.servers.set(other, 'refuses');
      await runTo(world, 60);
      world.servers.set(other, 'ok');
      await runTo(world, 120);
      assert.match(world.listing().find(({ type }) => type === 'A')?.values[0] ?? '', new RegExp(address));
      world.onChange = () => {
        throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', `told to answer ${code}`);
      };
      for (const outage of [1, 2, 3]) {
        const before = world.mails.length;
        const atS = outage * 600;
        await runTo(world, atS);
        world.servers.set(address, 'refuses');
        await runTo(world, atS + 120);
        const told = world.mails.slice(before);
        const moved = told.filter(({ kind }) => kind === 'write-refused');
        assert.equal(moved.length, 1, `outage ${outage}: ${told.map((m) => m.subject).join('; ')}`);
        assert.match(moved[0]?.subject ?? '', /NOT MOVED/);
        for (const { text } of told) assert.doesNotMatch(text, /the site moves/);
        const status = await ask(world, { action: 'status' });
        const codes = status.sites?.[0]?.notes.map((note) => note.code);
        assert.ok(codes?.includes('write-refused'), `outage ${outage}: ${codes?.join()}`);
        const own = `Route 53 ChangeResourceRecordSets: told to answer ${code}`;
        const note = status.sites?.[0]?.notes.find((one) => one.code === 'write-refused');
        assert.ok(note?.text.includes(own), note?.text);
        const explained = await ask(world, { action: 'explain' });
        assert.match(explained.message, new RegExp(`is due to move to .* But Route 53 .*: ${own}`));
        world.servers.set(address, 'ok');
        await runTo(world, atS + 180);
        const after = await ask(world, { action: 'status' });
        assert.ok(!after.sites?.[0]?.notes.some((note) => note.code === 'write-refused'), 'it is over');
      }
    });
});

test('a death soon after a refusal is tried at once, and told as not moved in one message', async () => {
  const world = worldOf(1);
  await runTo(world, 60);
  world.onChange = () => {
    throw new Fault('denied', 'Route 53', 'ChangeResourceRecordSets', 'told to answer denied');
  };
  world.servers.set(PRIMARY, 'refuses');
  await runTo(world, 85);
  world.servers.set(PRIMARY, 'ok');
  await runTo(world, 110);
  const before = world.mails.length;
  world.servers.set(PRIMARY, 'refuses');
  await runTo(world, 240);
  const told = world.mails.slice(before).filter(({ kind }) => kind === 'write-refused');
  assert.deepEqual(
    told.map(({ subject }) => subject.replace(/ \[[^\]]*\]$/, '')),
    [`NOT MOVED ${world.config.sites[0]?.name}: Route 53 refused the change to standby`],
  );
});

test('a write that moves nobody and is refused is not told as a move', async () => {
  const world = worldOf(1);
  await runTo(world, 60);
  world.onChange = () => {
    throw new Fault('denied', 'Route 53', 'ChangeResourceRecordSets', 'told to answer denied');
  };
  const name = world.config.sites[0]?.name ?? '';
  const { message } = await ask(world, { action: 'hold', site: name, reason: 'drill', by: 'ops' });
  assert.match(message, /not yet in DNS: .*told to answer denied/);
  await runTo(world, 180);
  const [told, ...others] = world.mails.filter(({ kind }) => kind === 'write-refused');
  assert.equal(others.length, 0);
  assert.match(
    told?.subject ?? '',
    new RegExp(`^NOT IN DNS ${name}: Route 53 refused a change, primary serves \\[`),
  );
  assert.doesNotMatch(told?.text ?? '', /should move/);
  assert.match(told?.text ?? '', /told to answer denied/);
  const status = await ask(world, { action: 'status' });
  const note = status.sites?.[0]?.notes.find((one) => one.code === 'write-refused');
  assert.match(
    note?.text ?? '',
    /^Route 53 refuses the role record with the last order, .*told to answer denied/,
  );
});

/** By site, the subjects that people got of it, in the order in which they got them; those that were told as one message too. */
const heardOf = ({ mails, config }: VirtualWorld): Record<string, string[]> => {
  const told = mails.flatMap((mail) => mail.sites ?? [mail]);
  return Object.fromEntries(
    config.sites.map(({ name }) => [
      name,
      told.filter(({ site }) => site === name).map(({ subject }) => subject.replace(/ \[\S+\]$/, '')),
    ]),
  );
};

/** A night for all sites: a failover, then nothing is left, then all is well again. */
const night = async (world: VirtualWorld, awayS: number): Promise<void> => {
  await runTo(world, 60);
  world.topicAway = awayS > 0;
  await runTo(world, 90);
  world.servers.set(PRIMARY, 'refuses');
  await runTo(world, 240);
  world.servers.set(STANDBY, '500');
  await runTo(world, 400);
  world.servers.set(STANDBY, 'ok');
  await runTo(world, 500);
  world.servers.set(PRIMARY, 'ok');
  await runTo(world, 60 + awayS);
  world.topicAway = false;
  await runTo(world, 1500);
};

describe('messages of one site arrive in the order of what happened', () => {
  for (const count of [1, 7])
    test(`${count} sites, and the topic away for ten minutes`, async () => {
      const [quiet, away] = [worldOf(count), worldOf(count)];
      await night(quiet, 0);
      await night(away, 600);
      const expected = heardOf(quiet);
      assert.deepEqual(heardOf(away), expected);
      for (const heard of Object.values(expected)) {
        assert.ok(heard.length > 4, `more than four are owed: ${heard.join('; ')}`);
        assert.match(heard.at(-1) ?? '', /^BACK .*: primary is up again$/);
      }
      for (const { text } of away.mails) assert.match(text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: /);
    });
});

describe('how often a refused write is sent again is told as it is', () => {
  for (const [code, words, least, most] of [
    ['denied', /It is sent again about once a minute for/, 55, 65],
    ['gone', /It is sent again about once a minute for/, 55, 65],
    ['throttled', /It is sent again at each look, within Route 53's limits, for/, 1, 10],
    ['busy', /It is sent again at each look, within Route 53's limits, for/, 1, 10],
    ['unavailable', /It is sent again at each look, within Route 53's limits, for/, 1, 10],
  ] as [FaultCode, RegExp, number, number][])
    test(code, async () => {
      const world = worldOf(1);
      await runTo(world, 90);
      const triesMs: number[] = [];
      world.onChange = () => {
        triesMs.push(world.clock.now());
        throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', `told to answer ${code}`);
      };
      world.servers.set(PRIMARY, 'refuses');
      await runTo(world, 700);
      const [told, ...others] = world.mails.filter(({ kind }) => kind === 'write-refused');
      assert.match(flowing(told?.text ?? ''), words);
      assert.equal(others.length, 0);
      const gaps = triesMs.slice(1).map((ms, index) => (ms - (triesMs[index] ?? 0)) / 1000);
      // A new controller tries at once what the one before it was refused.
      const apart = gaps.slice(1);
      assert.ok(
        apart.length > 5 && apart.every((s) => s >= least && s <= most),
        `seconds apart: ${gaps.join()}`,
      );
    });
});

describe('an order that Route 53 kept from being made says so when it ends', () => {
  for (const [code, why] of [
    [
      'denied',
      /not possible in time: it was due, and Route 53 refused the change: Route 53 .*: told to answer denied\./,
    ],
    [
      'throttled',
      /not possible in time: it was due, and Route 53 did not take the change: Route 53 .*: told to answer throttled\./,
    ],
  ] as [FaultCode, RegExp][])
    for (const [event, subject] of [
      [{ action: 'failback' }, /^NOT DONE .*: failback not done, standby still serves/],
      [{ action: 'point', server: 'primary' }, /^NOT DONE .*: switch not done, standby serves/],
    ] as [object, RegExp][])
      test(`${JSON.stringify(event)}, ${code}`, async () => {
        const world = worldOf(1);
        world.servers.set(PRIMARY, 'refuses');
        await runTo(world, 60);
        world.servers.set(PRIMARY, 'ok');
        await runTo(world, 130);
        world.onChange = () => {
          throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', `told to answer ${code}`);
        };
        const order = { ...event, site: 's0.dyn.example.net', by: 'ops', reason: 'repaired' };
        assert.equal((await ask(world, order)).ok, true);
        await runTo(world, 260);
        const [told, ...others] = world.mails.filter((mail) => subject.test(mail.subject));
        assert.ok(told, world.mails.map((mail) => mail.subject).join('; '));
        assert.match(flowing(told.text), why);
        assert.deepEqual(others, []);
      });
});

for (const eventsAway of [true, false])
  test(`that a pin could not be made is mailed to nobody once it was released, though it waited behind other messages (events away: ${eventsAway})`, async () => {
    const world = worldOf(1);
    await runTo(world, 70);
    const before = world.mails.length;
    world.onChange = () => {
      throw new Fault('throttled', 'Route 53', 'ChangeResourceRecordSets', 'Rate exceeded');
    };
    [world.topicAway, world.eventsAway] = [true, eventsAway];
    const order = { site: 's0.dyn.example.net', by: 'ann', reason: 'test' };
    await ask(world, { ...order, action: 'pin', server: 'standby' });
    await runTo(world, 100);
    // It waits, claimed by the controller.
    assert.match(
      world.store.documents.get(order.site)?.text ?? '',
      /"kind":"write-refused"[^}]*"claim"|"claim".*"kind":"write-refused"/,
    );
    await ask(world, { ...order, action: 'release' });
    await runTo(world, 130);
    [world.topicAway, world.eventsAway] = [false, false];
    await runTo(world, 300);
    const told = world.mails.slice(before).map(({ subject }) => subject.replace(/ \[.*/, ''));
    assert.ok(
      told.some((subject) => subject.endsWith('released by ann')),
      told.join('\n'),
    );
    assert.deepEqual(
      told.filter((subject) => /NOT MOVED/.test(subject)),
      [],
    );
    // A pager that was told of it is told that it is over, and so are people.
    assert.equal(told.filter((subject) => /BACK/.test(subject)).length, eventsAway ? 0 : 1);
    const { history } = await ask(world, { action: 'history', site: order.site, kind: 'suppressed' });
    assert.match(history?.[0]?.text ?? '', /^write-refused: NOT MOVED .*, overtaken by ann$/);
  });
