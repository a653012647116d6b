import { Arn, ArnFormat, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  CustomWidget,
  Dashboard,
  GraphWidget,
  Metric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { deadManNames } from '../../lambda/contract.ts';
import { shardConfigs } from '../../lambda/core/site/shard.ts';
import { type Config, deadManRegion } from '../../lambda/core/site/site.ts';

/** What a dashboard shows, and whose functions its widget and its buttons call. */
export type Shown = {
  topic: ITopic;
  controllers: readonly LambdaFunction[];
  consoleFunction: LambdaFunction;
  statusFunction: LambdaFunction;
};

/** A dashboard has 24 columns. */
const WHOLE = 24;
const THIRD = 8;
const MINUTE = Duration.minutes(1);

/** Dashboards have one name in all regions of an account, so the region is part of it. */
const dashboardName = ({ deployment, homeRegion }: Config): string => `${deployment}-${homeRegion}`;

/**
 * A dashboard of all sites, with the alarms on silence and what the functions did; and two policies for people, since what a widget calls it
 * calls with the rights of who looks: to look, and to act as well.
 */
export const newDashboard = (scope: Construct, config: Config, shown: Shown): Dashboard => {
  const { statusFunction, consoleFunction } = shown;
  const name = dashboardName(config);
  const dashboard = new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    defaultInterval: Duration.hours(3),
  });
  dashboard.addWidgets(
    new CustomWidget({
      title: 'Sites',
      functionArn: statusFunction.functionArn,
      params: { view: 'all' },
      width: WHOLE,
      height: 12,
      // A view of another size is the same; that of one site shows the time that the dashboard does.
      updateOnResize: false,
    }),
  );
  dashboard.addWidgets(
    new AlarmStatusWidget({
      title: 'Silence',
      alarms: silenceAlarms(scope, config),
      width: WHOLE,
      height: 3,
    }),
  );
  dashboard.addWidgets(...graphs(config, shown));
  const look = policyFor(scope, 'Look', `May look at the sites of Switchover ${config.deployment}.`, [
    statusFunction,
  ]);
  const act = policyFor(
    scope,
    'Act',
    `May look at the sites of Switchover ${config.deployment}, and move them.`,
    [statusFunction, consoleFunction],
  );
  const { region } = Stack.of(scope);
  new CfnOutput(scope, 'DashboardUrl', {
    value: `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards:name=${name}`,
  });
  new CfnOutput(scope, 'LookPolicyArn', { value: look.managedPolicyArn });
  new CfnOutput(scope, 'ActPolicyArn', { value: act.managedPolicyArn });
  return dashboard;
};

/** By their names: they are in another region, and are deployed before or after this stack. */
const silenceAlarms = (scope: Construct, config: Config) =>
  shardConfigs(config).map((_, index) => {
    const resourceName = deadManNames(config.deployment, index + 1).alarm;
    const parts = { service: 'cloudwatch', resource: 'alarm', resourceName, region: deadManRegion(config) };
    const arn = Arn.format({ ...parts, arnFormat: ArnFormat.COLON_RESOURCE_NAME }, Stack.of(scope));
    return Alarm.fromAlarmArn(scope, `Silence${index + 1}`, arn);
  });

const graphs = (config: Config, { topic, controllers }: Shown): GraphWidget[] => {
  const ofTopic = (metricName: string, label: string) =>
    new Metric({
      namespace: 'AWS/SNS',
      metricName,
      label,
      dimensionsMap: { TopicName: topic.topicName },
      statistic: Stats.SUM,
      period: Duration.minutes(5),
    });
  const sum = { statistic: Stats.SUM, period: MINUTE };
  const size = { width: THIRD, height: 6 };
  return [
    new GraphWidget({
      ...size,
      title: 'Controllers: started, failed',
      left: controllers.map((one) => one.metricInvocations({ ...sum, label: one.functionName })),
      right: controllers.map((one) => one.metricErrors({ ...sum, label: `${one.functionName}, failed` })),
    }),
    new GraphWidget({
      ...size,
      title: 'How long each ran',
      left: controllers.map((one) => one.metricDuration({ statistic: Stats.MAXIMUM, period: MINUTE })),
    }),
    new GraphWidget({
      ...size,
      title: `Messages of ${config.deployment}`,
      left: [
        ofTopic('NumberOfMessagesPublished', 'published'),
        ofTopic('NumberOfNotificationsDelivered', 'delivered'),
        ofTopic('NumberOfNotificationsFailed', 'failed'),
      ],
    }),
  ];
};

const policyFor = (
  scope: Construct,
  id: string,
  description: string,
  functions: readonly LambdaFunction[],
): ManagedPolicy =>
  new ManagedPolicy(scope, `${id}Policy`, {
    description,
    statements: [
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: ['lambda:InvokeFunction'],
        resources: functions.map(({ functionArn }) => functionArn),
      }),
    ],
  });
