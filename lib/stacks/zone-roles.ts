import { CfnOutput, CfnParameter, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  type IPrincipal,
  PolicyDocument,
  type PolicyStatement,
  PrincipalWithConditions,
  Role,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { controllerName, functionNames, functionRoleName, stackNames } from '../../lambda/contract.ts';
import { shardConfigs } from '../../lambda/core/site/shard.ts';
import {
  type Config,
  partsOfRole,
  readRoleArn,
  type ZoneAccount,
  zoneAccounts,
} from '../../lambda/core/site/site.ts';
import { explainChanges } from './explain.ts';
import {
  type HeldZone,
  publishedGrant,
  recordsIn,
  zoneListGrant,
  zoneReadGrant,
  zoneWriteGrants,
} from './grants.ts';
import { zoneOf } from './held-zones.ts';
import { tellOfWidening } from './sizes.ts';
import { refuseWhatIsNotForAws } from './stack.ts';

/** The accounts, by number, in which a configuration has zones apart from its own. */
export const foreignAccounts = (config: Config): string[] => [
  ...new Set(zoneAccounts(config).map(({ roleArn }) => partsOfRole(roleArn).account)),
];

/**
 * The roles of one account that let a deployment in another one reach the zones: for each role of the configuration one that reads and
 * writes, and one that only lists. They may do there what the functions may do to zones of their own account, no more. `trusted` is
 * the account that is deployed to, known or a parameter.
 */
export const newZoneRoles = (scope: Construct, config: Config, account: string, trusted: string): void => {
  const own = zoneAccounts(config).filter(({ roleArn }) => partsOfRole(roleArn).account === account);
  for (const [index, role] of own.entries()) {
    const number = index === 0 ? '' : String(index + 1);
    const held = heldBy(scope, config, role);
    const { published, writes } = rightsOf(scope, held);
    tellOfWidening(scope, config, [{ name: partsOfRole(role.roleArn).name, ...writes }]);
    const writing = newRole(scope, `ZoneRole${number}`, role.roleArn, {
      description: `Lets Switchover ${config.deployment} read its zones here and write the records of its sites`,
      assumedBy: trust(scope, config, { trusted, role, functions: writersOf(config, role) }),
      statements: [zoneReadGrant(held), published, ...writes.statements],
    });
    explainChanges(writing);
    newRole(scope, `ZoneReadRole${number}`, readRoleArn(role.roleArn), {
      description: `Lets the status function of Switchover ${config.deployment} read its zones here`,
      assumedBy: trust(scope, config, {
        ...{ trusted, role },
        functions: [functionNames(config.deployment).status],
      }),
      statements: [zoneListGrant(held)],
    });
    new CfnOutput(scope, `ZoneRole${number}Arn`, {
      description: `For zones[].account.roleArn: ${held.map(({ name }) => name).join(', ')}.`,
      value: writing.roleArn,
    });
  }
};

/** The parameter by which the account with the zones learns which account is deployed to, where nobody knows it at synthesis. */
export const TRUSTED_ACCOUNT = 'SwitchoverAccount';

/** The stack of these roles, for whoever may deploy in that account. Without `trusted` it has the parameter. */
export const newZoneRolesStack = (
  scope: Construct,
  config: Config,
  account: string,
  trusted?: string,
): void => {
  const { deployment, homeRegion } = config;
  const stack = new Stack(scope, stackNames(deployment).zoneRoles(account), {
    description: `Switchover ${deployment}: lets another account move the records of its sites in the zones here.`,
    env: { account, region: homeRegion },
  });
  refuseWhatIsNotForAws(stack, config);
  const parameter = () =>
    new CfnParameter(stack, TRUSTED_ACCOUNT, {
      description: `The account that Switchover ${deployment} is deployed to.`,
      allowedPattern: '\\d{12}',
      constraintDescription: 'must be the number of an AWS account: twelve digits',
    }).valueAsString;
  newZoneRoles(stack, config, account, trusted ?? parameter());
};

const rightsOf = (scope: Construct, held: HeldZone[]) => {
  const published = publishedGrant(Stack.of(scope));
  return { published, writes: zoneWriteGrants(held, [zoneReadGrant(held), published]) };
};

/** The zones that a role is for, with all names that any function writes there. */
const heldBy = (scope: Construct, config: Config, { roleArn }: ZoneAccount): HeldZone[] =>
  config.zones.flatMap(({ name, id = '', account }) =>
    account?.roleArn === roleArn
      ? [{ zone: zoneOf(scope, name, id), name, records: recordsIn(config, name) }]
      : [],
  );

/** The functions that write a zone of the role: the controllers whose sites are there, and the console. */
const writersOf = (config: Config, { roleArn }: ZoneAccount): string[] => [
  ...shardConfigs(config).flatMap(({ zones }, index) =>
    zones.some(({ account }) => account?.roleArn === roleArn)
      ? [controllerName(config.deployment, index + 1)]
      : [],
  ),
  functionNames(config.deployment).console,
];

/** Characters of a trust policy that IAM takes without a quota that was raised, spaces not counted. */
const TRUST_CHARACTERS = 2048;
/** Of it without the ARNs of roles and the external id. */
const FRAME_CHARACTERS = 350;

/** Refuses what IAM would refuse: the roles of very many controllers do not fit into one trust policy. */
const refuseLargeTrust = (scope: Construct, arns: string[], { externalId }: ZoneAccount): void => {
  const characters = FRAME_CHARACTERS + externalId.length + arns.join('","').length;
  if (characters <= TRUST_CHARACTERS) return;
  Validations.of(scope).addError(
    'switchover:too-many-controllers',
    `Expected the roles of the functions that write a zone in another account to fit into the ${TRUST_CHARACTERS} characters of a trust policy, received ${arns.length} roles. ` +
      'Raise `sitesPerController`, or give some of the zones to a second configuration with another `deployment` name.',
  );
};

type Trust = { trusted: string; role: ZoneAccount; functions: string[] };

/**
 * The account as such, narrowed to the roles of these functions by their ARNs. A role that is named as the principal itself would have
 * to be there first, and would be forgotten when it is made anew under the same name.
 */
const trust = (scope: Construct, { homeRegion }: Config, { trusted, role, functions }: Trust): IPrincipal => {
  const { partition } = Stack.of(scope);
  const arns = functions.map(
    (name) => `arn:${partition}:iam::${trusted}:role/${functionRoleName(name, homeRegion)}`,
  );
  refuseLargeTrust(scope, arns, role);
  return new PrincipalWithConditions(new AccountPrincipal(trusted), {
    ArnEquals: { 'aws:PrincipalArn': arns },
    StringEquals: { 'sts:ExternalId': role.externalId },
  });
};

type Wanted = { description: string; assumedBy: IPrincipal; statements: PolicyStatement[] };

const newRole = (scope: Construct, id: string, arn: string, wanted: Wanted): Role => {
  const { path, name } = partsOfRole(arn);
  const { description, assumedBy, statements } = wanted;
  return new Role(scope, id, {
    ...{ roleName: name, path, description, assumedBy },
    // In the role itself: whoever assumes it finds its rights there.
    inlinePolicies: { zones: new PolicyDocument({ statements }) },
  });
};
