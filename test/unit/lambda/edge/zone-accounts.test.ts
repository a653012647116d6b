import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { CONFIG_FILE, ENV } from '../../../../lambda/contract.ts';
import type { ZoneAccount } from '../../../../lambda/core/site/site.ts';
import { awsWorld } from '../../../../lambda/edge/aws-world.ts';
import { systemClock } from '../../../../lambda/edge/clock.ts';
import { newPacer } from '../../../../lambda/edge/pacer.ts';
import { keepCredentials } from '../../../../lambda/edge/role-credentials.ts';
import { route53Client, route53Zones } from '../../../../lambda/edge/route53.ts';
import { stsAssumeRole, stsClient } from '../../../../lambda/edge/sts.ts';
import { clientsAbroad, zonesAbroad, zonesOfAccounts } from '../../../../lambda/edge/zone-accounts.ts';
import { type Assembly, readAssembly } from '../../../../local/assembly.ts';
import { accessKeyFor } from '../../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../../local/gateway.ts';
import { type Route53, route53Service } from '../../../../local/route53.ts';
import { newSessions } from '../../../../local/sessions.ts';
import { stsService } from '../../../../local/sts.ts';
import { config, site, synthesize, temporaryDirectory } from '../../lib/fixture.ts';
import { faultOf } from './route53-fixture.ts';

const [HOME, DNS] = ['444455556666', '111122223333'];
const REGION = 'eu-west-2';
const [OWN, ABROAD] = ['own.example.org', 'dns.example.org'];
const [OWN_ID, ABROAD_ID] = ['Z0OWN', 'Z0ABROAD'];
const account: ZoneAccount = {
  roleArn: `arn:aws:iam::${DNS}:role/dns/switchover-main`,
  externalId: 'main-1',
};
const HALF_MS = 30 * 60_000;

/** One deployment with a zone in each of two accounts, as it is synthesized for both. */
const deployedConfig = () =>
  config({
    zones: [
      { name: OWN as string, id: OWN_ID as string },
      { name: ABROAD as string, id: ABROAD_ID as string, account },
    ],
    sites: [site(`www.${OWN}`, OWN as string), site(`www.${ABROAD}`, ABROAD as string)],
  });
const deployed = (): Assembly => {
  const from = deployedConfig();
  const { assembly } = synthesize(from, { zoneRoles: { trusted: HOME } });
  return readAssembly(assembly.directory, { accountId: HOME as string, zoneId: () => OWN_ID as string });
};

let assembly: Assembly;
let gateway: Gateway;
let route53: Route53;
/** One clock for STS, Route 53 and the credentials: an hour passes at once. */
const clock = { nowMs: Date.UTC(2026, 10, 22) };

before(() => {
  assembly = deployed();
});
beforeEach(async () => {
  await gateway?.close();
  const now = () => clock.nowMs;
  const sessions = newSessions(now);
  route53 = route53Service({ now, ownerOf: (id) => (id === ABROAD_ID ? DNS : HOME) });
  for (const [name, id] of [
    [OWN, OWN_ID],
    [ABROAD, ABROAD_ID],
  ] as const)
    route53.createZone(name as string, id);
  const abroad = assembly.foreignRoles.map(({ arn, statements }) => [arn, statements] as const);
  gateway = await startGateway({
    ...{ port: 0, accountId: HOME as string, functions: assembly.functions, resourcePolicies: {}, sessions },
    policies: { ...assembly.policies, ...Object.fromEntries(abroad) },
    services: [route53, stsService({ roles: assembly.foreignRoles, sessions })],
  });
});
after(() => gateway.close());

type As = {
  as?: 'controller' | 'console' | 'status' | 'prober';
  role?: ZoneAccount;
  /** How far the function's clock is behind that of AWS. */
  behind?: { ms: number };
};

/** The zones as a function of the deployment reaches them, over the wire. */
const zonesOf = ({ as = 'controller', role = account, behind = { ms: 0 } }: As = {}) => {
  const place = { endpoint: gateway.url, region: REGION, credentials: accessKeyFor(`main-${as}`, REGION) };
  const assume = stsAssumeRole(stsClient(place), `main-${as}`, { callMs: 400 });
  const kept = keepCredentials(assume, { ...systemClock, now: () => clock.nowMs - behind.ms });
  const { endpoint, region } = place;
  return zonesOfAccounts(
    route53Zones(route53Client(place)),
    (id) => (id === ABROAD_ID ? role : undefined),
    zonesAbroad(clientsAbroad(kept, { endpoint, region }), () => newPacer(systemClock)),
  );
};

const created = (name: string, value = '192.0.2.1') => [
  { action: 'CREATE' as const, record: { name, type: 'A', ttlSeconds: 60, values: [value] } },
];
const read: ZoneAccount = { ...account, roleArn: `${account.roleArn}-read` };

describe('a zone in another account', () => {
  test('is listed, changed and asked after as the role there; one of the own account without it', async () => {
    const zones = zonesOf();
    for (const [zone, id] of [
      [OWN, OWN_ID],
      [ABROAD, ABROAD_ID],
    ] as const) {
      const { changeId } = await zones.change(id as string, created(`www.${zone}`), 'test');
      assert.ok((await zones.list(id as string)).some(({ name }) => name === `www.${zone}`));
      clock.nowMs += 60_000;
      assert.equal(await zones.changeStatus(changeId, id as string), 'INSYNC');
    }
  });

  test('is refused by Route 53 to who has not assumed the role, whatever its own policy says', async () => {
    const [{ role = '' } = {}] = assembly.functions.filter(({ name }) => name === 'main-controller');
    assembly.policies[role]?.push({ Effect: 'Allow', Action: 'route53:*', Resource: '*' });
    const place = {
      endpoint: gateway.url,
      region: REGION,
      credentials: accessKeyFor('main-controller', REGION),
    };
    const fault = await faultOf(route53Zones(route53Client(place)).list(ABROAD_ID as string));
    assembly.policies[role]?.pop();
    assert.equal(fault.code, 'denied');
    assert.match(fault.message, /is not authorized to access this resource/);
  });

  test('may be written by its role at the names of the sites, and nowhere else', async () => {
    const zones = zonesOf();
    const fault = await faultOf(zones.change(ABROAD_ID as string, created(`mail.${ABROAD}`), 'test'));
    assert.equal(fault.code, 'denied');
    assert.match(
      fault.message,
      new RegExp(`User: arn:aws:sts::${DNS}:assumed-role/switchover-main/main-controller`),
    );
  });

  test('is written by the console as by the controller', async () => {
    await zonesOf({ as: 'console' }).change(ABROAD_ID as string, created(`www.${ABROAD}`), 'test');
  });

  test('is read by the status function by a role of its own, which cannot write', async () => {
    const zones = zonesOf({ as: 'status', role: read });
    assert.ok((await zones.list(ABROAD_ID as string)).length > 0);
    assert.equal(
      (await faultOf(zones.change(ABROAD_ID as string, created(`www.${ABROAD}`), ''))).code,
      'denied',
    );
  });

  for (const [what, how] of [
    ['the status function as the role that writes', { as: 'status' }],
    ['the controller as the role that reads', { as: 'controller', role: read }],
    ['a prober', { as: 'prober' }],
    ['another external id', { role: { ...account, externalId: 'main-2' } }],
    ['a role that is not there', { role: { ...account, roleArn: `${account.roleArn}-gone` } }],
  ] as const satisfies [string, As][])
    test(`is closed to ${what}, and that is said in the words of STS`, async () => {
      const fault = await faultOf(zonesOf(how).list(ABROAD_ID as string));
      assert.equal(fault.code, 'denied');
      assert.match(
        fault.message,
        /^STS AssumeRole: AccessDenied: User: arn:aws:sts::444455556666:assumed-role\/\S+ is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role\/dns\/switchover-main/,
      );
    });

  test('is kept while STS is away: for all of the life of its credentials, and not after it', async () => {
    const zones = zonesOf();
    await zones.list(ABROAD_ID as string);
    gateway.faults.add({ service: 'sts', operation: 'AssumeRole', fault: 'timeout' });
    for (const laterMs of [HALF_MS + 1000, HALF_MS - 4000]) {
      clock.nowMs += laterMs;
      const startedMs = performance.now();
      assert.ok((await zones.list(ABROAD_ID as string)).length > 0);
      assert.ok(performance.now() - startedMs < 300, 'it did not wait for STS');
    }
    clock.nowMs += 4000;
    const fault = await faultOf(zones.change(ABROAD_ID as string, created(`www.${ABROAD}`), 'test'));
    assert.equal(fault.code, 'unavailable');
    assert.match(
      fault.message,
      /^STS AssumeRole: TimeoutError: expected a whole answer within 400 ms, received none/,
    );
    const startedMs = performance.now();
    await zones.change(OWN_ID as string, created(`www.${OWN}`), 'test');
    assert.ok(performance.now() - startedMs < 300, 'the zone of the own account did not wait for STS');
    gateway.faults.clear();
    clock.nowMs += 11_000;
    await zones.change(ABROAD_ID as string, created(`www.${ABROAD}`), 'test');
  });

  test('whose credentials Route 53 takes for ended is asked once more with others, changes too', async () => {
    const behind = { ms: -3 * HALF_MS };
    const zones = zonesOf({ behind });
    await zones.list(ABROAD_ID as string);
    // That its clock was wrong all along does no harm; that it is set back does.
    clock.nowMs += HALF_MS / 2;
    await zones.list(ABROAD_ID as string);
    behind.ms += 2 * HALF_MS;
    clock.nowMs += 2 * HALF_MS;
    await zones.change(ABROAD_ID as string, created(`www.${ABROAD}`), 'test');
    assert.ok((await zones.list(ABROAD_ID as string)).some(({ name }) => name === `www.${ABROAD}`));
  });
});

describe('the world of a function with zones in two accounts', () => {
  const from = deployedConfig();
  const taskRoot = temporaryDirectory();
  writeFileSync(join(taskRoot, CONFIG_FILE), JSON.stringify(from));

  /** As Lambda starts it. */
  const worldOf = (as: 'controller' | 'status') => {
    const keys = accessKeyFor(`main-${as}`, REGION);
    Object.assign(process.env, {
      LAMBDA_TASK_ROOT: taskRoot,
      [ENV.zoneIds]: JSON.stringify({ [OWN as string]: OWN_ID, [ABROAD as string]: ABROAD_ID }),
      [ENV.tableName]: 'main-state',
      [ENV.topicArn]: `arn:aws:sns:${REGION}:${HOME}:main-alerts`,
      [ENV.eventsArn]: `arn:aws:sns:${REGION}:${HOME}:main-events`,
      AWS_LAMBDA_FUNCTION_NAME: `main-${as}`,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_ENDPOINT_URL: gateway.url,
    });
    return awsWorld({ onlyReads: as === 'status' });
  };

  test('reaches each where it is, for the doctor too, and paces each account by itself', async () => {
    const { zones, pacerOf, doctorTools } = worldOf('controller');
    for (const [zone, id] of [
      [OWN, OWN_ID],
      [ABROAD, ABROAD_ID],
    ] as const) {
      await zones.change(id as string, created(`www.${zone}`), 'test');
      assert.ok((await doctorTools?.account.zone(id as string))?.nameServers.length);
    }
    assert.notEqual(pacerOf?.(OWN as string), pacerOf?.(ABROAD as string));
    assert.equal(pacerOf?.(ABROAD as string), pacerOf?.(ABROAD as string));
  });

  test('of the function that only looks lists both, and cannot write in either', async () => {
    const { zones } = worldOf('status');
    for (const [zone, id] of [
      [OWN, OWN_ID],
      [ABROAD, ABROAD_ID],
    ] as const) {
      assert.ok((await zones.list(id as string)).length > 0);
      assert.equal((await faultOf(zones.change(id as string, created(`www.${zone}`), ''))).code, 'denied');
    }
  });
});
