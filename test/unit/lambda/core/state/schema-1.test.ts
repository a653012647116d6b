import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDeployment } from '../../../../../lambda/core/state/deployment-state.ts';
import { emptyState, parseState } from '../../../../../lambda/core/state/site-state.ts';

/** Documents of schema 1 as they were stored, chosen so that each of its fields is in one of them. */
const STORED = readFileSync(new URL('schema-1.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const sites = STORED.filter((one) => 'targets' in one);
const deployments = STORED.filter((one) => !('targets' in one));

/** The names of fields at any depth, and the strings and numbers below them. */
const leaves = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(leaves)
    : [JSON.stringify(value)];

type Stored = {
  told: {
    stuck?: Record<string, number>;
    refusals?: Record<string, number>;
    uncarried?: { why: string; atMs: number; sinceSeconds: number };
  };
  protected?: { toldMs: number };
};

/** When was told what goes on, as schema 1 had it in many places. */
const reminders = ({ told, protected: kept }: Stored): Record<string, number> => ({
  ...Object.fromEntries(Object.entries(told.stuck ?? {}).map(([reason, atMs]) => [`stuck ${reason}`, atMs])),
  ...Object.fromEntries(Object.entries(told.refusals ?? {}).map(([why, atMs]) => [`refused ${why}`, atMs])),
  ...(told.uncarried && { [`address ${told.uncarried.sinceSeconds}`]: told.uncarried.atMs }),
  ...(kept && { protected: kept.toldMs }),
});

/** Nobody reads why an address was late, and since when stands in the reminder's name. */
const read = ({ told, ...stored }: Stored) => ({
  ...stored,
  told: told.uncarried ? { ...told, uncarried: { atMs: told.uncarried.atMs } } : told,
});

/** What is new in the upgraded document: its schema, and of each notice that it has its words already. */
const ADDED = /^(2|"worded")$/;

test('there are sites and deployments among what was stored', () => {
  assert.ok(sites.length > 5 && deployments.length > 1);
  const fields = new Set(sites.flatMap((one) => Object.keys(one)));
  for (const field of [
    'owed',
    'journal',
    'hand',
    'proof',
    'stranded',
    'carried',
    'intent',
    'point',
    'protected',
  ])
    assert.ok(fields.has(field), field);
});

for (const [index, stored] of sites.entries())
  test(`a site of schema 1 is taken over with all that it holds (${index})`, () => {
    const state = parseState(JSON.stringify(stored));
    assert.ok(state !== undefined);
    const lost = new Map<string, number>();
    for (const one of leaves(read(stored))) lost.set(one, (lost.get(one) ?? 0) + 1);
    for (const one of leaves(state)) lost.set(one, (lost.get(one) ?? 0) - 1);
    const differs = [...lost].filter(([one, count]) => count !== 0 && !ADDED.test(one));
    assert.deepEqual(
      differs.filter(([one]) => one !== '1'),
      [],
      'nothing is lost, nothing is added',
    );
    assert.deepEqual(
      [state.override, state.history, state.propagation, state.rolledBack, state.answeredAs],
      [stored.hand, stored.journal, stored.proof, stored.stranded, stored.carried],
    );
    assert.deepEqual(
      state.outbox.map(({ id, kind, news }) => [id, kind, news]),
      stored.owed.map(({ id, kind, subject, text }: Record<string, string>) => [
        id,
        kind,
        { type: 'worded', subject, text },
      ]),
    );
    assert.equal(state.intent?.notice.id, stored.intent?.announcement.id);
    assert.deepEqual(state.reminders, reminders(stored));
    assert.deepEqual(parseState(JSON.stringify(state)), state, 'and read again as this version stores it');
  });

for (const [index, stored] of deployments.entries())
  test(`a deployment of schema 1 is taken over (${index})`, () => {
    const state = parseDeployment(JSON.stringify(stored));
    assert.ok(state !== undefined);
    assert.deepEqual(state.sites, stored.sites);
    assert.equal(state.outbox.length, stored.owed.length);
    const zones = Object.entries(stored.unreadable as Record<string, { sinceMs: number; toldMs?: number }>);
    assert.deepEqual(
      Object.entries(state.unreadable),
      zones.map(([zone, { sinceMs }]) => [zone, sinceMs]),
    );
    assert.deepEqual(state.reminders, {
      ...Object.fromEntries(
        zones.flatMap(([zone, { toldMs }]) => (toldMs === undefined ? [] : [[`unreadable ${zone}`, toldMs]])),
      ),
      ...(stored.waitingToldMs !== undefined && { waiting: stored.waitingToldMs }),
      ...Object.fromEntries(
        Object.entries(stored.checked?.told ?? {}).map(([key, atMs]) => [`checkup ${key}`, atMs]),
      ),
    });
    assert.deepEqual(parseDeployment(JSON.stringify(state)), state);
  });

test('what is broken in it is refused as before', () => {
  const [whole] = sites;
  for (const broken of [
    { ...whole, owed: {} },
    { ...whole, owed: [{ id: 'a' }] },
    { ...whole, intent: { nonce: 'n' } },
    { ...whole, told: 'much' },
    { ...whole, schema: 0 },
    { ...whole, schema: 3 },
  ])
    assert.equal(parseState(JSON.stringify(broken)), undefined);
});

test('schema 2 from before reminders had a place of their own is taken over, with when each was told', () => {
  const late = { why: 'gone', atMs: 5, sinceSeconds: 7 };
  const stored = {
    ...emptyState(),
    told: { down: ['primary'], stuck: { held: 3 }, refusals: { late: 4 }, addressLate: late },
    reminders: undefined,
  };
  const state = parseState(JSON.stringify(stored));
  assert.deepEqual(state?.told, { down: ['primary'] });
  assert.deepEqual(Object.values(state?.reminders ?? {}), [3, 4, 5]);
  const zones = { 'a.example': { sinceMs: 1, toldMs: 2 } };
  const deployment = { schema: 2, blind: [], unreadable: zones, waitingToldMs: 3, outbox: [] };
  const known = parseDeployment(JSON.stringify(deployment));
  assert.deepEqual(known?.unreadable, { 'a.example': 1 });
  assert.deepEqual(Object.values(known?.reminders ?? {}), [2, 3]);
});
