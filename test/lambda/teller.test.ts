import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tenure } from '../../lambda/tenure.ts';
import { START_MS, type VirtualWorld, virtualConfig, virtualSite, virtualWorld } from '../virtual/world.ts';

/** What people are told by controllers that follow one another, in virtual time. */
const worldOf = (count: number): VirtualWorld =>
  virtualWorld(virtualConfig(Array.from({ length: count }, (_, index) => virtualSite(`s${index}`))));

const STANDBY = '198.51.100.20';

/** Runs to this second, with a controller started each minute. */
const runTo = async (world: VirtualWorld, seconds: number): Promise<void> => {
  const untilMs = START_MS + seconds * 1000;
  for (let atMs = world.clock.now(); atMs < untilMs; atMs = world.clock.now()) {
    const minuteMs = Math.ceil((atMs - START_MS) / 60_000) * 60_000 + START_MS;
    if (minuteMs >= untilMs) {
      await world.clock.runUntil(untilMs);
      return;
    }
    await world.clock.runUntil(minuteMs);
    void tenure(world.seenBy(), new Date(minuteMs).toISOString());
    await world.clock.runUntil(Math.min(untilMs, minuteMs + 1));
  }
};

describe('standbys that come and go fill no mailbox', () => {
  for (const [count, most] of [
    [1, 6],
    [30, 36],
  ] as const)
    test(`${count} of them`, async () => {
      const world = worldOf(count);
      await runTo(world, 60);
      const before = world.mails.length;
      for (let atS = 60; atS < 13 * 60; atS += 20) {
        world.servers.set(STANDBY, (atS / 20) % 2 === 0 ? 'ok' : 'refuses');
        await runTo(world, atS + 20);
      }
      world.servers.set(STANDBY, 'ok');
      await runTo(world, 26 * 60);
      const told = world.mails.slice(before);
      assert.ok(told.length <= most, `${told.length} mails: ${told.map((m) => m.subject).join('\n')}`);
      const flapping = told.filter(({ kind }) => kind === 'server-flapping').map(({ text }) => text);
      const [begins, ends] = [/comes and goes/, /For 10 min it has not, and it is up/].map((words) =>
        flapping.filter((text) => words.test(text)),
      );
      assert.equal((begins?.length ?? 0) + (ends?.length ?? 0), flapping.length);
      assert.ok(begins?.length && begins.length === ends?.length, 'once when it begins, once when it ends');
    });
});
