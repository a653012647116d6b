import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDeployment } from '../../../../../lambda/core/state/deployment-state.ts';
import { parseState } from '../../../../../lambda/core/state/site-state.ts';

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
    for (const one of leaves(stored)) lost.set(one, (lost.get(one) ?? 0) + 1);
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
    assert.deepEqual(parseState(JSON.stringify(state)), state, 'and read again as this version stores it');
  });

for (const [index, stored] of deployments.entries())
  test(`a deployment of schema 1 is taken over (${index})`, () => {
    const state = parseDeployment(JSON.stringify(stored));
    assert.ok(state !== undefined);
    assert.deepEqual(state.sites, stored.sites);
    assert.equal(state.outbox.length, stored.owed.length);
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
