import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetChangeCommand, Route53Client } from '@aws-sdk/client-route-53';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { CONTROL_KEY } from '../../../local/control.ts';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import { type DynamodbService, dynamodbService } from '../../../local/dynamodb.ts';
import { type CallRecord, type Gateway, startGateway } from '../../../local/gateway.ts';
import type { Service } from '../../../local/service.ts';
import { type Mail, snsService } from '../../../local/sns.ts';

const accountId = '000000000000';
const region = 'eu-west-2';
const TOPIC = `arn:aws:sns:${region}:${accountId}:alerts`;
const LOCKED = `arn:aws:sns:${region}:${accountId}:locked`;
const TABLE = `arn:aws:dynamodb:${region}:${accountId}:table/state`;
const controller = accessKeyFor('main-controller', region);
const prober = accessKeyFor('main-prober', region);

/** Answers GetChange with the status that a fault asks for; breaks on the change C0. */
const route53: Service = {
  name: 'route53',
  operation: ({ path }) => (path.startsWith('/2013-04-01/change/') ? 'GetChange' : undefined),
  demands: () => [{ action: 'route53:GetChange', resource: 'arn:aws:route53:::change/C1', context: {} }],
  handle: async ({ path, fault }) => {
    if (path.endsWith('C0')) throw new Error('a mistake in the local cloud');
    const status = fault === 'pending' ? 'PENDING' : 'INSYNC';
    return {
      status: 200,
      body: `<GetChangeResponse><ChangeInfo><Id>/change/C1</Id><Status>${status}</Status><SubmittedAt>2026-11-22T00:00:00Z</SubmittedAt></ChangeInfo></GetChangeResponse>`,
    };
  },
  error: (status, code, message) => ({
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  }),
};

let gateway: Gateway;
let dynamodb: DynamodbService;
let mails: Mail[] = [];
let calls: CallRecord[] = [];
const clients: { destroy(): void }[] = [];
const keep = <T extends { destroy(): void }>(client: T): T => {
  clients.push(client);
  return client;
};
const options = (credentials = controller, more = {}) => ({
  endpoint: gateway.url,
  region,
  credentials,
  maxAttempts: 1,
  ...more,
});
const sns = (...of: Parameters<typeof options>) => keep(new SNSClient(options(...of)));
const dynamo = (...of: Parameters<typeof options>) => keep(new DynamoDBClient(options(...of)));
const publish = new PublishCommand({ TopicArn: TOPIC, Message: 'text' });
const put = (pk: string) => new PutItemCommand({ TableName: 'state', Item: { pk: { S: pk } } });
const get = (pk: string) => new GetItemCommand({ TableName: 'state', Key: { pk: { S: pk } } });

before(async () => {
  dynamodb = await dynamodbService({
    accountId,
    tables: [{ name: 'state', region, partitionKey: { name: 'pk', type: 'S' } }],
  });
  const topic = (arn: string) => ({
    name: arn.split(':')[5]!,
    arn,
    region,
    subscriptions: [{ protocol: 'email', endpoint: 'ops@example.co.uk' }],
  });
  gateway = await startGateway({
    port: 0,
    accountId,
    functions: [
      { name: 'main-controller', region, role: 'controller-role' },
      { name: 'main-prober', region, role: 'prober-role' },
    ],
    policies: {
      'controller-role': [
        { Effect: 'Allow', Action: 'sns:Publish', Resource: [TOPIC, LOCKED] },
        { Effect: 'Allow', Action: ['dynamodb:PutItem', 'dynamodb:GetItem'], Resource: TABLE },
        { Effect: 'Allow', Action: 'route53:GetChange', Resource: 'arn:aws:route53:::change/*' },
      ],
    },
    resourcePolicies: {
      [TOPIC]: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: 'sns:Publish',
          Resource: TOPIC,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
      [LOCKED]: [{ Effect: 'Deny', Principal: '*', Action: 'sns:*', Resource: LOCKED }],
    },
    services: [
      snsService({ topics: [topic(TOPIC), topic(LOCKED)], onMail: (mail) => mails.push(mail) }),
      dynamodb,
      route53,
    ],
    onCall: (record) => calls.push(record),
  });
});
beforeEach(() => {
  mails = [];
  calls = [];
  gateway.faults.clear();
});
after(async () => {
  for (const client of clients) client.destroy();
  await gateway.close();
  await dynamodb.close();
});

describe('a call', () => {
  test('is attributed to the function that signed it, and told of', async () => {
    await sns().send(publish);
    assert.equal(mails.length, 1);
    const [call] = calls;
    assert.ok(call !== undefined && call.ms >= 0);
    assert.deepEqual(
      { ...call, ms: 0 },
      {
        caller: 'main-controller@eu-west-2',
        service: 'sns',
        region,
        operation: 'Publish',
        status: 200,
        ms: 0,
        demands: [{ action: 'sns:Publish', resource: TOPIC, context: {} }],
      },
    );
  });

  test('that no policy allows is denied, and not done', async () => {
    const message = (action: string, resource: string) =>
      `User: arn:aws:sts::${accountId}:assumed-role/prober-role/main-prober is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
    await assert.rejects(sns(prober).send(publish), {
      name: 'AuthorizationErrorException',
      message: message('sns:Publish', TOPIC),
    });
    await assert.rejects(dynamo(prober).send(put('denied')), {
      name: 'AccessDeniedException',
      message: message('dynamodb:PutItem', TABLE),
    });
    assert.deepEqual(mails, []);
    assert.equal((await dynamo(OPERATOR).send(get('denied'))).Item, undefined);
  });

  test("that the resource's own policy denies is denied", async () => {
    await assert.rejects(sns().send(new PublishCommand({ TopicArn: LOCKED, Message: 'text' })), {
      name: 'AuthorizationErrorException',
      message: /with an explicit deny in a resource-based policy$/,
    });
  });

  test('of the operator is allowed everything', async () => {
    await sns(OPERATOR).send(new PublishCommand({ TopicArn: LOCKED, Message: 'text' }));
    assert.deepEqual(
      calls.map(({ caller }) => caller),
      ['operator'],
    );
  });

  test('with a key that nobody has is refused', async () => {
    const stranger = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' };
    const message = 'The security token included in the request is invalid.';
    await assert.rejects(sns(stranger).send(publish), { name: 'InvalidClientTokenId', message });
    await assert.rejects(dynamo(stranger).send(get('x')), { name: 'UnrecognizedClientException', message });
    assert.deepEqual(calls, []);
  });

  test('that a local service fails at is a server error, and the defect is told of', async () => {
    const client = keep(new Route53Client(options()));
    await assert.rejects(client.send(new GetChangeCommand({ Id: 'C0' })), { name: 'InternalFailure' });
    assert.equal(calls[0]?.defect?.message, 'a mistake in the local cloud');
  });
});

describe('a fault', () => {
  const control = (method: string, body?: string, path = 'faults') =>
    fetch(`${gateway.url}/_local/${path}`, { method, body, headers: { authorization: CONTROL_KEY } });
  const add = (fault: object) => control('POST', JSON.stringify(fault));
  const impatient = { requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true } };

  test('deny is told in the words of the service', async () => {
    await add({ service: 'sns', operation: 'Publish', fault: 'deny' });
    await add({ service: 'dynamodb', operation: 'PutItem', fault: 'deny' });
    const message = /^User: arn:aws:sts::.* is not authorized to perform: .* with an explicit deny/;
    await assert.rejects(sns().send(publish), { name: 'AuthorizationErrorException', message });
    await assert.rejects(dynamo().send(put('x')), { name: 'AccessDeniedException', message });
    assert.deepEqual(mails, []);
  });

  test('throttle is one that the SDK would retry', async () => {
    await add({ service: 'sns', operation: 'Publish', fault: 'throttle', times: 2 });
    await add({ service: 'dynamodb', operation: 'PutItem', fault: 'throttle', times: 1 });
    await assert.rejects(sns().send(publish), { name: 'Throttling', message: 'Rate exceeded' });
    await assert.rejects(dynamo().send(put('x')), { name: 'ProvisionedThroughputExceededException' });
    await sns(controller, { maxAttempts: 2 }).send(publish);
    assert.equal(mails.length, 1);
  });

  test('error is a server error, and nothing is done', async () => {
    await add({ service: 'sns', operation: 'Publish', fault: 'error' });
    await add({ service: 'dynamodb', operation: 'PutItem', fault: 'error', times: 1 });
    await assert.rejects(sns().send(publish), { name: 'InternalErrorException' });
    await assert.rejects(dynamo().send(put('error')), { name: 'InternalServerError' });
    assert.deepEqual(mails, []);
    assert.equal((await dynamo().send(get('error'))).Item, undefined);
  });

  test('timeout is no answer at all, and nothing is done', async () => {
    await add({ service: 'dynamodb', operation: 'PutItem', fault: 'timeout', times: 1 });
    await assert.rejects(dynamo(controller, impatient).send(put('timeout')), { name: 'TimeoutError' });
    assert.equal((await dynamo().send(get('timeout'))).Item, undefined);
    assert.deepEqual([calls[0]?.status, calls[0]?.fault], [0, 'timeout']);
  });

  test('timeout-after-apply is no answer either, but it is done', async () => {
    await add({ service: 'dynamodb', operation: 'PutItem', fault: 'timeout-after-apply', times: 1 });
    await assert.rejects(dynamo(controller, impatient).send(put('applied')), { name: 'TimeoutError' });
    assert.deepEqual((await dynamo().send(get('applied'))).Item, { pk: { S: 'applied' } });
    assert.deepEqual([calls[0]?.status, calls[0]?.fault], [0, 'timeout-after-apply']);
  });

  test('pending is left to the service', async () => {
    await add({ service: 'route53', operation: 'GetChange', fault: 'pending', times: 1 });
    const client = keep(new Route53Client(options()));
    const status = async () => (await client.send(new GetChangeCommand({ Id: 'C1' }))).ChangeInfo?.Status;
    assert.deepEqual([await status(), await status()], ['PENDING', 'INSYNC']);
  });

  test('can be meant for one function or region', async () => {
    await add({ service: 'dynamodb', operation: 'GetItem', function: 'main-controller', fault: 'error' });
    await add({ service: 'sns', operation: 'Publish', region: 'eu-west-1', fault: 'error' });
    await dynamo(OPERATOR).send(get('x'));
    await assert.rejects(dynamo().send(get('x')), { name: 'InternalServerError' });
    await sns().send(publish);
  });

  test('is listed, refused with a reason, and forgotten', async () => {
    const rule = { service: 'sns', operation: 'Publish', fault: 'error', times: 3 };
    assert.deepEqual(await (await add(rule)).json(), rule);
    assert.deepEqual(await (await control('GET')).json(), { faults: [rule] });
    const bad = await add({ ...rule, fault: 'slow' });
    assert.equal(bad.status, 400);
    assert.match(((await bad.json()) as { error: string }).error, /received "slow"/);
    const noJson = await control('POST', '{');
    assert.match(((await noJson.json()) as { error: string }).error, /^Expected the body to be JSON/);
    assert.deepEqual(await (await control('DELETE')).json(), { faults: [] });
    assert.deepEqual(await (await control('GET')).json(), { faults: [] });
    assert.equal((await control('PUT')).status, 405);
    assert.equal((await control('GET', undefined, 'other')).status, 404);
  });
});
