import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Change,
  GetChangeCommand,
  GetHostedZoneCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import type { Statement } from '../../../local/iam.ts';
import { batch, failure, list, simple, start } from './route53-fixture.ts';

const SITE_ONLY: Statement[] = [
  {
    Effect: 'Allow',
    Action: ['route53:ChangeResourceRecordSets'],
    Resource: 'arn:aws:route53:::hostedzone/Z0EXAMPLE',
    Condition: {
      'ForAllValues:StringEquals': {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
          '\\052.example.com',
          '_switchover.www.example.com',
        ],
        'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'TXT'],
        'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
      },
    },
  },
];

test('IAM sees the action, the zone or change, and the names, types and actions of a batch', async () => {
  const { controller, operator, demands } = await start({}, SITE_ONLY);
  const wild = simple('*.EXAMPLE.com.', 'A', 60, '192.0.2.1');
  const sent = await controller.send(
    batch([
      ['CREATE', wild],
      ['CREATE', simple('_switchover.www.example.com', 'TXT', 60, '"x"')],
    ]),
  );
  assert.deepEqual(demands, [
    {
      action: 'route53:ChangeResourceRecordSets',
      resource: 'arn:aws:route53:::hostedzone/Z0EXAMPLE',
      context: {
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': [
          '\\052.example.com',
          '_switchover.www.example.com',
        ],
        'route53:ChangeResourceRecordSetsRecordTypes': ['A', 'TXT'],
        'route53:ChangeResourceRecordSetsActions': ['CREATE'],
      },
    },
  ]);
  for (const [action, record] of [
    ['UPSERT', wild],
    ['CREATE', simple('*.example.com', 'MX', 60, '1 a')],
    ['CREATE', simple('www.example.com', 'A', 60, '192.0.2.1')],
  ] as [Change['Action'], ResourceRecordSet][]) {
    const denied = await failure(controller.send(batch([[action, record]])));
    assert.deepEqual(
      [denied.status, denied.name],
      [403, 'AccessDenied'],
      `${action} ${record.Name} ${record.Type}`,
    );
    assert.match(
      denied.message,
      /is not authorized to perform: route53:ChangeResourceRecordSets on resource/,
    );
  }
  demands.length = 0;
  await operator.send(list());
  await operator.send(new GetHostedZoneCommand({ Id: 'Z0EXAMPLE' }));
  await operator.send(new GetChangeCommand({ Id: sent.ChangeInfo!.Id! }));
  assert.deepEqual(
    demands.map(({ action, resource }) => `${action} ${resource.slice('arn:aws:route53:::'.length)}`),
    [
      'route53:ListResourceRecordSets hostedzone/Z0EXAMPLE',
      'route53:GetHostedZone hostedzone/Z0EXAMPLE',
      `route53:GetChange ${sent.ChangeInfo!.Id!.slice(1)}`,
    ],
  );
});
