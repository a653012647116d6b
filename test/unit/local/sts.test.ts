import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import type { ForeignRole } from '../../../local/foreign-roles.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import type { Statement } from '../../../local/iam.ts';
import { type Route53, route53Service } from '../../../local/route53.ts';
import { newSessions } from '../../../local/sessions.ts';
import { stsService } from '../../../local/sts.ts';
import { failure, simple } from './route53-fixture.ts';

const [HOME, DNS] = ['444455556666', '111122223333'];
const REGION = 'eu-west-2';
const ARN = `arn:aws:iam::${DNS}:role/dns/zone`;
const FUNCTION = `arn:aws:iam::${HOME}:role/own-role`;
const trust = (condition: Statement['Condition'], principal = `arn:aws:iam::${HOME}:root`): Statement => ({
  ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*', Principal: { AWS: principal } },
  ...(condition && { Condition: condition }),
});
const all: Statement[] = [{ Effect: 'Allow', Action: 'route53:*', Resource: '*' }];
const roleWith = (name: string, ...statements: Statement[]): ForeignRole => ({
  ...{
    arn: `${ARN}-${name}`,
    name: `zone-${name}`,
    accountId: DNS as string,
    trust: statements,
    statements: all,
  },
});
const ROLES = [
  roleWith('open', trust({ StringEquals: { 'sts:ExternalId': 'x-1' } })),
  roleWith('own', trust({ ArnEquals: { 'aws:PrincipalArn': [FUNCTION] } })),
  roleWith('others', trust({ ArnEquals: { 'aws:PrincipalArn': [`${FUNCTION}-2`] } })),
  roleWith('nobody', trust(undefined, 'arn:aws:iam::999999999999:root')),
  roleWith('denied', trust(undefined), {
    ...trust({ Null: { 'sts:ExternalId': 'true' } }, '*'),
    Effect: 'Deny',
  }),
];

let gateway: Gateway;
let route53: Route53;
let sts: STSClient;
const clock = { nowMs: Date.UTC(2026, 10, 22) };
const clients: { destroy(): void }[] = [];
const route53As = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) => {
  const client = new Route53Client({ region: REGION, endpoint: gateway.url, credentials, maxAttempts: 1 });
  clients.push(client);
  return client;
};

before(async () => {
  const now = () => clock.nowMs;
  const sessions = newSessions(now);
  route53 = route53Service({ now, throttled: true, ownerOf: (id) => (id === 'Z0DNS' ? DNS : HOME) });
  route53.createZone('dns.example.org', 'Z0DNS');
  route53.createZone('home.example.org', 'Z0HOME');
  gateway = await startGateway({
    ...{ port: 0, accountId: HOME as string, resourcePolicies: {}, sessions },
    functions: [
      { name: 'main-controller', region: REGION, role: 'own-role' },
      { name: 'main-prober', region: REGION, role: 'no-role' },
    ],
    policies: {
      'own-role': [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'route53:*'], Resource: '*' }],
      ...Object.fromEntries(ROLES.map(({ arn, statements }) => [arn, statements])),
    },
    services: [route53, stsService({ roles: ROLES, sessions })],
  });
  const credentials = accessKeyFor('main-controller', REGION);
  sts = new STSClient({ region: REGION, endpoint: gateway.url, credentials, maxAttempts: 1 });
  clients.push(sts);
});
after(async () => {
  for (const client of clients) client.destroy();
  await gateway.close();
});

const assume = (role: string, more: { ExternalId?: string; DurationSeconds?: number } = {}, from = sts) =>
  from.send(
    new AssumeRoleCommand({ RoleArn: `${ARN}-${role}`, RoleSessionName: 'main-controller', ...more }),
  );

/** Keys of a role in the account that has the zone. */
const keysAbroad = async () => {
  const { Credentials } = await assume('open', { ExternalId: 'x-1' });
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
};
const list = (zone: string) => new ListResourceRecordSetsCommand({ HostedZoneId: zone });

describe('a role in another account', () => {
  test('is assumed by whom its trust policy lets in, for an hour, under the name of the session', async () => {
    const { AssumedRoleUser, Credentials } = await assume('open', { ExternalId: 'x-1' });
    assert.equal(AssumedRoleUser?.Arn, `arn:aws:sts::${DNS}:assumed-role/zone-open/main-controller`);
    assert.match(Credentials?.AccessKeyId ?? '', /^ASIA[0-9A-F]{16}$/);
    assert.equal(Credentials?.Expiration?.getTime(), clock.nowMs + 3_600_000);
    await assume('own');
  });

  for (const [what, role, more] of [
    ['without the external id', 'open', {}],
    ['with another one', 'open', { ExternalId: 'x-2' }],
    ['by a function that it does not name', 'others', {}],
    ['by another account than it names', 'nobody', {}],
    ['against an explicit denial', 'denied', {}],
    ['that is not there', 'gone', {}],
  ] as const)
    test(`is not assumed ${what}`, async () => {
      const { status, name, message } = await failure(assume(role, more));
      assert.deepEqual([status, name], [403, 'AccessDenied']);
      assert.match(
        message,
        new RegExp(
          `own-role/main-controller is not authorized to perform: sts:AssumeRole on resource: ${ARN}-${role}`,
        ),
      );
    });

  test('is not assumed by who may not ask for it', async () => {
    const credentials = accessKeyFor('main-prober', REGION);
    const prober = new STSClient({ region: REGION, endpoint: gateway.url, credentials, maxAttempts: 1 });
    clients.push(prober);
    assert.equal((await failure(assume('open', { ExternalId: 'x-1' }, prober))).name, 'AccessDenied');
  });

  test('is given for no longer than an hour, and for no less than a quarter of one', async () => {
    for (const DurationSeconds of [899, 3601])
      assert.equal((await failure(assume('own', { DurationSeconds }))).name, 'ValidationError');
  });
});

describe('its credentials', () => {
  test('are of no use without their token, or with that of others', async () => {
    const { sessionToken, ...keys } = await keysAbroad();
    for (const token of [undefined, `${sessionToken}x`]) {
      const client = route53As({ ...keys, ...(token !== undefined && { sessionToken: token }) });
      assert.equal((await failure(client.send(list('Z0DNS')))).name, 'InvalidClientTokenId');
    }
    await route53As({ ...keys, sessionToken }).send(list('Z0DNS'));
  });

  test('end after an hour', async () => {
    const client = route53As(await keysAbroad());
    clock.nowMs += 3_599_000;
    await client.send(list('Z0DNS'));
    clock.nowMs += 1000;
    const { status, name } = await failure(client.send(list('Z0DNS')));
    assert.deepEqual([status, name], [403, 'ExpiredToken']);
  });
});

describe('two accounts', () => {
  test('have each their own zones, whatever policies say, and the operator of the machine has both', async () => {
    const [home, abroad] = [
      route53As(accessKeyFor('main-controller', REGION)),
      route53As(await keysAbroad()),
    ];
    for (const [client, own, other, whose] of [
      [home, 'Z0HOME', 'Z0DNS', `${HOME}:assumed-role/own-role`],
      [abroad, 'Z0DNS', 'Z0HOME', `${DNS}:assumed-role/zone-open`],
    ] as const) {
      await client.send(list(own));
      const { status, name, message } = await failure(client.send(list(other)));
      assert.deepEqual([status, name], [403, 'AccessDenied']);
      assert.match(
        message,
        new RegExp(`^User: arn:aws:sts::${whose}/main-controller is not authorized to access`),
      );
      const { HostedZones = [] } = await client.send(new ListHostedZonesByNameCommand({}));
      assert.deepEqual(
        HostedZones.map(({ Id }) => Id),
        [`/hostedzone/${own}`],
      );
    }
    for (const zone of ['Z0HOME', 'Z0DNS']) await route53As(OPERATOR).send(list(zone));
  });

  test('know each their own changes', async () => {
    const abroad = route53As(await keysAbroad());
    const { ChangeInfo } = await abroad.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: 'Z0DNS',
        ChangeBatch: {
          Changes: [
            { Action: 'CREATE', ResourceRecordSet: simple('www.dns.example.org', 'A', 60, '192.0.2.1') },
          ],
        },
      }),
    );
    await abroad.send(new GetChangeCommand({ Id: ChangeInfo?.Id }));
    const home = route53As(accessKeyFor('main-controller', REGION));
    assert.equal(
      (await failure(home.send(new GetChangeCommand({ Id: ChangeInfo?.Id })))).name,
      'NoSuchChange',
    );
  });

  test('have each their own limits of calls', async () => {
    const [home, abroad] = [
      route53As(accessKeyFor('main-controller', REGION)),
      route53As(await keysAbroad()),
    ];
    clock.nowMs += 60_000;
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        home.send(list('Z0HOME')).then(
          () => 'answered',
          (error) => error.name,
        ),
      ),
    );
    assert.ok(answers.includes('Throttling'));
    await abroad.send(list('Z0DNS'));
  });
});
