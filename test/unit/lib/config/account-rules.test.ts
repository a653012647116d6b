import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { checkConfig } from '../../../../lib/config/index.ts';
import { OPT_IN_REGIONS, partitionOf } from '../../../../lib/config/regions.ts';
import { config, type Refusal, site, testRefusals } from './fixture.ts';

type Fields = Record<string, unknown>;

const ROLE = 'arn:aws:iam::111122223333:role/dns/switchover-main';
const account = (fields: Fields = {}): Fields => ({ roleArn: ROLE, externalId: 'main', ...fields });
const zone = (fields: Fields = {}): Fields => ({
  ...{ name: 'dyn.example.co.uk', id: 'Z0ABROAD', account: account() },
  ...fields,
});

test('a zone may name the role of another account, and several the same', () => {
  const other = zone({ name: 'dyn.example.org', id: 'Z0OTHER' });
  const { config: checked, warnings } = checkConfig(config({ zones: [zone(), other] }));
  assert.deepEqual(
    checked.zones.map((one) => one.account),
    [account(), account()],
  );
  assert.deepEqual(warnings, []);
});

test('a zone of the own account has no trace of it', () => {
  assert.deepEqual(checkConfig(config()).config.zones, [{ name: 'dyn.example.co.uk' }]);
});

const longName = `arn:aws:iam::111122223333:role/${'a'.repeat(60)}`;
const REFUSALS: Refusal[] = [
  [[zone({ id: undefined })], 'zones[0].id', /is not made from here, so make it there and copy its id/],
  [
    [zone({ account: account({ roleArn: 'switchover-main' }) })],
    'zones[0].account.roleArn',
    /the ARN of a role/,
  ],
  [[zone({ account: account({ roleArn: longName }) })], 'zones[0].account.roleArn', /at most 59 characters/],
  [
    [zone({ account: account({ roleArn: ROLE.replace('aws', 'aws-cn') }) })],
    'zones[0].account.roleArn',
    /a role in the partition aws, as eu-west-2 is/,
  ],
  [[zone({ account: account({ externalId: 'x' }) })], 'zones[0].account.externalId', /2 to 256/],
  [
    [zone({ account: account({ externalId: undefined }) })],
    'zones[0].account.externalId',
    /received nothing/,
  ],
  [
    [zone(), zone({ name: 'a.example.org', id: 'Z1', account: account({ externalId: 'other' }) })],
    'zones[1].account.externalId',
    /Expected main, as an earlier zone says of the same role, received "other"/,
  ],
];
testRefusals('a zone in another account', REFUSALS, (zones: Fields[]) => config({ zones, sites: [site()] }));

test('a key that is not known there is refused with those that are', () => {
  assert.throws(
    () => checkConfig(config({ zones: [zone({ account: account({ role: ROLE }) })] })),
    /received "role"; did you mean roleArn\?/,
  );
});

test('a home region that has to be switched on is warned of, where a zone is in another account', () => {
  const away = (fields: Fields) => checkConfig(config({ homeRegion: 'eu-south-1', ...fields })).warnings;
  assert.match(
    away({ zones: [zone()] }).join(),
    /account 111122223333 lets nobody assume its role from there/,
  );
  assert.deepEqual(away({}), []);
});

test('partitions, and the regions that have to be switched on, are those that the CDK knows', () => {
  for (const { name, partition } of RegionInfo.regions) assert.equal(partitionOf(name), partition, name);
  const optIn = RegionInfo.regions.filter(({ isOptInRegion }) => isOptInRegion).map(({ name }) => name);
  assert.deepEqual([...OPT_IN_REGIONS].sort(), optIn.sort());
});
