import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Template } from 'aws-cdk-lib/assertions';
import { config, synthesize } from '../fixture.ts';

const made = synthesize(config());
const resourcesOf = (template: Template) =>
  Object.values(template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>);

describe('what is kept, and a first deployment that fails half-way', () => {
  test('nothing that is kept is in a stack together with anything else that can fail', () => {
    const kinds = (name: string) => resourcesOf(made.template(name)).map(({ Type }) => Type);
    assert.deepEqual(kinds('main-state'), ['AWS::DynamoDB::GlobalTable']);
    assert.deepEqual(kinds('main-zones'), ['AWS::Route53::HostedZone']);
  });

  test('everything else goes with its stack, so that its name is free for the next try', () => {
    for (const [name, template] of Object.entries(made.templates)) {
      const kept = resourcesOf(template).filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'));
      assert.equal(kept.length, ['main-state', 'main-zones'].includes(name) ? 1 : 0, name);
    }
  });
});

test('the state table is keyed, expires items, is backed up, and cannot be lost in passing', () => {
  made.template('main-state').hasResource('AWS::DynamoDB::GlobalTable', {
    Properties: {
      TableName: 'main-state',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      Replicas: [
        {
          Region: 'eu-west-2',
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ],
    },
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
});
