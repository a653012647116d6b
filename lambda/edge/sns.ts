import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Announcement } from '../core/announcement.ts';
import { clientOptions, faultOf } from './aws.ts';

/** The topic that people subscribe to. Rejects with a `Fault`; `lost` may have been told. */
export type Topic = { publish(announcement: Announcement): Promise<void> };

/** The client of the alert topic: 1 s to connect, 3 s to answer, two attempts; what is still owed then is told next round. */
export const snsClient = (): SNSClient =>
  new SNSClient(clientOptions({ connectMs: 1000, answerMs: 3000, attempts: 2 }));

export const snsTopic = (client: SNSClient, topicArn: string, deployment: string): Topic => ({
  publish: async ({ subject, text, kind, site, incident }) => {
    const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
    try {
      await client.send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subject,
          Message: text,
          MessageAttributes: {
            kind: attribute(kind),
            site: attribute(site),
            incident: attribute(incident),
            deployment: attribute(deployment),
          },
        }),
      );
    } catch (error) {
      throw faultOf('SNS', 'Publish', error);
    }
  },
});
