import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  controllerName,
  ENV,
  eventsTopicName,
  functionNames,
  functionRoleName,
  tableName,
  topicName,
} from '../../lambda/contract.ts';
import { shardConfigs, shardNumber } from '../../lambda/core/site/shard.ts';
import { type Config, zoneAccounts } from '../../lambda/core/site/site.ts';
import type { Bundles } from '../bundle.ts';
import { addressMoveGrants, addressReadGrants } from './address-grants.ts';
import { CONTROLLER_ENVIRONMENT, controllerMemoryMb } from './controller-memory.ts';
import { newDashboard } from './dashboard.ts';
import { explainWidth } from './explain.ts';
import { type FunctionSpec, newFunction, newProber, numberedId } from './function.ts';
import {
  announceGrant,
  type HeldZone,
  heartbeatGrant,
  historyGrant,
  listenersGrant,
  probeGrant,
  secretGrants,
  stateGrant,
  zoneWriteGrants,
} from './grants.ts';
import { holding, isHere, lookGrants, zoneGrants } from './held-zones.ts';
import { newMinute } from './minute.ts';
import { newNotifier } from './notifier.ts';
import { refuseLargeEnvironment, tellOfWidening, type Writer } from './sizes.ts';
import { newEventsTopic, newTopic } from './topic.ts';

/** What is there besides what the configuration says. */
export type Surroundings = {
  bundles: Bundles;
  /** The hosted zones, by name, where the configuration itself has no id. */
  zones: ReadonlyMap<string, IHostedZone>;
  /** Where people are told; without it a topic is made. */
  topic?: ITopic;
};

/** What is made at home, for whoever grants the use of it or looks at its metrics. */
export type Control = {
  topic: ITopic;
  /** Where programs are told. */
  events: ITopic;
  controllers: LambdaFunction[];
  consoleFunction: LambdaFunction;
  statusFunction: LambdaFunction;
};

/**
 * The home region: announcements, and the functions that may move a record. Zones and state are in stacks of their
 * own, which a failure of this one leaves alone. The records themselves are in no stack: CloudFormation would put an
 * old answer back with the next change of its template, and never repair one.
 */
export const newControl = (scope: Construct, config: Config, around: Surroundings): Control => {
  const { bundles } = around;
  const { deployment, homeRegion } = config;
  const stack = Stack.of(scope);
  const heldBy = holding(scope, config, around.zones);
  // By its plain name: a reference would bind the life of this stack to that of the table's.
  const table = TableV2.fromTableName(scope, 'State', tableName(deployment));
  const topic = around.topic ?? newTopic(scope, 'Alerts', topicName(deployment), config.alerts);
  const events = newEventsTopic(scope, eventsTopicName(deployment));
  const environmentFor = (name: string, held: HeldZone[]) => {
    const ids = stack.toJsonString(
      Object.fromEntries(held.map(({ name, zone }) => [name, zone.hostedZoneId])),
    );
    refuseLargeEnvironment(scope, name, held);
    return { [ENV.zoneIds]: ids, [ENV.tableName]: table.tableName, ...topicsIn({ topic, events }) };
  };
  const sharedGrants = (own: Config, held: HeldZone[]) => [
    stateGrant(table),
    announceGrant(topic, events),
    listenersGrant(stack, topic, config),
    ...zoneGrants(stack, held),
    ...addressReadGrants(own),
  ];
  const writers: Writer[] = [];
  /** What a function may do, and its environment; `more` is what it needs beyond reading and writing its zones. */
  const inside = (name: string, code: string, own: Config, more: PolicyStatement[]): Inside => {
    const held = heldBy(own);
    const grants = [...sharedGrants(own, held), ...more];
    const writes = zoneWriteGrants(held.filter(isHere), grants);
    writers.push({ name, ...writes });
    const made = { code, roleName: roleNameOf(config, name), environment: environmentFor(name, held) };
    return { ...made, grants: [...grants, ...writes.statements] };
  };

  const controllers = shardConfigs(config).map((own, index) => {
    const name = controllerName(deployment, index + 1);
    const more = [
      probeGrant(stack, own),
      heartbeatGrant(stack, own),
      ...secretGrants(stack, own),
      ...addressMoveGrants(stack, own),
    ];
    const controller = newController(scope, own, inside(name, bundles.controllers[index] ?? '', own, more));
    newMinute(scope, own, controller);
    return [numberedId('Controller', shardNumber(own)), controller] as const;
  });
  // The console moves records for an operator and never looks at a server itself, so it may not start a prober.
  const { console: consoleName, status: statusName } = functionNames(deployment);
  const all = heldBy(config);
  const reads: Inside = {
    code: bundles.status,
    roleName: roleNameOf(config, statusName),
    environment: environmentFor(statusName, all),
    grants: lookGrants(config, table, all),
  };
  const asked = {
    Console: newAsked(
      scope,
      config,
      'console',
      inside(consoleName, bundles.console, config, [historyGrant(table)]),
    ),
    Status: newAsked(scope, config, 'status', reads),
  };
  newNotifier(scope, config, bundles.notifier ?? '', { events, alerts: topic });
  const functions = {
    ...Object.fromEntries(controllers),
    ...asked,
    ...(config.vantages.includes(homeRegion) && { Prober: newProber(scope, config, bundles.prober) }),
  };
  tellOfWidening(scope, config, writers);
  tellNames(scope, functions, { topic, events });
  const control: Control = {
    topic,
    events,
    controllers: controllers.map(([, controller]) => controller),
    consoleFunction: asked.Console,
    statusFunction: asked.Status,
  };
  if (config.dashboard === true) newDashboard(scope, config, control);
  return control;
};

const topicsIn = ({ topic, events }: Pick<Control, 'topic' | 'events'>) => ({
  [ENV.topicArn]: topic.topicArn,
  [ENV.eventsArn]: events.topicArn,
});

/** Outputs of the stack, for people who look for what was made. */
const tellNames = (
  scope: Construct,
  functions: Record<string, LambdaFunction>,
  { topic, events }: Pick<Control, 'topic' | 'events'>,
): void => {
  for (const [id, { functionName }] of Object.entries(functions))
    new CfnOutput(scope, `${id}Function`, { value: functionName });
  new CfnOutput(scope, 'AlertsTopic', { value: topic.topicArn });
  new CfnOutput(scope, 'EventsTopic', { value: events.topicArn });
};

type Inside = Pick<FunctionSpec, 'code' | 'environment' | 'grants' | 'roleName'>;

/** Another account lets a role in by its name; without one, no name is fixed. */
const roleNameOf = (config: Config, functionName: string): string | undefined =>
  zoneAccounts(config).length === 0 ? undefined : functionRoleName(functionName, config.homeRegion);

const newController = (scope: Construct, own: Config, inside: Inside): LambdaFunction => {
  const controller = newFunction(scope, {
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
  scope: Construct,
  config: Config,
  which: keyof typeof ASKED,
  inside: Inside,
): LambdaFunction => {
  const asked = newFunction(scope, {
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
