import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type VirtualStore, virtualStore } from '../../../../fixtures/virtual/store.ts';
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

const SITES = ['www', 'shop'].map((name, index) =>
  virtualSite(name, {
    servers: [
      { name: 'primary', ipv4: [`203.0.113.1${index}`], ipv6: [] },
      { name: 'standby', ipv4: [`198.51.100.2${index}`], ipv6: [] },
    ],
  }),
);

/** The table of `first` with another controller's baton. */
const sharing = (first: VirtualStore): VirtualStore =>
  Object.assign(virtualStore(), { documents: first.documents, entries: first.entries });

/** Runs a controller each minute from `fromS` until `untilS`, with its own configuration and baton. */
const controller = async (
  world: VirtualWorld,
  own: { config: Config; store: VirtualStore },
  fromS: number,
  untilS: number,
): Promise<void> => {
  const started: Promise<unknown>[] = [];
  for (let atS = fromS; atS < untilS; atS += 60) {
    await world.clock.sleep(START_MS + atS * 1000 - world.clock.now());
    started.push(runTerm({ ...world.seenBy(), ...own }, new Date(world.clock.now()).toISOString()));
  }
  await Promise.all(started);
};

describe('a site that a deploy moves to another controller', () => {
  const whole = virtualConfig(SITES);
  const parts = shardConfigs({ ...whole, sitesPerController: 1 });

  /** The old controller holds both sites until `oldEndsS`, the new ones begin at `newStartS`; `www` dies at 90 s. */
  const moved = async (newStartS: number, oldEndsS: number) => {
    const world = virtualWorld(whole);
    const second = sharing(world.store);
    void controller(world, { config: whole, store: world.store }, 0, oldEndsS);
    void controller(world, { config: parts[0] as Config, store: world.store }, oldEndsS, 300);
    void controller(world, { config: parts[1] as Config, store: second }, newStartS, 300);
    await world.clock.runUntil(START_MS + 90_000);
    for (const address of ['203.0.113.10', '203.0.113.11']) world.servers.set(address, 'refuses');
    await world.clock.runUntil(START_MS + 600_000);
    const text = (name: string) =>
      world
        .listing()
        .find((r) => r.name === name)
        ?.values.join();
    return { world, text };
  };

  for (const [what, newStartS, oldEndsS] of [
    ['the new one begins while the old one still holds it', 61, 180],
    ['both hold it while its primary dies', 85, 240],
    ['the old one is gone before the new one begins', 185, 180],
  ] as const)
    test(`${what}: each site moves once, and the record says what was meant`, async () => {
      const { world, text } = await moved(newStartS, oldEndsS);
      const switches = world.lines.filter((line) => line.event === 'switch' && line.reason === 'failover');
      assert.deepEqual(switches.map((line) => 'site' in line && line.site).sort(), [
        'shop.dyn.example.net',
        'www.dyn.example.net',
      ]);
      for (const [index, { name }] of SITES.entries()) {
        assert.equal(text(name), `198.51.100.2${index}`);
        assert.match(text(`_switchover.${name}`) ?? '', /epoch=2 serving=standby mode=auto/);
        const told = world.mails.filter((mail) => mail.site === name && mail.kind === 'failover');
        assert.ok(told.length >= 1, `${name} was never told of`);
      }
      assert.deepEqual(
        world.lines.filter((line) => line.event === 'error' && line.code === 'internal'),
        [],
      );
    });
});
