import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BusEvent, eventBridgeService } from '../../../local/event-bridge.ts';
import type { Call } from '../../../local/service.ts';

const taken: BusEvent[] = [];
const service = eventBridgeService({ accountId: '000000000000', onEvent: (one) => taken.push(one) });

const callOf = (Entries: unknown, fault?: string): Call => ({
  ...{ caller: 'operator', service: 'events', region: 'eu-west-2', method: 'POST', path: '/' },
  query: new URLSearchParams(),
  headers: { 'x-amz-target': 'AWSEvents.PutEvents' },
  body: Buffer.from(JSON.stringify({ Entries })),
  ...(fault !== undefined && { fault }),
});
const put = async (entries: unknown, fault?: string) => {
  const { status, body } = await service.handle(callOf(entries, fault));
  return { status, ...JSON.parse(String(body)) };
};
const entry = (more: object = {}) => ({
  Source: 'switchover',
  DetailType: 'test',
  Detail: '{"n":1}',
  ...more,
});

test('of a batch each entry has an answer of its own, and those that fail keep back no other', async () => {
  const wrong = [
    [{ Source: '' }, 'InvalidArgument'],
    [{ DetailType: undefined }, 'InvalidArgument'],
    [{ Detail: '[1]' }, 'MalformedDetail'],
    [{ Detail: 'text' }, 'MalformedDetail'],
    [{ Source: 'aws.ec2' }, 'NotAuthorizedForSourceException'],
  ] as const;
  taken.length = 0;
  const { status, FailedEntryCount, Entries } = await put([
    entry(),
    ...wrong.map(([more]) => entry(more)),
    entry(),
  ]);
  assert.deepEqual([status, FailedEntryCount, taken.length], [200, wrong.length, 2]);
  assert.deepEqual(
    Entries.map(({ ErrorCode }: { ErrorCode?: string }) => ErrorCode),
    [undefined, ...wrong.map(([, code]) => code), undefined],
  );
});

test('the fault fails the last entry alone', async () => {
  taken.length = 0;
  const { FailedEntryCount, Entries } = await put([entry(), entry()], 'failed-entry');
  assert.deepEqual([FailedEntryCount, taken.length, Entries[1].ErrorCode], [1, 1, 'InternalFailure']);
  assert.match(Entries[0].EventId, /^[0-9a-f-]{36}$/);
});

test('ten entries and a megabyte are taken, and what is more is refused whole', async () => {
  // Source and type have 14 bytes, the time 14, and what is around the text 8.
  const bytes = (count: number) => [entry({ Time: 1, Detail: `{"n":"${'x'.repeat(count - 14 - 14 - 8)}"}` })];
  const cases = [
    [Array.from({ length: 10 }, () => entry()), 200],
    [Array.from({ length: 11 }, () => entry()), 400],
    [[], 400],
    ['text', 400],
    [bytes(1024 * 1024), 200],
    [bytes(1024 * 1024 + 1), 400],
  ] as const;
  for (const [entries, status] of cases) assert.equal((await put(entries)).status, status);
});

test('each bus of a call has to be allowed', () => {
  const arn = 'arn:aws:events:eu-west-2:111122223333:event-bus/theirs';
  const entries = [entry(), entry({ EventBusName: 'alerts' }), entry({ EventBusName: arn }), entry()];
  assert.deepEqual(
    service.demands(callOf(entries)).map(({ action, resource }) => [action, resource.replace(/^.*:/, '')]),
    [
      ['events:PutEvents', 'event-bus/default'],
      ['events:PutEvents', 'event-bus/alerts'],
      ['events:PutEvents', 'event-bus/theirs'],
    ],
  );
  assert.equal(service.operation(callOf([])), 'PutEvents');
  assert.equal(
    service.operation({ ...callOf([]), headers: { 'x-amz-target': 'AWSEvents.PutRule' } }),
    undefined,
  );
});
