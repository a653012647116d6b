import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CONTROL_KEY } from '../../../local/control.ts';
import { OPERATOR } from '../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { snsService } from '../../../local/sns.ts';
import { signedByOperator } from './signed.ts';

const TOPIC = 'arn:aws:sns:eu-west-2:000000000000:alerts';
const nobody = { accountId: '000000000000', functions: [], policies: {}, resourcePolicies: {} };
const topics = [{ name: 'alerts', arn: TOPIC, region: 'eu-west-2', subscriptions: [] }];
const RULE = JSON.stringify({ service: 'sns', operation: 'Publish', fault: 'error' });

let gateway: Gateway;
let port: string;
let published = 0;
before(async () => {
  const onMessage = () => {
    published += 1;
  };
  gateway = await startGateway({
    ...nobody,
    port: 0,
    services: [snsService({ topics, onMessage, onMail() {} })],
  });
  ({ port } = new URL(gateway.url));
});
after(() => gateway.close());

/** As a browser sends it, whatever it names as host; answers status and text. */
const send = async (
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<[number, string]> => {
  const asking = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return [response.statusCode ?? 0, text];
};

const WAYS: [what: string, headers: (port: string) => Record<string, string>, says: RegExp][] = [
  [
    'a name that was made to resolve to 127.0.0.1',
    (at) => ({ host: `evil.example:${at}` }),
    /Host .*evil\.example:/,
  ],
  ['a name that only begins like ours', (at) => ({ host: `localhost.evil.example:${at}` }), /Host/],
  ['an address that only begins like ours', () => ({ host: '127.0.0.1.evil.example' }), /Host/],
  ['a Host of markup', () => ({ host: '<b>' }), /received .*&lt;b&gt;/],
  [
    'the Origin of another page',
    (at) => ({ host: `127.0.0.1:${at}`, origin: 'https://evil.example' }),
    /Origin.*evil/,
  ],
  [
    'the Origin of another port here',
    (at) => ({ host: `127.0.0.1:${at}`, origin: 'http://127.0.0.1:1' }),
    /Origin/,
  ],
  ['the Origin of a sandboxed page', (at) => ({ host: `127.0.0.1:${at}`, origin: 'null' }), /Origin/],
  [
    'a browser that says cross-site',
    (at) => ({ host: `localhost:${at}`, 'sec-fetch-site': 'cross-site' }),
    /Sec-Fetch-Site/,
  ],
];

describe('the endpoint beside a browser', () => {
  for (const [what, headersAt, says] of WAYS)
    test(`refuses ${what}, keys or not, and does nothing`, async () => {
      const body = `Action=Publish&TopicArn=${TOPIC}&Message=text`;
      const headers = headersAt(port);
      const at = `http://${headers.host}/`;
      const keys = signedByOperator('sns', URL.canParse(at) ? at : gateway.url, { body });
      const [status, text] = await send('/', { ...keys, ...headers }, body);
      assert.deepEqual([status, published], [403, 0]);
      assert.match(text, says);
      const [refused] = await send('/_local/faults', { authorization: CONTROL_KEY, ...headers }, RULE);
      assert.deepEqual([refused, gateway.faults.list()], [403, []]);
    });

  for (const host of ['127.0.0.1', 'localhost', 'aws.localhost', '127.8.9.10', '[::1]', 'LOCALHOST.'])
    test(`is called ${host} by programs here`, async () => {
      const headers = { host: `${host}:${port}`, authorization: CONTROL_KEY };
      assert.equal((await send('/_local/faults', headers, RULE))[0], 200);
      gateway.faults.clear();
    });

  test('takes no fault from one who does not have the key of this start', async () => {
    for (const authorization of ['', 'Bearer ', `Bearer ${OPERATOR.accessKeyId}`, CONTROL_KEY.slice(0, -1)]) {
      const [status, text] = await send('/_local/faults', { authorization }, RULE);
      assert.deepEqual([status, gateway.faults.list()], [401, []]);
      assert.match(text, /authorization\.txt/);
    }
  });
});

describe('a signature', () => {
  const publish = (credentials: typeof OPERATOR) => {
    const client = new SNSClient({ endpoint: gateway.url, region: 'eu-west-2', credentials, maxAttempts: 1 });
    return client
      .send(new PublishCommand({ TopicArn: TOPIC, Message: 'text' }))
      .finally(() => client.destroy());
  };
  test('with the secret of this start is taken', async () => {
    const before = published;
    await publish(OPERATOR);
    assert.equal(published, before + 1);
  });

  test('with any other secret is refused, and nothing is done', async () => {
    const before = published;
    const secretAccessKey = 'local-signatures-are-not-verified';
    await assert.rejects(publish({ ...OPERATOR, secretAccessKey }), { name: 'SignatureDoesNotMatch' });
    assert.equal(published, before);
  });

  test('of another body, or of another host, is refused', async () => {
    const body = `Action=Publish&TopicArn=${TOPIC}&Message=text`;
    const before = published;
    const signed = signedByOperator('sns', `${gateway.url}/`, { body });
    assert.equal((await send('/', signed, `${body}2`))[0], 403);
    assert.equal((await send('/', { ...signed, host: `localhost:${port}` }, body))[0], 403);
    const unsignedHost = signed.authorization!.replace('host;', '');
    assert.equal((await send('/', { ...signed, authorization: unsignedHost }, body))[0], 403);
    assert.equal(published, before);
    assert.equal((await send('/', signed, body))[0], 200);
  });
});
