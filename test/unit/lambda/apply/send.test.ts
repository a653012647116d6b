import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  virtualConfig,
  virtualSite,
  virtualWorld,
  ZONE,
} from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault, type FaultCode } from '../../../../lambda/core/base/fault.ts';
import type { Change } from '../../../../lambda/core/zone/records.ts';
import type { Pacer, World } from '../../../../lambda/ports.ts';

const NAMES = Array.from({ length: 64 }, (_, index) => `s${index}`);
const isOf = (label: string) => (change: Change) => change.record.name.endsWith(`${label}.${ZONE}`);

/** The world in which a batch with a site of `bad` is refused, in these words; `calls` holds the number of sites of each batch. */
const refusing = (inner: World, bad: string[], words: (label: string) => string, calls: number[]): World => ({
  ...inner,
  zones: {
    ...inner.zones,
    async change(id, changes, comment) {
      calls.push(changes.filter(({ record }) => record.type === 'TXT').length);
      const hit = bad.filter((label) => changes.some(isOf(label)));
      if (hit.length === 0) return inner.zones.change(id, changes, comment);
      throw new Fault(
        'refused',
        'Route 53',
        'ChangeResourceRecordSets',
        `InvalidChangeBatch: ${hit.map(words).join('; ')}`,
      );
    },
  },
});

const createAll = async (bad: string[], words: (label: string) => string) => {
  const world = virtualWorld(
    virtualConfig(
      NAMES.map((name) => virtualSite(name)),
      { vantages: ['eu-west-2'] },
    ),
  );
  const calls: number[] = [];
  void runTerm(refusing(world.seenBy(), bad, words, calls), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 9000);
  const made = world.listing().filter(({ type }) => type === 'A').length;
  return { calls, made };
};

test('a bad site that the refusal names is left out, and the others go once more', async () => {
  const words = (label: string) => `RRSet with DNS name ${label}.${ZONE}. is not permitted in zone ${ZONE}.`;
  const { calls, made } = await createAll(['s7', 's40'], words);
  assert.equal(made, 62);
  assert.deepEqual(calls.slice(0, 2), [64, 62]);
});

test('bad sites that nobody names are found by halving', async () => {
  const { calls, made } = await createAll(['s7'], () => 'Invalid request');
  assert.equal(made, 63);
  assert.deepEqual(calls.slice(0, 3), [64, 32, 16]);
  assert.ok(calls.length <= 13, `${calls.length} calls: ${calls}`);
});

test('when each site has a sentence of its own nobody is halved: all are known', async () => {
  const words = (label: string) =>
    `Tried to create [name='${label}.${ZONE}.', type='A'] but it already exists`;
  const { calls, made } = await createAll(NAMES, words);
  assert.equal(made, 0);
  assert.deepEqual(calls, [64], 'the next try waits, and begins with a new listing');
});

test('a sentence that speaks of all of them may mean one, which is found by halving', async () => {
  const all = NAMES.map((label) => `${label}.${ZONE}.`).join(', ');
  const { calls, made } = await createAll(['s7'], () => `One of ${all} is not permitted`);
  assert.equal(made, 63);
  assert.deepEqual(calls.slice(0, 3), [64, 32, 16]);
});

/** Where a pin stands that was released while the controller's change waited so long for its turn, and Route 53 takes nothing of the console's. */
const afterWaiting = async (waitMs: number) => {
  const site = virtualSite('www');
  const world = virtualWorld(virtualConfig([site]));
  const [controller, console] = [world.seenBy(), world.seenBy()];
  const throttled = async () => {
    throw new Fault('throttled', 'Route 53', 'ChangeResourceRecordSets', 'Throttling: Rate exceeded');
  };
  const waits: number[] = [];
  const pacer: Pacer = {
    async spend(changes) {
      if (changes === 0) return;
      waits.push(world.clock.now());
      await world.clock.sleep(waitMs);
    },
    answered: () => {},
    within: () => 1000,
    throttled: () => {},
  };
  const order = (fields: object) =>
    answerCommand(
      { ...console, zones: { ...console.zones, change: throttled } },
      { site: site.name, reason: 'disks', by: 'ann', ...fields },
    );
  void runTerm({ ...controller, pacerOf: () => pacer }, new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 30_000);
  const before = waits.length;
  void order({ action: 'pin', server: 'standby' });
  while (waits.length === before) await world.clock.runUntil(world.clock.now() + 10);
  const answered = order({ action: 'release' });
  await world.clock.runUntil(START_MS + 59_000);
  const moves = world.lines.flatMap((line) => (line.event === 'switch' ? [line.reason] : []));
  return { moves, answer: await answered };
};

test('what a person has ended while it waited for its turn is not sent', async () => {
  const { moves, answer } = await afterWaiting(1500);
  assert.deepEqual(moves, ['created']);
  assert.match(JSON.stringify(answer), /a change to standby that was decided before may still arrive/);
});

test('a move that is refused once the site needs none any more is not told as not made', async () => {
  const site = virtualSite('www');
  const world = virtualWorld(virtualConfig([site]));
  const seen = world.seenBy();
  let answersMs = 0;
  const slow: World = {
    ...seen,
    zones: {
      ...seen.zones,
      async change(...asked) {
        if (answersMs === 0) return seen.zones.change(...asked);
        await world.clock.sleep(answersMs);
        throw new Fault('denied', 'Route 53', 'ChangeResourceRecordSets', 'AccessDenied: not now');
      },
    },
  };
  void runTerm(slow, new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 20_000);
  answersMs = 12_000;
  const address = site.servers[0]?.ipv4[0] as string;
  world.servers.set(address, 'refuses');
  const isDue = () => world.lines.some((line) => line.event === 'due' && line.reason === 'failover');
  while (!isDue()) await world.clock.runUntil(world.clock.now() + 100);
  world.servers.set(address, 'ok');
  await world.clock.runUntil(START_MS + 59_000);
  assert.deepEqual(
    world.mails.map(({ subject }) => subject.split(' ', 2).join(' ')),
    ['CREATED www.dyn.example.net:', 'SERVER DOWN', 'NOT MOVED', 'BACK www.dyn.example.net:'],
  );
});

describe('a write that is refused again and again', () => {
  const SITE = virtualSite('www');
  /** What is mailed while a write is refused with these faults, each for two minutes, and the role record's value is quoted. */
  const mailed = async (...faults: [code: FaultCode, words: string][]): Promise<string[]> => {
    const world = virtualWorld(virtualConfig([SITE]));
    let refusedFor = '';
    let code: FaultCode = 'refused';
    const seen = world.seenBy();
    const bad: World = {
      ...seen,
      zones: {
        ...seen.zones,
        async change(_, changes) {
          const role = changes.find(({ record }) => record.type === 'TXT')?.record.values[0];
          const words = `[Tried to create [name='${SITE.name}.', type='A'] ${refusedFor}, beside "${role}"]`;
          throw new Fault(code, 'Route 53', 'ChangeResourceRecordSets', `InvalidChangeBatch: ${words}`);
        },
      },
    };
    for (const [minute, [nextCode, words]] of faults.entries()) {
      code = nextCode;
      refusedFor = words;
      for (const half of [0, 1]) {
        const startMs = START_MS + (2 * minute + half) * 60_000;
        void runTerm(bad, new Date(startMs).toISOString());
        await world.clock.runUntil(startMs + 60_000);
      }
    }
    return world.mails.flatMap(({ kind, text }) =>
      kind === 'write-refused' ? [/(because \w+|no answer \w+)/.exec(text)?.[0] ?? text] : [],
    );
  };

  test('for the same reason is told once an hour', async () => {
    assert.deepEqual(await mailed(['refused', 'because one'], ['refused', 'because one']), ['because one']);
  });

  test('for another reason is told at once', async () => {
    assert.deepEqual(
      await mailed(['refused', 'because one'], ['refused', 'because two'], ['denied', 'because three']),
      ['because one', 'because two', 'because three'],
    );
  });

  test('without an answer, in whatever words, is told once', async () => {
    assert.deepEqual(await mailed(['lost', 'no answer within 2001'], ['lost', 'no answer within 2002']), [
      'no answer within',
    ]);
  });
});
