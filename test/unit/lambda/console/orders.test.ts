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
import { type Intent, parseState, type SiteState } from '../../../../lambda/core/state/site-state.ts';
import { parseRole, roleRecordName } from '../../../../lambda/core/zone/role-record.ts';
import { worded } from '../../../support/in-words.ts';

const site = virtualSite('www');
const STRANGER = { name: site.name, type: 'A', ttlSeconds: 60, values: ['192.0.2.99'] };

/** A site that a controller has created its record for; the controller is over. */
const served = async (): Promise<VirtualWorld> => {
  const world = virtualWorld(virtualConfig([site]));
  void runTerm(world.seenBy(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 200_000);
  return world;
};

const order = async (world: VirtualWorld, event: Record<string, unknown>): Promise<Answer> => {
  let answer: Answer | undefined;
  const given = { site: site.name, by: 'ops', reason: 'drill', ...event };
  void answerCommand(world.seenBy(), given).then((came) => {
    answer = came;
  });
  await world.clock.runUntil(world.clock.now() + 20_000);
  assert.ok(answer !== undefined, 'the order was not answered');
  return answer;
};

const stored = (world: VirtualWorld): SiteState =>
  parseState(world.store.documents.get(site.name)?.text ?? '') ?? assert.fail('nothing is stored');
const roleIn = (world: VirtualWorld): string | undefined =>
  world.listing().find((r) => r.name === roleRecordName(site.name))?.values[0];
const edit = (world: VirtualWorld): void => {
  const before = world.listing().find((r) => r.name === site.name && r.type === 'A') ?? assert.fail();
  world.edit([
    { action: 'DELETE', record: before },
    { action: 'CREATE', record: STRANGER },
  ]);
};

describe('an order', () => {
  const cases: [name: string, edited: boolean, event: Record<string, unknown>][] = [
    ['hold', false, { action: 'hold' }],
    ['pin', false, { action: 'pin', server: 'primary', force: true }],
    ['adopt', true, { action: 'adopt' }],
    ['put-back', true, { action: 'put-back', force: true }],
  ];
  for (const [name, edited, event] of cases) {
    test(`${name} remembers what it left in the zone`, async () => {
      const world = await served();
      if (edited) edit(world);
      assert.equal((await order(world, event)).ok, true);
      const { written, override: last } = stored(world);
      assert.equal(written?.role, roleIn(world));
      assert.equal(written?.epoch, last?.epoch);
      assert.deepEqual(
        written?.records.map((r) => r.values),
        world
          .listing()
          .filter((r) => r.name === site.name)
          .map((r) => r.values),
      );
    });
  }

  test('whose write was refused remembers only what was there', async () => {
    const world = await served();
    const before = stored(world).written;
    world.zoneAway = true;
    assert.match((await order(world, { action: 'hold' })).message, /not yet in DNS/);
    assert.deepEqual(stored(world).written, before);
  });

  // Without a role record of ours both were made on the same epoch, and no batch of the one stopped the other's.
  for (const [name, epochs] of [
    ['with a later epoch', 5],
    ['on the same epoch', 0],
  ] as const) {
    for (const action of ['adopt', 'put-back']) {
      test(`${action} does not end a hold that was stored while it was written, ${name}`, async () => {
        const world = await served();
        edit(world);
        const { save } = world.store;
        let first = true;
        world.store.save = async (document, text, version) => {
          if (!first || document !== site.name) return save(document, text, version);
          first = false;
          const untilMs = world.clock.now() + 600_000;
          const epoch = (parseRole(roleIn(world) ?? '')?.epoch ?? assert.fail()) + epochs;
          const mode = { mode: 'held' as const, untilMs };
          const hold = { by: 'night', reason: 'drill', askedMs: world.clock.now(), mode, epoch };
          await save(document, JSON.stringify({ ...stored(world), override: hold }), version);
          return save(document, text, version);
        };
        const answer = await order(world, { action, ...(action === 'put-back' && { force: true }) });
        assert.equal(answer.ok, true);
        assert.match(answer.message, /night .*held until/);
        const { override: last, written, propagation } = stored(world);
        assert.equal(last?.by, 'night');
        assert.equal(last?.mode.mode, 'held');
        assert.equal(written?.role, roleIn(world));
        if (action === 'put-back') assert.equal(propagation?.epoch, written?.epoch);
      });
    }
  }

  test('given while the table could not be read ends what is stored there, whatever its epoch', async () => {
    const world = await served();
    const { load, save } = world.store;
    const version = world.store.documents.get(site.name)?.version ?? 0;
    const mode = { mode: 'auto' as const };
    const release = { by: 'night', reason: 'drill', askedMs: world.clock.now() - 60_000, mode, epoch: 9 };
    await save(site.name, JSON.stringify({ ...stored(world), override: release }), version);
    let away = true;
    world.store.load = async (names) => {
      if (!away || !names.includes(site.name)) return load(names);
      away = false;
      throw new Fault('unavailable', 'DynamoDB', 'BatchGetItem', 'away for a moment');
    };
    assert.equal((await order(world, { action: 'hold' })).ok, true);
    const { override: last } = stored(world);
    assert.equal(last?.by, 'ops');
    assert.equal(last?.mode.mode, 'held');
    assert.ok((last?.epoch ?? 0) > 9, 'what waits there is older');
  });

  test('that waited does not overrule what was ordered since', async () => {
    const world = await served();
    edit(world);
    const { load } = world.store;
    let waits = true;
    world.store.load = async (names) => {
      if (waits && names.includes(site.name)) {
        waits = false;
        await world.clock.sleep(1000);
        const given = { action: 'hold', site: site.name, by: 'night', reason: 'drill' };
        assert.equal((await answerCommand(world.seenBy(), given)).ok, true);
      }
      return load(names);
    };
    const { message } = await order(world, { action: 'put-back', force: true });
    assert.match(message, /Refused: night ordered since .* held until/);
    assert.equal(stored(world).override?.by, 'night');
    assert.ok(world.listing().some((r) => r.values[0] === STRANGER.values[0]));
  });

  /** Before Route 53 answers the first write with `code`, `meanwhile` happens. */
  const refusedAfter = (world: VirtualWorld, code: FaultCode, meanwhile: () => void) => {
    world.onChange = () => {
      delete world.onChange;
      meanwhile();
      throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', `told to answer ${code}`);
    };
  };

  /** What another console stores while ours waits for Route 53. */
  const releasedByNight = (world: VirtualWorld) => {
    const mode = { mode: 'auto' as const };
    const epoch = (stored(world).override?.epoch ?? assert.fail()) + 1;
    const release = { by: 'night', reason: 'all is well', askedMs: world.clock.now(), mode, epoch };
    const version = (world.store.documents.get(site.name)?.version ?? 0) + 1;
    const text = JSON.stringify({ ...stored(world), override: release });
    world.store.documents.set(site.name, { text, version });
  };

  const FAULTS = ['refused', 'busy', 'throttled', 'denied', 'lost'] as const;
  for (const code of FAULTS) {
    test(`that another one ended while its write was ${code} is answered with what was told: done, and ended`, async () => {
      const world = await served();
      refusedAfter(world, code, () => releasedByNight(world));
      const answer = await order(world, { action: 'pin', server: 'primary', force: true });
      assert.match(
        answer.message,
        /^www\.dyn\.example\.net: pinned to primary until [^,]+, done at 2026-11-22 00:\d\d:\d\d UTC and ended at 2026-11-22 00:\d\d:\d\d UTC by night, who ordered that it be released \(all is well\)\./,
      );
      assert.doesNotMatch(answer.message, /Refused|not yet in DNS|repeats/);
      assert.equal(answer.ok, true, 'people are told of the pin, so it was done');
      assert.match(JSON.stringify(stored(world).outbox), /"what":"pinned to primary.*"by":"ops"/);
      assert.equal(stored(world).override?.by, 'night');
    });

    test(`that an edit overruled while its write was ${code} is answered with that`, async () => {
      const world = await served();
      refusedAfter(world, code, () => edit(world));
      const answer = await order(world, { action: 'pin', server: 'primary', force: true });
      assert.match(
        answer.message,
        /pinned to primary until [^,]+, done at [^,]+ UTC and overruled by an edit by hand that was seen at [^,]+ UTC\. .*"adopt".*"put-back"/,
      );
      assert.doesNotMatch(answer.message, /Refused|not yet in DNS|repeats/);
      assert.equal(answer.ok, true, 'people are told of the pin, so it was done');
    });
  }

  // It was once told as "changed 6 times meanwhile, or its state could not be stored".
  const WORDS =
    "InvalidChangeBatch: Tried to create resource record set [name='_switchover.www.dyn.example.net.', type='TXT'] but it already exists";
  for (const [action, isStored] of [
    ['hold', true],
    ['pin', true],
    ['release', true],
    ['adopt', false],
    ['put-back', false],
  ] as const)
    test(`${action} whose every write Route 53 refuses is answered with Route 53's own words`, async () => {
      const world = await served();
      if (action === 'release') await order(world, { action: 'hold' });
      if (!isStored) edit(world);
      let writes = 0;
      world.onChange = () => {
        writes += 1;
        throw new Fault('refused', 'Route 53', 'ChangeResourceRecordSets', WORDS);
      };
      const { ok, message } = await order(world, {
        action,
        ...(action === 'pin' && { server: 'primary', force: true }),
        ...(action === 'put-back' && { force: true }),
      });
      assert.ok(writes > 1, 'what is refused once is tried again');
      assert.ok(message.includes(`Route 53 ChangeResourceRecordSets: ${WORDS}`), message);
      assert.doesNotMatch(message, /changed \d+ times|could not be stored/);
      assert.equal(ok, isStored);
      assert.equal(/not yet in DNS: .*; the controller repeats the write/.test(message), isStored);
    });

  for (const code of ['refused', 'throttled'] as const)
    test(`that ends what was never in DNS says that nothing is left to write, where Route 53 takes nothing (${code})`, async () => {
      const world = await served();
      const listing = JSON.stringify(world.listing());
      world.onChange = () => {
        throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', 'Rate exceeded');
      };
      const held = await order(world, { action: 'hold' });
      assert.match(held.message, /not yet in DNS: .*; the controller repeats the write until it is$/);
      const { ok, message } = await order(world, { action: 'release' });
      const words =
        'released, as DNS says already, without a new epoch: Route 53 ChangeResourceRecordSets: Rate exceeded';
      assert.deepEqual([ok, message], [true, `www.dyn.example.net: ${words}; nothing is left to write`]);
      assert.equal(JSON.stringify(world.listing()), listing);
    });

  test('that is not taken, while a change is on its way, says that it may still arrive', async () => {
    const world = await served();
    world.onChange = () => {
      throw new Fault('throttled', 'Route 53', 'ChangeResourceRecordSets', 'Rate exceeded');
    };
    await order(world, { action: 'pin', server: 'standby', force: true });
    const state = stored(world);
    const { records = [], role = '' } = state.written ?? {};
    const intent: Intent = {
      nonce: 'of the controller',
      epoch: (state.override?.epoch ?? assert.fail()) + 1,
      from: 'primary',
      to: 'standby',
      reason: 'pinned',
      row: 6,
      act: 'serve',
      evidenceMs: START_MS,
      decidedMs: START_MS,
      role,
      records,
      notice: worded('pinned', { site: site.name }),
    };
    const version = (world.store.documents.get(site.name)?.version ?? 0) + 1;
    world.store.documents.set(site.name, { text: JSON.stringify({ ...state, intent }), version });
    const { message } = await order(world, { action: 'release' });
    assert.match(message, /a change to standby that was decided before may still arrive: .*; the controller/);
  });

  for (const code of ['refused', 'throttled', 'lost'] as const)
    test(`that neither the table nor Route 53 takes (${code}) is answered with Route 53's own words`, async () => {
      const world = await served();
      world.store.save = async () => {
        throw new Fault('unavailable', 'DynamoDB', 'PutItem', 'away for a while');
      };
      world.onChange = () => {
        throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', WORDS);
      };
      const { ok, message } = await order(world, { action: 'hold' });
      assert.equal(ok, false);
      assert.ok(message.includes(WORDS), message);
    });

  test('that another one ended after its last try says so, too', async () => {
    const world = await served();
    let tries = 0;
    world.onChange = () => {
      if (++tries === 6) releasedByNight(world);
      throw new Fault('busy', 'Route 53', 'ChangeResourceRecordSets', 'PriorRequestNotComplete');
    };
    const { message } = await order(world, { action: 'pin', server: 'primary', force: true });
    assert.match(message, /ended at [^,]+ by night, who ordered that it be released/);
  });

  for (const code of ['throttled', 'denied', 'lost'] as const)
    test(`at sixty sites is answered in time where Route 53 is ${code} and the table, once it has saved them, hangs`, async () => {
      const sites = Array.from({ length: 60 }, (_, index) => virtualSite(`s${index}`));
      const world = virtualWorld(virtualConfig(sites));
      void runTerm(world.seenBy(), new Date(START_MS).toISOString());
      await world.clock.runUntil(START_MS + 200_000);
      let hangs = false;
      const { load, save } = world.store;
      world.store.save = async (...given) => {
        const version = await save(...given);
        hangs = true;
        return version;
      };
      world.store.load = (names) => (hangs ? new Promise(() => {}) : load(names));
      world.onChange = () => {
        throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', `told to answer ${code}`);
      };
      const askedMs = world.clock.now();
      let answeredMs = Number.POSITIVE_INFINITY;
      const event = { action: 'hold', all: true, by: 'ops', reason: 'drill' };
      const answering = answerCommand(world.seenBy(), event).then((answer) => {
        answeredMs = world.clock.now();
        return answer;
      });
      await world.clock.runUntil(askedMs + 60_000);
      assert.ok(answeredMs - askedMs <= 20_000, `answered after ${(answeredMs - askedMs) / 1000} s`);
      const { outcomes = [] } = await answering;
      assert.equal(outcomes.length, 60);
    });

  test('is not refused for one that a wrong clock says was given tomorrow', async () => {
    const world = await served();
    const ahead = parseState(world.store.documents.get(site.name)?.text ?? '') ?? assert.fail();
    const askedMs = world.clock.now() + 86_400_000;
    const override = { by: 'night', reason: 'drill', askedMs, mode: { mode: 'auto' as const }, epoch: 1 };
    const version = world.store.documents.get(site.name)?.version ?? 0;
    await world.store.save(site.name, JSON.stringify({ ...ahead, override }), version);
    assert.equal((await order(world, { action: 'hold' })).ok, true);
  });
});
