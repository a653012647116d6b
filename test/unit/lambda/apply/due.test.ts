import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { parseState, type SiteState } from '../../../../lambda/core/state/site-state.ts';

const MINUTE_MS = 60_000;
const SITE = 'c.dyn.example.net';
const given = { site: SITE, by: 'ops', reason: 'drill' };

type Story = { pinnedMs: number; heldMs: number; changeMs: number };

/** A pin that Route 53 throttles, and its release so much later. Answers what was told after the release, and what is left. */
const told = async ({
  pinnedMs,
  heldMs,
  changeMs,
}: Story): Promise<[all: string[], late: string[], SiteState]> => {
  const world = virtualWorld(virtualConfig(['a', 'b', 'c'].map((name) => virtualSite(name))));
  const { clock } = world;
  world.onChange = (apply) => {
    if (clock.now() < START_MS + MINUTE_MS) return apply();
    throw new Fault('throttled', 'Route 53', 'ChangeResourceRecordSets', 'Rate exceeded');
  };
  const seen = () => {
    const own = world.seenBy();
    const change: typeof own.zones.change = async (...asked) => {
      await clock.sleep(changeMs);
      return own.zones.change(...asked);
    };
    return { ...own, memory: new Map(), zones: { ...own.zones, change } };
  };
  const startsAt = (minute: number) => ({
    atMs: minute * MINUTE_MS + 400,
    run: () => void runTerm(seen(), new Date(START_MS + minute * MINUTE_MS).toISOString()),
  });
  const orderAt = (atMs: number, order: object) => ({
    atMs,
    run: () => void answerCommand(seen(), { ...given, ...order }),
  });
  const releasedMs = pinnedMs + heldMs;
  const steps = [
    ...[0, 1, 2, 3].map(startsAt),
    orderAt(pinnedMs, { action: 'pin', server: 'standby' }),
    orderAt(releasedMs, { action: 'release' }),
  ];
  for (const { atMs, run } of steps.sort((one, other) => one.atMs - other.atMs)) {
    await clock.runUntil(START_MS + atMs);
    run();
  }
  await clock.runUntil(START_MS + releasedMs + MINUTE_MS);
  const since = (ms: number) =>
    world.mails.filter(({ toldMs }) => toldMs > START_MS + ms).map(({ subject }) => subject);
  const state = parseState(world.store.documents.get(SITE)?.text ?? '');
  assert.ok(state !== undefined);
  return [since(pinnedMs), since(releasedMs), state];
};

const STEPS_MS = [0, 1500, 3000, 4500, 6000, 7500, 9000];

test('a move that was not made when a person ended it is told by nobody as not made, nor stays as refused', async () => {
  for (const heldMs of [3000, 7000])
    for (const changeMs of [0, 300])
      for (const stepMs of STEPS_MS) {
        const [all, late, state] = await told({ pinnedMs: 90_000 + stepMs, heldMs, changeMs });
        const when = `pinned ${stepMs} ms after a look, released ${heldMs} ms later, changes take ${changeMs} ms`;
        assert.ok(
          late.some((subject) => subject.includes('released by ops')),
          when,
        );
        assert.deepEqual(
          late.filter((subject) => /NOT MOVED|refused/.test(subject)),
          [],
          when,
        );
        // Who was told of it before is told that it is over.
        const isTold = all.some((subject) => subject.startsWith('NOT MOVED'));
        assert.equal(late.filter((subject) => subject.startsWith('BACK')).length, isTold ? 1 : 0, when);
        assert.deepEqual([state.writeRefused, state.reminders, state.outbox], [undefined, {}, []], when);
      }
});
