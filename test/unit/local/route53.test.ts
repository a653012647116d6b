import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetChangeCommand,
  GetHostedZoneCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { route53Service } from '../../../local/route53.ts';
import type { Call } from '../../../local/service.ts';
import { batch, failure, list, simple, start, TRICKY } from './route53-fixture.ts';

test('a change goes from PENDING to INSYNC, and DNS answers with it only then', async () => {
  const { operator, clock, service } = await start();
  const sent = await operator.send(
    batch([['CREATE', simple('www.example.com', 'A', 60, '192.0.2.1')]], 'a & b'),
  );
  assert.match(sent.ChangeInfo?.Id ?? '', /^\/change\/C[A-Z0-9]+$/);
  assert.equal(sent.ChangeInfo?.Status, 'PENDING');
  assert.equal(sent.ChangeInfo?.Comment, 'a & b');
  assert.equal(sent.ChangeInfo?.SubmittedAt?.getTime(), clock.now);
  const status = async () =>
    (await operator.send(new GetChangeCommand({ Id: sent.ChangeInfo!.Id! }))).ChangeInfo?.Status;
  clock.now += 999;
  assert.equal(await status(), 'PENDING');
  assert.equal(service.answer('www.example.com', 'A')?.rcode, 'NXDOMAIN');
  assert.deepEqual(service.records('Z0EXAMPLE').at(-1)?.values, ['192.0.2.1'], 'listed all the same');
  assert.deepEqual(
    service.records('Z0EXAMPLE', 'www.example.com').map(({ type }) => type),
    ['A'],
  );
  assert.deepEqual(service.records('Z0EXAMPLE', 'w.example.com'), []);
  clock.now += 1;
  assert.equal(await status(), 'INSYNC');
  assert.equal(service.answer('WWW.example.com.', 'A')?.answers[0]?.value, '192.0.2.1');
  assert.equal(service.answer('www.example.org', 'A'), undefined);
});

test('pages lead on by name, type and identifier', async () => {
  const { operator } = await start();
  const weighted = (SetIdentifier: string) => ({
    ...simple('*.example.com', 'A', 60, '192.0.2.1'),
    SetIdentifier,
    Weight: 1,
  });
  await operator.send(
    batch([
      ['CREATE', weighted('a')],
      ['CREATE', weighted('b')],
      ['CREATE', weighted('c')],
    ]),
  );
  const seen: string[] = [];
  let page = await operator.send(list({ MaxItems: 1 }));
  for (let count = 0; count < 10; count += 1) {
    seen.push(...page.ResourceRecordSets!.map(({ Type, SetIdentifier }) => SetIdentifier ?? Type!));
    if (!page.IsTruncated) break;
    page = await operator.send(
      list({
        MaxItems: 1,
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      }),
    );
  }
  assert.deepEqual(seen, ['NS', 'SOA', 'a', 'b', 'c']);
  assert.equal(page.MaxItems, 1);
  assert.equal((await operator.send(list({ MaxItems: 1000 }))).MaxItems, 300);
  assert.equal((await failure(operator.send(list({ StartRecordType: 'A' })))).name, 'InvalidInput');
  assert.equal((await failure(operator.send(list({ MaxItems: 0 })))).name, 'InvalidInput');
});

test('GetHostedZone tells name servers and the number of record sets', async () => {
  const { operator, zone } = await start();
  const { HostedZone, DelegationSet } = await operator.send(new GetHostedZoneCommand({ Id: 'Z0EXAMPLE' }));
  assert.deepEqual(
    [HostedZone?.Id, HostedZone?.Name, HostedZone?.Config?.PrivateZone, HostedZone?.ResourceRecordSetCount],
    ['/hostedzone/Z0EXAMPLE', 'example.com.', false, 2],
  );
  assert.deepEqual(DelegationSet?.NameServers, zone.nameServers);
});

test('errors have the status, code and words of Route 53', async () => {
  const { operator } = await start({ busyMs: 500 });
  assert.deepEqual(
    await failure(operator.send(batch([['DELETE', simple('x.example.com', 'A', 60, '192.0.2.1')]]))),
    {
      status: 400,
      name: 'InvalidChangeBatch',
      message: "[Tried to delete resource record set [name='x.example.com.', type='A'] but it was not found]",
    },
  );
  assert.deepEqual(
    await failure(operator.send(batch([['CREATE', { Name: 'x.example.com', Type: 'A', TTL: 60 }]]))),
    {
      status: 400,
      name: 'InvalidInput',
      message:
        'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=x.example.com, Type=A, SetIdentifier=null]',
    },
  );
  const nowhere = new ListResourceRecordSetsCommand({ HostedZoneId: 'Z404' });
  assert.deepEqual(await failure(operator.send(nowhere)), {
    status: 404,
    name: 'NoSuchHostedZone',
    message: 'No hosted zone found with ID: Z404',
  });
  assert.deepEqual(await failure(operator.send(new GetChangeCommand({ Id: 'C404' }))), {
    status: 404,
    name: 'NoSuchChange',
    message: 'Could not find resource with ID: C404',
  });
  await operator.send(batch([['CREATE', simple('x.example.com', 'A', 60, '192.0.2.1')]]));
  assert.deepEqual(
    await failure(operator.send(batch([['CREATE', simple('y.example.com', 'A', 60, '192.0.2.1')]]))),
    {
      status: 400,
      name: 'PriorRequestNotComplete',
      message: 'The request was rejected because Route 53 was still processing a prior request.',
    },
  );
});

test('with throttling on, the 51st call at once is refused', async () => {
  const { operator, clock } = await start({ throttled: true });
  for (let call = 0; call < 50; call += 1) await operator.send(list({ MaxItems: 1 }));
  const throttled = { status: 400, name: 'Throttling', message: 'Rate exceeded' };
  assert.deepEqual(await failure(operator.send(list())), throttled);
  clock.now += 100;
  await operator.send(list());
  assert.deepEqual(await failure(operator.send(list())), throttled);
});

test('the fault "pending" keeps a change PENDING until it is released', async () => {
  const { operator, gateway, service, clock } = await start();
  gateway.faults.add({
    service: 'route53',
    operation: 'ChangeResourceRecordSets',
    fault: 'pending',
    times: 1,
  });
  const sent = await operator.send(batch([['CREATE', simple('www.example.com', 'A', 60, '192.0.2.1')]]));
  const status = async () =>
    (await operator.send(new GetChangeCommand({ Id: sent.ChangeInfo!.Id! }))).ChangeInfo?.Status;
  clock.now += 3_600_000;
  assert.equal(await status(), 'PENDING');
  assert.equal(service.answer('www.example.com', 'A')?.rcode, 'NXDOMAIN');
  service.release();
  assert.equal(await status(), 'INSYNC');
  assert.equal(service.answer('www.example.com', 'A')?.rcode, 'NOERROR');
  gateway.faults.add({ service: 'route53', operation: 'GetChange', fault: 'pending', times: 1 });
  assert.equal(await status(), 'PENDING', 'asked of GetChange, only its answer is PENDING');
});

test('zones come back from what was saved, with their ids, records and changes', async () => {
  const saved: string[] = [];
  const first = await start({ save: (json) => saved.push(json) });
  const sent = await first.operator.send(
    batch([['CREATE', simple('www.example.com', 'TXT', 60, ...TRICKY)]]),
  );
  await failure(first.operator.send(batch([['CREATE', simple('www.example.com', 'TXT', 60, '"x"')]])));
  assert.equal(
    saved.length,
    2,
    'saved when the zone was made and when the change was accepted, not when one was refused',
  );
  const second = await start({ saved: saved.at(-1)! });
  assert.deepEqual(second.service.zones(), first.service.zones());
  assert.deepEqual(second.service.records('Z0EXAMPLE'), first.service.records('Z0EXAMPLE'));
  const { ChangeInfo } = await second.operator.send(new GetChangeCommand({ Id: sent.ChangeInfo!.Id! }));
  assert.equal(ChangeInfo?.Status, 'INSYNC');
  assert.throws(
    () => route53Service({ saved: '{"version":9}' }),
    /Expected the saved zones to be of version 1, received version 9/,
  );
});

test('a zone is made once; its id must stay with its name', () => {
  const service = route53Service();
  const made = service.createZone('Dyn.Example.com.');
  assert.deepEqual(service.createZone('dyn.example.com'), made);
  assert.deepEqual(service.zones(), [made]);
  assert.notEqual(
    service.createZone('dyn.example.com', 'Z0OTHER').id,
    made.id,
    'a second zone of the same name',
  );
  assert.throws(
    () => service.createZone('example.org', 'Z0OTHER'),
    /Expected hosted zone Z0OTHER to be example.org/,
  );
});

test('a change that cannot be saved has not happened', async () => {
  let full = false;
  const { operator, service } = await start({
    save: () => {
      if (full) throw new Error('ENOSPC');
    },
  });
  full = true;
  const failed = await failure(
    operator.send(batch([['CREATE', simple('www.example.com', 'A', 60, '192.0.2.1')]])),
  );
  assert.equal(failed.status, 500);
  assert.equal(service.records('Z0EXAMPLE').length, 2);
});

test('calls that are not imitated have no operation', () => {
  const service = route53Service();
  const call = (method: string, path: string) => service.operation({ method, path } as Call);
  assert.equal(call('POST', '/2013-04-01/hostedzone/Z1/rrset'), 'ChangeResourceRecordSets');
  assert.equal(call('POST', '/2013-04-01/hostedzone/Z1/rrset/'), 'ChangeResourceRecordSets');
  assert.equal(call('GET', '/2013-04-01/hostedzone'), undefined);
  assert.equal(call('DELETE', '/2013-04-01/hostedzone/Z1'), undefined);
  assert.equal(call('POST', '/2013-04-01/hostedzone'), undefined);
  assert.equal(call('GET', '/2013-04-01/healthcheck/h'), undefined);
});
