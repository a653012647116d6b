import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { clientOptions } from '../../../lambda/edge/aws.ts';
import { ssmParameters } from '../../../lambda/edge/ssm.ts';
import { OPERATOR } from '../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';
import { ssmService } from '../../../local/ssm.ts';

const parameters = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`/shop/key-${i}`, `value ${i}`]));
let gateway: Gateway;
let client: SSMClient;

before(async () => {
  gateway = await startGateway({
    port: 0,
    accountId: '000000000000',
    functions: [],
    policies: {},
    resourcePolicies: {},
    services: [ssmService({ accountId: '000000000000', parameters: () => parameters })],
  });
  const limits = clientOptions({ connectMs: 1000, answerMs: 400, attempts: 2 });
  client = new SSMClient({ ...limits, endpoint: gateway.url, region: 'eu-west-2', credentials: OPERATOR });
});
after(async () => {
  client.destroy();
  await gateway.close();
});

test('more names than one call takes are read, and those that are not there left out', async () => {
  const names = [...Object.keys(parameters), '/shop/none'];
  assert.deepEqual(Object.fromEntries(await ssmParameters(client)(names)), parameters);
});

for (const [fault, code] of [
  ['deny', 'denied'],
  ['throttle', 'throttled'],
  ['error', 'lost'],
  ['timeout', 'lost'],
] as const) {
  test(`${fault} is a fault, ${code}`, async () => {
    gateway.faults.add({ service: 'ssm', operation: 'GetParameters', fault });
    await assert.rejects(ssmParameters(client)(['/shop/key-1']), { name: 'Fault', code, system: 'SSM' });
    gateway.faults.clear();
  });
}
