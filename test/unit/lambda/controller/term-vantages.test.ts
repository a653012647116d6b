import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Observation, ProberEvent } from '../../../../lambda/core/probe/request.ts';
import { readAnswer } from '../../../../lambda/edge/lambda.ts';
import type { World } from '../../../../lambda/ports.ts';
import { flowing } from '../../../support/in-words.ts';

const PRIMARY = '203.0.113.10';
const STANDBY = '198.51.100.20';
const FIRST = 'eu-west-1';

/**
 * Five minutes of controllers, of which the primary is dead from the second on, while one vantage answers so. What is answered is
 * read by the product as it is read from Lambda.
 */
const withOneVantage = async (answer: (event: ProberEvent) => Promise<Observation[]>) => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  const seen = (): World => {
    const { probers, ...rest } = world.seenBy();
    return {
      ...rest,
      probers: {
        probe: (vantage, event) =>
          vantage === FIRST && event.heartbeat === undefined ? answer(event) : probers.probe(vantage, event),
      },
    };
  };
  for (let minute = 0; minute < 5; minute += 1) {
    if (minute === 1) world.servers.set(PRIMARY, 'refuses');
    void runTerm(seen(), new Date(START_MS + minute * 60_000).toISOString());
    await world.clock.runUntil(START_MS + (minute + 1) * 60_000);
  }
  await world.clock.runUntil(START_MS + 600_000);
  const moves = world.lines.flatMap((line) => (line.event === 'switch' ? [line] : []));
  const errors = world.lines.flatMap((line) => (line.event === 'error' ? [line] : []));
  return { world, moves, errors };
};

/** The site moved on the word of the other two; how long after its primary died, milliseconds. */
const movedAfterMs = ({ world, moves }: Awaited<ReturnType<typeof withOneVantage>>): number => {
  assert.deepEqual(
    moves.map(({ reason, to }) => [reason, to]),
    [
      ['created', 'primary'],
      ['failover', 'standby'],
    ],
  );
  assert.deepEqual(world.listing().find(({ type }) => type === 'A')?.values, [STANDBY]);
  return Date.parse(moves.at(-1)?.at ?? '') - (START_MS + 60_000);
};

const mailsOf = ({ world }: Awaited<ReturnType<typeof withOneVantage>>, kind: string): string[] =>
  world.mails.filter((mail) => mail.kind === kind).map(({ text }) => flowing(text));

describe('a prober that is never heard of again', () => {
  test('keeps nobody from moving a site whose primary is dead, and is told as blind', async () => {
    const ran = await withOneVantage(() => new Promise(() => {}));
    assert.ok(movedAfterMs(ran) < 60_000, `${movedAfterMs(ran)} ms`);
    const words = 'Lambda Invoke: expected an answer from eu-west-1 within 12000 ms, received none';
    assert.ok(ran.errors.some(({ message }) => message === words));
    assert.deepEqual(mailsOf(ran, 'internal'), []);
    const [blind, ...more] = mailsOf(ran, 'vantage-blind');
    assert.ok(blind?.includes(words), blind);
    assert.deepEqual(more, []);
  });

  test('and that fails long after it was given up is heard by nobody', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const later: (() => void)[] = [];
    const ran = await withOneVantage(
      () =>
        new Promise((_, reject) => {
          later.push(() => reject(new Fault('lost', 'Lambda', 'Invoke', 'too late')));
        }),
    );
    for (const fail of later) fail();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.ok(later.length > 5, `${later.length} were asked`);
    assert.deepEqual(unhandled, []);
    assert.ok(ran.errors.every(({ message }) => !message.includes('too late')));
  });
});

/** What is answered in a prober's place, for the probes that it was asked for. */
const ANSWERS: [what: string, payload: (ids: string[]) => string][] = [
  ['nothing', () => ''],
  ['null', () => 'null'],
  ['a text', () => '"text"'],
  ['an empty object', () => '{}'],
  ['the answer of another function', () => '{"statusCode":200,"body":"Hello from Lambda!"}'],
  ['observations that are no list', () => '{"observations":"x"}'],
  ['observations that are null', () => '{"observations":[null]}'],
  ['observations that are empty', () => '{"observations":[{}]}'],
  [
    'observations without their phases',
    (ids) =>
      JSON.stringify({ observations: ids.map((id) => ({ id, outcome: 'failed', code: 'x', detail: '' })) }),
  ],
  [
    'observations of other probes',
    () => '{"observations":[{"id":"x","outcome":"passed","code":"ok","detail":"","phases":{"totalMs":1}}]}',
  ],
];

describe('a prober that answers with something else', () => {
  for (const [what, payload] of ANSWERS) {
    test(`keeps nobody from moving a site whose primary is dead: ${what}`, async () => {
      const ran = await withOneVantage(async (event) =>
        readAnswer(payload(event.probes.map(({ id }) => id)), event, `main-prober in ${FIRST}`),
      );
      assert.ok(movedAfterMs(ran) < 60_000, `${movedAfterMs(ran)} ms`);
      assert.deepEqual(mailsOf(ran, 'internal'), []);
      const [blind, ...more] = mailsOf(ran, 'vantage-blind');
      assert.match(
        blind ?? '',
        /expected observations from main-prober in eu-west-1, received .*; deploy again/,
      );
      assert.deepEqual(more, []);
    });
  }

  test('or with a part of what was asked is believed in that part', async () => {
    const ran = await withOneVantage(async (event) => {
      const observations = event.probes
        .filter(({ address }) => address === STANDBY)
        .map(({ id }) => ({ id, outcome: 'passed', code: 'ok', detail: '', phases: { totalMs: 1 } }));
      return readAnswer(JSON.stringify({ observations }), event, FIRST);
    });
    assert.ok(movedAfterMs(ran) < 60_000);
    assert.deepEqual(mailsOf(ran, 'vantage-blind'), []);
  });
});

test('a defect of ours that one vantage brings about keeps nobody from moving a site, and is told', async () => {
  const ran = await withOneVantage(async () => undefined as unknown as Observation[]);
  assert.ok(movedAfterMs(ran) < 60_000);
  assert.ok(ran.errors.some(({ code }) => code === 'internal'));
  assert.equal(mailsOf(ran, 'internal').length, 1);
});
