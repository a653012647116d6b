import { randomUUID } from 'node:crypto';
import { escapeXml } from '../lib/escape-xml.ts';
import { type Call, type Reply, type Service, xml } from './service.ts';
import { isFor, readPublish } from './sns-message.ts';
import { invalid, Refused } from './sns-refused.ts';
import type { TopicSpec } from './specs.ts';

/** An e-mail as SNS would send it. */
export type Mail = {
  to: string;
  from: string;
  subject: string;
  /** The message as published. */
  text: string;
  /** The mail's body: the message and the footer that SNS puts under it. */
  rendered: string;
  topicArn: string;
  messageId: string;
  /** The message's attributes; they are not shown in a mail. */
  attributes: Record<string, string>;
  /** ISO 8601 UTC. */
  at: string;
};

/** A message as published, whoever is subscribed. */
export type Message = Omit<Mail, 'to' | 'from' | 'rendered'>;

export type SnsOptions = {
  topics: TopicSpec[];
  /** Called once for each message, before its mails, also when nobody is subscribed. */
  onMessage?: (message: Message) => void;
  /** Called once for each e-mail subscription of the topic published to. */
  onMail: (mail: Mail) => void;
  /**
   * Called once for each function that is subscribed to the topic published to, by its ARN. SNS queues the event and has delivered it by
   * that: what becomes of the function is no concern of `Publish`.
   */
  onInvoke?: (functionArn: string, payload: string) => void;
  /** What became of subscriptions by hand, by endpoint; those not named here are confirmed. Read at each call. */
  states?: () => Record<string, string>;
};

/** `Publish` and `ListSubscriptionsByTopic`, in the query protocol that the SDK speaks to SNS. */
export const snsService = ({
  topics,
  onMessage,
  onMail,
  onInvoke = () => {},
  states = () => ({}),
}: SnsOptions): Service => {
  const operations: Record<string, (form: URLSearchParams, call: Call) => string> = {
    Publish: (form, call) => {
      const topic = findTopic(topics, topicArn(form), call);
      const { message, mails, invocations } = publish(topic, form);
      onMessage?.(message);
      const unheard = states();
      for (const mail of mails) if (unheard[mail.to] === undefined) onMail(mail);
      for (const { functionArn, payload } of invocations) onInvoke(functionArn, JSON.stringify(payload));
      return `<MessageId>${message.messageId}</MessageId>`;
    },
    ListSubscriptionsByTopic: (form, call) =>
      listSubscriptions(findTopic(topics, topicArn(form), call), states()),
  };
  const operation = (call: Call): string | undefined => {
    const action = formOf(call).get('Action') ?? '';
    return Object.hasOwn(operations, action) ? action : undefined;
  };
  return {
    name: 'sns',
    operations: Object.keys(operations),
    operation,
    demands: (call) => [{ action: `sns:${operation(call)}`, resource: topicArn(formOf(call)), context: {} }],
    handle: async (call) => {
      const action = operation(call)!;
      try {
        return reply(action, operations[action]!(formOf(call), call));
      } catch (error) {
        if (error instanceof Refused) return refusal(error.status, error.code, error.message);
        throw error;
      }
    },
    error: refusal,
  };
};

const formOf = (call: Call): URLSearchParams => new URLSearchParams(call.body.toString('utf8'));

const topicArn = (form: URLSearchParams): string => form.get('TopicArn') ?? form.get('TargetArn') ?? '';

const findTopic = (topics: TopicSpec[], arn: string, call: Call): TopicSpec => {
  const [, region] = /^arn:aws:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}$/.exec(arn) ?? [];
  // A region's endpoint refuses the ARN of another region as malformed; it does not say that the region is wrong.
  if (region !== call.region) return invalid('TopicArn');
  const topic = topics.find((candidate) => candidate.arn === arn);
  if (topic === undefined) throw new Refused(404, 'NotFound', 'Topic does not exist');
  return topic;
};

/** A message to a function as SNS invokes it with: to be found in the Lambda developer guide, "Using Lambda with Amazon SNS". */
const recordFor = (topic: TopicSpec, endpoint: string, message: Message, subject: string | undefined) => ({
  EventSource: 'aws:sns',
  EventVersion: '1.0',
  EventSubscriptionArn: subscriptionArn(topic, endpoint),
  Sns: {
    Type: 'Notification',
    MessageId: message.messageId,
    TopicArn: topic.arn,
    Subject: subject ?? null,
    Message: message.text,
    Timestamp: message.at,
    // A list is of the type String for a function, its value the JSON of the list (SNS developer guide).
    MessageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, Value]) => [name, { Type: 'String', Value }]),
    ),
  },
});

/** What becomes of a message: what is published, and what each subscriber gets of it whose filter policy lets it through. */
const publish = (topic: TopicSpec, form: URLSearchParams) => {
  const published = readPublish(form);
  const { subject, attributes, textFor } = published;
  const message: Message = {
    subject: subject ?? 'AWS Notification Message',
    text: textFor('default'),
    topicArn: topic.arn,
    messageId: randomUUID(),
    attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
    at: new Date().toISOString(),
  };
  const reached = topic.subscriptions.filter((one) => isFor(one, published));
  const of = (protocol: string) => reached.filter((one) => one.protocol === protocol);
  return {
    message,
    mails: of('email').map(({ endpoint }): Mail => {
      const text = textFor('email');
      const from = `${topic.displayName ?? 'AWS Notifications'} <no-reply@sns.amazonaws.com>`;
      return { ...message, text, to: endpoint, from, rendered: `${text}\n\n${footer(topic, endpoint)}` };
    }),
    invocations: of('lambda').map(({ endpoint }) => ({
      functionArn: endpoint,
      payload: { Records: [recordFor(topic, endpoint, { ...message, text: textFor('lambda') }, subject)] },
    })),
  };
};

const subscriptionArn = (topic: TopicSpec, endpoint: string): string => {
  const index = topic.subscriptions.findIndex((subscription) => subscription.endpoint === endpoint);
  return `${topic.arn}:00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`;
};

const footer = (topic: TopicSpec, endpoint: string): string =>
  [
    '--',
    'If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:',
    `https://sns.${topic.region}.amazonaws.com/unsubscribe.html?SubscriptionArn=${subscriptionArn(topic, endpoint)}&Endpoint=${endpoint}`,
    '',
    'Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support',
  ].join('\n');

/** In place of its ARN: one that nobody confirmed, and one that was deleted a short while ago; later that is not listed. */
const STATES: Record<string, string> = { pending: 'PendingConfirmation', deleted: 'Deleted' };

const listSubscriptions = (topic: TopicSpec, states: Record<string, string>): string => {
  const owner = topic.arn.split(':')[4] ?? '';
  const listed = topic.subscriptions.filter(({ endpoint }) => states[endpoint] !== 'gone');
  const members = listed.map(({ protocol, endpoint }) => {
    const fields = {
      SubscriptionArn: STATES[states[endpoint] ?? ''] ?? subscriptionArn(topic, endpoint),
      Owner: owner,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topic.arn,
    };
    return `<member>${Object.entries(fields)
      .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
      .join('')}</member>`;
  });
  return `<Subscriptions>${members.join('')}</Subscriptions>`;
};

const NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';

const reply = (action: string, result: string): Reply =>
  xml(
    200,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );

const refusal = (status: number, code: string, message: string): Reply =>
  xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(code)}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
