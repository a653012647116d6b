import { type App, CfnOutput, Duration, type Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { controllerName, deadManNames, heartbeatName, METRICS, stackNames } from '../../lambda/contract.ts';
import { shardConfigs } from '../../lambda/core/shard.ts';
import { type Config, deadManRegion } from '../../lambda/core/site.ts';
import { newStack } from './stack.ts';
import { newTopic } from './topic.ts';

/** Minutes in a row without a decided round before people are told. Heartbeats come each minute, a log's metric a little late. */
const SILENT_MINUTES = 5;

/**
 * Silence is an alarm: whoever stopped cannot say so. The alarm counts the rounds that the controller says it decided; the
 * controller tells the prober of this region, which prints the number as a metric. Everything it needs, the topic included, is
 * outside the home region, because an alarm dies with its region and a topic too.
 */
export const newDeadManStack = (app: App, config: Config): Stack => {
  const region = deadManRegion(config);
  const names = deadManNames(config.deployment);
  const stack = newStack(
    app,
    config,
    stackNames(config.deployment).deadMan(region),
    region,
    `Switchover ${config.deployment}: tells people when nothing is decided any more.`,
  );
  if (region === config.homeRegion) warnOfSharedFate(stack, config);

  const topic = newTopic(stack, 'Silence', names.topic, config.alerts.emails);
  const alarms = shardConfigs(config).map((_, index) => newAlarm(stack, config, index + 1, topic));
  // A topic with a policy of its own (here: TLS only) loses the default one, under which alarms of the account may publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmMayPublish',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        ArnEquals: {
          'aws:SourceArn': alarms.length === 1 ? alarms[0]?.alarmArn : alarms.map((a) => a.alarmArn),
        },
        StringEquals: { 'aws:SourceAccount': stack.account },
      },
    }),
  );
  for (const [index] of alarms.entries())
    new CfnOutput(stack, `SilenceAlarm${index === 0 ? '' : index + 1}`, {
      value: deadManNames(config.deployment, index + 1).alarm,
    });
  new CfnOutput(stack, 'SilenceTopic', { value: topic.topicArn });
  return stack;
};

/** The alarm on the silence of one controller: when others still decide, their heartbeats must not hide it. */
const newAlarm = (stack: Stack, config: Config, controller: number, topic: Topic): Alarm => {
  const alarm = new Alarm(stack, controller === 1 ? 'Alarm' : `Alarm${controller}`, {
    alarmName: deadManNames(config.deployment, controller).alarm,
    alarmDescription: alarmText(config, controller),
    metric: new Metric({
      namespace: METRICS.namespace,
      metricName: METRICS.roundsDecided,
      dimensionsMap: { [METRICS.dimension]: heartbeatName(config.deployment, controller) },
      statistic: Stats.SUM,
      period: Duration.minutes(1),
    }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: SILENT_MINUTES,
    treatMissingData: TreatMissingData.BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  alarm.addOkAction(new SnsAction(topic));
  return alarm;
};

/** Characters of zone names in an alarm's description, of which CloudWatch takes 1,024 in all. */
const LISTED_CHARACTERS = 300;
const LISTED_ZONES = 5;

/** As many of the zones as a person reads; one name alone may have 253 characters. */
const listed = (zones: readonly string[]): string => {
  let text = '';
  for (const [index, zone] of zones.entries()) {
    const longer = index === 0 ? zone : `${text}, ${zone}`;
    const left = zones.length - index;
    if (index === LISTED_ZONES || longer.length > LISTED_CHARACTERS) return `${text} and ${left} more`;
    text = longer;
  }
  return text;
};

const whatStopped = (config: Config, controller: number): string => {
  const shards = shardConfigs(config);
  const own = shards[controller - 1]?.zones.map(({ name }) => name) ?? [];
  if (shards.length === 1) return `Switchover ${config.deployment} has decided nothing`;
  return `Controller ${controller} of ${shards.length} of Switchover ${config.deployment} (zones ${listed(own)}) has decided nothing`;
};

const alarmText = (config: Config, controller: number): string =>
  `${whatStopped(config, controller)} for ${SILENT_MINUTES} minutes, or the news of it does not arrive; "status" tells which. Names stay where they point; if a server dies ` +
  `now, nobody moves visitors away from it. Look at the log of the function ${controllerName(config.deployment, controller)} in ` +
  `${config.homeRegion} and at the schedule that starts it. Until it runs again, change the site's records by hand in Route 53: ` +
  'it will take such an edit for a decision of yours and keep it.';

const warnOfSharedFate = (stack: Stack, config: Config): void =>
  Validations.of(stack).addWarning(
    'switchover:dead-man-at-home',
    `The alarm on silence is in ${config.homeRegion}, together with the controller that it watches: if that region fails, ` +
      'nobody is told. Add a vantage in another region, and the alarm moves there.',
  );
