import { CfnOutput, Duration, type Stack, Validations } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { controllerName, deadManNames, heartbeatFunction } from '../../lambda/contract.ts';
import { shardConfigs } from '../../lambda/core/site/shard.ts';
import { type Config, deadManRegion } from '../../lambda/core/site/site.ts';
import { newFunction, numberedId } from './function.ts';
import { newStack, type Placement } from './stack.ts';
import { allowAlarms, newTopic } from './topic.ts';

/** The stack, and the topic of its alarm. */
export type DeadMan = { stack: Stack; topic: ITopic };

/** Minutes in a row without a heartbeat before people are told. One comes each minute, and its metric a little late. */
const SILENT_MINUTES = 5;

/**
 * Silence is an alarm: whoever stopped cannot say so. While a controller gets its work done it calls a function of this stack
 * each minute, and the alarm counts the calls. They are a metric of Lambda's own. One that a log line makes would not do: whatever may
 * write a log, such as a prober that was taken over, could keep it alive. Everything, the topic included, is outside the
 * home region, because an alarm dies with its region and a topic too.
 */
export const newDeadManStack = (place: Placement, config: Config, code: string): DeadMan => {
  const region = deadManRegion(config);
  const names = deadManNames(config.deployment);
  const stack = newStack(place('dead-man', region), {
    config,
    region,
    description: `Switchover ${config.deployment}: tells people when nothing is decided any more.`,
  });
  if (region === config.homeRegion) warnOfSharedFate(stack, config);

  // Whoever is mailed anything is mailed this: while nothing is decided, nobody is told anything else.
  const topic = newTopic(stack, 'Silence', names.topic, { emails: config.alerts.emails });
  const alarms = shardConfigs(config).map((_, index) => {
    const heart = newHeart(stack, config, index + 1, code);
    const alarm = newAlarm(stack, config, index + 1, heart);
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    return alarm;
  });
  allowAlarms(stack, topic, alarms);
  for (const [index] of alarms.entries())
    new CfnOutput(stack, numberedId('SilenceAlarm', index + 1), {
      value: deadManNames(config.deployment, index + 1).alarm,
    });
  new CfnOutput(stack, 'SilenceTopic', { value: topic.topicArn });
  return { stack, topic };
};

/** What one controller calls. It reads nothing, keeps nothing, and may write its log. */
const newHeart = (stack: Stack, config: Config, controller: number, code: string): LambdaFunction =>
  newFunction(stack, {
    id: numberedId('Heartbeat', controller),
    name: heartbeatFunction(config.deployment, controller),
    description: 'Switchover: is called while a controller gets its work done; an alarm counts the calls.',
    code,
    memoryMb: 128,
    timeoutSeconds: 10,
  });

/** The alarm on the silence of one controller: when others still decide, their heartbeats must not hide it. */
const newAlarm = (stack: Stack, config: Config, controller: number, heart: LambdaFunction): Alarm =>
  new Alarm(stack, numberedId('Alarm', controller), {
    alarmName: deadManNames(config.deployment, controller).alarm,
    alarmDescription: alarmText(config, controller),
    metric: heart.metricInvocations({ statistic: Stats.SUM, period: Duration.minutes(1) }),
    threshold: 1,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    evaluationPeriods: SILENT_MINUTES,
    treatMissingData: TreatMissingData.BREACHING,
  });

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
