import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Topic } from '../ports.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { LIMITS } from './limits.ts';

/** The client of the alert topic. */
export const snsClient = (place: Place = {}): SNSClient =>
  new SNSClient({ ...place, ...clientOptions(LIMITS.topic) });

export const snsTopic = (
  client: SNSClient,
  topicArn: string,
  deployment: string,
  bound: Bound = {},
): Topic => ({
  publish: async ({ subject, text, kind, severity, site, incident }) => {
    const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
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
      },
    });
    await call(
      (error) => faultOf('SNS', 'Publish', error),
      { callMs: LIMITS.topic.callMs, ...bound },
      (abortSignal) => client.send(command, { abortSignal }),
    );
  },
});
