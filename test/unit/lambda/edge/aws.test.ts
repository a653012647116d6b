import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { faultOf } from '../../../../lambda/edge/aws.ts';
import { routeFault } from '../../../../lambda/edge/route53-faults.ts';

const given = (name: string, status?: number) => ({
  name,
  ...(status && { $metadata: { httpStatusCode: status } }),
});

/** What the SDK throws, and the code that it has for every service. */
const ERRORS: [code: string, ...errors: object[]][] = [
  ['denied', given('AccessDeniedException', 400), given('AuthFailure', 403), given('Forbidden', 403)],
  ['denied', given('CredentialsProviderError')],
  ['throttled', given('ProvisionedThroughputExceededException', 400), given('Slower', 429)],
  ['busy', given('PriorRequestNotComplete', 400)],
  ['gone', given('ResourceNotFoundException', 400), given('NoSuchHostedZone', 404)],
  ['refused', given('ValidationException', 400)],
  ['lost', given('InternalFailure', 500), given('TimeoutError'), { name: 'Error', code: 'EPIPE' }],
  [
    'unavailable',
    ...['ECONNREFUSED', 'EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'CERT_HAS_EXPIRED'].map((code) => ({ code })),
  ],
  [
    'unavailable',
    { name: 'TimeoutError', message: 'the request did not establish a connection within 50 ms' },
  ],
];

test('an error of the SDK has one code, whichever service it came from', () => {
  for (const [code, ...errors] of ERRORS) {
    for (const error of errors) {
      const sdk = Object.assign(new Error('words'), error);
      const faults = [faultOf('DynamoDB', 'PutItem', sdk), routeFault('GetChange', sdk)];
      assert.deepEqual(
        faults.map((fault) => fault.code),
        [code, code],
        JSON.stringify(error),
      );
      assert.ok(faults.every(({ cause }) => cause === sdk));
    }
  }
  const fault = new Fault('conflict', 'DynamoDB', 'PutItem', 'words');
  assert.equal(faultOf('SNS', 'Publish', fault), fault);
});
