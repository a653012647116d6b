import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { virtualSite } from '../../fixtures/virtual/world.ts';
import { HEADLINES, headlineOf } from '../../lambda/core/state/headline.ts';
import type { News } from '../../lambda/core/state/news.ts';
import { ANY_EVENT } from '../support/any-event.ts';
import { ALL_NEWS, eventTable } from '../support/event-table.ts';
import { EVERY_NEWS } from '../support/every-news.ts';
import { eventFor, madeTogether } from '../support/made-events.ts';

const textOf = (path: string): string => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
const SCHEMA = JSON.parse(textOf('event.schema.json'));
const validator = z.fromJSONSchema(SCHEMA);

type Shape = { properties?: Record<string, Shape>; items?: Shape; additionalProperties?: Shape };

/** Fields that the schema does not tell of: they would be promised to nobody. */
const unpublished = (value: unknown, shape: Shape, path = ''): string[] => {
  if (Array.isArray(value)) return value.flatMap((item) => unpublished(item, shape.items ?? {}, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const known = shape.properties?.[key] ?? shape.additionalProperties;
    return known === undefined ? [`${path}.${key}`] : unpublished(inner, known, `${path}.${key}`);
  });
};

const mustFit = (event: unknown): void => {
  // As it is, so that nothing undefined hides from JSON.
  const { success, error } = validator.safeParse(event);
  assert.ok(success, error?.message);
  assert.deepEqual(unpublished(event, SCHEMA), []);
  assert.deepEqual(JSON.parse(JSON.stringify(event)), event);
};

describe('the published schema of an event', () => {
  for (const [type, all] of Object.entries(EVERY_NEWS))
    test(`fits what is told of ${type}, and tells of each of its fields`, () => {
      for (const news of all as News[]) {
        mustFit(eventFor(news));
      }
    });

  test('is tried with every headline of the catalogue, and names each', () => {
    assert.deepEqual(
      new Set(ALL_NEWS.map((news) => headlineOf(news) ?? 'NEWS')),
      new Set([...Object.keys(HEADLINES), 'NEWS']),
    );
    assert.deepEqual(SCHEMA.properties.headline.enum, [...Object.keys(HEADLINES), 'NEWS']);
  });

  test('fits one event at many sites', () => {
    const sites = Array.from({ length: 12 }, (_, at) =>
      virtualSite(`s${at}`, { tags: at < 6 ? ['shop'] : [] }),
    );
    for (const news of [EVERY_NEWS.moved[0], EVERY_NEWS.stuck[0], EVERY_NEWS.over[0]])
      for (const { event } of madeTogether(sites, news)) mustFit(event);
  });

  test('refuses what is no event', () => {
    const { dedupKey: _, ...rest } = eventFor(EVERY_NEWS.over[0]);
    assert.equal(validator.safeParse(rest).success, false);
    assert.equal(validator.safeParse({ ...eventFor(EVERY_NEWS.over[0]), v: 2 }).success, false);
  });
});

test('the table of docs/events.md is that of the catalogue', () => {
  const table = eventTable();
  assert.ok(textOf('events.md').includes(table), `Expected docs/events.md to have this table:\n\n${table}`);
});

test('the example of docs/events.md is an event', () => {
  const [, example = ''] = /```jsonc\n(\{\n {2}"v": 1[\s\S]*?)```/.exec(textOf('events.md')) ?? [];
  mustFit(JSON.parse(example));
  mustFit(ANY_EVENT);
});
