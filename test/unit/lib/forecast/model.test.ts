import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { planOf } from '../../../../lib/forecast/course.ts';
import {
  ASSUMPTIONS,
  detection,
  type Failure,
  forecast,
  lostTo,
  type Plan,
  secondsUntil,
  sensibleTtls,
  stagesOf,
} from '../../../../lib/forecast/model.ts';
import {
  AUDIENCES,
  type Audience,
  dollarsOf,
  fetchesPerSecond,
  type Keeping,
  oldShare,
  queriesPerMonth,
  RESOLVERS,
} from '../../../../lib/forecast/resolvers.ts';

const PLAN: Plan = {
  ttlSeconds: 60,
  failuresToDown: 3,
  downForSeconds: 10,
  confirmEverySeconds: 2,
  intervalSeconds: 10,
  timeoutSeconds: 3,
  vantageCount: 3,
  lever: 'record',
  failure: 'refused',
};

/** Numbers from 0 to 1 that look random and are the same each time (Numerical Recipes' generator). */
const dice = (seed: number) => () => {
  seed = (1_664_525 * seed + 1_013_904_223) % 2 ** 32;
  return seed / 2 ** 32;
};
const near = (actual: number, expected: number, within: number, what: string) =>
  assert.ok(
    Math.abs(actual - expected) <= within,
    `${what}: expected ${expected} within ${within}, received ${actual}`,
  );

describe('detection is what the controller does', () => {
  /** What one probe takes in the virtual world when it is answered at once. */
  const ASK_SECONDS = 0.04;
  const BEHAVIOURS = { refused: 'refuses', silent: 'hangs', status: '500' } as const;

  /** Fails the primary `afterSeconds` into an interval; answers the seconds until a round found it down. */
  const watched = async (failure: Failure, given: object, vantages: string[], afterSeconds: number) => {
    const site = virtualSite('www', given);
    const world = virtualWorld(virtualConfig([site], { vantages }));
    const over = runTerm(world.seenBy(), new Date(START_MS).toISOString());
    const failedMs = START_MS + 60_000 + afterSeconds * 1000;
    await world.clock.runUntil(failedMs);
    world.servers.set('203.0.113.10', BEHAVIOURS[failure]);
    await world.clock.runUntil(START_MS + 200_000);
    await over;
    const down = world.lines.find(
      (line) => line.event === 'round' && line.sites[site.name]?.primary === 'down',
    );
    assert.ok(down !== undefined, 'no round found the primary down');
    const plan = { ...planOf(site, world.config), failure };
    const lasts = ASK_SECONDS + (failure === 'silent' ? plan.timeoutSeconds : 0);
    return { plan, seconds: (Date.parse(down.at) - failedMs) / 1000 + lasts };
  };

  const CASES: [string, Failure, object, number][] = [
    ['as configured without a word', 'refused', {}, 3],
    ['answers of 500', 'status', {}, 3],
    ['silence: the probe waits its whole time, twice', 'silent', {}, 3],
    ['the first failure is enough', 'refused', { failuresToDown: 1, downForSeconds: 0 }, 3],
    ['three failures are enough', 'silent', { downForSeconds: 0 }, 3],
    ['a span that is no multiple of the pause', 'refused', { downForSeconds: 7, confirmEverySeconds: 3 }, 3],
    ['more failures than the span has', 'refused', { failuresToDown: 9 }, 3],
    ['two vantages', 'refused', {}, 2],
    ['a lone vantage', 'refused', {}, 1],
    ['a lone vantage and silence', 'silent', { downForSeconds: 8 }, 1],
    ['a lone vantage, the first failure', 'refused', { failuresToDown: 1, downForSeconds: 0 }, 1],
  ];
  const REGIONS = ['eu-west-2', 'eu-west-1', 'eu-central-1'];
  for (const [name, failure, given, vantageCount] of CASES) {
    test(name, async () => {
      for (const afterSeconds of [0.5, 4, 9.5]) {
        const { plan, seconds } = await watched(failure, given, REGIONS.slice(0, vantageCount), afterSeconds);
        const { from, to } = detection(plan, ASK_SECONDS);
        near(seconds, from + 10 - afterSeconds, 0.05, `${afterSeconds} s into an interval`);
        assert.equal(to, from + 10);
      }
    });
  }
});

describe('what a resolver keeps', () => {
  /** A resolver with a clock of whole seconds, asked at Poisson times; flips of the record are uniform over time. */
  const simulated = (keeping: Keeping, asksPerSecond: number, seconds: number) => {
    const roll = dice(7);
    const asks = 200_000;
    let [now, fetchedAt, fetches, old] = [0, Number.NEGATIVE_INFINITY, 0, 0];
    for (let ask = 0; ask < asks; ask += 1) {
      now += -Math.log(1 - roll()) / asksPerSecond;
      const age = Math.floor(now) - Math.floor(fetchedAt);
      const given = age < keeping.endsAt ? fetchedAt : now;
      if (age >= keeping.renewsAt) {
        fetchedAt = now;
        fetches += 1;
      }
      // Old is what was fetched before a flip that came `seconds` before this ask.
      if (given < now - seconds) old += 1;
    }
    return { share: old / asks, fetchesPerSecond: fetches / now };
  };

  const { plain, unbound, bind, knot } = RESOLVERS;
  for (const [name, keep] of Object.entries({ plain, unbound, bind, knot })) {
    test(`${name}: shares of old answers and fetches agree with a simulated one`, () => {
      for (const ttl of [10, 30, 300]) {
        for (const asksPerSecond of [0.01, 0.2, 5]) {
          const keeping = keep(ttl);
          for (const part of [0, 0.4, 0.8, 0.97]) {
            const { share, fetchesPerSecond: rate } = simulated(keeping, asksPerSecond, part * ttl);
            const what = `TTL ${ttl}, ${asksPerSecond} asks a second, ${part * ttl} s after`;
            near(oldShare(keeping, asksPerSecond, part * ttl), share, 0.012, what);
            near(fetchesPerSecond(keeping, asksPerSecond) / rate, 1, 0.02, what);
          }
        }
      }
    });
  }

  test('nothing old is given after its end', () => {
    assert.equal(oldShare(RESOLVERS.plain(60), 1, 60), 0);
    assert.ok(oldShare(RESOLVERS.unbound(60), 1, 60.2) > 0);
  });
});

describe('the course of a failure', () => {
  /** The share of visitors at the dead server at each of `seconds`, one visitor after another instead of by curves. */
  const simulated = (plan: Plan, seconds: number[]): number[] => {
    const roll = dice(11);
    const visitors = 40_000;
    const a = ASSUMPTIONS;
    const between = ([from, to]: readonly [number, number]) => from + roll() * (to - from);
    const one = (second: number): number => {
      const switched = stagesOf(plan).reduce((sum, { from, to }) => sum + between([from, to]), 0);
      if (second < switched) return 1;
      const [least, most] = a.stretchedSeconds;
      const stretches = roll() < a.stretchingShare;
      const ttl = stretches ? Math.max(plan.ttlSeconds, least * (most / least) ** roll()) : plan.ttlSeconds;
      const isMidVisit = roll() < a.midVisitShare;
      const connected = plan.failure === 'status' ? -Math.log(1 - roll()) * a.connectionSeconds : 0;
      const asked = second - (isMidVisit ? roll() * a.clientSeconds + connected : 0);
      if (asked < switched) return 1;
      // The answer's age at that ask, if it came from the cache: an ask a second, so for TTL of TTL + 1 seconds.
      const age = roll() * (ttl + 1);
      return age < ttl && asked - age < switched ? 1 : 0;
    };
    return seconds.map((second) => {
      let misled = 0;
      for (let visitor = 0; visitor < visitors; visitor += 1) misled += one(second);
      return misled / visitors;
    });
  };

  for (const [failure, ttlSeconds] of [
    ['refused', 60],
    ['silent', 10],
    ['status', 300],
  ] as [Failure, number][]) {
    test(`${failure} with TTL ${ttlSeconds}: agrees with visitors one by one`, () => {
      const plan: Plan = { ...PLAN, failure, ttlSeconds };
      const seconds = [5, 15, 40, 70, 90, 120, 200, 400, 900, 2500];
      const { share } = forecast(plan);
      for (const [i, expected] of simulated(plan, seconds).entries()) {
        // A second is represented by its middle.
        near((share[seconds[i]!]! + share[seconds[i]! - 1]!) / 2, expected, 0.015, `after ${seconds[i]} s`);
      }
    });
  }

  test('everybody is misled at first and nobody in the end, and what is lost is the sum of its causes', () => {
    for (const lever of ['record', 'dual', 'readdress'] as const) {
      for (const failure of ['refused', 'silent', 'status'] as const) {
        const course = forecast({ ...PLAN, lever, failure });
        const { share, causes, lostSeconds } = course;
        assert.equal(share[0], 1);
        assert.ok(share.at(-1)! < 0.002);
        for (let i = 1; i < share.length; i += 1) assert.ok(share[i]! <= share[i - 1]! + 1e-9, `second ${i}`);
        const parts = (Object.keys(causes) as (keyof typeof causes)[]).map((cause) => lostTo(course, cause));
        near(
          parts.reduce((sum, part) => sum + part),
          lostSeconds,
          1e-6,
          'lost',
        );
        const [found] = course.stages;
        near(lostTo(course, 'undetected'), (found!.from + found!.to) / 2, 1e-6, 'undetected');
      }
    }
  });

  test('levers differ in what is left once the switch is made', () => {
    const lost = (more: Partial<Plan>) => forecast({ ...PLAN, ...more });
    assert.equal(lostTo(lost({ lever: 'dual' }), 'resolvers'), 0);
    near(
      lostTo(lost({ lever: 'dual', failure: 'silent' }), 'resolvers'),
      lostTo(lost({ failure: 'silent' }), 'resolvers') / 2,
      1e-9,
      'half of the visitors try the dead server first',
    );
    const [short, long] = [10, 3600].map(
      (ttlSeconds) => lost({ lever: 'readdress', ttlSeconds }).lostSeconds,
    );
    near(short!, long!, 1e-9, 'readdress waits for no TTL');
  });

  test('half of the visitors are back from the first second on in which half are misled', () => {
    const course = forecast(PLAN);
    assert.ok(
      course.share[secondsUntil(course, 0.5) - 1]! > 0.5 && course.share[secondsUntil(course, 0.5)]! <= 0.5,
    );
  });

  test('a day of downForSeconds is a day', () => {
    const { lostSeconds } = forecast({ ...PLAN, downForSeconds: 86_400 });
    near(lostSeconds - forecast(PLAN).lostSeconds, 86_390, 0.01, 'lost');
  });
});

describe('what a TTL costs', () => {
  const dollars = (ttl: number, audience: Audience) => dollarsOf(queriesPerMonth(ttl, audience));

  test('ten thousand busy resolvers, and two hundred that ask every ten minutes', () => {
    const large = AUDIENCES.find(({ name }) => name === 'large')!;
    // Ten thousand resolvers ask once a TTL at most: 10,000 x 2,628,000 s / TTL queries, $0.40 a million.
    for (const [ttl, atMost] of [
      [300, 35.04],
      [60, 175.2],
      [30, 350.4],
      [10, 1051.2],
    ] as const) {
      const paid = dollars(ttl, large);
      assert.ok(paid <= atMost && paid > 0.93 * atMost, `TTL ${ttl}: ${paid}`);
    }
    const small = { name: 'small', resolvers: 200, asksPerSecond: 1 / 600 };
    for (const [ttl, paid] of [
      [300, 0.23],
      [60, 0.32],
      [10, 0.34],
    ] as const)
      near(dollars(ttl, small), paid, 0.005, `TTL ${ttl}`);
  });

  test('the sensible TTLs are those whose own cost is between a tenth and half of the rest', () => {
    const { from, to } = sensibleTtls(PLAN);
    const own = (ttlSeconds: number) =>
      lostTo(forecast({ ...PLAN, ttlSeconds }), 'resolvers') * (1 - ASSUMPTIONS.stretchingShare);
    const rest = 15.6 + 1.75 + 30 + 0.5 * 30;
    near(own(from), 0.1 * rest, 0.7, 'from');
    near(own(to), 0.5 * rest, 0.8, 'to');
  });

  test('patience makes a short TTL senseless, and a lever without DNS any', () => {
    assert.ok(sensibleTtls({ ...PLAN, downForSeconds: 600 }).from > 60);
    assert.equal(sensibleTtls({ ...PLAN, lever: 'readdress' }).from, Number.POSITIVE_INFINITY);
  });
});
