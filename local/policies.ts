import { assertUnderstood, type Statement } from './iam.ts';
import { type Placed, placeOf } from './intrinsics.ts';

/** IAM's limits on the characters of policies, whitespace not counted; AWS does not raise them. */
const INLINE_CHARACTERS_PER_ROLE = 10_240;
const CHARACTERS_PER_MANAGED_POLICY = 6_144;

/** The policies of AWS's own that a role may carry here, by their ARN. */
const AWS_MANAGED: Record<string, Statement[]> = {
  'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole': [
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: '*',
    },
  ],
};

/** One policy on one role. The document is resolved only for a role that somebody here assumes. */
type Attachment = {
  from: Placed;
  role: string;
  kind: 'inline' | 'managed' | 'aws-managed';
  document: () => Statement[];
};

/**
 * What the synthesized policies let each of these roles do, by physical role name. Throws where a policy is larger than
 * IAM stores, since CloudFormation would fail there too, and at anything that the evaluator does not understand.
 */
export const rolePolicies = (placed: Placed[], roles: Iterable<string>): Record<string, Statement[]> => {
  const attachments = placed.flatMap((item) => attachmentsOf(item, placed));
  return Object.fromEntries([...new Set(roles)].map((role) => [role, statementsOfRole(role, attachments)]));
};

const statementsOfRole = (role: string, attachments: Attachment[]): Statement[] => {
  const statements: Statement[] = [];
  let inlineCharacters = 0;
  for (const { from, kind, document } of attachments.filter((attachment) => attachment.role === role)) {
    const added = document();
    assertUnderstood(added, placeOf(from));
    const characters = JSON.stringify({ Statement: added, Version: '2012-10-17' }).replace(/\s/g, '').length;
    if (kind === 'inline') inlineCharacters += characters;
    if (inlineCharacters > INLINE_CHARACTERS_PER_ROLE)
      tooLarge(from, INLINE_CHARACTERS_PER_ROLE, inlineCharacters);
    if (kind === 'managed' && characters > CHARACTERS_PER_MANAGED_POLICY)
      tooLarge(from, CHARACTERS_PER_MANAGED_POLICY, characters);
    statements.push(...added);
  }
  return statements;
};

const tooLarge = (from: Placed, allowed: number, received: number): never => {
  throw new Error(
    `${placeOf(from)}: expected at most ${allowed} characters of policy, received ${received}; IAM would refuse it and the deployment fail.`,
  );
};

const attachmentsOf = (from: Placed, placed: Placed[]): Attachment[] => {
  const properties = from.resource.Properties ?? {};
  const resolved = (value: unknown) => from.resolve(value);
  const document = (value: unknown) => () => policyStatements(resolved(value), from);
  const names = (value: unknown) => (resolved(value ?? []) as unknown[]).map(String);
  switch (from.resource.Type) {
    case 'AWS::IAM::Policy':
    case 'AWS::IAM::ManagedPolicy': {
      const kind = from.resource.Type === 'AWS::IAM::Policy' ? 'inline' : 'managed';
      return names(properties.Roles).map((role) => ({
        from,
        role,
        kind,
        document: document(properties.PolicyDocument),
      }));
    }
    case 'AWS::IAM::RolePolicy': {
      const role = String(resolved(properties.RoleName));
      return [{ from, role, kind: 'inline', document: document(properties.PolicyDocument) }];
    }
    case 'AWS::IAM::Role': {
      const role = String(resolved({ Ref: from.logicalId }));
      const inline = ((properties.Policies ?? []) as { PolicyDocument: unknown }[]).map(
        (policy): Attachment => ({ from, role, kind: 'inline', document: document(policy.PolicyDocument) }),
      );
      const managed = ((properties.ManagedPolicyArns ?? []) as unknown[]).map((arn) =>
        managedByArn(from, role, arn, placed),
      );
      return [...inline, ...managed];
    }
    default:
      return [];
  }
};

const managedByArn = (from: Placed, role: string, arn: unknown, placed: Placed[]): Attachment => ({
  from,
  role,
  kind: 'aws-managed',
  document: () => {
    const name = String(from.resolve(arn));
    if (Object.hasOwn(AWS_MANAGED, name)) return AWS_MANAGED[name]!;
    const owner = placed.find(
      (item) =>
        item.resource.Type === 'AWS::IAM::ManagedPolicy' && item.resolve({ Ref: item.logicalId }) === name,
    );
    if (owner !== undefined)
      return policyStatements(owner.resolve(owner.resource.Properties?.PolicyDocument), owner);
    throw new Error(
      `${placeOf(from)}: expected a managed policy known here (${Object.keys(AWS_MANAGED).join(', ')}) or made by this assembly, received ${name}.`,
    );
  },
});

/** The statements that the topics' own policies make, by topic ARN. */
export const topicPolicies = (placed: Placed[]): Record<string, Statement[]> => {
  const policies: Record<string, Statement[]> = {};
  for (const item of placed) {
    const statements = policyStatements(item.resolve(item.resource.Properties?.PolicyDocument), item);
    assertUnderstood(statements, placeOf(item));
    for (const arn of item.resolve(item.resource.Properties?.Topics) as string[])
      policies[arn] = [...(policies[arn] ?? []), ...statements];
  }
  return policies;
};

/** The statements of a resolved policy document. */
const policyStatements = (document: unknown, from: Placed): Statement[] => {
  const statement = (document as { Statement?: Statement | Statement[] } | undefined)?.Statement;
  if (statement === undefined)
    throw new Error(`${placeOf(from)}: expected a policy document with statements.`);
  return Array.isArray(statement) ? statement : [statement];
};
