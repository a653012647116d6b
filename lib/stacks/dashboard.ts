import { Arn, ArnFormat, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Alarm, AlarmStatusWidget, CustomWidget, Dashboard, type IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Effect, ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { deadManNames, undeliveredName } from '../../lambda/contract.ts';
import { dashboardName, dashboardUrl } from '../../lambda/core/site/dashboard.ts';
import { shardConfigs } from '../../lambda/core/site/shard.ts';
import { type Config, deadManRegion } from '../../lambda/core/site/site.ts';
import { hasChannels } from './graphed.ts';
import { deploymentGraphs, type Graphed, siteGraphs } from './graphs.ts';

/** What a dashboard shows, and whose functions its widget and its buttons call. */
export type Shown = Graphed & { consoleFunction: LambdaFunction; statusFunction: LambdaFunction };

/** A dashboard has 24 columns. */
const WHOLE = 24;

/**
 * A dashboard of all sites, with the alarms and what was done; and two policies for people, since what a widget calls it calls with the
 * rights of who looks: to look, and to act as well.
 */
export const newDashboard = (scope: Construct, config: Config, shown: Shown): Dashboard => {
  const { statusFunction, consoleFunction } = shown;
  const dashboard = new Dashboard(scope, 'Dashboard', {
    dashboardName: dashboardName(config),
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
      title: 'Alarms',
      alarms: alarmsOf(scope, config),
      width: WHOLE,
      height: 3,
    }),
  );
  for (const row of [...deploymentGraphs(config, shown), ...siteGraphs(config)]) dashboard.addWidgets(...row);
  const look = policyFor(scope, 'Look', `May look at the sites of Switchover ${config.deployment}.`, [
    statusFunction,
  ]);
  const act = policyFor(
    scope,
    'Act',
    `May look at the sites of Switchover ${config.deployment}, and move them.`,
    [statusFunction, consoleFunction],
  );
  new CfnOutput(scope, 'DashboardUrl', { value: dashboardUrl(config) });
  new CfnOutput(scope, 'LookPolicyArn', { value: look.managedPolicyArn });
  new CfnOutput(scope, 'ActPolicyArn', { value: act.managedPolicyArn });
  return dashboard;
};

/**
 * All alarms of the deployment: on silence, which are in another region than this stack, and on events that reached no channel. By their
 * names, since the others are deployed before or after this stack.
 */
const alarmsOf = (scope: Construct, config: Config): IAlarm[] => {
  const alarm = (id: string, resourceName: string, region: string): IAlarm => {
    const parts = { service: 'cloudwatch', resource: 'alarm', resourceName, region };
    const arn = Arn.format({ ...parts, arnFormat: ArnFormat.COLON_RESOURCE_NAME }, Stack.of(scope));
    return Alarm.fromAlarmArn(scope, id, arn);
  };
  const { deployment, homeRegion } = config;
  const silence = shardConfigs(config).map((_, index) =>
    alarm(`Silence${index + 1}`, deadManNames(deployment, index + 1).alarm, deadManRegion(config)),
  );
  return hasChannels(config)
    ? [...silence, alarm('UndeliveredShown', undeliveredName(deployment), homeRegion)]
    : silence;
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
