import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { shardConfigs } from '../../../../lambda/core/site/shard.ts';
import type { Config } from '../../../../lambda/core/site/site.ts';

const whole = virtualConfig(['www', 'shop', 'api'].map((name) => virtualSite(name)));
const without = (...labels: string[]): Config => ({
  ...whole,
  sites: whole.sites.filter(({ name }) => !labels.some((label) => name.startsWith(`${label}.`))),
});

/** A controller with this configuration, for a minute from there on. */
const minute = async (world: VirtualWorld, config: Config, at: number): Promise<void> => {
  await world.clock.runUntil(START_MS + at * 60_000);
  void runTerm({ ...world.seenBy(), config }, new Date(world.clock.now()).toISOString());
  await world.clock.runUntil(START_MS + at * 60_000 + 59_000);
};
const told = ({ mails }: VirtualWorld) => mails.filter(({ kind }) => kind === 'site-removed');

test('sites that a deploy takes away are told once, in one mail, with what each was left with', async () => {
  const world = virtualWorld(whole);
  await minute(world, whole, 0);
  const records = JSON.stringify(world.listing());
  await minute(world, without('www', 'api'), 1);
  await minute(world, without('www', 'api'), 2);
  const [mail, ...more] = told(world);
  assert.deepEqual(more, []);
  assert.match(mail?.subject ?? '', /2 sites of main are no longer watched \[/);
  for (const name of ['www', 'api'])
    assert.match(mail?.text ?? '', new RegExp(`^ {2}${name}\\.dyn\\.example\\.net: served by primary$`, 'm'));
  assert.equal(JSON.stringify(world.listing()), records, 'nothing is deleted or moved');
});

test('a site of which nothing is stored is told as it stands', async () => {
  const world = virtualWorld(whole);
  await minute(world, whole, 0);
  world.store.documents.delete('www.dyn.example.net');
  await minute(world, without('www'), 1);
  assert.match(told(world)[0]?.subject ?? '', /www\.dyn\.example\.net is no longer watched \[/);
  assert.match(told(world)[0]?.text ?? '', /www\.dyn\.example\.net: as it stands/);
});

test('a site that another controller takes over is not told', async () => {
  const world = virtualWorld(whole);
  await minute(world, whole, 0);
  const [first] = shardConfigs({ ...whole, sitesPerController: 1 });
  assert.equal(first?.sites.length, 1);
  await minute(world, first as Config, 1);
  assert.deepEqual(told(world), []);
  const [left] = shardConfigs({ ...without('shop'), sitesPerController: 1 });
  assert.equal(left?.shard?.of, 2);
  // The first controller does not know of `shop` any more: whoever had it last tells of it.
  await minute(world, left as Config, 2);
  assert.deepEqual(told(world), []);
});

test('the first controller speaks for those that are no more', async () => {
  const world = virtualWorld(whole);
  const parts = shardConfigs({ ...whole, sitesPerController: 1 });
  for (const [at, part] of parts.entries()) await minute(world, part, at);
  await minute(world, without('shop', 'api'), 3);
  await minute(world, without('shop', 'api'), 4);
  const [mail, ...more] = told(world);
  assert.deepEqual(more, []);
  for (const name of ['shop', 'api'])
    assert.match(mail?.text ?? '', new RegExp(`^ {2}${name}\\.dyn\\.example\\.net: served by primary$`, 'm'));
});

test('while the state table is away nobody is told, and nobody is forgotten', async () => {
  const world = virtualWorld(whole);
  await minute(world, whole, 0);
  world.store.away = true;
  await minute(world, without('www'), 1);
  assert.deepEqual(told(world), []);
  world.store.away = false;
  await minute(world, without('www'), 3);
  assert.equal(told(world).length, 1);
});
