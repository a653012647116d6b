import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '../../../../fixtures/virtual/clock.ts';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { ProberEvent } from '../../../../lambda/core/probe/request.ts';
import { keepSecrets } from '../../../../lambda/edge/secrets.ts';
import type { ReadParameters } from '../../../../lambda/ports.ts';

const NAME = '/shop/probe-key';
const away = new Fault('lost', 'SSM', 'GetParameters', 'no answer');

/** A keeper on a store that answers as `store` does at the moment, and notes what it was asked. */
const keeper = (store: { answer: ReadParameters }) => {
  const clock = virtualClock(START_MS);
  const asked: string[][] = [];
  const secrets = keepSecrets((names) => {
    asked.push(names);
    return store.answer(names);
  }, clock);
  const at = async (seconds: number, names = [NAME]) => {
    await clock.runUntil(START_MS + seconds * 1000);
    const known = secrets.of(names);
    await clock.runUntil(clock.now());
    return known;
  };
  return { at, asked, secrets, clock };
};

const association = (values: Record<string, string>): ReadParameters => {
  return async (names) => new Map(names.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
};

test('a secret is read once, and anew after five minutes while the old one is used', async () => {
  const store = { answer: association({ [NAME]: 'one' }) };
  const { at, asked } = keeper(store);
  assert.equal((await at(0)).values.get(NAME), 'one');
  store.answer = association({ [NAME]: 'two' });
  assert.equal((await at(299)).values.get(NAME), 'one');
  assert.equal(asked.length, 1);
  const { values } = await at(300);
  assert.equal(asked.length, 2);
  assert.equal((await at(301)).values.get(NAME), 'two');
  assert.equal(values.get(NAME), 'two', 'the map is a view of what is known');
});

test('what is known is kept while the store is away, and each fault is told once', async () => {
  const store = { answer: association({ [NAME]: 'one' }) };
  const { at, asked } = keeper(store);
  await at(0);
  store.answer = () => Promise.reject(away);
  await at(300);
  const after = await at(301);
  assert.equal(after.values.get(NAME), 'one');
  assert.equal(after.fault, away);
  assert.equal((await at(302)).fault, undefined);
  for (let seconds = 303; seconds < 7200; seconds += 10) await at(seconds);
  assert.equal((await at(7200)).values.get(NAME), 'one');
  assert.ok(asked.length < 720, 'it is asked no more than every ten seconds');
});

test('a store that hangs holds up one round for a second and a half, and the next ones not at all', async () => {
  const store: { answer: ReadParameters } = { answer: () => new Promise(() => {}) };
  const { secrets, clock } = keeper(store);
  let known: unknown;
  void secrets.of([NAME]).then((value) => {
    known = value;
  });
  await clock.runUntil(START_MS + 1400);
  assert.equal(known, undefined);
  await clock.runUntil(START_MS + 1500);
  assert.notEqual(known, undefined);
});

test('an unusable value is not used, and is not repeated', async () => {
  const store = { answer: association({ [NAME]: 'one\ntwo', '/b': ' padded\n', '/c': 'gr\u00fcn\u20ac' }) };
  const { at } = keeper(store);
  const { values, lacking } = await at(0, [NAME, '/b', '/c', '/d']);
  assert.deepEqual([...values], [['/b', 'padded']]);
  assert.deepEqual([...lacking.keys()], [NAME, '/c', '/d']);
  assert.match(lacking.get(NAME) ?? '', /not one line/);
  assert.equal(lacking.get('/d'), 'there is no such parameter');
  assert.doesNotMatch([...lacking.values()].join(), /two|gr/);
});

test('a parameter that was deleted is forgotten, and one that comes is found within ten seconds', async () => {
  const store = { answer: association({ [NAME]: 'one' }) };
  const { at } = keeper(store);
  await at(0);
  store.answer = association({});
  await at(300);
  const gone = await at(301);
  assert.equal(gone.values.size, 0);
  assert.match(gone.fault?.message ?? '', /\/shop\/probe-key: there is no such parameter$/);
  assert.equal((await at(302)).fault, undefined);
  store.answer = association({ [NAME]: 'two' });
  await at(310);
  assert.equal((await at(311)).values.get(NAME), 'two');
});

/** A world whose site has a secret, and what its probers were sent. */
const shop = (answer: ReadParameters) => {
  const site = virtualSite('www');
  site.probe = { ...site.probe, headers: { 'x-open': '1' }, secretHeaders: { 'x-key': NAME } };
  const world = virtualWorld(virtualConfig([site, virtualSite('other')]));
  const seen = world.seenBy();
  const events: ProberEvent[] = [];
  const probers: typeof seen.probers = {
    probe: (vantage, event) => {
      events.push(event);
      return seen.probers.probe(vantage, event);
    },
  };
  const mine = { ...seen, probers, secrets: keepSecrets(answer, world.clock) };
  const run = async (seconds: number) => {
    void runTerm(mine, new Date(world.clock.now()).toISOString());
    await world.clock.runUntil(world.clock.now() + seconds * 1000);
  };
  return { world, events, run };
};

test('a secret goes along with the probes of its site, and nowhere else', async () => {
  const { world, events, run } = shop(association({ [NAME]: 'hunter2' }));
  await run(50);
  const probes = events.flatMap((event) => event.probes);
  const [mine, others] = [/^www\./, /^other\./].map((name) => probes.filter(({ id }) => name.test(id)));
  assert.ok(mine?.length && others?.length);
  for (const { headers, secretHeaders } of mine) {
    assert.deepEqual(headers, { 'x-open': '1', 'x-key': 'hunter2' });
    assert.deepEqual(secretHeaders, ['x-key']);
  }
  for (const { headers } of others) assert.deepEqual(headers, {});
  assert.ok(world.mails.length > 0 && world.lines.length > 0 && world.store.documents.size > 0);
  const listed = (_key: string, value: unknown) => (value instanceof Map ? [...value] : value);
  const kept = JSON.stringify([world.mails, world.lines, world.store, world.listing()], listed);
  assert.doesNotMatch(kept, /hunter2/);
});

test('without its secret a site is not asked, is not down, and the others are looked at', async () => {
  const { world, events, run } = shop(() => Promise.reject(away));
  await run(50);
  const ids = events.flatMap((event) => event.probes).map(({ id }) => id);
  assert.ok(ids.length > 0);
  assert.ok(ids.every((id) => id.startsWith('other.')));
  assert.ok(world.lines.some((line) => line.event === 'error' && line.during === 'secrets'));
  assert.doesNotMatch(JSON.stringify(world.lines), /"down"/);
});

test('a value that is wanted while others are read is read at once, and none is read twice', async () => {
  const names = ['/slack/url', '/teams/url', '/teams/key'];
  const { asked, secrets } = keeper({
    answer: async (some) => new Map(some.map((name) => [name, `of ${name}`])),
  });
  const [slack, teams] = [names.slice(0, 1), names];
  const found = await Promise.all([secrets.of(slack), secrets.of(teams), secrets.of(teams)]);
  for (const { values } of found.slice(1))
    for (const name of names) assert.equal(values.get(name), `of ${name}`);
  assert.deepEqual(asked, [['/slack/url'], ['/teams/url', '/teams/key']]);
});

test('a read that hangs holds up no value that it does not bring', async () => {
  const hanging = new Promise<never>(() => {});
  const { secrets } = keeper({
    answer: (names) => (names.includes(NAME) ? hanging : association({ '/other': 'x' })(names)),
  });
  void secrets.of([NAME]);
  assert.equal((await secrets.of(['/other'])).values.get('/other'), 'x');
});
