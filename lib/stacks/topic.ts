import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/**
 * A topic that mails people. It is not encrypted with a key: alarms cannot publish to one that uses the SNS key of the account,
 * a key of our own costs a dollar a month, and the messages end as plain e-mail in any case.
 */
export const newTopic = (scope: Construct, id: string, name: string, emails: string[]): Topic => {
  const topic = new Topic(scope, id, { topicName: name, enforceSSL: true });
  for (const email of emails) topic.addSubscription(new EmailSubscription(email));
  return topic;
};

/**
 * The topic of events for machines. Nobody is subscribed by us: a pager, a chat or a program of the operator's is, with a filter policy
 * of its own. It is not encrypted with a key either, so that any of them may be.
 */
export const newEventsTopic = (scope: Construct, topicName: string): Topic =>
  new Topic(scope, 'Events', { topicName, enforceSSL: true });
