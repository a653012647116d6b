import assert from 'node:assert/strict';
import { test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { finding } from '../../../../lambda/core/doctor/findings.ts';
import { shardConfigs } from '../../../../lambda/core/site/shard.ts';
import type { Config } from '../../../../lambda/core/site/site.ts';
import { emptyDeployment } from '../../../../lambda/core/state/deployment-state.ts';
import { readAccount } from '../../../../lambda/doctor/account.ts';
import type { DoctorTools } from '../../../../lambda/ports.ts';

const WHOLE: Config = {
  ...virtualConfig([virtualSite('www'), virtualSite('shop')]),
  sitesPerController: 1,
};
const HOUR_MS = 3_600_000;

/** Two controllers, each of which has made its daily check and found something. */
const deployed = async () => {
  const world = virtualWorld(WHOLE);
  const state = (atMs: number, blind: string[], code: 'permission-write' | 'permission-store') =>
    JSON.stringify({
      ...emptyDeployment(),
      blind,
      blindFor: { [blind.at(-1) ?? '']: 'refused' },
      checked: { atMs, told: {}, kept: [finding(code, {}, 'what was seen')] },
    });
  await world.store.save('*', state(START_MS, ['eu-west-1'], 'permission-write'), 0);
  await world.store.save('*-2', state(START_MS - HOUR_MS, ['eu-west-1', 'eu-west-2'], 'permission-store'), 0);
  const doctorTools: DoctorTools = {
    alertsArn: 'arn:aws:sns:eu-west-2:000000000000:main-alerts',
    account: {
      zone: async () => ({ nameServers: ['ns-1.example.org'], accelerated: 'ENABLED' }),
      subscriptions: async () => [],
    },
  };
  return async (config: Config, by: 'controller' | 'console', away = false) => {
    world.store.away = away;
    const reading = readAccount(
      { ports: { ...world.seenBy(), config, doctorTools }, by, again: (call) => call() },
      config.sites,
    );
    await world.clock.runUntil(START_MS + 60_000);
    return reading;
  };
};

test('the console tells what any of several controllers found, and the check that was made longest ago', async () => {
  const read = await deployed();
  const { checked, blind, blindFor } = await read(WHOLE, 'console');
  assert.deepEqual(blind, ['eu-west-1', 'eu-west-2']);
  assert.deepEqual(blindFor, { 'eu-west-1': 'refused', 'eu-west-2': 'refused' });
  assert.equal(checked?.atMs, START_MS - HOUR_MS);
  assert.deepEqual(
    checked?.kept.map(({ code }) => code),
    ['permission-write', 'permission-store'],
  );
});

test('one of several controllers tells of itself, by its own name', async () => {
  const read = await deployed();
  const [, second] = shardConfigs(WHOLE);
  const { checked, calls, sites } = await read(second as Config, 'controller');
  assert.deepEqual(
    checked?.kept.map(({ code }) => code),
    ['permission-store'],
  );
  assert.deepEqual([...new Set(calls.map(({ by }) => by))], ['main-controller-2']);
  assert.equal(sites.length, 1);
});

test('with the state table away the doctor says that, and not that the controllers are silent', async () => {
  const read = await deployed();
  const { storeTrouble, silent, sites } = await read(WHOLE, 'console', true);
  assert.match(storeTrouble ?? '', /^DynamoDB BatchGetItem: /);
  assert.deepEqual([silent, sites], [undefined, []]);
});
