import { CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { ENV, functionNames, undeliveredName } from '../../lambda/contract.ts';
import { channelSecrets } from '../../lambda/core/site/alerts.ts';
import type { Config } from '../../lambda/core/site/site.ts';
import { newFunction } from './function.ts';
import { announceGrant, parametersGrants } from './grants.ts';
import { allowAlarms } from './topic.ts';

/** What the notifier hears and where it complains. */
export type NotifierTopics = {
  events: ITopic;
  /** Where people are mailed what a channel did not take: never the topic that it hears itself. */
  alerts: ITopic;
};

/** As long as SQS keeps anything. */
const KEPT = Duration.days(14);

/**
 * The function that posts events to pagers, chats and webhooks; none where none is configured. One invocation posts one event to all
 * channels at the same time, each with tries of its own, and mails what was not taken. So a channel that is broken makes no
 * invocation fail, and Lambda repeats one only where the function itself broke and nobody knows whom it served.
 *
 * What is lost on the way is kept in one queue: SNS's, which Lambda did not accept, and Lambda's, on which the function broke three times.
 * SNS has delivered once Lambda has queued the event, so neither sees the other's failures. An alarm tells that something is in it.
 */
export const newNotifier = (
  scope: Construct,
  config: Config,
  code: string,
  { events, alerts }: NotifierTopics,
): void => {
  if ((config.alerts.channels ?? []).length === 0) return;
  const undelivered = new Queue(scope, 'Undelivered', {
    queueName: undeliveredName(config.deployment),
    retentionPeriod: KEPT,
    // With a key of KMS, SNS could not write to it.
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  Validations.of(undelivered).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'This queue is where what failed ends, and nobody takes anything out of it but people.',
  });
  const notifier = newFunction(scope, {
    id: 'Notifier',
    name: functionNames(config.deployment).notifier,
    description: 'Switchover: posts events to pagers, chats and webhooks.',
    code,
    // It waits, and hashes a little.
    memoryMb: 128,
    // A channel is tried for four minutes.
    timeoutSeconds: 300,
    environment: { [ENV.topicArn]: alerts.topicArn },
    grants: [
      ...parametersGrants(Stack.of(scope), channelSecrets(config.alerts)),
      ...busGrants(Stack.of(scope), config),
      announceGrant(alerts),
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [undelivered.queueArn] }),
    ],
  });
  notifier.configureAsyncInvoke({
    retryAttempts: 2,
    maxEventAge: Duration.hours(1),
    // The CDK's own destination grants more than Lambda needs.
    onFailure: { bind: () => ({ destination: undelivered.queueArn }) },
  });
  events.addSubscription(new LambdaSubscription(notifier, { deadLetterQueue: undelivered }));
  newAlarm(scope, config, undelivered, alerts);
  new CfnOutput(scope, 'NotifierFunction', { value: notifier.functionName });
};

/** Event buses, each by its ARN; none where none is configured. */
const busGrants = (stack: Stack, { alerts: { channels = [] } }: Config): PolicyStatement[] => {
  const buses = channels.flatMap(({ kind, service }) =>
    kind === 'eventBridge'
      ? (service ?? stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' }))
      : [],
  );
  return buses.length === 0 ? [] : [new PolicyStatement({ actions: ['events:PutEvents'], resources: buses })];
};

/** Events that nobody was told of. It stays in alarm until somebody has looked and emptied the queue. */
const newAlarm = (scope: Construct, config: Config, undelivered: Queue, alerts: ITopic): void => {
  const alarm = new Alarm(scope, 'UndeliveredAlarm', {
    alarmName: undeliveredName(config.deployment),
    alarmDescription:
      `Switchover ${config.deployment} could not post events to its channels: the function ${functionNames(config.deployment).notifier} broke or could not be ` +
      `started. What it was to post is in the queue ${undeliveredName(config.deployment)} in ${config.homeRegion}, and was mailed as always. Look at the ` +
      'log of the function, and purge the queue when all is well again.',
    metric: undelivered.metricApproximateNumberOfMessagesVisible({
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(1),
    }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    // SQS reports nothing of a queue that nobody has used for six hours.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(alerts));
  allowAlarms(scope, alerts, [alarm]);
  new CfnOutput(scope, 'UndeliveredAlarmName', { value: undeliveredName(config.deployment) });
};
