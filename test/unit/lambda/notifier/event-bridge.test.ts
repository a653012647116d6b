import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newMemory, notify } from '../../../../lambda/notifier/notify.ts';
import { tryChannels } from '../../../../lambda/notifier/try-channels.ts';
import { accessKeyFor } from '../../../../local/credentials.ts';
import { type BusEvent, eventBridgeService } from '../../../../local/event-bridge.ts';
import { type Gateway, startGateway } from '../../../../local/gateway.ts';
import { event } from '../core/channels/events.ts';
import { channelOf, KEY, notifierOf, says, serviceOf } from './fixture.ts';

const [REGION, ACCOUNT] = ['eu-west-2', '000000000000'];
const NAME = 'main-notifier';
const DEFAULT = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/default`;
const OWN = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/alerts`;

/** The local EventBridge behind its gateway, and a notifier that may put events on `allowed`. Its keys are in the environment, as in Lambda. */
const busOf = async (t: TestContext, { allowed = DEFAULT, secret = '' } = {}) => {
  const taken: BusEvent[] = [];
  const calls: number[] = [];
  const gateway: Gateway = await startGateway({
    port: 0,
    accountId: ACCOUNT,
    functions: [{ name: NAME, region: REGION, role: 'notifier' }],
    policies: { notifier: [{ Effect: 'Allow', Action: 'events:PutEvents', Resource: allowed }] },
    resourcePolicies: {},
    services: [eventBridgeService({ accountId: ACCOUNT, onEvent: (one) => taken.push(one) })],
    onCall: ({ status }) => calls.push(status),
  });
  const { accessKeyId, secretAccessKey } = accessKeyFor(NAME, REGION);
  const own = {
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL: gateway.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secret || secretAccessKey,
    AWS_SESSION_TOKEN: 'a token is signed, too',
  };
  const before = Object.keys(own).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, own);
  t.after(async () => {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await gateway.close();
  });
  return { gateway, taken, calls };
};

const fault = (kind: string, times?: number) => ({
  service: 'events',
  operation: 'PutEvents',
  fault: kind,
  ...(times !== undefined && { times }),
});

test('an event is put on the bus once, signed, under its kind and with the time at which it happened', async (t) => {
  const { taken, calls } = await busOf(t);
  const { ports, mails } = notifierOf([channelOf('eventBridge')], {});
  await notify(ports, event(), newMemory());
  assert.deepEqual(taken, [
    {
      bus: DEFAULT,
      source: 'switchover',
      detailType: 'failover',
      detail: event(),
      time: Date.parse(event().at) / 1000,
    },
  ]);
  assert.deepEqual([calls, mails], [[200], []]);
});

test('a bus of its own is named by its ARN, and no other may be written to', async (t) => {
  const { taken } = await busOf(t, { allowed: OWN });
  const { ports, mails } = notifierOf([channelOf('eventBridge', OWN)], {});
  await notify(ports, event(), newMemory());
  assert.deepEqual(
    taken.map(({ bus }) => bus),
    [OWN],
  );
  const other = notifierOf([channelOf('eventBridge')], {});
  await notify(other.ports, event(), newMemory());
  assert.equal(taken.length, 1);
  assert.match(
    other.mails[0]?.text.replace(/\s+/g, ' ') ?? '',
    /alerts\.eventBridge \(eventBridge\) answered 400 "AccessDeniedException: User: .* events:PutEvents on resource: .*bus\/default/,
  );
  assert.deepEqual([mails, other.clock.slept], [[], []], 'what is refused is not tried again');
});

test('an entry that failed in a call that succeeded is tried again, and no other channel is told twice', async (t) => {
  const { gateway, taken, calls } = await busOf(t);
  const hook = await serviceOf(t, () => says(204));
  const values = { '/webhook/url': hook.url, '/webhook/key': KEY };
  const { ports, mails, clock } = notifierOf([channelOf('eventBridge'), channelOf('webhook')], values);
  gateway.faults.add(fault('failed-entry', 2));
  await notify(ports, event(), newMemory());
  assert.deepEqual([calls, taken.length, hook.got.length], [[200, 200, 200], 1, 1]);
  assert.deepEqual([mails, clock.slept], [[], [1000, 4000]]);
});

test('an entry that goes on failing is given up and mailed about once', async (t) => {
  const { gateway, taken, calls } = await busOf(t);
  const { ports, mails } = notifierOf([channelOf('eventBridge')], {});
  gateway.faults.add(fault('failed-entry'));
  const memory = newMemory();
  await notify(ports, event(), memory);
  await notify(ports, event(), memory);
  assert.deepEqual([calls.length, taken.length, mails.length], [7, 0, 1]);
  assert.match(
    mails[0]?.text.replace(/\s+/g, ' ') ?? '',
    /answered 200 "InternalFailure: Internal failure\." \(tries: 7\)/,
  );
});

for (const kind of ['throttle', 'error', 'timeout-after-apply'])
  test(`a call that meets ${kind} is made again`, async (t) => {
    const { gateway, taken } = await busOf(t);
    const { ports, mails } = notifierOf(
      [channelOf('eventBridge')],
      {},
      {
        limitMs: kind === 'timeout-after-apply' ? 2000 : 10_000,
      },
    );
    gateway.faults.add(fault(kind, 1));
    await notify(ports, event(), newMemory());
    assert.equal(taken.length, kind === 'timeout-after-apply' ? 2 : 1);
    assert.deepEqual(mails, []);
  });

test('keys that are not ours are refused, and nothing of them is told', async (t) => {
  const { taken } = await busOf(t, { secret: 'not-the-secret-of-this-function-at-all' });
  const { ports, mails, lines } = notifierOf([channelOf('eventBridge')], {});
  await notify(ports, event(), newMemory());
  assert.equal(taken.length, 0);
  assert.match(mails[0]?.text.replace(/\s+/g, ' ') ?? '', /answered 400 "InvalidSignatureException/);
  assert.doesNotMatch(JSON.stringify([mails, lines]), /not-the-secret/);
});

test('a test is put on the bus whatever it waits for', async (t) => {
  const { taken } = await busOf(t);
  const channel = { ...channelOf('eventBridge'), wanted: { from: 'critical' } as const };
  const { ok, channels } = await tryChannels(notifierOf([channel], {}).ports);
  assert.deepEqual([ok, channels[0]?.answer], [true, 'answered 200']);
  assert.deepEqual(
    taken.map(({ detailType }) => detailType),
    ['test'],
  );
});
