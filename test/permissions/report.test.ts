import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PermissionLine } from '../../local/permissions.ts';
import { findingsOf, reportText } from './report.ts';

const ZONE = 'arn:aws:route53:::hostedzone/Z1';
const TYPES = 'route53:ChangeResourceRecordSetsRecordTypes';
const ACTION = 'route53:ChangeResourceRecordSets';

const granted: PermissionLine = {
  said: 'granted',
  deployment: 'demo',
  function: 'controller',
  statements: [
    { Effect: 'Allow', Action: ['sns:Publish'], Resource: 'arn:aws:sns:eu-west-2:000000000000:demo-alerts' },
    {
      Effect: 'Allow',
      Action: ACTION,
      Resource: [ZONE],
      Condition: { 'ForAllValues:StringEquals': { [TYPES]: ['A', 'TXT'] } },
    },
  ],
};
const asked = (action: string, resource: string, allowed: boolean, types?: string[]): PermissionLine => ({
  said: 'asked',
  deployment: 'main',
  function: 'controller',
  demand: { action, resource, context: types === undefined ? {} : { [TYPES]: types } },
  allowed,
});

test('what is granted and never used is found, record types apart; what another deployment used counts', () => {
  const used = asked(ACTION, 'arn:aws:route53:::hostedzone/Z2', true, ['A']);
  const [finding] = findingsOf([granted, used], {});
  assert.deepEqual(finding, {
    function: 'controller',
    unused: [
      `${ACTION} RecordTypes TXT on arn:aws:route53:hostedzone/ZONE`,
      'sns:Publish on arn:aws:sns:alerts',
    ],
    refused: [],
  });
});

test('what was used and refused is found, whatever was allowed beside it', () => {
  const publish = 'arn:aws:sns:eu-west-1:000000000000:main-alerts';
  const lines = [asked('sns:Publish', publish, true), asked('sns:Subscribe', publish, false)];
  const [finding] = findingsOf(lines, {});
  assert.deepEqual(finding?.refused, ['sns:Subscribe on arn:aws:sns:alerts']);
  assert.equal(reportText([finding as never], {}).ok, false);
});

test('a reason excuses what it names, of one function or of all, and nothing else', () => {
  const reasons = { '* sns:Publish': 'because', [`console ${ACTION}`]: 'another function' };
  const [finding] = findingsOf([granted], reasons);
  assert.deepEqual(
    finding?.unused.map((item) => item.split(' ')[0]),
    [ACTION, ACTION, ACTION],
  );
  assert.equal(reportText(findingsOf([granted], { '* ': 'all' }), {}).ok, true);
});

test('a grant for any resource of a kind is used by one of them', () => {
  const action = 'ec2:DisassociateAddress';
  const grant = (resource: string): PermissionLine => ({
    said: 'granted',
    deployment: 'demo',
    function: 'controller',
    statements: [
      { Effect: 'Allow', Action: action, Resource: `arn:aws:ec2:eu-west-2:000000000000:${resource}` },
    ],
  });
  const used = asked(action, 'arn:aws:ec2:eu-west-2:000000000000:network-interface/eni-1', true);
  const [finding] = findingsOf([grant('network-interface/*'), grant('elastic-ip/*'), used], {});
  assert.deepEqual(finding?.unused, [`${action} on arn:aws:ec2:elastic-ip/*`]);
});
