import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import type { World } from '../../../../lambda/ports.ts';
import { apart } from '../../../support/apart.ts';
import { MEANWHILES } from './frozen-story.ts';

const stories = apart(new URL('./frozen-story.ts', import.meta.url));
after(() => stories.close());

describe('a controller stopped for ten minutes before any of its steps', async () => {
  for (const what of MEANWHILES) {
    test(`while ${what}`, async () => {
      const all = await stories.call<string[]>('attack', -1, what);
      assert.ok(all.includes('change') && all.includes('publish'), `${all}`);
      for (let at = 0; at < all.length; at++) await stories.call('attack', at, what);
    });
  }
});

test('a zone that Route 53 does not answer for keeps no site of another zone', async () => {
  const [www, shop] = [virtualSite('www'), { ...virtualSite('shop'), zone: 'other.example.net' }];
  const zones = [{ name: www.zone }, { name: shop.zone }];
  const world = virtualWorld(virtualConfig([www, shop], { zones }));
  const seen = world.seenBy();
  let stuck = false;
  const away = (id: string) =>
    stuck && id === `Z${shop.zone}` ? world.clock.sleep(20_000) : Promise.resolve();
  const controller: World = {
    ...seen,
    zones: {
      ...seen.zones,
      list: async (id) => {
        await away(id);
        return seen.zones.list(id);
      },
    },
  };
  void runTerm(controller, new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 70_000);
  stuck = true;
  world.servers.set('203.0.113.10', 'refuses');
  await world.clock.runUntil(START_MS + 130_000);
  stuck = false;
  await world.clock.runUntil(START_MS + 200_000);
  const at = (site: string) => {
    const line = world.lines.find(
      (one) => one.event === 'switch' && one.reason === 'failover' && one.site === site,
    );
    return line === undefined ? Number.NaN : (Date.parse(line.at) - START_MS) / 1000;
  };
  assert.ok(at(shop.name) > 110, `${at(www.name)} s and ${at(shop.name)} s`);
  assert.ok(at(www.name) < 92, `${at(www.name)} s`);
});
