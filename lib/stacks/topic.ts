import { Stack } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Alerts, Wanted } from '../../lambda/core/site/alerts.ts';

/**
 * A topic that mails people. It is not encrypted with a key: alarms cannot publish to one that uses the SNS key of the account,
 * a key of our own costs a dollar a month, and the messages end as plain e-mail in any case.
 */
export const newTopic = (scope: Construct, id: string, name: string, alerts: Alerts): Topic => {
  const topic = new Topic(scope, id, { topicName: name, enforceSSL: true });
  mailPeople(topic, alerts);
  return topic;
};

/** Subscribes people to a topic; whom its owner subscribed already stays as subscribed, since an address has one filter. */
export const mailPeople = (topic: ITopic, { emails, wanted = {} }: Alerts): void => {
  for (const email of emails)
    if (topic.node.tryFindChild(email) === undefined)
      topic.addSubscription(new EmailSubscription(email, { filterPolicy: filterFor(wanted[email] ?? {}) }));
};

/** As bad as wanted, or worse. */
const SEVERITIES = { critical: ['critical'], warning: ['critical', 'warning'] } as const;

/**
 * What SNS holds against the attributes of a message. One without a severity is an alarm's, and passes; one without tags is not about these
 * sites. Undefined for who wants everything.
 */
const filterFor = ({ tags, from }: Wanted): Record<string, SubscriptionFilter> | undefined => {
  if (tags === undefined && from === undefined) return undefined;
  return {
    ...(tags !== undefined && { tags: SubscriptionFilter.stringFilter({ allowlist: tags }) }),
    ...(from !== undefined && {
      severity: new SubscriptionFilter([...SEVERITIES[from], { exists: false }]),
    }),
  };
};

/**
 * The topic of events for machines. Nobody is subscribed by us: a pager, a chat or a program of the operator's is, with a filter policy
 * of its own. It is not encrypted with a key either, so that any of them may be.
 */
export const newEventsTopic = (scope: Construct, topicName: string): Topic =>
  new Topic(scope, 'Events', { topicName, enforceSSL: true });

/**
 * Lets these alarms publish. A topic with a policy of its own (here: TLS only) loses the default one, under which alarms of the account
 * may.
 */
export const allowAlarms = (scope: Construct, topic: ITopic, alarms: readonly IAlarm[]): void => {
  const arns = alarms.map(({ alarmArn }) => alarmArn);
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmMayPublish',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': arns.length === 1 ? arns[0] : arns },
        StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
      },
    }),
  );
};
