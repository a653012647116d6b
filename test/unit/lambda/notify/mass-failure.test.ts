import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { START_MS, type VirtualWorld } from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { apart } from '../../../support/apart.ts';
import { flowing } from '../../../support/in-words.ts';
import { type night, play, primaryOf, SITES, worldOf } from './mass-failure-night.ts';

const NIGHT = new URL('../../../../docs/night.md', import.meta.url);
/** What `maxMoveShare` is by default, and in docs/night.md. */
const TOLD_SHARE = 0.25;
const nights = apart(new URL('./mass-failure-night.ts', import.meta.url));
after(() => nights.close());

const firstWords = (mails: VirtualWorld['mails']): string[] =>
  mails.map(({ subject }) => /^([A-Z ]+) \d/.exec(subject)?.[1] ?? subject);

describe('200 primaries that die and come back', () => {
  for (const share of [0.25, 0.1])
    describe(`of which ${share} may move at a time`, () => {
      let mails: VirtualWorld['mails'] = [];
      let shown: Record<string, string> = {};
      before(async () => {
        const told: Awaited<ReturnType<typeof night>> = await nights.call('night', share);
        ({ mails, shown } = told);
      });

      test('are what docs/night.md tells', { skip: share !== TOLD_SHARE }, () => {
        const page = readFileSync(NIGHT, 'utf8');
        const parts = [...page.matchAll(/<!-- night: (\w+) -->\n\n```\n([\s\S]*?)\n```/g)];
        assert.deepEqual(parts.map(([, name]) => name).sort(), Object.keys(shown).sort());
        const today = page.replace(
          /(<!-- night: (\w+) -->\n\n```\n)[\s\S]*?(\n```)/g,
          (_, begin: string, name: string, end: string) => `${begin}${shown[name]}${end}`,
        );
        if (process.env.SWITCHOVER_UPDATE_NIGHT) writeFileSync(NIGHT, today);
        else
          assert.equal(page, today, 'Write it anew with SWITCHOVER_UPDATE_NIGHT=1, and read what changed.');
      });

      test('are told in six messages at most', () => {
        assert.ok(mails.length <= 6, mails.map(({ subject }) => subject).join('\n'));
        assert.ok(mails.length >= 3, 'dead, back, over');
      });

      test('are told of soon, although some are still to be moved', () => {
        const [first] = mails;
        const afterS = ((first?.toldMs ?? 0) - START_MS) / 1000 - 130;
        assert.ok(afterS < 75, `${afterS} s after the first death, of which twenty are to be sure of it`);
        if (share > 0.1) return;
        assert.match(first?.subject ?? '', /^SERVER DOWN \d+ sites, FAILOVER \d+: /);
        assert.match(flowing(first?.text ?? ''), /\d+ more are due to move and wait for their turn\./);
      });

      test('have each of their moves told, and each once', () => {
        const told = mails
          .flatMap(({ sites = [] }) => sites)
          .filter(({ kind }) => ['failover', 'failback'].includes(kind));
        const moves = told.map(({ site, kind }) => `${site} ${kind}`);
        assert.equal(moves.length, 2 * SITES);
        assert.equal(new Set(moves).size, 2 * SITES);
      });

      test('are told as one event: one cause, one incident, and its end last', () => {
        const [first] = mails;
        assert.match(first?.subject ?? '', /connection refused at 192\.0\.2\.0\/24 \[main-/);
        assert.match(
          flowing(first?.text ?? ''),
          /200 of 200 sites of main since .*: connection refused, all at 192\.0\.2\.0\/24\./,
        );
        assert.match(first?.text ?? '', /By tag\n {2}blog 100, shop 100\n/);
        assert.match(first?.text ?? '', /\n {2}and 190 more: /);
        assert.deepEqual(new Set(mails.map(({ incident }) => incident)).size, 1);
        assert.equal(firstWords(mails).at(-1), 'BACK');
        assert.match(mails.at(-1)?.subject ?? '', /200 sites of main: this incident is over/);
        assert.equal(mails.filter(({ kind }) => kind === 'over').length, 1);
      });
    });
});

test('few sites are told apart, at once, also while a mass failure goes on', async () => {
  const { world, kill } = worldOf(20, 1, 'manual');
  const alone = () => void world.servers.set(primaryOf(19), 'refuses');
  await play(world, { 130: () => kill(15), 300: alone }, 345);
  const [mail] = world.mails.filter(({ site }) => site === 'a019.dyn.example.net');
  assert.match(mail?.subject ?? '', /^FAILOVER a019\.dyn\.example\.net: standby serves \[a019-/);
  assert.ok((mail?.toldMs ?? 0) - START_MS < 330_000);
});

test('that sites of many are visible is no message of its own, nor that each of them is well again', async () => {
  const { world, kill } = worldOf(20, 1, { afterSeconds: 60 });
  await play(world, { 130: () => kill(15), 300: () => world.servers.clear() }, 620);
  const kinds = world.mails.filter(({ toldMs }) => toldMs > START_MS + 130_000).map(({ kind }) => kind);
  assert.deepEqual(kinds, ['failover', 'server-up', 'failback', 'over']);
});

test("a person's order is a message of its own, also among many that are told together", async () => {
  const { world, kill } = worldOf(20, 0.25, 'manual');
  const hold = { action: 'hold', site: 'a014.dyn.example.net', reason: 'moving racks', by: 'ann' };
  const order = () => void answerCommand(world.seenBy(), hold);
  await play(world, { 130: () => kill(15), 152: order }, 240);
  const told = world.mails.filter(({ kind }) => kind === 'hand');
  assert.equal(told.length, 1, world.mails.map(({ subject }) => subject).join('\n'));
  assert.match(flowing(told[0]?.text ?? ''), /moving racks/);
  assert.ok((told[0]?.toldMs ?? 0) - START_MS < 165_000, 'within seconds');
  const among = world.mails.flatMap(({ sites = [] }) => sites);
  assert.ok(among.every(({ kind }) => kind !== 'hand'));
});

test('of six sites that move one batch after the other, people get one mail of what began and one of what became of it', async () => {
  const { world, kill } = worldOf(6, 0.25, 'manual');
  await play(world, { 130: () => kill(6) }, 330);
  const trouble = world.mails.filter(({ severity }) => severity === 'critical');
  assert.equal(trouble.length, 2, trouble.map(({ subject }) => subject).join('\n'));
  assert.equal(new Set(trouble.map(({ incident }) => incident)).size, 1);
  const opened = world.events.filter(({ state }) => state === 'trigger').map(({ dedupKey }) => dedupKey);
  assert.equal(new Set(opened).size, 2, 'one alert for each team');
  const moved = trouble.flatMap(({ sites = [] }) => sites).filter(({ kind }) => kind === 'failover');
  assert.equal(new Set(moved.map(({ site }) => site)).size, 6, 'each site is named');
});
