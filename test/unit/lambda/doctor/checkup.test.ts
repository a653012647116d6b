import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
  ZONE,
} from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Subscription } from '../../../../lambda/core/doctor/facts.ts';
import type { Server } from '../../../../lambda/core/site/site.ts';
import { DEPLOYMENT, parseDeployment } from '../../../../lambda/core/state/deployment-state.ts';
import { DnsFault } from '../../../../lambda/edge/dns.ts';
import type { DnsEdge, DnsRecord, DoctorTools } from '../../../../lambda/ports.ts';
import { flowing } from '../../../support/in-words.ts';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** What the outside does to a call of the doctor's: nothing, or `lost` after a while, of the first ones or of all. */
type Trouble = { call: 'zone' | 'subscriptions' | 'change' | 'ask'; times: number; server?: string };
const PARENT = ZONE.slice(ZONE.indexOf('.') + 1);
const HANGS_MS = { zone: 8000, subscriptions: 8000, change: 10_000, ask: 2000 };
const NAMES = ['ns-1', 'ns-2', 'ns-3', 'ns-4'].map((name) => `${name}.test`);

/** A deployment whose account can be looked at; DNS is looked at where `dns` says so. */
type Deployed = { dns?: boolean; trouble?: Trouble; standby?: Partial<Server> };
const WELL = { ipv4: ['198.51.100.20'], ipv6: ['2001:db8::2'] };
const deployed = ({ dns = false, trouble, standby = WELL }: Deployed = {}) => {
  const site = virtualSite('www', {
    servers: [
      { name: 'primary', ipv4: ['203.0.113.10'], ipv6: ['2001:db8::1'] },
      { name: 'standby', ipv4: [], ipv6: [], ...standby },
    ],
  });
  const world = virtualWorld(virtualConfig([site]));
  let state: Subscription['state'] = 'confirmed';
  let visits = 0;
  let met = 0;
  const hangs = async (call: Trouble['call'], server?: string): Promise<void> => {
    if (trouble?.call !== call || (trouble.server ?? server) !== server || met >= trouble.times) return;
    met += 1;
    await world.clock.sleep(HANGS_MS[call]);
    if (call !== 'ask') throw new Fault('lost', 'the outside', call, 'no answer in time');
    throw new DnsFault(
      'timeout',
      { address: server ?? '', port: 53 },
      { name: 'x', type: 'A' },
      'no answer in time',
    );
  };
  const doctorTools: DoctorTools = {
    alertsArn: 'arn:aws:sns:eu-west-2:000000000000:main-alerts',
    account: {
      zone: async () => {
        visits += 1;
        await hangs('zone');
        return { nameServers: NAMES, accelerated: 'ENABLED' };
      },
      subscriptions: async () => {
        await hangs('subscriptions');
        return [{ protocol: 'email', endpoint: 'ops@example.net', state }];
      },
    },
    ...(dns && { dns: slowly(world, hangs) }),
  };
  return {
    world,
    visits: () => visits,
    subscription: (next: Subscription['state']) => {
      state = next;
    },
    /** Runs a controller for two minutes, as from this second on. */
    minute: async (fromSeconds: number) => {
      await world.clock.runUntil(START_MS + fromSeconds * 1000);
      const seen = world.seenBy();
      const change: typeof seen.zones.change = async (...args) => {
        if (args[2].includes('a check of permissions')) await hangs('change');
        return seen.zones.change(...args);
      };
      const ended = runTerm(
        { ...seen, zones: { ...seen.zones, change }, doctorTools },
        new Date(world.clock.now()).toISOString(),
      );
      await world.clock.runUntil(START_MS + (fromSeconds + 200) * 1000);
      await ended;
    },
  };
};
/** Name servers as the world has them, with TTLs that nobody minds, and a resolver that knows the parent zone, too. */
const slowly = (
  { nameServers: { edge } }: VirtualWorld,
  hangs: (call: 'ask', server: string) => Promise<void>,
): DnsEdge => ({
  ...edge,
  ask: async (server, question, timeoutMs) => {
    await hangs('ask', server.address);
    const said = await edge.ask(server, question, timeoutMs);
    if (question.type === 'SOA' && question.name === PARENT)
      return {
        ...said,
        rcode: 'NOERROR',
        answers: [{ name: PARENT, type: 'SOA', ttlSeconds: 900, value: '900' }],
      };
    const lasting = (one: DnsRecord) => (one.type === 'NS' ? { ...one, ttlSeconds: 3600 } : one);
    return { ...said, answers: said.answers.map(lasting), authorities: said.authorities.map(lasting) };
  },
});
const mails = ({ mails: all }: VirtualWorld) => all.filter(({ kind }) => kind === 'checkup');
const stored = async ({ store }: VirtualWorld) =>
  parseDeployment((await store.load([DEPLOYMENT])).get(DEPLOYMENT)?.text ?? '')?.checked;

describe('the controller', () => {
  test('makes the daily check an hour after it ran first, once a day, and tells what is new', async () => {
    const { world, visits, minute, subscription } = deployed();
    await minute(0);
    assert.equal(visits(), 0);
    await minute(HOUR_S);
    assert.equal(visits(), 1);
    assert.deepEqual(mails(world), []);
    subscription('pending');
    await minute(HOUR_S + 600);
    assert.equal(visits(), 1);
    await minute(DAY_S + HOUR_S + 300);
    assert.equal(visits(), 2);
    const [mail] = mails(world);
    assert.match(mail?.subject ?? '', /^DAILY CHECK main: \d new, 0 of 1 sites would not fail over \[/);
    assert.match(
      flowing(mail?.text ?? ''),
      /ops@example\.net did not confirm the subscription of main-alerts/,
    );
    await minute(2 * DAY_S + HOUR_S + 600);
    assert.equal(visits(), 3);
    assert.equal(mails(world).length, 1, 'once told is told');
  });

  test('says what a dead standby means, which was told at once by its own name', async () => {
    const { world, minute, subscription } = deployed();
    await minute(0);
    world.servers.set('198.51.100.20', 'refuses');
    world.servers.set('2001:db8::2', 'refuses');
    subscription('pending');
    await minute(HOUR_S - 100);
    const [mail] = mails(world);
    assert.match(mail?.subject ?? '', /^DAILY CHECK main: \d new, 1 of 1 sites would not fail over \[/);
    assert.match(
      flowing(mail?.text ?? ''),
      /WOULD NOT FAIL OVER, because there is no standby that is able to take over \(no-standby\)\./,
    );
    assert.doesNotMatch(mail?.text ?? '', /Every site would/);
  });

  test('repeats no record that stands in the way of a standby, which is told at once by its own name', async () => {
    const { world, minute } = deployed({ standby: { hostname: 'standby.hosting.test' } });
    await minute(0);
    const [site] = world.seenBy().config.sites;
    const record = {
      name: site?.name ?? '',
      type: 'TXT',
      ttlSeconds: 300,
      values: ['"site-verification=1"'],
    };
    world.edit([{ action: 'CREATE', record }]);
    await minute(HOUR_S);
    await minute(DAY_S + HOUR_S + 300);
    assert.deepEqual(mails(world), []);
    const [told, ...again] = world.mails.filter(({ kind }) => kind === 'server-blocked');
    assert.match(told?.subject ?? '', /a record blocks standby, nothing would take over \[/);
    assert.match(
      flowing(told?.text ?? ''),
      /Route 53 would refuse a move to standby: www\S* has TXT records, .*standby\.hosting\.test/,
    );
    assert.deepEqual(again, []);
  });

  test('changes nothing by looking: the zone, and what is stored of sites, are as they were', async () => {
    const { world, minute, visits } = deployed();
    await minute(0);
    const before = JSON.stringify(world.listing());
    await minute(HOUR_S);
    assert.equal(visits(), 1);
    assert.equal(JSON.stringify(world.listing()), before);
    assert.equal((await world.store.load(['*dry*'])).size, 0);
    assert.deepEqual(
      world.lines.filter(({ event }) => event === 'error'),
      [],
    );
  });

  test('tells of IPv6 that no vantage has a network for, and not when one has', async () => {
    const blind = deployed();
    for (const address of ['2001:db8::1', '2001:db8::2']) blind.world.servers.set(address, 'no-network');
    await blind.minute(0);
    await blind.minute(HOUR_S);
    assert.match(
      flowing(mails(blind.world)[0]?.text ?? ''),
      /No vantage can look at 2001:db8::1 and 2001:db8::2 of www/,
    );
    assert.deepEqual(
      (await stored(blind.world))?.kept.map(({ code }) => code),
      ['family-unseen'],
    );
    const seeing = deployed();
    for (const vantage of ['eu-west-1', 'eu-west-2'])
      seeing.world.seenFrom.set(`${vantage} 2001:db8::1`, 'no-network');
    await seeing.minute(0);
    await seeing.minute(HOUR_S);
    assert.deepEqual(mails(seeing.world), []);
  });

  for (const dns of [false, true]) {
    test(`finds nothing where all is well${dns ? ', DNS included' : ''}`, async () => {
      const { world, minute, visits } = deployed({ dns });
      await minute(0);
      await minute(HOUR_S);
      assert.equal(visits(), 1);
      assert.equal((await stored(world))?.againMs, undefined, 'all was answered');
      assert.deepEqual(
        mails(world).map(({ text }) => text),
        [],
      );
    });
  }

  const SLOW: Trouble[] = [
    { call: 'zone', times: 1 },
    { call: 'subscriptions', times: 1 },
    { call: 'change', times: 1 },
    { call: 'ask', times: 1 },
    { call: 'ask', times: 2, server: 'resolver' },
    { call: 'ask', times: 2, server: 'ns-1' },
  ];
  for (const trouble of SLOW) {
    const { call, times, server } = trouble;
    test(`tells nothing when ${call} ${server ?? ''} hangs ${times === 1 ? 'once' : 'twice'}`, async () => {
      const { world, minute } = deployed({ dns: true, trouble });
      await minute(0);
      await minute(HOUR_S);
      assert.deepEqual(
        mails(world).map(({ text }) => text),
        [],
      );
      assert.equal((await stored(world))?.againMs, undefined, 'answered in the same visit');
      assert.ok(((await stored(world))?.atMs ?? 0) > START_MS + HOUR_S * 1000, 'the check was made');
    });
  }

  const SILENT: (Trouble & { code: string })[] = [
    { call: 'zone', times: Infinity, code: 'zone-unanswered' },
    { call: 'change', times: Infinity, code: 'write-unanswered' },
    { call: 'ask', times: Infinity, code: 'name-servers-unanswered' },
    { call: 'ask', times: Infinity, server: 'resolver', code: 'resolvers-unanswered' },
  ];
  for (const { code, ...trouble } of SILENT) {
    const { call, server } = trouble;
    test(`tells as not known, the second time, what ${call} ${server ?? ''} never answers`, async () => {
      const { world, minute } = deployed({ dns: true, trouble });
      await minute(0);
      await minute(HOUR_S);
      assert.deepEqual(mails(world), [], 'asked again ten minutes later');
      await minute(HOUR_S + 700);
      const [mail, ...more] = mails(world);
      assert.deepEqual(more, []);
      assert.match(mail?.subject ?? '', /0 of 1 sites would not fail over, 1 not known \[/);
      assert.match(flowing(mail?.text ?? ''), new RegExp(`Nobody can tell whether www.+${code}`));
      assert.doesNotMatch(mail?.text ?? '', /WOULD NOT/);
    });
  }

  test('waits with the check while servers are being confirmed', async () => {
    const { world, minute, visits } = deployed();
    await minute(0);
    for (const address of ['203.0.113.10', '198.51.100.20']) world.servers.set(address, 'refuses');
    await minute(HOUR_S);
    assert.equal(visits(), 0);
    world.servers.clear();
    await minute(HOUR_S + 300);
    await minute(HOUR_S + 600);
    assert.equal(visits(), 1);
  });
});
