import { assertUnderstood, evaluate, type Statement } from './iam.ts';
import { type Placed, placeOf } from './intrinsics.ts';
import { rolePolicies } from './policies.ts';

/** A role in another account than that of the functions, which some of them assume to reach a zone there. */
export type ForeignRole = {
  arn: string;
  name: string;
  accountId: string;
  /** Who may assume it. */
  trust: Statement[];
  /** What it may do. */
  statements: Statement[];
};

/** The roles that the stacks of other accounts make. Throws at anything that the evaluator does not understand. */
export const foreignRoles = (placed: Placed[], homeAccount: string): ForeignRole[] =>
  placed
    .filter(({ resource, stack }) => resource.Type === 'AWS::IAM::Role' && stack.accountId !== homeAccount)
    .map((item) => {
      const { accountId } = item.stack;
      const name = String(item.resolve({ Ref: item.logicalId }));
      const path = String(item.resolve(item.resource.Properties?.Path) ?? '/');
      const own = placed.filter(({ stack }) => stack.accountId === accountId);
      const trust = trustOf(item);
      assertUnderstood(trust, placeOf(item));
      return {
        ...{ arn: `arn:aws:iam::${accountId}:role${path}${name}`, name, accountId, trust },
        statements: rolePolicies(own, [name])[name] ?? [],
      };
    });

/** A trust policy names no resource: it is about its own role. */
const trustOf = (item: Placed): Statement[] => {
  const document = item.resolve(item.resource.Properties?.AssumeRolePolicyDocument);
  const { Statement: statements = [] } = (document ?? {}) as { Statement?: Statement | Statement[] };
  return [statements].flat().map((statement) => ({ ...statement, Resource: '*' }));
};

/** Who asks for a role, and with what. */
export type Asking = { principalArn: string; accountId: string; externalId: string | undefined };

/** Whether the role's trust policy lets this caller in. */
export const trusts = (
  { arn, trust }: ForeignRole,
  { principalArn, accountId, externalId }: Asking,
): boolean => {
  const names = ['*', accountId, `arn:aws:iam::${accountId}:root`, principalArn];
  const about = trust.filter(({ Principal }) => {
    const { AWS: named = [] } = (Principal ?? {}) as { AWS?: string | string[] };
    return [named].flat().some((one) => names.includes(one));
  });
  const context = {
    'aws:PrincipalArn': [principalArn],
    'aws:PrincipalAccount': [accountId],
    ...(externalId !== undefined && { 'sts:ExternalId': [externalId] }),
  };
  return evaluate(about, [], { action: 'sts:AssumeRole', resource: arn, context }).allowed;
};
