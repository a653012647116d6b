import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
  ZONE,
} from '../../../../fixtures/virtual/world.ts';
import { type Answer, answerCommand } from '../../../../lambda/console/command.ts';
import { openRooms } from '../../../../lambda/controller/rooms.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import type { Site } from '../../../../lambda/core/site/site.ts';
import type { ZoneView } from '../../../../lambda/core/zone/zone-view.ts';
import { chosen } from '../../../../lambda/dns/drift.ts';
import type { DnsQuestion } from '../../../../lambda/ports.ts';
import { listedOf } from '../../../../lambda/zones/listing.ts';
import { flowing } from '../../../support/in-words.ts';

type Asked = { atMs: number; server: string; question: DnsQuestion };

/** Notes every question, and how many were open at the same time. */
const listen = (world: VirtualWorld): { asked: Asked[]; most: () => number } => {
  const asked: Asked[] = [];
  let [open, most] = [0, 0];
  const { ask } = world.nameServers.edge;
  world.nameServers.edge.ask = async (server, question, timeoutMs) => {
    asked.push({ atMs: world.clock.now() - START_MS, server: server.address, question });
    open += 1;
    most = Math.max(most, open);
    return ask(server, question, timeoutMs).finally(() => {
      open -= 1;
    });
  };
  return { asked, most: () => most };
};

const run = async (
  world: VirtualWorld,
  minutes: number,
  during?: (minute: number) => void,
): Promise<void> => {
  const begun = Math.floor((world.clock.now() - START_MS) / 60_000);
  for (let minute = begun; minute < minutes; minute += 1) {
    await world.clock.runUntil(START_MS + minute * 60_000 + 400);
    during?.(minute);
    void runTerm(world.seenBy(), new Date(START_MS + minute * 60_000).toISOString());
  }
  await world.clock.runUntil(START_MS + minutes * 60_000);
};

const ofSites = (asked: Asked[], fromMs: number): Asked[] =>
  asked.filter(({ atMs, server }) => atMs >= fromMs && server.startsWith('ns-'));

test('a healthy site is asked for three times a minute, of name servers in turn', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  const { asked } = listen(world);
  await run(world, 6);
  const questions = ofSites(asked, 120_000);
  assert.equal(questions.length, 12);
  assert.ok(new Set(questions.map(({ server }) => server)).size >= 3);
});

const crowd = async (count: number, minutes: number) => {
  const sites = Array.from({ length: count }, (_, index) => virtualSite(`s${index}`));
  const world = virtualWorld(virtualConfig(sites));
  const { asked, most } = listen(world);
  await run(world, minutes);
  const names = (fromMinute: number, toMinute: number) =>
    ofSites(asked, fromMinute * 60_000)
      .filter(({ atMs }) => atMs < toMinute * 60_000)
      .map(({ question }) => question.name.replace('_switchover.', ''));
  return { names, most: most() };
};

test('of many sites the records are asked for in turn, few at a time', async () => {
  const { names, most } = await crowd(60, 5);
  assert.equal(names(3, 4).length, 180);
  assert.equal(new Set(names(3, 4)).size, 60);
  assert.ok(most <= 20, `${most} questions were open at once`);
});

test('of very many sites each has its turn, and a minute has no more than 200 questions', () => {
  const view = (site: Site): ZoneView => ({
    kind: 'ours',
    role: { epoch: 1, serving: 'primary', mode: 'auto', set: '00000000', sinceSeconds: 1 },
    roleRecord: { name: `_switchover.${site.name}`, type: 'TXT', ttlSeconds: 10, values: [] },
    records: [{ name: site.name, type: 'A', ttlSeconds: 60, values: ['203.0.113.10'] }],
  });
  const sites = Array.from({ length: 1200 }, (_, index) => virtualSite(`s${index}`));
  const world = virtualWorld(virtualConfig(sites)).seenBy();
  const { rounds } = openRooms(world, new AbortController().signal);
  const { apply, schedule } = rounds;
  for (const site of sites) Object.assign(listedOf(apply.listings, site), { view: view(site) });
  const asking = { ...apply, rounds: schedule.slots };
  const minutes = Array.from({ length: 18 }, (_, minute) => chosen(asking, START_MS + minute * 60_000));
  for (const items of minutes) assert.ok(items.length <= 200);
  const all = minutes.flat().map(({ question }) => `${question.name} ${question.type}`);
  assert.equal(new Set(all).size, 3 * 1200);
});

test('a name server that always differs makes the zone be listed now and then, never in a loop, and moves nothing', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  let lists = 0;
  const counted = (seen: ReturnType<VirtualWorld['seenBy']>) => ({
    ...seen,
    zones: {
      ...seen.zones,
      list: (zoneId: string) => {
        lists += 1;
        return seen.zones.list(zoneId);
      },
    },
  });
  const { seenBy } = world;
  world.seenBy = (clock) => counted(seenBy(clock));
  await run(world, 2);
  // A name server that stands still where nothing of ours was yet; and a standby in trouble, so that it is asked every round.
  for (const name of ['ns-1', 'ns-2', 'ns-3', 'ns-4'])
    world.nameServers.lagMs.set(name, Number.POSITIVE_INFINITY);
  world.servers.set('198.51.100.20', 'refuses');
  lists = 0;
  const lines = world.lines.length;
  for (let minute = 2; minute < 8; minute += 1) {
    await world.clock.runUntil(START_MS + minute * 60_000 + 400);
    void runTerm(world.seenBy(), new Date(START_MS + minute * 60_000).toISOString());
  }
  await world.clock.runUntil(START_MS + 8 * 60_000);
  // One a controller, and at most one each half minute beside it.
  assert.ok(lists > 6 && lists <= 6 + 12, `${lists} listings`);
  assert.ok(!world.lines.slice(lines).some((line) => line.event === 'switch'));
  assert.ok(!world.mails.some(({ kind }) => kind === 'edited-by-hand'));
});

test('name servers that do not answer keep no round waiting', async () => {
  const starts = async (away: boolean) => {
    const world = virtualWorld(virtualConfig([virtualSite('www')]));
    world.nameServers.away = away;
    await run(world, 3, (minute) => minute === 1 && world.servers.set('203.0.113.10', 'refuses'));
    return world.lines.flatMap((line) =>
      line.event === 'round' || line.event === 'switch' ? [`${line.event} ${line.at}`] : [],
    );
  };
  assert.deepEqual(await starts(true), await starts(false));
});

test('a public resolver is asked until it has it', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www')], { resolvers: ['192.0.2.53'] }));
  const { asked } = listen(world);
  await run(world, 4, (minute) => minute === 1 && world.servers.set('203.0.113.10', 'refuses'));
  const resolver = asked.filter(({ server }) => server === '192.0.2.53');
  assert.ok(resolver.length > 0 && resolver.every(({ question }) => question.recursion));
  const told = world.mails.find(({ kind }) => kind === 'visible');
  assert.match(told?.text ?? '', /answered by the resolver 192\.0\.2\.53/);
});

test('a zone whose parent nobody can ask is noted as unknown, and the site still moves', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  world.nameServers.away = true;
  await run(world, 6, (minute) => minute === 1 && world.servers.set('203.0.113.10', 'refuses'));
  assert.ok(world.mails.some(({ kind }) => kind === 'failover'));
  const told = world.mails.filter(({ kind }) => kind === 'not-visible');
  assert.equal(told.length, 1);
  assert.match(flowing(told[0]?.text ?? ''), /delegates to answer with it is not known/);
  assert.ok(told[0]?.text.includes(ZONE));
});

test('status and explain tell how far a proof is, and history how it ended', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www')]));
  const ask = (action: string) => answerCommand(world.seenBy(), { action, site: `www.${ZONE}` });
  const answered = (asking: Promise<Answer>): Promise<Answer> =>
    Promise.race([asking, world.clock.runUntil(world.clock.now() + 1000).then(() => asking)]);
  await run(world, 1);
  world.servers.set('203.0.113.10', 'refuses');
  world.nameServers.lagMs.set('ns-3', 90_000);
  await run(world, 2);
  const during = await answered(ask('status'));
  const note =
    /the change to standby \(epoch 2\) is in the zone and not yet proven: 3 of 4 name servers answer with it, not yet ns-3\.test/;
  assert.match(during.sites?.[0]?.notes.find(({ code }) => code === 'unproven')?.text ?? '', note);
  assert.match((await answered(ask('explain'))).message, note);
  await run(world, 5);
  assert.match(
    (await answered(ask('explain'))).message,
    /Of the last write, at .*: epoch 2, standby: all 4 name servers answer/,
  );
  const { history } = await answered(ask('history'));
  assert.ok(history?.some(({ what, text }) => what === 'visible' && /fetched from/.test(text)));
});
