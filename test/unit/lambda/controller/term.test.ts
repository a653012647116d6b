import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import type { Observation, ProberEvent } from '../../../../lambda/core/probe/request.ts';
import type { Config } from '../../../../lambda/core/site/site.ts';
import type { World } from '../../../../lambda/ports.ts';
import { random } from '../../../simulation/random.ts';

const PRIMARY = '203.0.113.10';
const STANDBY = '198.51.100.20';

/** A world whose site serves from its primary, with a controller each minute on a clock that can be set. */
const running = async (site = virtualSite('www'), given: Partial<Config> = {}) => {
  const world = virtualWorld(virtualConfig([site], given));
  let setByMs = 0;
  const clock = { ...world.clock, now: () => world.clock.now() + setByMs };
  const startS = () => (world.clock.now() - START_MS) / 1000;
  const until = async (seconds: number, change: (seen: World) => World = (seen) => seen) => {
    while (startS() < seconds) {
      const minute = Math.floor(startS() / 60);
      const scheduled = new Date(START_MS + minute * 60_000 + setByMs).toISOString();
      if (startS() % 60 === 0) void runTerm(change(world.seenBy(clock)), scheduled);
      await world.clock.runUntil(START_MS + Math.min(seconds, 60 * (minute + 1)) * 1000);
    }
  };
  const moves = () => world.lines.flatMap((line) => (line.event === 'switch' ? [line] : []));
  const setClock = (byMs: number) => {
    setByMs += byMs;
  };
  const notes = () => world.lines.flatMap((line) => (line.event === 'note' ? [line.message] : []));
  return { world, until, moves, setClock, notes };
};

describe('a clock that is set', () => {
  for (const [byMs, way] of [
    [20_000, 'forward by 20.0 s'],
    [-20_000, 'back by 20.0 s'],
  ] as const)
    test(`${way}: a short outage is no longer for it, and a long one not missed`, async () => {
      const { world, until, moves, setClock, notes } = await running();
      await until(65);
      world.servers.set(PRIMARY, 'refuses');
      await until(73);
      setClock(byMs);
      await until(75);
      world.servers.delete(PRIMARY);
      await until(100);
      assert.deepEqual(
        moves().map((move) => move.reason),
        ['created'],
      );
      assert.deepEqual(notes(), [
        `The clock was set ${way}; what was being looked at meanwhile is discarded.`,
      ]);
      world.servers.set(PRIMARY, 'refuses');
      await until(125);
      assert.equal(moves().at(-1)?.reason, 'failover');
    });

  test('while a round is under way: what it saw is discarded', async () => {
    const { world, until, setClock, notes } = await running();
    await until(65);
    const rounds = () => world.lines.filter(({ event }) => event === 'round').length;
    const before = rounds();
    world.servers.set(PRIMARY, 'hangs');
    await until(71);
    assert.equal(rounds(), before, 'the round of 70 s waits for its timeout');
    world.servers.delete(PRIMARY);
    setClock(5_000);
    await until(74);
    assert.equal(notes().length, 1);
    assert.ok(
      world.lines.every(
        (line) =>
          line.event !== 'round' ||
          Object.keys(line.sites).length === 0 ||
          Date.parse(line.at) < START_MS + 65_000,
      ),
    );
  });
});

describe('a network that loses packets', () => {
  /** An hour in which this share of all probes fails, here and there; why the site moved. */
  const hourOf = async (share: number) => {
    const { world, until, moves } = await running();
    const chance = random(`loss of ${share}`);
    let lost = 0;
    const lossy = (seen: World): World => ({
      ...seen,
      probers: {
        probe: async (vantage, event) => {
          const observations = await seen.probers.probe(vantage, event);
          return observations.map((one): Observation => {
            if (!chance.chance(share)) return one;
            lost += 1;
            return { ...one, outcome: 'failed', code: 'timeout-connect', detail: 'nothing came back' };
          });
        },
      },
    });
    await until(60);
    await until(3_600, lossy);
    assert.ok(lost > 1_000 * share, `${lost} were lost`);
    return { reasons: moves().map((move) => move.reason), world };
  };

  test('one probe in ten that fails, here and there, is nothing that people hear of', async () => {
    const { reasons, world } = await hourOf(0.1);
    assert.deepEqual(reasons, ['created']);
    assert.deepEqual(
      world.mails.filter(({ kind }) => kind === 'server-down'),
      [],
    );
  });

  test('half of them, of both servers, moves the site no oftener than damping allows', async () => {
    const { reasons } = await hourOf(0.5);
    assert.ok(reasons.includes('failover'));
    // Two in half an hour, then one each time a wait of 5, 10 and 20 minutes is over.
    assert.ok(reasons.length <= 6, reasons.join(', '));
  });
});

describe('a firewall in front of a server', () => {
  test('is told of, with what to allow there', async () => {
    const { world, until } = await running();
    await until(65);
    world.servers.set(PRIMARY, 'blocked');
    await until(120);
    const mail = world.mails.find(({ kind }) => kind === 'failover');
    assert.match(mail?.text ?? '', /Let pass the User-Agent Switchover/);
    assert.match(mail?.text ?? '', /from AWS Lambda in eu-west-2, eu-west-1, eu-central-1\./);
  });
});

describe('references', () => {
  const REFERENCES = ['https://one.example.org/', 'https://two.example.org/'];

  test('a vantage that loses sight of them abstains and says so, and without a quorum nothing moves', async () => {
    const { world, until, moves } = await running(virtualSite('www'), { references: REFERENCES });
    const cutOff = (vantage: string) => {
      for (const name of ['one.example.org', 'two.example.org', PRIMARY, STANDBY])
        world.seenFrom.set(`${vantage} ${name}`, 'hangs');
    };
    await until(65);
    cutOff('eu-west-2');
    cutOff('eu-west-1');
    await until(200);
    assert.deepEqual(
      moves().map((move) => move.reason),
      ['created'],
    );
    const mails = world.mails.filter(({ kind }) => kind === 'vantage-blind');
    assert.equal(mails.length, 2);
    for (const { text } of mails) assert.match(text, /none of its references: no answer within 3 s/);
    assert.ok(world.mails.some(({ kind }) => kind === 'blind'));
    assert.ok(!world.mails.some(({ kind }) => kind === 'server-down'));
  });

  test('all servers that are dead while the references are seen are believed to be dead', async () => {
    const { world, until } = await running(virtualSite('www'), { references: REFERENCES });
    await until(65);
    for (const address of [PRIMARY, STANDBY]) world.servers.set(address, 'hangs');
    await until(130);
    const told = world.mails.filter(({ kind }) => kind === 'nowhere-better');
    assert.deepEqual(
      told.map(({ subject }) => subject.split(' www')[0]),
      ['SITE DOWN'],
    );
  });
});

describe('the phase of rounds', () => {
  test('confirmation rounds keep their distance, even where that is an interval', async () => {
    const site = virtualSite('www', { confirmEverySeconds: 10, downForSeconds: 20 });
    const { world, until, moves } = await running(site);
    world.onGrid = false;
    await until(120);
    world.servers.set(PRIMARY, 'refuses');
    await until(170);
    const move = moves().at(-1);
    assert.equal(move?.reason, 'failover');
    const called = world.lines.find(
      (line) =>
        line.event === 'round' && line.vantages.length === 3 && Date.parse(line.at) > START_MS + 120_000,
    );
    // Down by the third verdict, which spans twenty seconds: no fourth is needed.
    const tookMs = Date.parse(move?.at ?? '') - Date.parse(called?.at ?? '');
    assert.ok(tookMs < 20_500, `${tookMs} ms`);
  });

  test('a server that fails in step with the interval is found, and left', async () => {
    const site = virtualSite('www', { downForSeconds: 4 });
    const { world, until, moves } = await running(site);
    world.onGrid = false;
    await until(60);
    /** Fails for the last seven seconds of every ten, and a grid of ten seconds would look at it in the second before. */
    const failing = () => (world.clock.now() - START_MS) % 10_000 >= 3_000;
    const looks = (seen: World): World => ({
      ...seen,
      probers: {
        probe: (vantage: string, event: ProberEvent) => {
          world.servers.set(PRIMARY, failing() ? 'refuses' : 'ok');
          return seen.probers.probe(vantage, event);
        },
      },
    });
    await until(60 + 360, looks);
    const move = moves().at(-1);
    assert.equal(move?.reason, 'failover');
    assert.deepEqual(world.listing().find(({ type }) => type === 'A')?.values, [STANDBY]);
  });
});

describe('many sites at once', () => {
  test('of a streak its beginning alone is written, and the end', async () => {
    const { world, until } = await running();
    await until(65);
    const writes = () => world.store.documents.get('www.dyn.example.net')?.version ?? 0;
    const before = writes();
    world.servers.set(PRIMARY, 'refuses');
    const rounds = () => world.lines.filter(({ event }) => event === 'round').length;
    const roundsBefore = rounds();
    await until(79);
    assert.ok(rounds() - roundsBefore >= 4, `${rounds() - roundsBefore} rounds`);
    assert.equal(writes() - before, 1);
    await until(90);
    assert.ok(writes() - before > 1, 'that it is down is written');
  });

  test('no more looks at a site are under way than start within a probe’s timeout', async () => {
    const { world, until } = await running();
    let underWay = 0;
    let most = 0;
    const slow = (seen: World): World => ({
      ...seen,
      probers: {
        probe: async (vantage, event) => {
          // A heartbeat asks for no probe.
          if (event.probes.length === 0) return [];
          underWay += 1;
          most = Math.max(most, underWay);
          await world.clock.sleep(9_000);
          underWay -= 1;
          return seen.probers.probe(vantage, event);
        },
      },
    });
    await until(58, slow);
    // A timeout of 3 s and looks each 2 s: two, from three vantages.
    assert.equal(most, 6);
  });
});
