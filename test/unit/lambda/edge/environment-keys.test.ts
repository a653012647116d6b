import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { faultOf } from '../../../../lambda/edge/aws.ts';
import { defaultProvider } from '../../../../lambda/edge/environment-keys.ts';

const NAMES = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'] as const;
const before = NAMES.map((name) => process.env[name]);
const setKeys = (values: (string | undefined)[]): void => {
  for (const [index, name] of NAMES.entries()) {
    delete process.env[name];
    if (values[index] !== undefined) process.env[name] = values[index];
  }
};
afterEach(() => setKeys(before));

test('the keys that Lambda puts into the environment are taken, with the token of the session', async () => {
  setKeys(['id', 'secret', 'token']);
  assert.deepEqual(await defaultProvider()(), {
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    sessionToken: 'token',
  });
  setKeys(['id', 'secret']);
  assert.deepEqual(await defaultProvider()(), { accessKeyId: 'id', secretAccessKey: 'secret' });
});

test('without keys there is nobody to sign as: a call that was never sent, and that waiting does not mend', async () => {
  setKeys(['id']);
  const error = await defaultProvider()().catch((reason: unknown) => reason);
  const fault = faultOf('SNS', 'Publish', error);
  assert.equal(fault.code, 'denied');
  assert.match(fault.message, /Expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment/);
});
