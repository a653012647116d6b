import { type MessageAttributeValue, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { attributesOf } from '../core/messages/event.ts';
import type { Events, Topic } from '../ports.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { LIMITS } from './limits.ts';

/** The client of the two topics. */
export const snsClient = (place: Place = {}): SNSClient =>
  new SNSClient({ ...place, ...clientOptions(LIMITS.topic) });

const attribute = (value: string): MessageAttributeValue => ({ DataType: 'String', StringValue: value });
const listAttribute = (values: string[]): MessageAttributeValue => ({
  DataType: 'String.Array',
  StringValue: JSON.stringify(values),
});

const publish = async (client: SNSClient, command: PublishCommand, bound: Bound): Promise<void> => {
  await call(
    (error) => faultOf('SNS', 'Publish', error),
    { callMs: LIMITS.topic.callMs, ...bound },
    (abortSignal) => client.send(command, { abortSignal }),
  );
};

/** Mails: a subject and a text, with attributes for filter policies. */
export const snsTopic = (
  client: SNSClient,
  topicArn: string,
  deployment: string,
  bound: Bound = {},
): Topic => ({
  publish: ({ subject, text, kind, severity, site, incident, tags }) => {
    const command = new PublishCommand({
      TopicArn: topicArn,
      Subject: subject,
      Message: text,
      MessageAttributes: {
        kind: attribute(kind),
        severity: attribute(severity),
        site: attribute(site),
        incident: attribute(incident),
        deployment: attribute(deployment),
        ...(tags && { tags: listAttribute(tags) }),
      },
    });
    return publish(client, command, bound);
  },
});

/**
 * Events: JSON as a plain string, with attributes. Never with the structure `json`, with which SNS sends no attributes, so that every
 * filter policy would keep everything back.
 */
export const snsEvents = (client: SNSClient, topicArn: string, bound: Bound = {}): Events => ({
  publish: (event) => {
    const { tags, ...texts } = attributesOf(event);
    const command = new PublishCommand({
      TopicArn: topicArn,
      Message: JSON.stringify(event),
      MessageAttributes: {
        ...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, attribute(value)])),
        ...(tags && { tags: listAttribute(tags) }),
      },
    });
    return publish(client, command, bound);
  },
});
