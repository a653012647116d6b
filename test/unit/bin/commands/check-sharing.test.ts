import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sharingNote } from '../../../../bin/commands/check-notes.ts';
import { sharingOf } from '../../../../bin/commands/check-sharing.ts';
import type { Console } from '../../../../bin/console.ts';
import { diagnose } from '../../../../lambda/core/doctor/diagnosis.ts';
import { OPERATOR } from '../../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../../local/gateway.ts';
import type { Statement } from '../../../../local/iam.ts';
import { iamService } from '../../../../local/iam-roles.ts';
import { healthy, NOW_MS, SITE } from '../../lambda/core/doctor/facts.ts';
import { config } from '../../lib/fixture.ts';

const fn = (name: string) => `arn:aws:lambda:eu-west-2:000000000000:function:${name}`;
const PUBLIC = 'CWDBSharing-PublicReadOnlyAccess-DSTM21S9';
const OTHER = 'CWDBSharing-ReadOnlyAccess-ABCDEF12';

let roles: Record<string, Statement[]> = {};
let gateway: Gateway;
before(async () => {
  const nobody = { functions: [], policies: {}, resourcePolicies: {} };
  const service = iamService({ accountId: '000000000000', roles: () => roles });
  gateway = await startGateway({ port: 0, accountId: '000000000000', ...nobody, services: [service] });
});
after(() => gateway.close());

const looked = () => {
  const aws = { region: 'eu-west-2', endpoint: gateway.url, credentials: OPERATOR };
  return sharingOf({ aws } as Console, config());
};
const codesOf = async () => {
  const facts = healthy();
  const account = { ...facts.account, ...(await looked()) };
  const { findings } = diagnose({ ...facts, account }, [SITE], NOW_MS);
  return findings.map(({ code, severity, what }) => [code, severity, what]);
};
const may = (
  Resource: string | string[],
  Action: string | string[] = 'lambda:InvokeFunction',
): Statement[] => [
  { Effect: 'Allow', Action: ['ec2:DescribeTags', 'cloudwatch:GetMetricData'], Resource: '*' },
  { Effect: 'Allow', Action, Resource },
];

describe('roles by which dashboards are shared', () => {
  test('that may call the console are warned of, by whatever words they may', async () => {
    for (const statements of [
      may('*'),
      may(fn('main-console')),
      may([fn('main-status'), fn('main-*')]),
      may('*', 'lambda:*'),
      may('*', '*'),
    ]) {
      roles = { [PUBLIC]: statements };
      assert.deepEqual(await codesOf(), [
        [
          'sharing-may-order',
          'warning',
          `${PUBLIC} shares a dashboard of this account and may call the console function.`,
        ],
      ]);
    }
  });

  test('that may call the status function alone, or nothing, are told of and are no finding', async () => {
    for (const statements of [
      may(fn('main-status')),
      may(fn('other-console')),
      [...may('*'), { Effect: 'Deny', Action: 'lambda:*', Resource: fn('main-console') } as const],
    ]) {
      roles = { [PUBLIC]: statements };
      assert.deepEqual(await codesOf(), []);
      assert.deepEqual(sharingNote({ ...healthy().account, ...(await looked()) }), [
        `Dashboards of this account are shared by ${PUBLIC}, and nobody can give orders by that.`,
      ]);
    }
  });

  test('are told from all other roles, on whatever page they are', async () => {
    const others = Array.from({ length: 1500 }, (_, index) => [`lambda-${index}`, may('*')] as const);
    roles = { ...Object.fromEntries(others), [PUBLIC]: may('*'), [OTHER]: may(fn('main-status')) };
    assert.deepEqual(await looked(), {
      sharing: [
        { role: PUBLIC, mayOrder: true },
        { role: OTHER, mayOrder: false },
      ],
    });
  });

  test('are nothing to speak of where there is none', async () => {
    roles = { 'lambda-1': may('*') };
    assert.deepEqual(await looked(), { sharing: [] });
    assert.deepEqual(sharingNote({ ...healthy().account, sharing: [] }), []);
  });

  test('that nobody may look at are said to be unknown, with the rights that it takes', async () => {
    roles = { [PUBLIC]: may('*') };
    for (const operation of ['ListRoles', 'SimulatePrincipalPolicy']) {
      gateway.faults.add({ service: 'iam', operation, fault: 'deny', times: 1 });
      const found = await looked();
      assert.equal(found.sharing, undefined);
      assert.match(
        sharingNote({ ...healthy().account, ...found }).join(),
        /^Whether a dashboard is shared by a role that may give orders was not looked up: AccessDenied: .*It takes iam:ListRoles and iam:SimulatePrincipalPolicy\.$/,
      );
    }
  });
});
