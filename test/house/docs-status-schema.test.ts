import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../fixtures/virtual/world.ts';
import { answerCommand } from '../../lambda/console/command.ts';
import { runTerm } from '../../lambda/controller/term.ts';
import { CONDITIONS } from '../../lambda/core/orders/condition.ts';
import { massFailure } from '../support/mass-failure.ts';

type Schema = { properties?: Record<string, Schema>; items?: Schema; enum?: string[]; anyOf?: Schema[] };

const SCHEMA = JSON.parse(readFileSync(new URL('../../docs/status.schema.json', import.meta.url), 'utf8'));
const validator = z.fromJSONSchema(SCHEMA);

const mustFit = (document: unknown): void => {
  const { success, error } = validator.safeParse(JSON.parse(JSON.stringify(document)));
  assert.ok(success, error?.message);
};

/** Fields of a document that the schema does not tell of: they would be promised to nobody. */
const unpublished = (value: unknown, schema: Schema, path = ''): string[] => {
  const shape = schema.anyOf?.[0] ?? schema;
  if (Array.isArray(value))
    return value.flatMap((item, at) => unpublished(item, shape.items ?? {}, `${path}[${at}]`));
  if (typeof value !== 'object' || value === null || shape.properties === undefined) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = shape.properties?.[key];
    return known === undefined ? [`${path}.${key}`] : unpublished(inner, known, `${path}.${key}`);
  });
};

describe('the published schema of the status', () => {
  test('fits the night after a mass failure, and tells of each of its fields', () => {
    mustFit(massFailure());
    assert.deepEqual(unpublished(massFailure(), SCHEMA), []);
  });

  test('names every condition that there is, and no other', () => {
    const { condition } = SCHEMA.properties.sites.items.properties;
    assert.deepEqual(condition.enum, Object.keys(CONDITIONS));
  });

  test('fits what a console answers in an outage, while it is held, and with the table away', async () => {
    const world = virtualWorld(virtualConfig([virtualSite('www'), virtualSite('shop')]));
    const ask = async (event: object) => {
      const answer = answerCommand(world.seenBy(), event);
      await world.clock.runUntil(world.clock.now() + 2000);
      return answer;
    };
    mustFit(await ask({ action: 'status' }));
    void runTerm(world.seenBy(), new Date(START_MS).toISOString());
    await world.clock.runUntil(START_MS + 40_000);
    world.servers.set('203.0.113.10', 'refuses');
    await world.clock.runUntil(START_MS + 75_000);
    const moved = await ask({ action: 'status', site: 'www.dyn.example.net' });
    mustFit(moved);
    assert.deepEqual(unpublished(moved, SCHEMA), []);
    assert.equal(moved.sites?.[0]?.condition, 'failed-over');
    await ask({ action: 'hold', all: true, reason: 'x', by: 'alice' });
    mustFit(await ask({ action: 'status' }));
    world.store.away = true;
    const away = await ask({ action: 'status' });
    mustFit(away);
    assert.deepEqual(unpublished(away, SCHEMA), []);
  });

  test('is of a document that fits into what a function may answer, for 5,000 sites', () => {
    // AWS Lambda: 6 MB for the answer of a synchronous invocation.
    assert.ok(JSON.stringify(massFailure(5000)).length < 6 * 1024 * 1024);
  });

  test('refuses what is no status', () => {
    const { sites: _, ...rest } = massFailure();
    assert.equal(validator.safeParse(rest).success, false);
    assert.equal(validator.safeParse({ ...massFailure(), v: 2 }).success, false);
  });
});
