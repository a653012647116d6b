import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { OPERATOR } from '../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { snsService } from '../../../local/sns.ts';
import { signedByOperator } from './signed.ts';

const TOPIC = 'arn:aws:sns:eu-west-2:000000000000:alerts';
const nobody = { accountId: '000000000000', functions: [], policies: {}, resourcePolicies: {} };
const topics = [{ name: 'alerts', arn: TOPIC, region: 'eu-west-2', subscriptions: [] }];

let gateway: Gateway;
let client: SNSClient;
before(async () => {
  gateway = await startGateway({ ...nobody, port: 0, services: [snsService({ topics, onMail: () => {} })] });
  client = new SNSClient({
    endpoint: gateway.url,
    region: 'eu-west-2',
    credentials: OPERATOR,
    maxAttempts: 1,
  });
});
after(async () => {
  client.destroy();
  await gateway.close();
});
const stillAnswers = () => client.send(new PublishCommand({ TopicArn: TOPIC, Message: 'text' }));

describe('garbage', () => {
  type Headers = (url: string, body: string) => Record<string, string>;
  const as = (authorization: string) => () => ({ authorization });
  const signed =
    (service: string): Headers =>
    (url, body) =>
      signedByOperator(service, url, { body });
  const rows: [name: string, headers: Headers, body: string, status: number, code: string][] = [
    ['without a signature', () => ({}), '', 403, 'MissingAuthenticationToken'],
    ['with another kind of signature', as('Bearer x'), '', 403, 'MissingAuthenticationToken'],
    ['with a broken scope', as('AWS4-HMAC-SHA256 Credential=a/b'), '', 403, 'MissingAuthenticationToken'],
    ['for a service that is not here', signed('ssm'), '{}', 400, 'UnknownService'],
    ['for an operation that is not here', signed('sns'), 'Action=Nonsense', 400, 'InvalidAction'],
    ['in binary', signed('sns'), '\u0000\uffff%%%&&&===', 400, 'InvalidAction'],
    ['over 16 MiB', signed('sns'), 'x'.repeat(16 * 1024 * 1024 + 1), 413, 'RequestEntityTooLarge'],
  ];
  for (const [name, headersFor, body, status, code] of rows)
    test(`${name} is refused with ${code}`, async () => {
      const headers = headersFor(gateway.url, body);
      const answer = await fetch(gateway.url, { method: 'POST', headers, body });
      assert.equal(answer.status, status);
      assert.match(await answer.text(), new RegExp(`<Code>${code}</Code>`));
    });

  for (const bytes of [
    '\u0016\u0003\u0001',
    'GET // HTTP/1.1\r\nhost: x\r\n\r\n',
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nx',
  ])
    test(`${JSON.stringify(bytes)} from a client that goes away does no harm`, async () => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
      socket.on('error', () => {}).resume();
      socket.end(bytes);
      await once(socket, 'close');
      await stillAnswers();
    });
});

test('a port that is taken is named, with the way out', async () => {
  const port = Number(new URL(gateway.url).port);
  const second = startGateway({ ...nobody, port, services: [] });
  await assert.rejects(second, {
    message: `Cannot listen on 127.0.0.1:${port} for AWS calls: another program uses it. Choose another port with --port.`,
  });
});
