import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { openRooms } from '../../../../lambda/controller/rooms.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Observation, ProberEvent } from '../../../../lambda/core/probe/request.ts';
import { observe } from '../../../../lambda/observe/observe.ts';
import type { World } from '../../../../lambda/ports.ts';

const REFERENCE = 'https://www.example.org/';
const site = virtualSite('www');
const PASSED = { outcome: 'passed', code: 'ok', detail: 'status 200', phases: { totalMs: 5 } } as const;
const FAILED = { outcome: 'failed', code: 'refused', detail: 'refused', phases: { totalMs: 5 } } as const;

/** One full look, with each vantage's prober played by `answer`. */
const look = async (references: string[], answer: (vantage: string, event: ProberEvent) => Observation[]) => {
  const config = virtualConfig([site], { references });
  const world = { ...virtualWorld(config).seenBy(), config };
  const asked: ProberEvent[] = [];
  world.probers = {
    probe: async (vantage, event) => {
      asked.push(event);
      return answer(vantage, event);
    },
  };
  const { observer } = openRooms(world, new AbortController().signal).rounds;
  const looks = observe(observer, [{ site, full: true }], START_MS);
  const seen = (await looks.get(site))?.sightings ?? {};
  await Promise.all(observer.work.underWay);
  return { seen, observer, asked };
};

const answerAll =
  (of: (id: string) => Omit<Observation, 'id'>) =>
  (_: string, { probes }: ProberEvent): Observation[] =>
    probes.map(({ id }) => ({ id, ...of(id) }));

describe('the step that asks', () => {
  test('a vantage that sees none of its references abstains, and is noted as blind', async () => {
    const { seen, observer } = await look([REFERENCE], (vantage, event) =>
      answerAll((id) => (vantage === 'eu-west-1' || !id.startsWith('reference') ? FAILED : PASSED))(
        vantage,
        event,
      ),
    );
    assert.equal(seen['eu-west-1']?.primary?.outcome, 'unknown');
    assert.equal(seen['eu-west-1']?.primary?.code, 'unreferenced');
    assert.equal(seen['eu-west-2']?.primary?.outcome, 'failed');
    const why = 'it sees none of its references: refused';
    assert.deepEqual([...observer.blindVantages], [['eu-west-1', { rounds: 1, code: 'unreferenced', why }]]);
  });

  test('a vantage whose prober answers for the site and for no reference abstains', async () => {
    const { seen, observer } = await look([REFERENCE], (vantage, event) =>
      answerAll(() => PASSED)(vantage, event).filter(
        ({ id }) => vantage !== 'eu-west-1' || !id.startsWith('reference'),
      ),
    );
    assert.equal(seen['eu-west-1']?.primary?.outcome, 'unknown');
    assert.equal(seen['eu-west-2']?.primary?.outcome, 'passed');
    assert.deepEqual([...observer.blindVantages.keys()], ['eu-west-1']);
  });

  test('a vantage whose prober cannot be asked, or answers nothing, is blind for another reason', async () => {
    const lost = await look([REFERENCE], () => {
      throw new Fault('lost', 'Lambda', 'Invoke', 'no answer');
    });
    const silent = await look([], () => []);
    const blind = [lost, silent].map(({ observer }) => observer.blindVantages.get('eu-west-1'));
    assert.deepEqual(blind, [
      { rounds: 1, code: 'vantage-blind', why: 'Lambda Invoke: no answer' },
      { rounds: 1, code: 'vantage-blind', why: 'it answered nothing' },
    ]);
  });

  test('one reference that answers is enough, and without references nobody abstains', async () => {
    const one = await look(
      [REFERENCE, 'https://other.example.org/'],
      answerAll((id) => (id.includes('other') ? PASSED : FAILED)),
    );
    const none = await look(
      [],
      answerAll(() => FAILED),
    );
    for (const { seen } of [one, none]) assert.equal(seen['eu-west-1']?.standby?.outcome, 'failed');
    assert.deepEqual(
      one.asked[0]?.probes.filter((p) => p.id.startsWith('reference')).map((p) => p.address),
      ['www.example.org', 'other.example.org'],
    );
  });

  test('a vantage that only meets firewalls is not blind', async () => {
    const blocked = { outcome: 'unknown', code: 'blocked', detail: '403', phases: { totalMs: 5 } } as const;
    const { observer } = await look(
      [],
      answerAll(() => ({ ...blocked, status: 403 })),
    );
    assert.deepEqual([...observer.blindVantages.keys()], []);
  });

  test('of several certificates the one that ends first counts', async () => {
    const { seen } = await look(
      [],
      answerAll((id) => ({ ...PASSED, certificateExpiresMs: id.includes('203.0.113') ? 5 : 9 })),
    );
    assert.equal(seen['eu-west-1']?.primary?.certificateExpiresMs, 5);
    assert.equal(seen['eu-west-1']?.standby?.certificateExpiresMs, 9);
  });

  test('of several certificates the authority is told with the end that is its own', async () => {
    const ends = (id: string) =>
      id.includes('203.0.113')
        ? { certificateExpiresMs: 5 }
        : { certificateExpiresMs: 9, certificateAuthority: 'Middle' };
    const { seen } = await look(
      [],
      answerAll((id) => ({ ...PASSED, ...ends(id) })),
    );
    assert.equal(seen['eu-west-1']?.standby?.certificateAuthority, 'Middle');
    assert.equal(seen['eu-west-1']?.primary?.certificateAuthority, undefined);
  });

  test('a hello as large as a browser’s is offered by one look an hour while all is well, and what came of it is kept', async () => {
    const config = virtualConfig([site]);
    const world = virtualWorld(config);
    const offeredMs: number[] = [];
    const refused: Observation['browserHello'] = { outcome: 'failed', detail: 'reset after 1,550 bytes' };
    const seen: World = {
      ...world.seenBy(),
      probers: {
        probe: async (_, { probes }) => {
          if (probes.some(({ browserHello }) => browserHello)) offeredMs.push(world.clock.now());
          return probes.map(({ id, browserHello }) => ({
            id,
            ...PASSED,
            ...(browserHello && { browserHello: refused }),
          }));
        },
      },
    };
    for (let minute = 0; minute < 180; minute += 1) {
      void runTerm(seen, new Date(START_MS + minute * 60_000).toISOString());
      await world.clock.runUntil(START_MS + (minute + 1) * 60_000);
    }
    assert.equal(offeredMs.length, 3, `${offeredMs.map((ms) => ms - START_MS)}`);
    assert.deepEqual(
      world.mails.flatMap(({ kind }) => (kind === 'hello-refused' ? [kind] : [])),
      ['hello-refused', 'hello-refused'],
      'for each of the two servers once',
    );
  });
});
