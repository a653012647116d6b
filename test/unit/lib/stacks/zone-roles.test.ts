import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../../../cdk.json' with { type: 'json' };
import type { ZoneAccount } from '../../../../lambda/core/site/site.ts';
import { checkConfig } from '../../../../lib/config/index.ts';
import { Switchover } from '../../../../lib/index.ts';
import { config, emptyBundles, site, statementsOf, synthesize, temporaryDirectory } from '../fixture.ts';
import { templatesOf } from '../templates.ts';

const [HOME, DNS] = ['444455556666', '111122223333'];
const ROLE = `arn:aws:iam::${DNS}:role/dns/switchover-main`;
const account: ZoneAccount = { roleArn: ROLE, externalId: 'main-1' };
const [OWN, ABROAD] = ['dyn.example.co.uk', 'dns.example.org'];
const both = (more = {}) =>
  config({
    zones: [{ name: OWN }, { name: ABROAD, id: 'Z0ABROAD', account }],
    sites: [site(`www.${OWN}`, OWN), site(`www.${ABROAD}`, ABROAD)],
    ...more,
  });

type Statement = { Action: string | string[]; Resource: unknown; Condition?: Record<string, unknown> };
type RoleProperties = {
  RoleName: string;
  Path: string;
  AssumeRolePolicyDocument: { Statement: { Principal: unknown; Condition: Record<string, unknown> }[] };
  Policies: { PolicyDocument: { Statement: Statement[] } }[];
};

const rolesOf = (template: Template): RoleProperties[] =>
  Object.values(template.findResources('AWS::IAM::Role')).map(({ Properties }) => Properties);

const actionsOf = ({ Policies }: RoleProperties): string[] =>
  Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action)).sort();

describe('the roles in the account of a zone', () => {
  const { template } = synthesize(both(), { zoneRoles: { trusted: HOME } });
  const [writing, reading] = rolesOf(template(`main-zone-roles-${DNS}`)) as [RoleProperties, RoleProperties];

  test('are at the ARN that the configuration names, and beside it for who only reads', () => {
    assert.deepEqual([writing.RoleName, writing.Path], ['switchover-main', '/dns/']);
    assert.deepEqual([reading.RoleName, reading.Path], ['switchover-main-read', '/dns/']);
  });

  test('let in exactly the functions of the deployment, with its external id', () => {
    const lets = ({ AssumeRolePolicyDocument: { Statement } }: RoleProperties) =>
      Statement.map(({ Principal, Condition }) => ({ Principal, Condition }));
    const trusting = (...functions: string[]) => {
      const arns = functions.map((name) => `arn:aws:iam::${HOME}:role/main-${name}-eu-west-2`);
      return {
        Principal: { AWS: `arn:aws:iam::${HOME}:root` },
        Condition: {
          ArnEquals: { 'aws:PrincipalArn': arns },
          StringEquals: { 'sts:ExternalId': 'main-1' },
        },
      };
    };
    assert.deepEqual(lets(writing), [trusting('controller', 'console')]);
    assert.deepEqual(lets(reading), [trusting('status')]);
  });

  test('may do there what the functions may do to a zone of their own account, and nothing else', () => {
    assert.deepEqual(actionsOf(writing), [
      'route53:ChangeResourceRecordSets',
      'route53:GetChange',
      'route53:GetHostedZone',
      'route53:ListResourceRecordSets',
    ]);
    assert.deepEqual(actionsOf(reading), ['route53:ListResourceRecordSets']);
    const here = statementsOf(
      synthesize(
        config({ zones: [{ name: ABROAD, id: 'Z0ABROAD' }], sites: [site(`www.${ABROAD}`, ABROAD)] }),
      ).template('main-control'),
      'main-controller',
    );
    const route53 = (statements: Statement[]) =>
      statements.filter(({ Action }) => [Action].flat().some((action) => action.startsWith('route53:')));
    assert.deepEqual(
      route53(writing.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)),
      route53(here as Statement[]).map(({ ...statement }) => statement),
    );
  });
});

describe('the functions of a deployment with a zone in another account', () => {
  const { template } = synthesize(both());
  const control = template('main-control');

  test('have roles that the other account can name before they are there', () => {
    const names = rolesOf(control).map(({ RoleName }) => RoleName);
    for (const name of ['controller', 'console', 'status'])
      assert.ok(names.includes(`main-${name}-eu-west-2`));
  });

  test('may assume the role there and no other, and do nothing to the zone itself', () => {
    for (const [name, role] of [
      ['controller', ROLE],
      ['console', ROLE],
      ['status', `${ROLE}-read`],
    ] as const) {
      const statements = statementsOf(control, `main-${name}`);
      const assumes = statements.filter(({ Action }) => Action === 'sts:AssumeRole');
      assert.deepEqual(
        assumes.map(({ Resource }) => Resource),
        [role],
        name,
      );
      assert.doesNotMatch(JSON.stringify(statements), /Z0ABROAD|www\.dns\.example\.org/, name);
      assert.match(JSON.stringify(statements), /hostedzone/, `${name} may read the zone of its own account`);
    }
  });

  test('may do nothing at Route 53 of their own account where no zone is there', () => {
    const abroad = synthesize(
      both({ zones: [{ name: ABROAD, id: 'Z0ABROAD', account }], sites: [site(`www.${ABROAD}`, ABROAD)] }),
    );
    for (const name of ['controller', 'console', 'status'])
      assert.doesNotMatch(
        JSON.stringify(statementsOf(abroad.template('main-control'), `main-${name}`)),
        /route53:/,
      );
  });

  test('are deployed by an app that has no stack of the other account, unless it is asked for', () => {
    const names = (assembly: { stacks: { stackName: string }[] }) => assembly.stacks.map((s) => s.stackName);
    assert.ok(!names(synthesize(both()).assembly).some((name) => name.includes('zone-roles')));
    const context = { 'switchover:zone-roles-for': HOME };
    assert.ok(names(synthesize(both(), { context }).assembly).includes(`main-zone-roles-${DNS}`));
  });
});

test('of several controllers only those that write a zone may assume its role', () => {
  const zones = [{ name: OWN }, { name: ABROAD, id: 'Z0ABROAD', account }];
  const sites = [OWN, ABROAD].flatMap((zone) => ['a', 'b'].map((name) => site(`${name}.${zone}`, zone)));
  const from = both({ zones, sites, sitesPerController: 2 });
  const { template } = synthesize(from, { zoneRoles: { trusted: HOME } });
  const [writing] = rolesOf(template(`main-zone-roles-${DNS}`));
  const arns = JSON.stringify(writing?.AssumeRolePolicyDocument);
  assert.match(arns, /main-controller-2-eu-west-2/);
  assert.doesNotMatch(arns, /main-controller-eu-west-2/);
  const assumes = (name: string) =>
    statementsOf(template('main-control'), name).some(({ Action }) => Action === 'sts:AssumeRole');
  assert.deepEqual([assumes('main-controller'), assumes('main-controller-2')], [false, true]);
});

test('more controllers than a trust policy holds are refused, with the way out', () => {
  const sites = Array.from({ length: 40 }, (_, index) => site(`s${index}.${ABROAD}`, ABROAD));
  const from = both({ zones: [{ name: ABROAD, id: 'Z0ABROAD', account }], sites, sitesPerController: 1 });
  assert.throws(
    () => synthesize(from, { zoneRoles: { trusted: HOME } }),
    (error: Error) => error.name === 'ValidationFailed',
  );
});

test('without the account that is deployed to, the stack asks for it when it is made', () => {
  const { template } = synthesize(both(), { zoneRoles: {} });
  template(`main-zone-roles-${DNS}`).hasParameter('SwitchoverAccount', { AllowedPattern: '\\d{12}' });
});

describe('a failover in an app of one’s own', () => {
  const SITES = [
    {
      name: `www.${ABROAD}`,
      servers: [
        { name: 'primary', ipv4: ['203.0.113.10'] },
        { name: 'standby', ipv4: ['198.51.100.20'] },
      ],
      probe: { url: `https://www.${ABROAD}/` },
    },
  ];
  const made = (env: { account?: string; region: string }) => {
    const app = new App({ outdir: temporaryDirectory(), context: cdkJson.context });
    const failover = new Switchover(new Stack(app, 'Web', { env }), 'Failover', {
      deployment: 'main',
      vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
      zones: [{ name: ABROAD, id: 'Z0ABROAD', account }],
      sites: SITES,
    });
    return { app, failover };
  };

  test('makes the roles in a stack of the other account, the same as the app of the repository', () => {
    const { app, failover } = made({ account: HOME as string, region: 'eu-west-2' });
    const dns = new Stack(app, 'Dns', { env: { account: DNS as string, region: 'eu-west-2' } });
    failover.addZoneRoles(dns);
    const { config: from } = checkConfig({
      ...{
        deployment: 'main',
        homeRegion: 'eu-west-2',
        vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
      },
      zones: [{ name: ABROAD, id: 'Z0ABROAD', account }],
      sites: SITES,
    });
    const { template } = synthesize(from, { zoneRoles: { trusted: HOME }, bundle: emptyBundles });
    assert.deepEqual(rolesOf(Template.fromStack(dns)), rolesOf(template(`main-zone-roles-${DNS}`)));
  });

  test('refuses accounts that are not known, and one that has no zone', () => {
    const { app, failover } = made({ account: HOME as string, region: 'eu-west-2' });
    const other = new Stack(app, 'Other', { env: { account: '999999999999', region: 'eu-west-2' } });
    assert.throws(
      () => failover.addZoneRoles(other),
      /\(111122223333\), received 999999999999; give the stack/,
    );
    assert.throws(() => failover.addZoneRoles(new Stack(app, 'Any')), /account of Any .* known at synthesis/);
    const any = made({ region: 'eu-west-2' });
    const dns = new Stack(any.app, 'Dns', { env: { account: DNS as string, region: 'eu-west-2' } });
    assert.throws(() => any.failover.addZoneRoles(dns), /account of its stack .* known at synthesis/);
  });
});

test('a zone in another account changes no template of a deployment without one', () => {
  const plain = synthesize(config(), { zoneRoles: { trusted: HOME } });
  assert.deepEqual(templatesOf(plain.assembly), templatesOf(synthesize(config()).assembly));
});
