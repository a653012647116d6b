import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../lambda/core/fault.ts';
import type { Change } from '../../lambda/core/records.ts';
import { tenure } from '../../lambda/tenure.ts';
import type { World } from '../../lambda/world.ts';
import { START_MS, virtualConfig, virtualSite, virtualWorld, ZONE } from '../virtual/world.ts';

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
  void tenure(refusing(world.seenBy(), bad, words, calls), new Date(START_MS).toISOString());
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
