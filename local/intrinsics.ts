/** One stack of a synthesized assembly, as CloudFormation would receive it. */
export type Stack = {
  name: string;
  region: string;
  accountId: string;
  template: Template;
};

export type Template = {
  Parameters?: Record<string, { Type: string; Default?: unknown }>;
  Conditions?: Record<string, unknown>;
  Resources?: Record<string, Resource>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
};

export type Resource = { Type: string; Condition?: string; Properties?: Record<string, unknown> };

/** Says which hosted zone id a zone made by the stack has on this machine. */
export type ZoneId = (zoneName: string) => string;

/** Gives a template value its meaning: intrinsic functions and references are replaced by what they stand for. */
export type Resolve = (value: unknown) => unknown;

/** How a resource of one type is named and referred to. */
type Identity = {
  /** The property holding the physical name; without it CloudFormation would make one from stack and logical id. */
  nameProperty: string;
  arn?: (name: string, stack: Stack) => string;
  /** What `Ref` gives; the physical name where nothing else is said. */
  ref?: 'arn' | 'zone-id';
  /** What each attribute of `Fn::GetAtt` gives. */
  attributes: Record<string, 'arn' | 'name' | 'zone-id'>;
};

const regional = (service: string, resource: string) => (name: string, stack: Stack) =>
  `arn:aws:${service}:${stack.region}:${stack.accountId}:${resource}${name}`;
const iam = (resource: string) => (name: string, stack: Stack) =>
  `arn:aws:iam::${stack.accountId}:${resource}/${name}`;

const table: Identity = {
  nameProperty: 'TableName',
  arn: regional('dynamodb', 'table/'),
  attributes: { Arn: 'arn' },
};

const IDENTITIES: Record<string, Identity> = {
  'AWS::Lambda::Function': {
    nameProperty: 'FunctionName',
    arn: regional('lambda', 'function:'),
    attributes: { Arn: 'arn' },
  },
  'AWS::IAM::Role': { nameProperty: 'RoleName', arn: iam('role'), attributes: { Arn: 'arn' } },
  'AWS::IAM::ManagedPolicy': {
    nameProperty: 'ManagedPolicyName',
    arn: iam('policy'),
    ref: 'arn',
    attributes: { PolicyArn: 'arn' },
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    arn: regional('sns', ''),
    ref: 'arn',
    attributes: { TopicArn: 'arn', TopicName: 'name' },
  },
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::Route53::HostedZone': { nameProperty: 'Name', ref: 'zone-id', attributes: { Id: 'zone-id' } },
  'AWS::Logs::LogGroup': {
    nameProperty: 'LogGroupName',
    arn: (name, stack) => `${regional('logs', 'log-group:')(name, stack)}:*`,
    attributes: { Arn: 'arn' },
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    arn: regional('sqs', ''),
    attributes: { Arn: 'arn', QueueName: 'name' },
  },
  'AWS::CloudWatch::Alarm': {
    nameProperty: 'AlarmName',
    arn: regional('cloudwatch', 'alarm:'),
    attributes: { Arn: 'arn' },
  },
  'AWS::Scheduler::Schedule': {
    nameProperty: 'Name',
    arn: regional('scheduler', 'schedule/default/'),
    attributes: { Arn: 'arn' },
  },
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A resource of a stack, its intrinsics still in place. `resolve` throws errors that name the resource. */
export type Placed = { stack: Stack; logicalId: string; resource: Resource; resolve: Resolve };

/** What to name in an error about a resource. */
export const placeOf = ({ stack, logicalId, resource }: Omit<Placed, 'resolve'>): string =>
  `Stack ${stack.name}, ${logicalId} (${resource.Type})`;

/** The resources of a stack that its conditions let exist. `stacks` are all whose exports it may import. */
export const place = (stack: Stack, zoneId: ZoneId, stacks: readonly Stack[] = []): Placed[] =>
  Object.entries(stack.template.Resources ?? {})
    .map(([logicalId, resource]): Placed => {
      const where = placeOf({ stack, logicalId, resource });
      return {
        stack,
        logicalId,
        resource,
        resolve: (value) => named(where, () => resolve({ stack, zoneId, stacks }, value)),
      };
    })
    .filter(
      (item) =>
        item.resource.Condition === undefined ||
        item.resolve({ 'Fn::If': [item.resource.Condition, true, false] }) === true,
    );

const named = <T>(where: string, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${where}: ${(cause as Error).message}`, { cause });
  }
};

const fail = (what: string): never => {
  throw new Error(`${what}.`);
};

/** Where a value stands. */
type Scope = { stack: Stack; zoneId: ZoneId; stacks: readonly Stack[] };

/**
 * What a template value stands for. Throws at anything whose meaning is not known: a guess here would let something run on
 * this machine that differs from what is deployed.
 */
const resolve = (scope: Scope, value: unknown): unknown => {
  if (Array.isArray(value))
    return value.map((item) => resolve(scope, item)).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name !== undefined) {
    if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name]?.(scope, argument);
    if (name.startsWith('Fn::')) return fail(`the intrinsic function ${name} is not understood here`);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolve(scope, item)]).filter(([, item]) => item !== undefined),
  );
};

const FUNCTIONS: Record<string, (scope: Scope, argument: unknown) => unknown> = {
  Ref: (scope, argument) => ref(scope, String(argument)),
  'Fn::GetAtt': (scope, argument) => {
    const [logicalId = '', ...attribute] = Array.isArray(argument) ? argument : String(argument).split('.');
    return getAtt(scope, String(logicalId), attribute.join('.'));
  },
  'Fn::Sub': (scope, argument) => {
    if (typeof argument === 'string') return substitute(scope, argument, {});
    const [text, variables] = argument as [string, Record<string, unknown>];
    return substitute(scope, text, resolve(scope, variables) as Record<string, unknown>);
  },
  'Fn::Join': (scope, argument) => {
    const [separator, parts] = argument as [string, unknown];
    return (resolve(scope, parts) as unknown[]).join(separator);
  },
  'Fn::Split': (scope, argument) => {
    const [separator, text] = argument as [string, unknown];
    return String(resolve(scope, text)).split(separator);
  },
  'Fn::Select': (scope, argument) => {
    const [index, list] = argument as [unknown, unknown];
    return (resolve(scope, list) as unknown[])[Number(resolve(scope, index))];
  },
  'Fn::If': (scope, argument) => {
    const [name, yes, no] = argument as [string, unknown, unknown];
    return resolve(scope, isMet(scope, { Condition: name }) ? yes : no);
  },
  'Fn::ImportValue': (scope, argument) => imported(scope, String(resolve(scope, argument))),
};

/** What a stack of the same region exports under this name, which there is unique. */
const imported = (scope: Scope, name: string): unknown => {
  for (const stack of scope.stacks.filter(({ region }) => region === scope.stack.region)) {
    const there = { ...scope, stack };
    for (const { Value, Export } of Object.values(stack.template.Outputs ?? {}))
      if (Export !== undefined && resolve(there, Export.Name) === name) return resolve(there, Value);
  }
  return fail(`no stack in ${scope.stack.region} exports ${name}`);
};

const pseudoParameters = ({ stack }: Scope): Record<string, unknown> => ({
  'AWS::AccountId': stack.accountId,
  'AWS::Region': stack.region,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': stack.name,
  'AWS::NoValue': undefined,
});

const ref = (scope: Scope, name: string): unknown => {
  const pseudo = pseudoParameters(scope);
  if (Object.hasOwn(pseudo, name)) return pseudo[name];
  const { Parameters, Resources } = scope.stack.template;
  const parameter = Parameters?.[name];
  if (parameter === undefined)
    return identify(scope, name, IDENTITIES[Resources?.[name]?.Type ?? '']?.ref ?? 'name');
  if (parameter.Default === undefined || parameter.Type.startsWith('AWS::SSM::'))
    return fail(`parameter ${name} has no value on this machine; synthesize with the value in the template`);
  return parameter.Default;
};

const getAtt = (scope: Scope, logicalId: string, attribute: string): string => {
  const type = scope.stack.template.Resources?.[logicalId]?.Type ?? 'no such resource';
  const kind = IDENTITIES[type]?.attributes[attribute];
  if (kind === undefined)
    return fail(`cannot tell attribute ${attribute} of ${logicalId} (${type}) on this machine`);
  return identify(scope, logicalId, kind);
};

const identify = (scope: Scope, logicalId: string, kind: 'arn' | 'name' | 'zone-id'): string => {
  const { stack, zoneId } = scope;
  const resource = stack.template.Resources?.[logicalId];
  if (resource === undefined) return fail(`expected ${logicalId} to be a resource of this stack`);
  const identity = IDENTITIES[resource.Type];
  if (identity === undefined)
    return fail(`cannot tell what a reference to ${logicalId} (${resource.Type}) stands for on this machine`);
  const given = resolve(scope, resource.Properties?.[identity.nameProperty]);
  const name = typeof given === 'string' ? given : `${stack.name}-${logicalId}`;
  if (kind === 'zone-id') return zoneId(zoneName(name));
  return kind === 'arn' && identity.arn !== undefined ? identity.arn(name, stack) : name;
};

const substitute = (scope: Scope, text: string, variables: Record<string, unknown>): string =>
  text.replace(/\$\{(!?)([^}]*)\}/g, (_, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (Object.hasOwn(variables, name)) return String(variables[name]);
    const dot = name.indexOf('.');
    return String(dot < 0 ? ref(scope, name) : getAtt(scope, name.slice(0, dot), name.slice(dot + 1)));
  });

const isMet = (scope: Scope, condition: unknown): boolean => {
  if (!isObject(condition)) return fail(`expected a condition, received ${JSON.stringify(condition)}`);
  const [name, argument] = Object.entries(condition)[0] ?? [];
  const list = Array.isArray(argument) ? argument : [];
  const met = (item: unknown) => isMet(scope, item);
  if (name === 'Condition') return met(scope.stack.template.Conditions?.[String(argument)]);
  if (name === 'Fn::Equals')
    return JSON.stringify(resolve(scope, list[0])) === JSON.stringify(resolve(scope, list[1]));
  if (name === 'Fn::Not') return !met(list[0]);
  if (name === 'Fn::And') return list.every(met);
  if (name === 'Fn::Or') return list.some(met);
  return fail(`the condition function ${name} is not understood here`);
};

/** A zone's name as we write it everywhere: lower case, without the trailing dot. */
export const zoneName = (name: string): string => name.toLowerCase().replace(/\.$/, '');
