import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { AssociateAddressCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Fault } from '../../../lambda/core/base/fault.ts';
import { ec2Addresses } from '../../../lambda/edge/ec2.ts';
import type { Addresses } from '../../../lambda/ports.ts';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import { ec2Service } from '../../../local/ec2.ts';
import { type Gateway, startGateway } from '../../../local/gateway.ts';

const REGION = 'eu-west-2';
const ALLOCATION = 'eipalloc-00000000000000e1';
const [FIRST, SECOND, INTERFACE] = ['i-00000000000000a1', 'i-00000000000000a2', 'eni-00000000000000a3'];
const fn = { name: 'main-controller', region: REGION, role: 'controller' };
const mistaken = { name: 'main-mistaken', region: REGION, role: 'mistaken' };
const arn = (rest: string) => `arn:aws:ec2:${REGION}:000000000000:${rest}`;

let gateway: Gateway;
let addresses: Addresses;
let saved: string | undefined;
let told: (string | undefined)[] = [];

const service = () =>
  ec2Service({
    accountId: '000000000000',
    addresses: [{ allocationId: ALLOCATION, publicIp: '203.0.113.99', region: REGION }],
    holders: [FIRST, SECOND, INTERFACE],
    ...(saved !== undefined && { saved }),
    save: (json) => {
      saved = json;
    },
    onAssociation: (_, holder) => told.push(holder),
  });

const associates = {
  Effect: 'Allow' as const,
  Action: 'ec2:AssociateAddress',
  Resource: [arn(`elastic-ip/${ALLOCATION}`), arn(`instance/${FIRST}`), arn(`instance/${SECOND}`)],
};
const disassociates = {
  Effect: 'Allow' as const,
  Action: 'ec2:DisassociateAddress',
  Resource: [arn(`elastic-ip/${ALLOCATION}`), arn('network-interface/*')],
};
/** What is wrong for a holder that is an instance: EC2 knows none when an address is taken away. */
const byInstance = { ...associates, Action: 'ec2:DisassociateAddress' };

before(async () => {
  gateway = await startGateway({
    port: 0,
    accountId: '000000000000',
    functions: [fn, mistaken],
    policies: {
      mistaken: [associates, byInstance, { Effect: 'Allow', Action: 'ec2:DescribeAddresses', Resource: '*' }],
      controller: [
        associates,
        disassociates,
        { Effect: 'Allow', Action: 'ec2:DescribeAddresses', Resource: '*' },
      ],
    },
    resourcePolicies: {},
    services: [service()],
  });
  addresses = ec2Addresses({ endpoint: gateway.url, credentials: accessKeyFor(fn.name, REGION) });
});
after(() => gateway.close());

const association = async () => (await addresses.find(REGION, [ALLOCATION])).get(ALLOCATION);

beforeEach(async () => {
  const { associationId } = (await association()) ?? {};
  if (associationId !== undefined) await addresses.disassociate(REGION, associationId);
  told = [];
});

const fault = (code: Fault['code'], words: RegExp) => (error: Fault) => {
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

describe('an Elastic IP, over the wire', () => {
  test('is given to an instance, found there, and given up', async () => {
    assert.deepEqual(await association(), {});
    await addresses.associate(REGION, ALLOCATION, FIRST);
    const { associationId, ...rest } = (await association()) ?? {};
    assert.match(associationId ?? '', /^eipassoc-/);
    assert.deepEqual(rest, { instanceId: FIRST });
    await addresses.disassociate(REGION, associationId ?? '');
    assert.deepEqual(await association(), {});
    assert.deepEqual(told, [FIRST, undefined]);
  });

  test('one that does not exist, or not in this region, is missing', async () => {
    assert.equal((await addresses.find(REGION, ['eipalloc-00000000000000ff'])).size, 0);
    assert.equal((await addresses.find('eu-west-1', [ALLOCATION])).size, 0);
  });

  test('a stale writer fails at both steps', async () => {
    await addresses.associate(REGION, ALLOCATION, FIRST);
    const stale = (await association())?.associationId ?? '';
    await addresses.disassociate(REGION, stale);
    await addresses.associate(REGION, ALLOCATION, SECOND);
    await assert.rejects(
      addresses.disassociate(REGION, stale),
      fault('gone', /InvalidAssociationID\.NotFound/),
    );
    await assert.rejects(
      addresses.associate(REGION, ALLOCATION, FIRST),
      fault('refused', /Resource\.AlreadyAssociated/),
    );
    assert.equal((await association())?.instanceId, SECOND);
  });

  test('to give it to whoever has it changes nothing', async () => {
    await addresses.associate(REGION, ALLOCATION, FIRST);
    const before = await association();
    await addresses.associate(REGION, ALLOCATION, FIRST);
    assert.deepEqual(await association(), before);
    assert.deepEqual(told, [FIRST]);
  });

  test('without the word against it, it is taken from whoever has it, as on AWS', async () => {
    await addresses.associate(REGION, ALLOCATION, FIRST);
    const client = new EC2Client({ endpoint: gateway.url, region: REGION, credentials: OPERATOR });
    await client.send(new AssociateAddressCommand({ AllocationId: ALLOCATION, InstanceId: SECOND }));
    client.destroy();
    assert.equal((await association())?.instanceId, SECOND);
  });

  test('what does not exist is refused in the words of EC2', async () => {
    const operator = ec2Addresses({ endpoint: gateway.url, credentials: OPERATOR });
    await assert.rejects(
      operator.associate(REGION, 'eipalloc-00000000000000ff', FIRST),
      fault('gone', /The allocation ID 'eipalloc-00000000000000ff' does not exist/),
    );
    await assert.rejects(
      operator.associate(REGION, ALLOCATION, 'i-00000000000000ff'),
      fault('refused', /InvalidInstanceID\.NotFound/),
    );
  });

  test('is held to the policy: not to an interface that is no server', async () => {
    await assert.rejects(
      addresses.associate(REGION, ALLOCATION, INTERFACE),
      fault('denied', /not authorized to perform: ec2:AssociateAddress on resource: .*network-interface/),
    );
    assert.deepEqual(await association(), {});
  });

  test('is held to the policy: an address is taken from an interface, never from an instance', async () => {
    const wrong = ec2Addresses({
      endpoint: gateway.url,
      credentials: accessKeyFor(mistaken.name, REGION),
    });
    await addresses.associate(REGION, ALLOCATION, FIRST);
    const { associationId = '' } = (await association()) ?? {};
    await assert.rejects(
      wrong.disassociate(REGION, associationId),
      fault(
        'denied',
        /not authorized to perform: ec2:DisassociateAddress on resource: .*network-interface\/eni-/,
      ),
    );
    await addresses.disassociate(REGION, associationId);
    assert.deepEqual(await association(), {});
  });

  test('throttled, failed and unanswered calls are told apart', async () => {
    for (const [kind, code] of [
      ['throttle', 'throttled'],
      ['error', 'lost'],
    ] as const) {
      gateway.faults.add({ service: 'ec2', operation: 'AssociateAddress', fault: kind, times: 1 });
      await assert.rejects(
        addresses.associate(REGION, ALLOCATION, FIRST),
        fault(code, /EC2 AssociateAddress/),
      );
    }
    assert.deepEqual(await association(), {});
  });

  test('keeps its associations over a restart', async () => {
    await addresses.associate(REGION, ALLOCATION, SECOND);
    told = [];
    service();
    assert.deepEqual(told, [SECOND]);
  });
});
