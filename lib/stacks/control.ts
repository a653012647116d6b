import { type App, CfnOutput, Duration, type Stack, Validations } from 'aws-cdk-lib';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import {
  controllerName,
  ENV,
  functionNames,
  stackNames,
  tableName,
  topicName,
} from '../../lambda/contract.ts';
import { shardConfigs, shardNumber } from '../../lambda/core/site/shard.ts';
import { type Config, movesElasticIps } from '../../lambda/core/site/site.ts';
import type { Bundles } from '../bundle.ts';
import { addressMoveGrants, addressReadGrants, addressRegion } from './address-grants.ts';
import { CONTROLLER_ENVIRONMENT, controllerMemoryMb } from './controller-memory.ts';
import { type FunctionSpec, newFunction, newProber, numberedId } from './function.ts';
import {
  announceGrant,
  type HeldZone,
  heartbeatGrant,
  historyGrant,
  listenersGrant,
  probeGrant,
  publishedGrant,
  recordsIn,
  secretGrants,
  stateGrant,
  stateReadGrant,
  zoneListGrant,
  zoneReadGrant,
  zoneWriteGrants,
} from './grants.ts';
import { newMinute } from './minute.ts';
import { refuseLargeEnvironment, tellOfWidening, type Writer } from './sizes.ts';
import { newStack } from './stack.ts';
import { newTopic } from './topic.ts';

/**
 * The home region: announcements, and the functions that may move a record. Zones and state are in stacks of their
 * own, which a failure of this one leaves alone. The records themselves are in no stack: CloudFormation would put an
 * old answer back with the next change of its template, and never repair one. `made` has the ids of the zones that the
 * zones' stack makes, by name.
 */
export const newControlStack = (
  app: App,
  config: Config,
  bundles: Bundles,
  made: ReadonlyMap<string, string>,
): Stack => {
  const { deployment, homeRegion } = config;
  const stack = newStack(
    app,
    config,
    stackNames(deployment).control,
    homeRegion,
    `Switchover ${deployment}: decides where names point, and moves them.`,
  );
  const zones = new Map(
    config.zones.map(({ name, id = made.get(name) }) => [name, knownZone(stack, name, String(id))]),
  );
  const heldBy = (own: Config): HeldZone[] =>
    own.zones.map(({ name }) => ({
      zone: zones.get(name) as IHostedZone,
      name,
      records: recordsIn(own, name),
    }));
  // By its plain name: a reference would bind the life of this stack to that of the table's.
  const table = TableV2.fromTableName(stack, 'State', tableName(deployment));
  const topic = newTopic(stack, 'Alerts', topicName(deployment), config.alerts.emails);
  const environmentFor = (name: string, held: HeldZone[]) => {
    const ids = stack.toJsonString(
      Object.fromEntries(held.map(({ name, zone }) => [name, zone.hostedZoneId])),
    );
    refuseLargeEnvironment(stack, name, held);
    return { [ENV.zoneIds]: ids, [ENV.tableName]: table.tableName, [ENV.topicArn]: topic.topicArn };
  };
  const sharedGrants = (own: Config, held: HeldZone[]) => [
    stateGrant(table),
    announceGrant(topic),
    listenersGrant(stack, topic, config),
    zoneReadGrant(held),
    publishedGrant(stack),
    ...addressReadGrants(own),
  ];
  const writers: Writer[] = [];
  /** What a function may do, and its environment; `more` is what it needs beyond reading and writing its zones. */
  const inside = (name: string, code: string, own: Config, more: PolicyStatement[]): Inside => {
    const held = heldBy(own);
    const grants = [...sharedGrants(own, held), ...more];
    const writes = zoneWriteGrants(held, grants);
    writers.push({ name, ...writes });
    return { code, environment: environmentFor(name, held), grants: [...grants, ...writes.statements] };
  };

  const controllers = shardConfigs(config).map((own, index) => {
    const name = controllerName(deployment, index + 1);
    const more = [
      probeGrant(stack, own),
      heartbeatGrant(stack, own),
      ...secretGrants(stack, own),
      ...addressMoveGrants(stack, own),
    ];
    const controller = newController(stack, own, inside(name, bundles.controllers[index] ?? '', own, more));
    newMinute(stack, own, controller);
    return [numberedId('Controller', shardNumber(own)), controller] as const;
  });
  // The console moves records for an operator and never looks at a server itself, so it may not start a prober.
  const { console: consoleName, status: statusName } = functionNames(deployment);
  const all = heldBy(config);
  const reads: Inside = {
    code: bundles.status,
    environment: environmentFor(statusName, all),
    grants: [stateReadGrant(table), historyGrant(table), zoneListGrant(all), ...addressReadGrants(config)],
  };
  const functions = {
    ...Object.fromEntries(controllers),
    Console: newAsked(
      stack,
      config,
      'console',
      inside(consoleName, bundles.console, config, [historyGrant(table)]),
    ),
    Status: newAsked(stack, config, 'status', reads),
    ...(config.vantages.includes(homeRegion) && { Prober: newProber(stack, config, bundles.prober) }),
  };
  tellOfWidening(stack, config, writers);
  for (const [id, { functionName }] of Object.entries(functions))
    new CfnOutput(stack, `${id}Function`, { value: functionName });
  new CfnOutput(stack, 'AlertsTopic', { value: topic.topicArn });
  return stack;
};

type Inside = Pick<FunctionSpec, 'code' | 'environment' | 'grants'>;

const newController = (stack: Stack, own: Config, inside: Inside): LambdaFunction => {
  const controller = newFunction(stack, {
    id: numberedId('Controller', shardNumber(own)),
    name: controllerName(own.deployment, shardNumber(own)),
    description: 'Switchover: probes, judges, decides, acts, announces. Started each minute.',
    memoryMb: controllerMemoryMb(own),
    // It stops by itself at about 150 s; beyond that it has hung.
    timeoutSeconds: 180,
    ...inside,
    environment: { ...inside.environment, ...CONTROLLER_ENVIRONMENT },
  });
  explainWidth(controller, own);
  // No concurrency is reserved. One controller at a time is what the baton sees to; a limit of one would throttle the successor,
  // which must start while its predecessor still runs, and a new account may have no concurrency to reserve.
  // A late event is worthless: the next minute's is on its way.
  controller.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
  return controller;
};

/** The function that takes orders, and the one that only answers: IAM tells who may call which, not what is asked of it. */
const ASKED = {
  console: 'Switchover: takes orders from people, as test events or from the command line.',
  status: 'Switchover: answers status, history and explain, and may change nothing.',
} as const;

/** A function that people call. It costs nothing while nobody does. */
const newAsked = (
  stack: Stack,
  config: Config,
  which: keyof typeof ASKED,
  inside: Inside,
): LambdaFunction => {
  const asked = newFunction(stack, {
    id: which === 'console' ? 'Console' : 'Status',
    name: functionNames(config.deployment)[which],
    description: ASKED[which],
    // Rarely used and waited for by a person: more memory is more processor, and costs next to nothing here.
    memoryMb: 256,
    timeoutSeconds: 60,
    ...inside,
  });
  explainWidth(asked, config);
  return asked;
};

const explainWidth = ({ role }: LambdaFunction, config: Config): void => {
  if (role === undefined) return;
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::arn:aws:route53:::change/*]',
    reason:
      'Route 53 makes the ids of changes up as they come, and GetChange tells a status and a time, no content.',
  });
  if (!movesElasticIps(config)) return;
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'EC2 lets nobody name the addresses that DescribeAddresses may tell of; it tells ids and addresses.',
  });
  const regions = config.sites
    .filter(({ readdress }) => readdress?.allocationId !== undefined)
    .map((site) => addressRegion(config, site));
  for (const region of new Set(regions))
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::arn:aws:ec2:${region}:<AWS::AccountId>:network-interface/*]`,
      reason:
        'Taking an address from an instance names its interface, known to AWS alone; only our addresses can be taken.',
    });
};

/** A zone that exists: it is used as it is. */
const knownZone = (stack: Stack, zoneName: string, hostedZoneId: string): IHostedZone =>
  HostedZone.fromHostedZoneAttributes(stack, `Zone-${zoneName}`, { hostedZoneId, zoneName });
