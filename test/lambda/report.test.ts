import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NoteCode, SiteStatus } from '../../lambda/core/status.ts';
import { hand } from '../../lambda/hand.ts';
import { tenure } from '../../lambda/tenure.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
  ZONE,
} from '../virtual/world.ts';

const NAME = `www.${ZONE}`;

const running = (more: Parameters<typeof virtualConfig>[1] = {}, names = ['www']): VirtualWorld => {
  const world = virtualWorld(
    virtualConfig(
      names.map((name) => virtualSite(name)),
      more,
    ),
  );
  void tenure(world.seenBy(), new Date(START_MS).toISOString());
  return world;
};
/** Answers a command while time goes on. */
const answerTo = async (world: VirtualWorld, event: object) => {
  const answer = hand(world.seenBy(), event);
  await world.clock.runUntil(world.clock.now() + 2000);
  return answer;
};
const textOf = (status: SiteStatus | undefined, code: NoteCode): string =>
  status?.notes.find((note) => note.code === code)?.text ?? '';
const at = (world: VirtualWorld, seconds: number) => world.clock.runUntil(START_MS + seconds * 1000);

test('status shows a planned switch, how far it has come and how long it still takes', async () => {
  const world = running();
  await at(world, 40);
  const asked = await answerTo(world, {
    action: 'point',
    site: NAME,
    server: 'standby',
    planned: true,
    reason: 'x',
    by: 'alice',
  });
  assert.ok(asked.ok, asked.message);
  const { sites: [before] = [] } = await answerTo(world, { action: 'status' });
  assert.equal(before?.point?.stage, 'lowering');
  await at(world, 105);
  const { sites: [after] = [] } = await answerTo(world, { action: 'status' });
  assert.deepEqual(
    [after?.point?.stage, after?.point?.to, after?.serving],
    ['waiting', 'standby', 'primary'],
  );
  assert.ok((after?.point?.remainingSeconds ?? 0) < (before?.point?.remainingSeconds ?? 0));
  assert.match(
    textOf(after, 'point'),
    /planned switch to standby, asked for by alice: answers with the old TTL run out/,
  );
});

test('status shows a protection with its comment, and when it is tried again', async () => {
  const world = running();
  await at(world, 40);
  world.protections.set(NAME, 'frozen for the audit');
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 80);
  const { sites: [status] = [] } = await answerTo(world, { action: 'status' });
  assert.match(
    textOf(status, 'protected'),
    /a record protection forbids changes, tried again at .*: .*frozen for the audit/,
  );
});

test('status and explain show which sites wait for others to move first', async () => {
  const world = running({ maxMoveShare: 0.1 }, ['www', 'shop', 'm']);
  await at(world, 40);
  world.servers.set('203.0.113.10', 'refuses');
  await at(world, 64);
  const { sites = [] } = await answerTo(world, { action: 'status' });
  const waiting = sites.filter(({ notes }) => notes.some(({ code }) => code === 'moves-wait'));
  assert.ok(waiting.length >= 1, JSON.stringify(sites));
  const { explanations = [] } = await answerTo(world, { action: 'explain', site: waiting[0]?.site });
  assert.match(explanations[0]?.text ?? '', /row 10 \(failover\).*It waits for the next interval/);
});
