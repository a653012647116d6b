import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newLife } from '../../../../fixtures/virtual/mishaps.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { type Answer, answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { parseState, type SiteState } from '../../../../lambda/core/state/site-state.ts';
import { flowing } from '../../../support/in-words.ts';

const NAME = 'www.dyn.example.net';
const STANDBY = '198.51.100.20';

/** Runs to this second, with a controller started each minute. */
const runTo = async (world: VirtualWorld, seconds: number): Promise<void> => {
  const untilMs = START_MS + seconds * 1000;
  for (let atMs = world.clock.now(); atMs < untilMs; atMs = world.clock.now()) {
    const minuteMs = Math.ceil((atMs - START_MS) / 60_000) * 60_000 + START_MS;
    await world.clock.runUntil(Math.min(minuteMs, untilMs));
    if (minuteMs >= untilMs) return;
    void runTerm(world.seenBy(), new Date(minuteMs).toISOString());
    await world.clock.runUntil(Math.min(untilMs, minuteMs + 1));
  }
};

const served = async (...labels: string[]): Promise<VirtualWorld> => {
  const sites = labels.map((label) => ({ ...virtualSite(label), tags: label === 'www' ? [] : ['shop'] }));
  const world = virtualWorld(virtualConfig(sites));
  await runTo(world, 50);
  return world;
};

const ask = async (world: VirtualWorld, event: object): Promise<Answer> => {
  let answer: Answer | undefined;
  void answerCommand(world.mortal(newLife(), 0), event).then((came) => {
    answer = came;
  });
  await world.clock.runUntil(world.clock.now() + 5000);
  return answer ?? assert.fail('the order was not answered');
};

const order = (world: VirtualWorld, event: Record<string, unknown>): Promise<Answer> =>
  ask(world, { by: 'ann', reason: 'works', ...event });

const stored = (world: VirtualWorld, name = NAME): SiteState =>
  parseState(world.store.documents.get(name)?.text ?? '') ?? assert.fail('nothing is stored');

describe('silence', () => {
  test('is stored with owner, reason and end, and writes nothing to the zone', async () => {
    const world = await served('www');
    const listing = JSON.stringify(world.listing());
    const answer = await order(world, { action: 'silence', site: NAME, forSeconds: 600 });
    assert.deepEqual([answer.ok, answer.message], [true, `${NAME}: silenced until 2026-11-22 00:10:50 UTC`]);
    const { silence, override, intent } = stored(world);
    assert.deepEqual(silence, {
      ...{ by: 'ann', reason: 'works', askedMs: START_MS + 50_000, untilMs: START_MS + 650_000 },
      suppressed: 0,
    });
    assert.deepEqual([override, intent], [undefined, undefined]);
    assert.equal(JSON.stringify(world.listing()), listing);
  });

  const REFUSED: [name: string, event: Record<string, unknown>, words: RegExp][] = [
    ['without an end', { site: NAME }, /^Expected forSeconds to be a whole number .* received nothing\.$/],
    ['too long', { site: NAME, forSeconds: 2_592_001 }, /from 1 to 2592000 \(30 days\), received 2592001\.$/],
    ['too short', { site: NAME, forSeconds: 0 }, /received 0\.$/],
    [
      'without a reason',
      { site: NAME, forSeconds: 60, reason: undefined },
      /Expected reason to be .* received nothing\.$/,
    ],
    [
      'of an unknown site',
      { site: 'w.example', forSeconds: 60 },
      /Expected site to be one of .* received "w\.example"\.$/,
    ],
    [
      'of a tag that no site has',
      { tag: 'blog', forSeconds: 60 },
      /Expected tag to be one of shop, received "blog"\.$/,
    ],
    ['of nothing', { forSeconds: 60 }, /Expected exactly one of site, tag and all, received none of them\./],
    [
      'to a server',
      { site: NAME, forSeconds: 60, server: 'primary' },
      /^silence does not take server; it takes /,
    ],
  ];
  for (const [name, event, words] of REFUSED)
    test(`is refused ${name}`, async () => {
      const world = await served('www', 'shop');
      const { ok, message } = await order(world, { action: 'silence', ...event });
      assert.equal(ok, false);
      assert.match(message, words);
      assert.equal(stored(world).silence, undefined);
    });

  test('of a tag is of its sites alone, of all is of all', async () => {
    const world = await served('www', 'shop');
    await order(world, { action: 'silence', tag: 'shop', forSeconds: 60 });
    assert.deepEqual(
      [stored(world).silence, stored(world, 'shop.dyn.example.net').silence?.by],
      [undefined, 'ann'],
    );
    const { message } = await order(world, { action: 'silence', all: true, forSeconds: 600, by: 'bo' });
    assert.equal(message, 'silence: done for 2 of 2 sites.');
    assert.equal(stored(world).silence?.by, 'bo');
    assert.equal(stored(world, 'shop.dyn.example.net').silence?.by, 'bo');
  });

  test('goes on top of what a controller stores meanwhile', async () => {
    const world = await served('www');
    const { store } = world;
    const before = store.documents.get(NAME) ?? assert.fail();
    world.mishaps.push({
      call: 'save',
      play: async (attempt) => {
        const text = JSON.stringify({
          ...JSON.parse(before.text),
          damping: { movesMs: [7], waits: 0, lastDueMs: 7 },
        });
        store.documents.set(NAME, { text, version: before.version + 1 });
        return attempt();
      },
    });
    const { ok } = await order(world, { action: 'silence', site: NAME, forSeconds: 600 });
    assert.equal(ok, true);
    const { silence, damping, outbox, history } = stored(world);
    assert.equal(silence?.by, 'ann');
    assert.deepEqual(damping.movesMs, [7], 'what the other writer stored stays');
    assert.ok(outbox.length <= 1, 'it is told once');
    assert.ok(history.filter(({ what }) => what === 'hand').length <= 1);
  });

  test('is refused while the table is away, since it is written nowhere else', async () => {
    const world = await served('www');
    world.store.away = true;
    const { ok, message } = await order(world, { action: 'silence', site: NAME, forSeconds: 600 });
    assert.equal(ok, false);
    assert.match(message, /^Not done: /);
  });

  test('that is refused by the table is not done', async () => {
    const world = await served('www');
    world.mishaps.push({
      call: 'save',
      play: () => Promise.reject(new Fault('lost', 'DynamoDB', 'PutItem', 'no answer')),
    });
    const { ok, message } = await order(world, { action: 'silence', site: NAME, forSeconds: 600 });
    assert.equal(ok, false);
    assert.match(message, /^Nobody knows whether it is done: .*Look with "status" before you repeat it\.$/);
  });

  test('keeps messages back, and says so everywhere: status, explain, history, and the mails that are told', async () => {
    const world = await served('www');
    await order(world, { action: 'silence', site: NAME, forSeconds: 3600 });
    world.servers.set(STANDBY, 'refuses');
    await runTo(world, 100);
    const before = world.mails.length;
    assert.ok(!world.mails.some(({ kind }) => kind === 'server-down'));
    assert.equal(stored(world).silence?.suppressed, 1);
    const status = await ask(world, { action: 'status' });
    const [site] = status.sites ?? [];
    assert.equal(status.counts?.silenced, 1);
    assert.deepEqual(
      [site?.silence?.by, site?.silence?.reason, site?.silence?.suppressed, site?.silence?.end],
      ['ann', 'works', 1, `unsilence ${NAME} --reason "why"`],
    );
    const explained = await ask(world, { action: 'explain' });
    assert.equal(explained.explanations?.[0]?.quiet?.silence?.by, 'ann');
    const { history = [] } = await ask(world, { action: 'history', kind: 'suppressed' });
    assert.match(history[0]?.text ?? '', /^server-down: NO STANDBY .*standby is down.* silenced by ann$/);
    world.servers.set('203.0.113.10', 'refuses');
    await runTo(world, 180);
    const [down] = world.mails.slice(before).filter(({ subject }) => subject.startsWith('SITE DOWN'));
    assert.match(
      flowing(down?.text ?? ''),
      /Who knows of it The site is silenced by ann until 2026-11-22 01:00:50 UTC: "works"\. Only SITE DOWN, moves/,
    );
    assert.match(down?.text ?? '', /npm run switchover -- unsilence www\.dyn\.example\.net/);
  });
});

describe('unsilence', () => {
  test('before which nobody was told is told by the silence that follows it', async () => {
    const world = await served('www');
    await order(world, { action: 'silence', site: NAME, forSeconds: 3600 });
    const before = world.mails.length;
    void answerCommand(world.mortal(newLife(), 0), {
      action: 'unsilence',
      site: NAME,
      by: 'bo',
      reason: 'done',
    });
    await order(world, { action: 'silence', site: NAME, forSeconds: 60 });
    const [mail] = world.mails.slice(before);
    assert.match(flowing(mail?.text ?? ''), /silenced until .*, after bo ended the silence by ann/);
  });

  test('is refused where nothing is silenced', async () => {
    const world = await served('www');
    const { ok, message } = await order(world, { action: 'unsilence', site: NAME });
    assert.deepEqual([ok, message], [false, `Refused: ${NAME} is not silenced; there is nothing to end.`]);
  });

  test('is told in one message, although nothing was kept back', async () => {
    const world = await served('www');
    await order(world, { action: 'silence', site: NAME, forSeconds: 3600 });
    const before = world.mails.length;
    await order(world, { action: 'unsilence', site: NAME, by: 'bo', reason: 'disks are in' });
    await runTo(world, 100);
    const told = world.mails.slice(before);
    assert.deepEqual(
      told.map(({ subject }) => subject.replace(/ \[.*/, '')),
      [`SILENCE ENDED ${NAME}: silence over, nothing is amiss`],
    );
    assert.match(
      flowing(told[0]?.text ?? ''),
      /The silence by ann was ended by bo \(disks are in\) after 5 s\. Nothing is amiss\. No message was kept back\./,
    );
    assert.equal(stored(world).silence, undefined);
  });

  test('by itself is no message where nothing was kept back', async () => {
    const world = await served('www');
    await order(world, { action: 'silence', site: NAME, forSeconds: 60 });
    const before = world.mails.length;
    await runTo(world, 200);
    assert.deepEqual(world.mails.slice(before), []);
    const { silence } = stored(world);
    assert.equal(silence, undefined);
  });
});

describe('acknowledge', () => {
  test('takes an incident and no site', async () => {
    const world = await served('www');
    const { message } = await order(world, { action: 'acknowledge', site: NAME });
    assert.match(
      message,
      /^acknowledge does not take site; .* Expected incident to be an incident's id such as www-k3f9ab/,
    );
  });

  test('of one that is not open names those that are', async () => {
    const world = await served('www', 'shop');
    world.servers.set(STANDBY, 'refuses');
    await runTo(world, 100);
    const { ok, message } = await order(world, { action: 'acknowledge', incident: 'www-1' });
    assert.equal(ok, false);
    const open = [stored(world), stored(world, 'shop.dyn.example.net')].map(({ incident }) => incident?.id);
    assert.equal(
      message,
      `Expected an incident of a site that is open, received "www-1". Open are ${open.join(', ')}.`,
    );
  });

  test('twice by one person is told once, whatever a controller stores meanwhile', async () => {
    const world = await served('www');
    world.servers.set(STANDBY, 'refuses');
    await runTo(world, 100);
    const incident = stored(world).incident?.id ?? assert.fail('no incident');
    const { message } = await order(world, { action: 'acknowledge', incident });
    assert.equal(message, `${NAME}: incident ${incident} acknowledged`);
    await runTo(world, 120);
    const [mails, document] = [world.mails.length, world.store.documents.get(NAME)];
    for (const reason of ['works', 'really']) {
      const again = await order(world, { action: 'acknowledge', incident, reason });
      assert.deepEqual(
        [again.ok, again.message],
        [
          true,
          `${NAME}: incident ${incident} already acknowledged by ann at 2026-11-22 00:01:40 UTC (works); nothing changed, and nobody is told`,
        ],
      );
    }
    assert.deepEqual(world.store.documents.get(NAME), document);
    await runTo(world, 180);
    assert.deepEqual(world.mails.slice(mails), []);
  });

  test('by two presses at once is told once', async () => {
    const world = await served('www');
    world.servers.set(STANDBY, 'refuses');
    await runTo(world, 100);
    const incident = stored(world).incident?.id ?? assert.fail('no incident');
    // The second press is stored while the first is on its way to the table.
    world.mishaps.push({
      call: 'save',
      play: async (attempt) => {
        await answerCommand(world.mortal(newLife(), 0), {
          ...{ action: 'acknowledge', incident, by: 'ann', reason: 'on it' },
        });
        return attempt();
      },
    });
    const { ok, message } = await order(world, { action: 'acknowledge', incident });
    assert.equal(ok, true);
    assert.match(message, /already acknowledged by ann at 2026-11-22 00:01:40 UTC \(on it\)/);
    await runTo(world, 180);
    assert.equal(world.mails.filter(({ subject }) => subject.includes('acknowledged')).length, 1);
  });

  test('of a mass failure is of all its sites', async () => {
    const labels = Array.from({ length: 8 }, (_, at) => `s${at}`);
    const world = await served(...labels);
    world.servers.set(STANDBY, 'refuses');
    await runTo(world, 150);
    const group = stored(world, 's0.dyn.example.net').incident?.group ?? assert.fail('no mass failure');
    const { ok, outcomes } = await order(world, { action: 'acknowledge', incident: group });
    assert.deepEqual([ok, outcomes?.length], [true, 8]);
    for (const label of labels)
      assert.equal(stored(world, `${label}.dyn.example.net`).incident?.acknowledged?.by, 'ann');
    const { message } = await order(world, { action: 'acknowledge', incident: group });
    assert.match(
      message,
      /^acknowledge: done for 8 of 8 sites\. 8 of them already: s0.* by ann at .*, and nobody is told\.$/,
    );
  });
});
