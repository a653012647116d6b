import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type VirtualStore, virtualStore } from '../../../../fixtures/virtual/store.ts';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import type { Config, Site } from '../../../../lambda/core/site/site.ts';
import { flowing } from '../../../support/in-words.ts';

type Own = { config: Config; store: VirtualStore };

/** A deployment that holds `www`, with its servers in this order. */
const deployment = (
  name: string,
  signs: boolean,
  order: (servers: Site['servers']) => Site['servers'],
): Own => {
  const site = virtualSite('www', signs ? { deployment: name } : {});
  const own = { ...site, servers: order(site.servers) };
  return { config: virtualConfig([own], { deployment: name }), store: virtualStore() };
};

/** Two deployments hold one site and disagree on which server is the primary; `sign` is whether they know of each other. */
const beside = (signs: boolean) => {
  const main = deployment('main', signs, (servers) => servers);
  const trial = deployment('trial', signs, (servers) => servers.toReversed());
  const failback = { afterSeconds: 30 };
  for (const { config } of [main, trial]) for (const site of config.sites) Object.assign(site, { failback });
  const world = virtualWorld(main.config);
  const seen = (own: Own) => ({ ...world.seenBy(), ...own });
  const role = () => world.listing().find(({ type }) => type === 'TXT')?.values[0] ?? '';
  /** Both run, a minute at a time, until so many minutes after the start. */
  const runUntil = async (from: number, until: number, owns: Own[]) => {
    for (let minute = from; minute < until; minute += 1) {
      const atMs = START_MS + minute * 60_000;
      await world.clock.runUntil(atMs);
      for (const own of owns) void runTerm(seen(own), new Date(atMs).toISOString());
    }
    await world.clock.runUntil(START_MS + until * 60_000);
  };
  const order = async (own: Own, action: string) => {
    const asked = answerCommand(seen(own), {
      action,
      site: 'www.dyn.example.net',
      by: 'ann',
      reason: 'ours now',
      ...(['pin', 'point'].includes(action) && { server: 'standby' }),
    });
    await world.clock.runUntil(world.clock.now() + 5000);
    return asked;
  };
  return { main, trial, world, role, runUntil, order };
};

test('without a name in the role record two deployments take a site from each other again and again', async () => {
  const { main, trial, world, role, runUntil } = beside(false);
  await runUntil(0, 1, [main]);
  await runUntil(1, 12, [main, trial]);
  assert.ok(Number(/epoch=(\d+)/.exec(role())?.[1]) > 2, role());
  assert.ok(world.lines.filter(({ event }) => event === 'switch').length > 2);
});

test('a role record of another deployment is row 5, told, and taken over by "adopt" alone', async () => {
  const { main, trial, world, role, runUntil, order } = beside(true);
  await runUntil(0, 1, [main]);
  await runUntil(1, 12, [main, trial]);
  assert.match(role(), /^"v=1 epoch=1 serving=primary mode=auto .* by=main"$/);
  const told = world.mails.filter(({ kind }) => kind === 'edited-by-hand');
  assert.equal(told.length, 1);
  assert.match(told[0]?.subject ?? '', /the deployment main holds it, left alone/);
  assert.match(
    flowing(told[0]?.text ?? ''),
    /is that of the deployment main.*"adopt" takes it over for trial/s,
  );
  assert.doesNotMatch(told[0]?.text ?? '', /put-back/);
  const putBack = await order(trial, 'put-back');
  assert.equal(putBack.ok, false);
  assert.match(JSON.stringify(putBack), /is that of the deployment main.*takes it over for this one/);
  for (const action of ['failback', 'release', 'pin', 'point']) {
    const refused = await order(trial, action);
    assert.equal(refused.ok, false);
    assert.match(
      JSON.stringify(refused),
      /is that of the deployment main.*takes it over for this one/,
      action,
    );
    assert.doesNotMatch(JSON.stringify(refused), /edited by hand|put-back/, action);
  }
  assert.match(
    JSON.stringify(await order(trial, 'hold')),
    /not yet in DNS, where the deployment main holds it/,
  );

  const adopted = await order(trial, 'adopt');
  assert.equal(adopted.ok, true);
  assert.match(JSON.stringify(adopted), /taken over from the deployment main, pinned to primary/);
  await runUntil(13, 20, [main, trial]);
  assert.match(role(), /^"v=1 epoch=3 serving=primary mode=pinned pin=primary .* by=trial"$/);
  const both = world.mails.filter(({ kind }) => kind === 'edited-by-hand');
  assert.equal(both.length, 2);
  assert.match(flowing(both[1]?.text ?? ''), /that of the deployment trial/);
});

for (const isMoved of [true, false])
  test(`a role record that another deployment wrote over ours, ${isMoved ? 'with a move' : 'alone'}, is told as not ours, once`, async () => {
    const { main, world, runUntil, order } = beside(true);
    await runUntil(0, 2, [main]);
    const listed = world.listing().filter(({ type }) => type === 'A' || type === 'TXT');
    const written = listed.map((record) => ({
      ...record,
      values:
        record.type === 'TXT'
          ? ['"v=1 epoch=9 serving=standby mode=auto set=01234567 since=1795305600 by=shop"']
          : [isMoved ? '198.51.100.20' : '203.0.113.10'],
    }));
    world.edit([
      ...listed.map((record) => ({ action: 'DELETE' as const, record })),
      ...written.map((record) => ({ action: 'CREATE' as const, record })),
    ]);
    await runUntil(2, 6, [main]);
    const told = () =>
      world.mails
        .filter(({ toldMs }) => toldMs > START_MS + 120_000)
        .map(({ subject }) => subject.split(' ').slice(0, 2).join(' '));
    assert.deepEqual(told(), ['NOT OURS']);
    assert.equal((await order(main, 'adopt')).ok, true);
    await runUntil(7, 9, [main]);
    assert.ok(!told().some((subject) => subject.startsWith('FOUND')), `${told()}`);
    assert.equal(told().filter((subject) => subject === 'NOT OURS').length, 1);
  });

test('a record that an earlier version left is taken up, and signed with the next write', async () => {
  const { main, role, runUntil, order } = beside(true);
  const before = { ...main, config: { ...main.config, sites: [{ ...main.config.sites[0]! }] } };
  delete before.config.sites[0]?.deployment;
  await runUntil(0, 2, [before]);
  assert.doesNotMatch(role(), /by=/);
  await runUntil(3, 5, [main]);
  assert.equal((await order(main, 'hold')).ok, true);
  assert.match(role(), /^"v=1 epoch=2 serving=primary mode=held .* by=main"$/);
});
