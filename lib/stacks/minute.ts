import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import {
  ContextAttribute,
  Schedule,
  ScheduleExpression,
  ScheduleTargetInput,
  TimeWindow,
} from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import { type ScheduleEvent, scheduleName } from '../../lambda/contract.ts';
import { shardNumber } from '../../lambda/core/site/shard.ts';
import type { Config } from '../../lambda/core/site/site.ts';
import { numberedId } from './function.ts';

/** Starts a controller each minute, and never a second time for the same minute on purpose. */
export const newMinute = (scope: Construct, own: Config, controller: LambdaFunction): void => {
  const name = scheduleName(own.deployment, shardNumber(own));
  const role = new Role(scope, `${numberedId('Minute', shardNumber(own))}Role`, {
    description: `Lets the schedule ${name} start the controller`,
    // Only for schedules of this account: otherwise anybody's schedule could be pointed at the role.
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
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
  new Schedule(scope, numberedId('Minute', shardNumber(own)), {
    scheduleName: name,
    description: `Starts a controller of Switchover ${own.deployment}`,
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
