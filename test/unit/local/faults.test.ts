import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { shownValue } from '../../../lambda/core/base/shown.ts';
import { faultTable } from '../../../local/faults.ts';

const table = () =>
  faultTable({
    operations: { sns: ['Publish'], route53: ['GetChange'], lambda: undefined },
    functions: ['main-controller', 'operator'],
  });
const DEEP: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
const publish = { service: 'sns', operation: 'Publish', region: 'eu-west-2', function: 'main-controller' };

describe('a fault', () => {
  test('hits every matching call until the faults are cleared', () => {
    const faults = table();
    faults.add({ service: 'sns', operation: 'Publish', fault: 'error' });
    assert.deepEqual([faults.take(publish), faults.take(publish)], ['error', 'error']);
    faults.clear();
    assert.equal(faults.take(publish), undefined);
    assert.deepEqual(faults.list(), []);
  });

  test('with times is spent after as many calls, and the next one takes over', () => {
    const faults = table();
    faults.add({ service: 'sns', operation: 'Publish', fault: 'timeout', times: 2 });
    faults.add({ service: 'sns', operation: 'Publish', fault: 'deny', times: 1 });
    assert.equal(faults.take(publish), 'timeout');
    assert.deepEqual(
      faults.list().map(({ fault, times }) => [fault, times]),
      [
        ['timeout', 1],
        ['deny', 1],
      ],
    );
    assert.deepEqual(
      [faults.take(publish), faults.take(publish), faults.take(publish)],
      ['timeout', 'deny', undefined],
    );
  });

  test('leaves calls alone that differ in service, operation, region or function', () => {
    const faults = table();
    faults.add({ ...publish, fault: 'throttle', times: 1 });
    for (const other of [
      { service: 'lambda' },
      { operation: 'Subscribe' },
      { region: 'eu-west-1' },
      { function: 'operator' },
    ])
      assert.equal(faults.take({ ...publish, ...other }), undefined);
    assert.equal(faults.take(publish), 'throttle');
  });

  test('for a service that does not list its operations may name any', () => {
    assert.equal(table().add({ service: 'lambda', operation: 'Invoke', fault: 'error' }).operation, 'Invoke');
  });

  const good = { service: 'sns', operation: 'Publish', fault: 'error' };
  const refused: [input: unknown, message: RegExp][] = [
    [null, /to be an object such as .*, received null/],
    [[good], /to be an object/],
    [DEEP, /to be an object .* nested too deep/],
    [{ ...good, region: DEEP }, /"region" .* nested too deep/],
    [{ ...good, fault: 'slow' }, /"fault" to be one of deny, throttle, .*, pending; received "slow"/],
    [{ ...good, fault: undefined }, /"fault" to be one of/],
    [{ ...good, time: 1 }, /every key to be one of service, operation, .*; received "time"/],
    [{ ...good, service: 'SNS' }, /"service" to be one of sns, route53, lambda; received "SNS"/],
    [{ ...good, operation: 'publish' }, /"operation" to be one of Publish; received "publish"/],
    [{ ...good, service: 'lambda', operation: 'in voke' }, /"operation" to be an API operation/],
    [{ ...good, region: 'everywhere' }, /"region" to be an AWS region .* received "everywhere"/],
    [{ ...good, function: 'main-contoller' }, /"function" to be one of main-controller, operator/],
    [{ ...good, times: 0 }, /"times" to be a whole number of at least 1, received 0/],
    [{ ...good, times: '2' }, /received "2"/],
    [{ ...good, fault: 'pending' }, /"service" to be "route53" for the fault "pending", received "sns"/],
  ];
  for (const [input, message] of refused)
    test(`is refused, and nothing changes: ${shownValue(input, 200)}`, () => {
      const faults = table();
      assert.throws(() => faults.add(input), message);
      assert.deepEqual(faults.list(), []);
    });
});
