import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { apart } from '../support/apart.ts';
import type { Result } from './run.ts';
import { shrink } from './shrink.ts';
import { instanceOf } from './world/instances.ts';
import { planOf } from './world/plan.ts';
import type { Plan } from './world/plan-shape.ts';

const worlds = apart(new URL('./run.ts', import.meta.url));
after(() => worlds.close());
const run = (plan: Plan): Promise<Result> => worlds.call('run', plan);
const played = new Map<number, Promise<Result>>();
/** What came of a world, which is played when it is asked for first. */
const playedWorld = (seed: number): Promise<Result> => {
  const world = played.get(seed) ?? run(planOf(seed));
  played.set(seed, world);
  return world;
};

/** Worlds that are always played: some ten simulated hours. `npm run simulate` plays others, and `.ci/run` hundreds of them. */
const WORLDS = 12;
/** Likewise, with addresses that move. */
const READDRESS_WORLDS = 4;

suite('the simulation', () => {
  for (let seed = 1; seed <= WORLDS; seed++) {
    test(`world ${seed} breaks no invariant, and settles`, async () => {
      const { violations, trace } = await playedWorld(seed);
      const [first] = violations;
      assert.equal(first, undefined, `${first?.text}\n${trace.slice(-20).join('\n')}`);
    });
  }

  for (let seed = 1; seed <= READDRESS_WORLDS; seed++) {
    test(`world ${seed} of the lever readdress breaks no invariant, and settles`, async () => {
      const { violations, trace, effects } = await run(planOf(seed, 'readdress'));
      const [first] = violations;
      assert.equal(first, undefined, `${first?.text}\n${trace.slice(-20).join('\n')}`);
      assert.ok(Object.keys(effects).some((what) => what.startsWith('address moved by')));
    });
  }

  test('moves an address and tells of it when a server dies, and leaves it with a stranger', async () => {
    const plan = { ...planOf(8, 'readdress'), before: [], downForGood: [], held: [instanceOf(0, 0)] };
    const dead = { kind: 'server', site: 0, server: 0, answer: 'refuses' } as const;
    const taken = {
      kind: 'address',
      site: 0,
      how: 'to-a-stranger',
      server: 0,
      afterwards: 'nothing',
    } as const;
    const episodes = [
      { id: 0, fromMs: 300_000, toMs: 900_000, trouble: dead },
      { id: 1, fromMs: 600_000, toMs: 900_000, trouble: taken },
    ];
    const { trace, violations } = await run({ ...plan, episodes });
    assert.deepEqual(violations, []);
    const has = (words: string) => trace.findIndex((line) => line.includes(words));
    assert.ok(has('moved the address of www0.dyn.example.net from nobody to standby') > 0);
    assert.ok(has('www0.dyn.example.net: 203.0.113.100 answers, standby has it') > 0);
    const back = has('moved the address of www0.dyn.example.net from stranger');
    assert.ok(back < 0 || back > has('no trouble any more'));
  });

  test('plays the same world twice alike', async () => {
    const [one, two] = [await playedWorld(5), await run(planOf(5))];
    assert.deepEqual(one, two);
    assert.ok(one.trace.length > 50 && one.switches > 0);
  });

  test('shows a failover and its mail when a server dies', async () => {
    const plan = { ...planOf(5), before: [], downForGood: [] };
    const dead = { kind: 'server', site: 0, server: 0, answer: 'refuses' } as const;
    const episodes = [{ id: 0, fromMs: 300_000, toMs: 900_000, trouble: dead }];
    const { trace, violations } = await run({ ...plan, episodes });
    assert.deepEqual(violations, []);
    assert.ok(trace.some((line) => line.includes('wrote www0.dyn.example.net primary -> standby')));
    assert.ok(trace.some((line) => line.includes('mail failover')));
  });

  test('shrinks a failing world to the troubles that it takes', async () => {
    const plan = planOf(5);
    const takes = [plan.episodes[2]?.id, plan.episodes[9]?.id];
    // A world that breaks whenever both of these episodes are in it.
    const runWorld = async ({ seed, episodes }: Plan): Promise<Result> => {
      const isBroken = takes.every((id) => episodes.some((e) => e.id === id));
      const violations = isBroken ? [{ invariant: '1', atMs: Number.POSITIVE_INFINITY, text: 'broken' }] : [];
      const nothing = { simulatedMs: 0, rounds: 0, faults: 0, switches: 0, mails: 0, inTroubleMs: 0 };
      return { seed, violations, ...nothing, troubledMs: 0, effects: {}, trace: [] };
    };
    const shortest = await shrink(plan, await runWorld(plan), runWorld);
    assert.deepEqual(
      shortest.plan.episodes.map(({ id }) => id),
      takes,
    );
    assert.equal(shortest.result.violations[0]?.text, 'broken');
  });
});
