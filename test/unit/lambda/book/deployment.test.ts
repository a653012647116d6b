import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import {
  DEPLOYMENT,
  type DeploymentState,
  parseDeployment,
} from '../../../../lambda/core/state/deployment-state.ts';
import { flowing } from '../../../support/in-words.ts';

/** A newer version's: whole, and with what this one cannot know. */
const NEWER = JSON.stringify({ schema: 2, blind: ['eu-west-1'], outbox: [], checked: { everything: true } });

const world = (): VirtualWorld => virtualWorld(virtualConfig([virtualSite('www')]));

/** A controller each minute, as many minutes from the start; each controller is a process that remembers with the others. */
const minutes = async (world: VirtualWorld, first: number, count: number): Promise<void> => {
  for (let minute = first; minute < first + count; minute += 1) {
    void runTerm(world.seenBy(), new Date(START_MS + minute * 60_000).toISOString());
    await world.clock.runUntil(START_MS + (minute + 1) * 60_000);
  }
};

const mailsOf = ({ mails }: VirtualWorld, kind: string) => mails.filter((mail) => mail.kind === kind);
const storedIn = ({ store }: VirtualWorld): DeploymentState | undefined =>
  parseDeployment(store.documents.get(DEPLOYMENT)?.text ?? '');

describe('what is stored of the deployment and was written by another version', () => {
  for (const [what, text] of [
    ['a newer schema', NEWER],
    ['garbage', '{"schema":1,"blind":'],
  ] as const)
    test(`${what} is left as it is, and told each hour`, async () => {
      const one = world();
      await one.store.save(DEPLOYMENT, text, 0);
      await minutes(one, 0, 62);
      assert.deepEqual(one.store.documents.get(DEPLOYMENT), { text, version: 1 });
      const told = mailsOf(one, 'state-unreadable');
      assert.equal(told.length, 2);
      assert.match(told[0]?.subject ?? '', /what is stored about main as a whole cannot be read/);
      assert.match(flowing(told[0]?.text ?? ''), /site#\*.*nothing is saved over it/);
      const logged = one.lines.filter((line) => line.event === 'error' && line.code === 'state-unreadable');
      assert.equal(logged.length, 62, 'once by each controller');
    });

  test('keeps nobody from hearing what concerns the deployment: once by each process', async () => {
    const one = world();
    await one.store.save(DEPLOYMENT, NEWER, 0);
    one.blindVantages.add('eu-west-1');
    await minutes(one, 0, 5);
    one.zoneAway = true;
    await minutes(one, 5, 70);
    assert.equal(mailsOf(one, 'vantage-blind').length, 1);
    assert.equal(mailsOf(one, 'zone-unreadable').length, 2, 'hourly');
    assert.equal(one.store.documents.get(DEPLOYMENT)?.text, NEWER);
  });

  test('is told apart from sites whose state cannot be read either', async () => {
    const one = world();
    await one.store.save(DEPLOYMENT, NEWER, 0);
    await one.store.save(virtualSite('www').name, '{"schema":2}', 0);
    await minutes(one, 0, 2);
    const subjects = mailsOf(one, 'state-unreadable').map(({ subject }) => subject);
    assert.equal(subjects.length, 2);
    assert.match(subjects.join('\n'), /stored state of 1 sites of main cannot be read/);
  });

  test('is taken up again once it can be read, and what was told meanwhile is not kept over it', async () => {
    const one = world();
    await one.store.save(DEPLOYMENT, NEWER, 0);
    await minutes(one, 0, 2);
    const readable: DeploymentState = {
      schema: 2,
      blind: [],
      unreadable: {},
      reminders: {},
      outbox: [],
      controllers: 1,
    };
    await one.store.save(DEPLOYMENT, JSON.stringify(readable), 1);
    one.blindVantages.add('eu-west-1');
    await minutes(one, 2, 2);
    assert.deepEqual(storedIn(one)?.blind, ['eu-west-1']);
  });

  test('can be what a controller meets when it saves', async () => {
    const one = world();
    void runTerm(one.seenBy(), new Date(START_MS).toISOString());
    await one.clock.runUntil(START_MS + 30_000);
    one.store.documents.set(DEPLOYMENT, { text: NEWER, version: 9 });
    one.blindVantages.add('eu-west-1');
    await one.clock.runUntil(START_MS + 100_000);
    assert.deepEqual(one.store.documents.get(DEPLOYMENT), { text: NEWER, version: 9 });
    assert.equal(mailsOf(one, 'vantage-blind').length, 1);
  });
});

describe('a document of the deployment that the table does not take', () => {
  const refusing = (): VirtualWorld => {
    const one = world();
    const { save } = one.store;
    one.store.save = async (name, text, version) => {
      if (name === DEPLOYMENT && one.blindVantages.size > 0)
        throw new Fault('refused', 'DynamoDB', 'PutItem', 'Item size has exceeded the maximum allowed size');
      return save(name, text, version);
    };
    return one;
  };

  test('is a defect of ours: the table is not taken for away, and nothing is told again each minute', async () => {
    const one = refusing();
    await minutes(one, 0, 1);
    one.blindVantages.add('eu-west-1');
    await minutes(one, 1, 9);
    assert.equal(mailsOf(one, 'store-away').length, 0);
    assert.equal(mailsOf(one, 'internal').length, 1);
    assert.equal(mailsOf(one, 'vantage-blind').length, 1);
    one.servers.set('203.0.113.10', 'refuses');
    await minutes(one, 10, 1);
    assert.equal(mailsOf(one, 'failover').length, 1, 'and the sites go on as ever');
  });

  test('is stored as it is by now once the table takes it', async () => {
    const one = refusing();
    one.blindVantages.add('eu-west-1');
    await minutes(one, 0, 3);
    assert.equal(storedIn(one), undefined);
    one.blindVantages.clear();
    one.zoneAway = true;
    await minutes(one, 3, 2);
    assert.deepEqual([storedIn(one)?.blind, storedIn(one)?.outbox], [[], []]);
  });
});

test('with the table away a blind vantage is told by the controllers that see it first, and not by each one after them', async () => {
  const one = world();
  await minutes(one, 0, 1);
  one.store.away = true;
  one.blindVantages.add('eu-west-1');
  await minutes(one, 1, 2);
  // The first one cannot learn that it is over, so two are at work.
  assert.equal(mailsOf(one, 'vantage-blind').length, 2);
  await minutes(one, 3, 6);
  assert.equal(mailsOf(one, 'vantage-blind').length, 2);
  one.store.away = false;
  await minutes(one, 9, 6);
  assert.deepEqual(storedIn(one)?.blind, ['eu-west-1']);
  assert.ok(mailsOf(one, 'vantage-blind').length <= 3, 'at most once more when it is back');
});
