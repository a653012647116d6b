import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { type Answer, answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { flowing } from '../../../support/in-words.ts';

const STRANGER = '192.0.2.99';

/** A site that a controller has created its record for, and watches. */
const served = async (more: Partial<ReturnType<typeof virtualSite>> = {}) => {
  const site = { ...virtualSite('www'), ...more };
  const world = virtualWorld(virtualConfig([site]));
  void runTerm(world.seenBy(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 40_000);
  return { world, site: site.name };
};

const answerTo = async ({ world, site }: Served, event: Record<string, unknown>): Promise<Answer> => {
  const looks = ['status', 'explain'].includes(event.action as string);
  const answer = answerCommand(world.seenBy(), {
    site,
    ...(looks ? {} : { by: 'ops', reason: 'drill' }),
    ...event,
  });
  await world.clock.runUntil(world.clock.now() + 2000);
  return answer;
};
type Served = { world: VirtualWorld; site: string };

const editRecord = ({ world, site }: Served, address: string): void => {
  const record = world.listing().find((r) => r.name === site && r.type === 'A') ?? assert.fail();
  world.edit([
    { action: 'DELETE', record },
    { action: 'CREATE', record: { ...record, values: [address] } },
  ]);
};

/** A site whose record a person set to an address of no server, adopted for a minute that is over. */
const adopted = async (): Promise<Served> => {
  const it = await served();
  editRecord(it, STRANGER);
  const { message } = await answerTo(it, { action: 'adopt', forSeconds: 60 });
  assert.match(message, /edit adopted \(192\.0\.2\.99\), held until/);
  void runTerm(it.world.seenBy(), new Date(it.world.clock.now()).toISOString());
  await it.world.clock.runUntil(it.world.clock.now() + 120_000);
  return it;
};

test('an adopted address is told by what it is, and the mails advise what works there', async () => {
  const it = await adopted();
  const mail = (kind: string) => it.world.mails.find((each) => each.kind === kind) ?? assert.fail(kind);
  for (const kind of ['expiry', 'unsure']) {
    const { subject, text } = mail(kind);
    assert.match(subject, /192\.0\.2\.99 stays/);
    assert.match(text, /Serve primary, whatever is seen of it:\n.* pin www\.dyn\.example\.net primary /);
    assert.match(text, /"action":"pin".*"server":"primary"/s);
    assert.doesNotMatch(text, /failback|decides again/);
  }
  assert.match(flowing(mail('expiry').text), /stays on 192\.0\.2\.99, which is no configured server/);
  const { sites: [status] = [] } = await answerTo(it, { action: 'status' });
  assert.match(
    status?.notes.map(({ text }) => text).join() ?? '',
    /192\.0\.2\.99 serves and is no configured server; "pin" moves/,
  );
});

test('failback from an adopted address is refused with what works, and that works', async () => {
  const it = await adopted();
  const { ok, message } = await answerTo(it, { action: 'failback' });
  assert.equal(ok, false);
  assert.match(
    message,
    /failback moves from a configured server to a preferred one, and 192\.0\.2\.99 is none\. "pin" moves/,
  );
  assert.equal((await answerTo(it, { action: 'pin', server: 'primary', force: true })).ok, true);
});

test('a hold on edited records says why it is not in DNS', async () => {
  const it = await served();
  editRecord(it, STRANGER);
  const { message } = await answerTo(it, { action: 'hold' });
  assert.match(message, /not yet in DNS, where the records were edited by hand/);
});

test('an order that ends a hold or pin says whose, in the answer and in the mail', async () => {
  const steps: [command: Record<string, unknown>, says: RegExp][] = [
    [{ action: 'pin', server: 'standby', by: 'ann' }, /pinned to standby until [^,]+ UTC$/],
    [{ action: 'pin', server: 'standby', by: 'ann' }, /pinned to standby until [^,]+ UTC$/],
    [{ action: 'pin', server: 'standby', by: 'bob' }, /UTC, in place of the pin to standby by ann$/],
    [{ action: 'hold', by: 'bob' }, /held until [^,]+ UTC, pin to standby by bob ended$/],
    [
      { action: 'pin', server: 'primary', by: 'ann' },
      /pinned to primary until [^,]+ UTC, hold by bob ended$/,
    ],
    [{ action: 'hold', by: 'ann' }, /held until [^,]+ UTC, pin to primary by ann ended$/],
    [{ action: 'release', by: 'bob' }, /: released, hold by ann ended$/],
    [{ action: 'hold', by: 'ann' }, /held until [^,]+ UTC$/],
    [{ action: 'release', by: 'ann' }, /: released$/],
  ];
  const it = await served();
  for (const [command, says] of steps) {
    const { message } = await answerTo(it, command);
    assert.match(message, says, JSON.stringify(command));
    await it.world.clock.runUntil(it.world.clock.now() + 10_000);
    const what = message.slice(message.indexOf(': ') + 2);
    assert.ok(
      it.world.mails.some(({ text }) => flowing(text).includes(`${what}. Reason`)),
      what,
    );
  }
});

test('explain tells of an edit that is not decided on yet', async () => {
  const it = await served();
  const fine = await answerTo(it, { action: 'explain' });
  assert.doesNotMatch(fine.message, /edit/);
  editRecord(it, STRANGER);
  const { message } = await answerTo(it, { action: 'explain' });
  assert.match(message, /\(fine\).*The zone shows an edit by hand that is not decided on yet: /);
});

test('a planned switch with a TTL as low as it gets does not claim to lower it', async () => {
  const it = await served({ ttlSeconds: 10 });
  const { message } = await answerTo(it, { action: 'point', server: 'standby', planned: true });
  assert.match(message, /answers with the old TTL run out; \d+ s until it switches, about \d+ s left\./);
});

test('of several sites, what the controller carries out later is said to be asked for, and not done', async () => {
  const world = virtualWorld(virtualConfig([virtualSite('www'), virtualSite('shop')]));
  void runTerm(world.seenBy(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 40_000);
  const ordered = async (event: Record<string, unknown>): Promise<string> => {
    const answer = answerCommand(world.seenBy(), { by: 'ops', reason: 'drill', all: true, ...event });
    await world.clock.runUntil(world.clock.now() + 2000);
    return (await answer).message;
  };
  assert.equal(await ordered({ action: 'point', server: 'standby' }), 'point: asked for on 2 of 2 sites.');
  assert.match(await ordered({ action: 'failback' }), /^failback: asked for on 0 of 2 sites\. Not for: /);
  assert.equal(await ordered({ action: 'hold' }), 'hold: done for 2 of 2 sites.');
});
