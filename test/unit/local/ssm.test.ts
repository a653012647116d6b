import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GetParameterCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { ssmService } from '../../../local/ssm.ts';

const fn = { name: 'main-controller', region: 'eu-west-2', role: 'controller' };
const parameters: Record<string, string> = { '/shop/key': 'hunter2', plain: 'text' };
let gateway: Gateway;
const clients: SSMClient[] = [];
const client = (credentials = OPERATOR) => {
  const made = new SSMClient({ endpoint: gateway.url, region: 'eu-west-2', credentials, maxAttempts: 1 });
  clients.push(made);
  return made;
};

before(async () => {
  const resource = 'arn:aws:ssm:eu-west-2:000000000000:parameter/shop/key';
  gateway = await startGateway({
    port: 0,
    accountId: '000000000000',
    functions: [fn],
    policies: { controller: [{ Effect: 'Allow', Action: 'ssm:GetParameters', Resource: resource }] },
    resourcePolicies: {},
    services: [ssmService({ accountId: '000000000000', parameters: () => parameters })],
  });
});
after(async () => {
  for (const each of clients) each.destroy();
  await gateway.close();
});

describe('the parameter store', () => {
  test('answers with values, decrypted when asked, and names those it does not have', async () => {
    const Names = ['/shop/key', 'plain', '/none', 'toString'];
    const found = await client().send(new GetParametersCommand({ Names, WithDecryption: true }));
    assert.deepEqual(
      found.Parameters?.map(({ Name, Value, Type }) => [Name, Value, Type]),
      [
        ['/shop/key', 'hunter2', 'SecureString'],
        ['plain', 'text', 'SecureString'],
      ],
    );
    assert.deepEqual(found.InvalidParameters, ['/none', 'toString']);
    assert.equal(found.Parameters?.[0]?.ARN, 'arn:aws:ssm:eu-west-2:000000000000:parameter/shop/key');
    const kept = await client().send(new GetParameterCommand({ Name: '/shop/key' }));
    assert.doesNotMatch(kept.Parameter?.Value ?? '', /hunter2/);
  });

  test('sees a change at once', async () => {
    const read = () => client().send(new GetParameterCommand({ Name: '/new', WithDecryption: true }));
    await assert.rejects(read(), { name: 'ParameterNotFound' });
    parameters['/new'] = 'there';
    assert.equal((await read()).Parameter?.Value, 'there');
  });

  test('refuses more names than AWS takes, and none', async () => {
    for (const count of [0, 11]) {
      const Names = Array.from({ length: count }, (_, i) => `/n${i}`);
      await assert.rejects(client().send(new GetParametersCommand({ Names })), {
        name: 'ValidationException',
      });
    }
  });

  test('lets a function read what its policy names, and nothing else with it', async () => {
    const mine = client(accessKeyFor(fn.name, fn.region));
    const good = await mine.send(new GetParametersCommand({ Names: ['/shop/key'], WithDecryption: true }));
    assert.equal(good.Parameters?.[0]?.Value, 'hunter2');
    await assert.rejects(mine.send(new GetParametersCommand({ Names: ['/shop/key', 'plain'] })), {
      name: 'AccessDeniedException',
      message: /not authorized to perform: ssm:GetParameters on resource: .*:parameter\/plain /,
    });
  });
});
