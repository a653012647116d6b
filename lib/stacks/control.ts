import { type App, CfnOutput, Duration, Fn, RemovalPolicy, type Stack, Validations } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { HostedZone, type IHostedZone, PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import {
  ENV,
  functionNames,
  type ScheduleEvent,
  scheduleName,
  stackNames,
  TABLE,
  tableName,
  topicName,
} from '../../lambda/contract.ts';
import { type Config, movesElasticIps, type Zone } from '../../lambda/core/site.ts';
import type { Bundles } from '../bundle.ts';
import { type FunctionSpec, newFunction, newProber } from './function.ts';
import {
  addressMoveGrants,
  addressReadGrants,
  announceGrant,
  type HeldZone,
  listenersGrant,
  probeGrant,
  recordsIn,
  secretGrants,
  stateGrant,
  zoneReadGrants,
  zoneWriteGrants,
} from './grants.ts';
import { newStack } from './stack.ts';
import { newTopic } from './topic.ts';

/**
 * The home region: zones, state, announcements, and the two functions that may move a record. The records themselves are in no
 * stack: CloudFormation would put an old answer back with the next change of its template, and never repair one.
 */
export const newControlStack = (app: App, config: Config, bundles: Bundles): Stack => {
  const { deployment, homeRegion } = config;
  const stack = newStack(
    app,
    config,
    stackNames(deployment).control,
    homeRegion,
    `Switchover ${deployment}: decides where names point, and moves them.`,
  );
  const held = config.zones.map(
    (zone): HeldZone => ({
      zone: holdZone(stack, zone),
      name: zone.name,
      records: recordsIn(config, zone.name),
    }),
  );
  const table = newStateTable(stack, deployment);
  const topic = newTopic(stack, 'Alerts', topicName(deployment), config.alerts.emails);
  const environment = {
    [ENV.zoneIds]: stack.toJsonString(
      Object.fromEntries(held.map(({ name, zone }) => [name, zone.hostedZoneId])),
    ),
    [ENV.tableName]: table.tableName,
    [ENV.topicArn]: topic.topicArn,
  };
  // The console moves records for an operator and never looks at a server itself, so it may not start a prober.
  const consoleGrants = [
    stateGrant(table),
    announceGrant(topic),
    listenersGrant(stack, topic, config),
    ...zoneReadGrants(stack, held),
    ...addressReadGrants(config),
  ];
  const controllerGrants = [
    ...consoleGrants,
    probeGrant(stack, config),
    ...secretGrants(stack, config),
    ...addressMoveGrants(stack, config),
  ];
  // The controller's role is the fuller one, so what fits there fits into the console's too.
  const writes = zoneWriteGrants(held, controllerGrants);
  tellOfWidening(stack, config, writes);

  const functions = {
    Controller: newController(stack, config, {
      code: bundles.controller,
      environment,
      grants: [...controllerGrants, ...writes.statements],
    }),
    Console: newConsole(stack, config, {
      code: bundles.console,
      environment,
      grants: [...consoleGrants, ...writes.statements],
    }),
    ...(config.vantages.includes(homeRegion) && { Prober: newProber(stack, config, bundles.prober) }),
  };
  newMinute(stack, deployment, functions.Controller);
  for (const [id, { functionName }] of Object.entries(functions))
    new CfnOutput(stack, `${id}Function`, { value: functionName });
  new CfnOutput(stack, 'AlertsTopic', { value: topic.topicArn });
  return stack;
};

type Inside = Pick<FunctionSpec, 'code' | 'environment' | 'grants'>;

const newController = (stack: Stack, config: Config, inside: Inside): LambdaFunction => {
  const { deployment } = config;
  const controller = newFunction(stack, {
    id: 'Controller',
    name: functionNames(deployment).controller,
    description: 'Switchover: probes, judges, decides, acts, announces. Started each minute.',
    // It waits most of the time, and is billed for waiting: memory is its price.
    memoryMb: 128,
    // It stops by itself at about 150 s; beyond that it has hung.
    timeoutSeconds: 180,
    ...inside,
  });
  explainWidth(controller, config);
  // No concurrency is reserved. One controller at a time is what the baton sees to; a limit of one would throttle the successor,
  // which must start while its predecessor still runs, and a new account may have no concurrency to reserve.
  // A late event is worthless: the next minute's is on its way.
  controller.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(60) });
  return controller;
};

const newConsole = (stack: Stack, config: Config, inside: Inside): LambdaFunction => {
  const { deployment } = config;
  const operatorConsole = newFunction(stack, {
    id: 'Console',
    name: functionNames(deployment).console,
    description: 'Switchover: takes orders from people, as test events or from the command line.',
    // Rarely used and waited for by a person: more memory is more processor, and costs next to nothing here.
    memoryMb: 256,
    timeoutSeconds: 60,
    ...inside,
  });
  explainWidth(operatorConsole, config);
  return operatorConsole;
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
};

/** A zone with an id is used as it is; any other is made, and outlives the stack: its name servers are with the registrar. */
const holdZone = (stack: Stack, { name, id }: Zone): IHostedZone => {
  const constructId = `Zone-${name}`;
  if (id !== undefined)
    return HostedZone.fromHostedZoneAttributes(stack, constructId, { hostedZoneId: id, zoneName: name });
  const zone = new PublicHostedZone(stack, constructId, {
    zoneName: name,
    comment: 'Records here are moved by Switchover; see the role records _switchover.*',
    // Changes go through Route 53's control plane in us-east-1. When that region fails, AWS moves the control plane of zones with
    // this option elsewhere, within about an hour instead of whenever. It is free.
    acceleratedRecoveryEnabled: true,
  });
  zone.applyRemovalPolicy(RemovalPolicy.RETAIN);
  // `my-shop.com` becomes MyShopCom: the output's id may hold letters and digits only.
  const words = name.split(/[^a-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  new CfnOutput(stack, `NameServers${words.join('')}`, {
    description: `Delegate ${name} to these name servers, at its registrar or in its parent zone.`,
    value: Fn.join(' ', zone.hostedZoneNameServers ?? []),
  });
  return zone;
};

/** Holds, history and announcements owed. It outlives the stack, and cannot be deleted in passing. */
const newStateTable = (stack: Stack, deployment: string): TableV2 =>
  new TableV2(stack, 'State', {
    tableName: tableName(deployment),
    partitionKey: { name: TABLE.partitionKey, type: AttributeType.STRING },
    sortKey: { name: TABLE.sortKey, type: AttributeType.STRING },
    timeToLiveAttribute: TABLE.ttl,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });

/** Starts a controller each minute, and never a second time for the same minute on purpose. */
const newMinute = (stack: Stack, deployment: string, controller: LambdaFunction): void => {
  const role = new Role(stack, 'MinuteRole', {
    description: `Lets the schedule ${scheduleName(deployment)} start the controller`,
    // Only for schedules of this account: otherwise anybody's schedule could be pointed at the role.
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
    // The unqualified function alone; the CDK's own grant adds all its versions and aliases, of which there are none.
    inlinePolicies: {
      start: new PolicyDocument({
        statements: [
          new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [controller.functionArn] }),
        ],
      }),
    },
  });
  const input: ScheduleEvent = { scheduledTime: ContextAttribute.scheduledTime };
  new Schedule(stack, 'Minute', {
    scheduleName: scheduleName(deployment),
    description: `Starts a controller of Switchover ${deployment}`,
    schedule: ScheduleExpression.rate(Duration.minutes(1)),
    timeWindow: TimeWindow.off(),
    target: new LambdaInvoke(controller, {
      role: role.withoutPolicyUpdates(),
      input: ScheduleTargetInput.fromObject(input),
      retryAttempts: 0,
      maxEventAge: Duration.seconds(60),
    }),
  });
};

const tellOfWidening = (
  stack: Stack,
  { deployment }: Config,
  { widened, fits }: { widened: string[]; fits: boolean },
): void => {
  if (!fits)
    Validations.of(stack).addError(
      'switchover:too-many-zones',
      `Expected the zones of deployment ${deployment} to fit into one IAM role's policy, but there are too many of them. ` +
        'Give some of the zones and their sites to a second configuration with another `deployment` name.',
    );
  else if (widened.length > 0)
    Validations.of(stack).addWarning(
      'switchover:wide-policy',
      `The record names in ${widened.join(', ')} do not fit into an IAM policy, so the functions of ${deployment} may write A, ` +
        'AAAA, CNAME and TXT records of any name in there, not only the names of the configured sites. Keep records of other ' +
        'kinds of use out of these zones, or divide the sites over several deployments.',
    );
};
