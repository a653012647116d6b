import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEPLOYMENT, parseDeployment } from '../../../lambda/core/deployment.ts';
import type { Subscription } from '../../../lambda/core/doctor/facts.ts';
import type { Server } from '../../../lambda/core/site.ts';
import type { Surgery } from '../../../lambda/doctor/account.ts';
import { tenure } from '../../../lambda/tenure.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../virtual/world.ts';

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** A deployment whose account can be looked at; DNS is not, as on one machine. */
const deployed = (standby: Partial<Server> = { ipv4: ['198.51.100.20'], ipv6: ['2001:db8::2'] }) => {
  const site = virtualSite('www', {
    servers: [
      { name: 'primary', ipv4: ['203.0.113.10'], ipv6: ['2001:db8::1'] },
      { name: 'standby', ipv4: [], ipv6: [], ...standby },
    ],
  });
  const world = virtualWorld(virtualConfig([site]));
  let state: Subscription['state'] = 'confirmed';
  let visits = 0;
  const surgery: Surgery = {
    alertsArn: 'arn:aws:sns:eu-west-2:000000000000:main-alerts',
    account: {
      zone: async () => {
        visits += 1;
        return { nameServers: ['ns-1.example.org'], accelerated: 'ENABLED' };
      },
      subscriptions: async () => [{ protocol: 'email', endpoint: 'ops@example.net', state }],
    },
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
      const ended = tenure({ ...world.seenBy(), surgery }, new Date(world.clock.now()).toISOString());
      await world.clock.runUntil(START_MS + (fromSeconds + 200) * 1000);
      await ended;
    },
  };
};
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
    assert.match(mail?.subject ?? '', /daily check of main: \d new, 0 of 1 sites would not fail over$/);
    assert.match(mail?.text ?? '', /ops@example\.net did not confirm the subscription of main-alerts/);
    await minute(2 * DAY_S + HOUR_S + 600);
    assert.equal(visits(), 3);
    assert.equal(mails(world).length, 1, 'once told is told');
  });

  test('mails that a record has come to stand in the way of a standby that is a CNAME, and once', async () => {
    const { world, minute } = deployed({ hostname: 'standby.hosting.test' });
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
    const [mail] = mails(world);
    assert.match(mail?.subject ?? '', /daily check of main: \d new, 1 of 1 sites would not fail over$/);
    assert.match(
      mail?.text ?? '',
      /Route 53 would refuse a move to standby: www\S* has TXT records, .*standby\.hosting\.test.*\(standby-blocked\)/,
    );
    await minute(DAY_S + HOUR_S + 300);
    assert.equal(mails(world).length, 1);
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
      mails(blind.world)[0]?.text ?? '',
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
