import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { LIMITS } from '../../../../lambda/edge/limits.ts';
import { ssmClient, ssmParameters } from '../../../../lambda/edge/ssm.ts';
import { OPERATOR } from '../../../../local/credentials.ts';
import { type Gateway, startGateway } from '../../../../local/gateway.ts';
import { ssmService } from '../../../../local/ssm.ts';

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
  const place = { endpoint: gateway.url, region: 'eu-west-2', credentials: OPERATOR };
  client = ssmClient(place, { ...LIMITS.parameters, answerMs: 400 });
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
  test(`${fault} is a fault, ${code}`, { timeout: 30_000 }, async () => {
    gateway.faults.add({ service: 'ssm', operation: 'GetParameters', fault });
    await assert.rejects(ssmParameters(client)(['/shop/key-1']), { name: 'Fault', code, system: 'SSM' });
    gateway.faults.clear();
  });
}
