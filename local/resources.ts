/** One reader per resource type of a template: from its properties to what the local cloud runs. */
import { ENV } from '../lambda/contract.ts';
import { unplayed } from './filter-policy.ts';
import { type Placed, placeOf, zoneName } from './intrinsics.ts';
import type {
  AlarmSpec,
  Assets,
  FunctionSpec,
  KeySpec,
  ScheduleSpec,
  SubscriptionSpec,
  TableSpec,
  TopicSpec,
  ZoneSpec,
} from './specs.ts';

const refuse = (item: Placed, what: string): never => {
  throw new Error(`${placeOf(item)}: ${what}.`);
};

const property = (item: Placed, name: string): unknown => item.resolve(item.resource.Properties?.[name]);

const text = (item: Placed, name: string, value = property(item, name)): string =>
  typeof value === 'string'
    ? value
    : refuse(item, `expected ${name} to be a string, received ${JSON.stringify(value)}`);

const number = (item: Placed, name: string, value: unknown, whenAbsent: number): number => {
  if (value === undefined) return whenAbsent;
  const result = Number(value);
  return Number.isFinite(result)
    ? result
    : refuse(item, `expected ${name} to be a number, received ${JSON.stringify(value)}`);
};

const physicalName = (item: Placed): string => String(item.resolve({ Ref: item.logicalId }));
const attribute = (item: Placed, name: string): string =>
  String(item.resolve({ 'Fn::GetAtt': [item.logicalId, name] }));
const lastOf = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** A hosted function. Lambda's own defaults where the template is silent: 128 MB, 3 s, x86_64. */
export const lambdaFunction = (item: Placed, assets: Assets): FunctionSpec => {
  for (const unsupported of ['Layers', 'ImageConfig', 'FileSystemConfigs'])
    if (item.resource.Properties?.[unsupported] !== undefined)
      refuse(item, `${unsupported} cannot be hosted on this machine; bundle everything into the asset`);
  const environment = item.resolve(
    (item.resource.Properties?.Environment as { Variables?: unknown } | undefined)?.Variables,
  );
  const [architecture] = (property(item, 'Architectures') ?? []) as string[];
  return {
    name: physicalName(item),
    region: item.stack.region,
    arn: attribute(item, 'Arn'),
    codeDir: codeDir(item, assets),
    handler: text(item, 'Handler'),
    runtime: text(item, 'Runtime'),
    architecture: architecture ?? 'x86_64',
    memoryMb: number(item, 'MemorySize', property(item, 'MemorySize'), 128),
    timeoutSeconds: number(item, 'Timeout', property(item, 'Timeout'), 3),
    environment: Object.fromEntries(
      Object.entries(environment ?? {}).map(([name, value]) => [name, String(value)]),
    ),
    role: lastOf(text(item, 'Role')),
  };
};

const codeDir = (item: Placed, assets: Assets): string => {
  const { S3Key } = (item.resource.Properties?.Code ?? {}) as { S3Key?: unknown };
  if (S3Key === undefined)
    return refuse(
      item,
      'expected Code to be an asset of the assembly; inline code and images are not hosted',
    );
  const asset = assets.get(text(item, 'Code.S3Key', item.resolve(S3Key)));
  if (asset === undefined)
    return refuse(
      item,
      `expected asset ${JSON.stringify(S3Key)} to be listed in an assets file of the assembly`,
    );
  return asset.packaging === 'zip'
    ? asset.path
    : refuse(
        item,
        `expected the asset to be a directory (packaging zip), received packaging ${asset.packaging}`,
      );
};

export const isEnabled = (item: Placed): boolean => property(item, 'State') !== 'DISABLED';

const UNIT_SECONDS: Record<string, number> = { minute: 60, hour: 3600, day: 86_400 };

export const schedule = (item: Placed): ScheduleSpec => {
  const target = (item.resource.Properties?.Target ?? {}) as Record<string, unknown>;
  const arn = text(item, 'Target.Arn', item.resolve(target.Arn));
  const [, region, name] = /^arn:aws:lambda:([^:]+):\d+:function:([^:]+)$/.exec(arn) ?? [];
  if (region === undefined || name === undefined)
    return refuse(item, `expected the target to be a function, received ${arn}`);
  const retry = (item.resolve(target.RetryPolicy) ?? {}) as Record<string, unknown>;
  return {
    name: physicalName(item),
    region: item.stack.region,
    rateSeconds: rateSeconds(item),
    target: { function: name, region },
    role: lastOf(text(item, 'Target.RoleArn', item.resolve(target.RoleArn))),
    input: text(item, 'Target.Input', item.resolve(target.Input) ?? '{}'),
    retryAttempts: number(item, 'MaximumRetryAttempts', retry.MaximumRetryAttempts, 185),
    maxEventAgeSeconds: number(item, 'MaximumEventAgeInSeconds', retry.MaximumEventAgeInSeconds, 86_400),
  };
};

const rateSeconds = (item: Placed): number => {
  const expression = text(item, 'ScheduleExpression');
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined || unit === undefined)
    return refuse(
      item,
      `expected ScheduleExpression to be a rate such as "rate(1 minute)", received "${expression}"`,
    );
  return Number(count) * UNIT_SECONDS[unit]!;
};

type Subscription = SubscriptionSpec & { topicArn: string };

export const subscription = (item: Placed): Subscription => {
  const policy = property(item, 'FilterPolicy') as Record<string, unknown> | undefined;
  const operator = unplayed(policy);
  if (operator !== undefined)
    refuse(
      item,
      `expected a FilterPolicy with operators that are played on this machine, received ${operator}`,
    );
  const scope = property(item, 'FilterPolicyScope') === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';
  return {
    topicArn: text(item, 'TopicArn'),
    protocol: text(item, 'Protocol'),
    endpoint: text(item, 'Endpoint'),
    ...(policy !== undefined && { filter: { policy, scope } }),
  };
};

export const alarm = (item: Placed): AlarmSpec => ({ name: physicalName(item), region: item.stack.region });

export const topic = (item: Placed, subscriptions: Subscription[]): TopicSpec => {
  const arn = attribute(item, 'TopicArn');
  const inline = (property(item, 'Subscription') ?? []) as { Protocol: string; Endpoint: string }[];
  const displayName = property(item, 'DisplayName');
  return {
    name: attribute(item, 'TopicName'),
    arn,
    region: item.stack.region,
    ...(typeof displayName === 'string' && { displayName }),
    subscriptions: [
      ...inline.map(({ Protocol, Endpoint }) => ({ protocol: Protocol, endpoint: Endpoint })),
      ...subscriptions
        .filter(({ topicArn }) => topicArn === arn)
        .map(({ topicArn: _, ...subscribed }) => subscribed),
    ],
  };
};

type KeySchema = { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
type AttributeDefinitions = { AttributeName: string; AttributeType: KeySpec['type'] }[];

export const table = (item: Placed): TableSpec => {
  const replicas = (item.resource.Properties?.Replicas ?? []) as { Region: unknown }[];
  if (replicas.some(({ Region }) => item.resolve(Region) !== item.stack.region))
    refuse(item, `expected replicas in ${item.stack.region} only; nothing replicates on this machine`);
  for (const indexes of ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes'])
    if (item.resource.Properties?.[indexes] !== undefined)
      refuse(item, `${indexes} are not made on this machine`);
  const definitions = property(item, 'AttributeDefinitions') as AttributeDefinitions;
  const schema = property(item, 'KeySchema') as KeySchema;
  const key = (type: 'HASH' | 'RANGE'): KeySpec | undefined => {
    const name = schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
    const definition = definitions.find(({ AttributeName }) => AttributeName === name);
    return definition && { name: definition.AttributeName, type: definition.AttributeType };
  };
  const partitionKey = key('HASH') ?? refuse(item, 'expected a partition key');
  const sortKey = key('RANGE');
  const expiry = property(item, 'TimeToLiveSpecification') as
    | { AttributeName: string; Enabled: boolean }
    | undefined;
  return {
    name: physicalName(item),
    region: item.stack.region,
    partitionKey,
    ...(sortKey && { sortKey }),
    ...(expiry?.Enabled && { ttl: expiry.AttributeName }),
  };
};

export const zone = (item: Placed): ZoneSpec => ({
  name: zoneName(text(item, 'Name')),
  id: attribute(item, 'Id'),
  logicalId: item.logicalId,
});

/** Zones that no stack makes, since they exist already: the functions know their ids from the environment. */
export const existingZones = (functions: FunctionSpec[], made: ZoneSpec[]): ZoneSpec[] => {
  const zones = new Map<string, ZoneSpec>();
  for (const { name: functionName, environment } of functions) {
    const ids = environment[ENV.zoneIds];
    if (ids === undefined) continue;
    for (const [name, id] of Object.entries(parseZoneIds(functionName, ids)))
      if (!made.some((zone) => zone.name === zoneName(name)))
        zones.set(zoneName(name), { name: zoneName(name), id });
  }
  return [...zones.values()];
};

const parseZoneIds = (functionName: string, ids: string): Record<string, string> => {
  try {
    return JSON.parse(ids) as Record<string, string>;
  } catch (cause) {
    throw new Error(
      `Function ${functionName}: expected ${ENV.zoneIds} to be a JSON object of zone names and ids, received ${ids}.`,
      { cause },
    );
  }
};
