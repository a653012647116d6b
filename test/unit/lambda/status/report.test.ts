import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
  ZONE,
} from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault, type FaultCode } from '../../../../lambda/core/base/fault.ts';
import type { NoteCode, SiteStatus } from '../../../../lambda/core/orders/status.ts';
import { type Entry, noted } from '../../../../lambda/core/state/history.ts';

const NAME = `www.${ZONE}`;

const running = (more: Parameters<typeof virtualConfig>[1] = {}, names = ['www']): VirtualWorld => {
  const world = virtualWorld(
    virtualConfig(
      names.map((name) => virtualSite(name)),
      more,
    ),
  );
  void runTerm(world.seenBy(), new Date(START_MS).toISOString());
  return world;
};
/** Answers a command while time goes on. */
const answerTo = async (world: VirtualWorld, event: object) => {
  const answer = answerCommand(world.seenBy(), event);
  await world.clock.runUntil(world.clock.now() + 2000);
  return answer;
};
const textOf = (status: SiteStatus | undefined, code: NoteCode): string =>
  status?.notes.find((note) => note.code === code)?.text ?? '';
const at = (world: VirtualWorld, seconds: number) => world.clock.runUntil(START_MS + seconds * 1000);

test('status shows a planned switch, how far it has come and how long it still takes', async () => {
  const world = running();
  await at(world, 40);
  const asked = await answerTo(world, {
    action: 'point',
    site: NAME,
    server: 'standby',
    planned: true,
    reason: 'x',
    by: 'alice',
  });
  assert.ok(asked.ok, asked.message);
  const { sites: [before] = [] } = await answerTo(world, { action: 'status' });
  assert.equal(before?.point?.stage, 'lowering');
  await at(world, 105);
  const { sites: [after] = [] } = await answerTo(world, { action: 'status' });
  assert.deepEqual(
    [after?.point?.stage, after?.point?.to, after?.serving],
    ['waiting', 'standby', 'primary'],
  );
  assert.ok((after?.point?.remainingSeconds ?? 0) < (before?.point?.remainingSeconds ?? 0));
  assert.match(
    textOf(after, 'point'),
    /planned switch to standby, asked for by alice: answers with the old TTL run out/,
  );
});

test('status shows a protection with its comment, and when it is tried again', async () => {
  const world = running();
  await at(world, 40);
  world.protections.set(NAME, 'frozen for the audit');
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 80);
  const { sites: [status] = [] } = await answerTo(world, { action: 'status' });
  assert.match(
    textOf(status, 'protected'),
    /a record protection forbids changes, tried again at .*: .*frozen for the audit/,
  );
});

test('status and explain show which sites wait for others to move first', async () => {
  const world = running({ maxMoveShare: 0.1 }, ['www', 'shop', 'm']);
  await at(world, 40);
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 64);
  const { sites = [] } = await answerTo(world, { action: 'status' });
  const waiting = sites.filter(({ notes }) => notes.some(({ code }) => code === 'moves-wait'));
  assert.ok(waiting.length >= 1, JSON.stringify(sites));
  const { explanations = [] } = await answerTo(world, { action: 'explain', site: waiting[0]?.site });
  assert.match(explanations[0]?.text ?? '', /row 10 \(failover\).*It waits for the next interval/);
});

describe('with the state table away', () => {
  const away = async (): Promise<VirtualWorld> => {
    const world = running();
    await at(world, 40);
    await answerTo(world, { action: 'hold', site: NAME, reason: 'x', by: 'alice' });
    world.store.away = true;
    return world;
  };

  test('status shows what DNS says, and that no more is known', async () => {
    const { ok, message, sites: [status] = [] } = await answerTo(await away(), { action: 'status' });
    assert.equal(ok, false);
    assert.match(
      message,
      /^The state table is away: DynamoDB BatchGetItem: .*hold works, so does pin with force/,
    );
    assert.deepEqual([status?.serving, status?.zone, status?.mode], ['primary', 'ours', 'held']);
    assert.deepEqual(status?.healths, { primary: 'unknown', standby: 'unknown' });
    assert.deepEqual(
      status?.notes.map(({ code }) => code),
      ['store-away'],
    );
  });

  test('and the zone too, status says so of both', async () => {
    const world = await away();
    world.zoneAway = true;
    const { sites: [status] = [] } = await answerTo(world, { action: 'status' });
    assert.deepEqual(
      status?.notes.map(({ code }) => code),
      ['zone-unreadable', 'store-away'],
    );
  });

  test('and only the baton out of reach, status shows what is stored and trusts no health', async () => {
    const world = running();
    await at(world, 40);
    world.store.readBaton = async () => {
      throw new Fault('lost', 'DynamoDB', 'GetItem', 'no answer');
    };
    const { ok, sites: [status] = [] } = await answerTo(world, { action: 'status' });
    assert.deepEqual([ok, status?.healths.primary], [false, 'unknown']);
    assert.equal(textOf(status, 'store-away') === '', false);
  });

  test('history and explain say what still works', async () => {
    const world = await away();
    for (const action of ['history', 'explain']) {
      const { ok, message } = await answerTo(world, { action, site: NAME });
      assert.equal(ok, false);
      assert.match(
        message,
        /^Not done: DynamoDB .*"status" shows what DNS says; hold works, so does pin with force/,
      );
    }
  });

  test('a hold and a pin by force work indeed, and a release says that it has to be given again', async () => {
    const world = await away();
    const order = async (event: object) => {
      const { ok, message } = await answerTo(world, { site: NAME, reason: 'x', by: 'alice', ...event });
      const { sites: [status] = [] } = await answerTo(world, { action: 'status' });
      return { ok, message, mode: status?.mode };
    };
    const released = await order({ action: 'release' });
    assert.deepEqual([released.ok, released.mode], [false, 'auto']);
    assert.match(released.message, /Repeat it when the table is back/);
    for (const [event, mode] of [
      [{ action: 'hold' }, 'held'],
      [{ action: 'pin', server: 'primary', force: true }, 'pinned'],
    ] as const) {
      const done = await order(event);
      assert.deepEqual([done.ok, done.mode], [true, mode], done.message);
    }
  });
});

describe('after a switch that a person asked for', () => {
  const pointed = async (event: object, seconds: number): Promise<VirtualWorld> => {
    const world = running();
    await at(world, 40);
    const asked = { action: 'point', site: NAME, server: 'standby', reason: 'x', by: 'alice', ...event };
    const answer = await answerTo(world, asked);
    assert.ok(answer.ok, answer.message);
    await at(world, seconds);
    return world;
  };
  const both = async (world: VirtualWorld) => {
    const { sites: [status] = [] } = await answerTo(world, { action: 'status' });
    const { explanations: [explanation] = [] } = await answerTo(world, { action: 'explain', site: NAME });
    return { status, explanation };
  };

  test('explain and status agree that nothing is asked for any more', async () => {
    const { status, explanation } = await both(await pointed({}, 70));
    assert.deepEqual([status?.serving, status?.point], ['standby', undefined]);
    assert.equal(explanation?.reason, 'fine');
    assert.deepEqual([explanation?.facts?.serving, explanation?.facts?.point], ['standby', undefined]);
  });

  test('so they do when it was cancelled', async () => {
    const world = await pointed({ planned: true }, 60);
    assert.ok((await both(world)).status?.point !== undefined);
    await answerTo(world, { action: 'release', site: NAME, reason: 'x', by: 'alice' });
    await at(world, 90);
    const { status, explanation } = await both(world);
    assert.deepEqual([status?.serving, status?.point], ['primary', undefined]);
    assert.equal(explanation?.facts?.point, undefined);
  });

  test('and explain of that moment still shows what was asked for', async () => {
    const world = await pointed({}, 100);
    const at = new Date(START_MS + 44_000).toISOString();
    const { explanations: [then] = [] } = await answerTo(world, { action: 'explain', site: NAME, at });
    const texts = world.lines.flatMap((line) => (line.event === 'switch' ? [line.at] : []));
    const landed = texts.at(-1) ?? '';
    const { explanations: [moved] = [] } = await answerTo(world, {
      action: 'explain',
      site: NAME,
      at: landed,
    });
    assert.equal(then?.reason, 'fine');
    assert.deepEqual([moved?.reason, moved?.facts?.point], ['pointed', { to: 'standby', due: true }]);
  });
});

describe('what is decided long before the moment that is asked for', () => {
  const SITE = virtualSite('www');
  /** So many entries since a decision: a standby that flaps for days. */
  const since = async (count: number, everyMs: number) => {
    const world = virtualWorld(virtualConfig([SITE]));
    const decision = { row: 15, reason: 'fine', act: 'leave' };
    const facts = { nowMs: START_MS, healths: {}, servers: ['primary', 'standby'] };
    const text = 'row 15, fine: all is well.';
    await world.store.record(
      SITE.name,
      noted([], { atMs: START_MS, what: 'decided', text, detail: { decision, facts } }),
    );
    const entries = Array.from({ length: count }, (_, index) =>
      noted([], { atMs: START_MS + 1 + Math.floor(index * everyMs), what: 'seen', text: `${index}` }),
    ).flat();
    await world.store.record(SITE.name, entries);
    const at = new Date(START_MS + count * everyMs + 1000).toISOString();
    const { explanations: [explanation] = [] } = await answerTo(world, { action: 'explain', site: NAME, at });
    return explanation;
  };

  test('is found behind a few hundred other entries', async () => {
    assert.equal((await since(850, 1000))?.row, 15);
  });

  test('even where many of them have one moment', async () => {
    assert.equal((await since(850, 0.01))?.row, 15);
  });

  test('is looked for up to a limit, which is said', async () => {
    const explanation = await since(6000, 1000);
    assert.equal(explanation?.row, null);
    assert.match(
      explanation?.text ?? '',
      /no decision is among the \d+ entries before that time that were looked at, back to 2026-11-22 \d\d:\d\d:\d\d UTC; ask for a time before that/,
    );
  });

  test('and is said to be on no record only where there is none', async () => {
    const world = virtualWorld(virtualConfig([SITE]));
    const at = new Date(START_MS).toISOString();
    const { message } = await answerTo(world, { action: 'explain', site: NAME, at });
    assert.match(message, /no decision of that time or before it is on record/);
  });
});

describe('of a moment in which a write that was due was refused', () => {
  const refusedFrom = async (code: FaultCode): Promise<VirtualWorld> => {
    const world = running();
    await at(world, 40);
    world.onChange = () => {
      throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', `told to answer ${code}`);
    };
    world.servers.set('203.0.113.10', 'refuses');
    await at(world, 90);
    delete world.onChange;
    world.servers.set('203.0.113.10', 'ok');
    await at(world, 140);
    return world;
  };
  const explainedAt = async (world: VirtualWorld, seconds: number): Promise<string> => {
    const time = new Date(START_MS + seconds * 1000).toISOString();
    return (await answerTo(world, { action: 'explain', site: NAME, at: time })).message;
  };

  for (const code of ['denied', 'throttled', 'refused', 'lost'] as const)
    test(`explain names the refusal that lasted then: ${code}`, async () => {
      const world = await refusedFrom(code);
      const then = await explainedAt(world, 85);
      assert.match(
        then,
        new RegExp(
          `row 10 \\(failover\\): the site is due to move to standby\\. .* But it was refused, last at 2026-11-22 00:01:\\d\\d UTC: failover to standby, epoch 2: .*told to answer ${code}\\.`,
        ),
      );
      for (const seconds of [45, 139]) assert.doesNotMatch(await explainedAt(world, seconds), /refused/);
    });

  test('status and explain name what keeps the zone from being listed, and with it the write', async () => {
    const world = running();
    await at(world, 40);
    world.zoneAway = true;
    world.servers.set('203.0.113.10', 'refuses');
    await at(world, 90);
    const own = /Route 53 has not taken what is due, .*: Route 53 ListResourceRecordSets: no answer/;
    const { sites: [site] = [] } = await answerTo(world, { action: 'status' });
    assert.match(textOf(site, 'write-refused'), own);
    assert.match((await answerTo(world, { action: 'explain', site: NAME })).message, own);
  });

  test('explain says that it could not be written in time, where nothing was refused', async () => {
    const world = running();
    await at(world, 40);
    world.zoneAway = true;
    world.servers.set('203.0.113.10', 'refuses');
    await at(world, 90);
    assert.match(
      await explainedAt(world, 85),
      /But it could not be written in time, as was told at .*: .*NOT MOVED/,
    );
  });
});

test('status, explain and history tell the last cause of each server, by vantage', async () => {
  const world = running();
  await at(world, 40);
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 75);
  const { sites: [status] = [] } = await answerTo(world, { action: 'status' });
  const [primary, standby] = status?.servers ?? [];
  assert.deepEqual(
    [status?.condition, status?.serving, primary?.health, primary?.notArmed],
    ['failed-over', 'standby', 'down', 'it is down'],
  );
  assert.deepEqual(
    primary?.causes.map(({ code, vantages }) => [code, vantages.length]),
    [['refused', 3]],
  );
  assert.deepEqual(
    standby?.causes.map(({ code }) => code),
    ['ok'],
  );
  const { explanations: [now] = [] } = await answerTo(world, { action: 'explain', site: NAME });
  assert.equal(now?.row, status?.decision?.row, 'explain and status name one row');
  assert.deepEqual(now?.servers, status?.servers);
  assert.equal(now?.above.find(({ row }) => row === 10)?.because, 'standby serves and is up');
  const { history = [] } = await answerTo(world, { action: 'history', kind: 'seen' });
  assert.match(history[0]?.text ?? '', /^primary was up and is down: refused: /);
  assert.ok(history.every(({ what }) => what === 'seen'));
});

test('a server that is down for another cause is noted once', async () => {
  const world = running();
  await at(world, 40);
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 75);
  world.servers.set('203.0.113.10', '500');
  await at(world, 110);
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 112);
  const { history = [] } = await answerTo(world, { action: 'history', kind: 'seen' });
  const changed = history.filter(({ text }) => text.includes('another cause'));
  assert.deepEqual(
    changed.map(({ text }) => text.replace(/status: .*;/, 'status: …;')),
    ['primary is still down, for another cause: status: …; before: refused'],
  );
});

test('a history is read to its end, a page at a time, and nothing of one moment is lost between two', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www'), virtualSite('shop')]));
  for (const name of [NAME, `shop.${ZONE}`]) {
    const entries = Array.from({ length: 1300 }, (_, n) => {
      const atMs = START_MS + Math.floor(n / 7) * 1000;
      const what = n % 2 === 0 ? ('seen' as const) : ('told' as const);
      return noted([], { atMs, what, text: `entry ${n}` })[0] as Entry;
    });
    await world.store.record(name, entries);
  }
  const all: string[] = [];
  let until: string | undefined;
  do {
    const event = { action: 'history', limit: 500, kind: 'told', ...(until && { until }) };
    const page = await answerTo(world, event);
    all.push(...(page.history ?? []).map(({ site, text }) => `${site} ${text}`));
    until = page.more;
  } while (until !== undefined);
  assert.equal(all.length, 1300);
  assert.equal(new Set(all).size, 1300);
  const since = new Date(START_MS + 180_000).toISOString();
  const late = await answerTo(world, { action: 'history', limit: 500, since });
  assert.ok((late.history ?? []).length > 0);
  assert.ok((late.history ?? []).every(({ at: moment }) => moment >= since));
  assert.equal(late.more, undefined);
});

test('the status of a moment of the past says what it said then, as far as the history tells', async () => {
  const world = running({}, ['www', 'shop']);
  await at(world, 40);
  const hold = { action: 'hold', site: `shop.${ZONE}`, reason: 'disks', by: 'ann', forSeconds: 3600 };
  await answerTo(world, hold);
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 80);
  const then = await answerTo(world, { action: 'status' });
  const moment = new Date(world.clock.now() - 1000).toISOString();
  world.servers.set('203.0.113.10', 'ok');
  await at(world, 200);
  const told = await answerTo(world, { action: 'status', at: moment });
  assert.deepEqual([told.v, told.ok, told.at], [1, false, moment]);
  assert.deepEqual(told.counts, then.counts);
  const known = (sites: readonly SiteStatus[] = []) =>
    sites.map(
      ({
        site,
        condition,
        since,
        serving,
        servingSince,
        mode,
        holder,
        healths,
        next,
        decision,
        servers,
      }) => ({
        ...{ site, condition, since, serving, servingSince, mode, holder, healths, next, row: decision?.row },
        servers: servers.map(({ health, armed, notArmed, serves, since: turned, causes }) => ({
          ...{ health, armed, notArmed, serves, turned },
          codes: causes
            .filter(({ outcome }) => outcome === 'failed')
            .map(({ code, vantages }) => [code, vantages.length]),
        })),
      }),
    );
  assert.deepEqual(known(told.sites), known(then.sites));
  const early = await answerTo(world, { action: 'status', at: '2020-01-01T00:00:00Z' });
  assert.deepEqual([early.v, early.sites], [1, []]);
});

test('between a write and the next decision the past names who serves since the write', async () => {
  const world = running();
  await at(world, 40);
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 100);
  const { history = [] } = await answerTo(world, { action: 'history' });
  const written = history.find(({ what, text }) => what === 'written' && text.includes('-> standby'));
  const moment = written?.at ?? '';
  assert.ok(
    !history.some(({ what, at: noted }) => what === 'decided' && noted === moment),
    'no decision tells of it',
  );
  const { sites: [then] = [] } = await answerTo(world, { action: 'status', at: moment });
  assert.deepEqual([then?.condition, then?.serving, then?.decision?.row], ['failed-over', 'standby', 15]);
  assert.equal(then?.servers.find(({ server }) => server === 'primary')?.notArmed, 'it is down');
  const { explanations: [why] = [] } = await answerTo(world, { action: 'explain', site: NAME, at: moment });
  assert.deepEqual([why?.row, why?.facts?.serving], [15, 'standby']);
  assert.match(why?.text ?? '', /^since .* row 15 \(fine\): /);
  assert.doesNotMatch(why?.text ?? '', /Of the last write/, 'how that one reached visitors is not known yet');
  const before = new Date(Date.parse(moment) - 1).toISOString();
  const { sites: [due] = [] } = await answerTo(world, { action: 'status', at: before });
  assert.deepEqual([due?.condition, due?.serving, due?.decision?.row], ['move-due', 'primary', 10]);
});
