import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, RecordSet } from '../../../../lambda/core/zone/records.ts';
import { protectionOf } from '../../../../lambda/core/zone/refusal.ts';
import { accessKeyFor } from '../../../../local/credentials.ts';
import { startGateway } from '../../../../local/gateway.ts';
import { route53Service } from '../../../../local/route53.ts';
import { CREATE, closing, faultOf, saying, startServer, www, zonesAt } from './route53-fixture.ts';

/** The local Route 53 behind the gateway. A call that a fault keeps unanswered is answered by nothing, ever. */
const startLocal = async () => {
  const service = route53Service({ insyncAfterMs: 0 });
  const gateway = await startGateway({
    port: 0,
    accountId: '111111111111',
    functions: [{ name: 'main-controller', region: 'eu-west-2', role: 'role' }],
    policies: { role: [] },
    resourcePolicies: {},
    services: [service],
  });
  closing.push(() => gateway.close());
  service.createZone('example.com', 'Z1');
  return { service, gateway, zones: zonesAt(gateway.url) };
};

test('a change is sent, listed and reported as it propagates; a swap of the exact values follows', async () => {
  const { zones, service } = await startLocal();
  const role = (epoch: number): RecordSet => ({
    name: '_switchover.www.example.com',
    type: 'TXT',
    ttlSeconds: 60,
    values: [`"v=1 epoch=${epoch}"`],
  });
  const first = await zones.change('Z1', [...CREATE, { action: 'CREATE', record: role(1) }], 'x'.repeat(300));
  assert.match(first.changeId, /^C[A-Z0-9]+$/);
  assert.equal(await zones.changeStatus(first.changeId, 'Z1'), 'INSYNC');
  const listed = await zones.list('Z1');
  assert.deepEqual(listed.slice(2), [www('192.0.2.1'), role(1)]);
  await zones.change(
    'Z1',
    [
      { action: 'DELETE', record: listed[2]! },
      { action: 'CREATE', record: www('192.0.2.2') },
      { action: 'DELETE', record: listed[3]! },
      { action: 'CREATE', record: role(2) },
    ],
    'failover',
  );
  assert.deepEqual(service.records('Z1').slice(2), [www('192.0.2.2'), role(2)]);
});

test('a listing is read to its end, with names normalised', async () => {
  const { zones } = await startLocal();
  const names = Array.from({ length: 650 }, (_, index) => `n${index}.example.com`);
  await zones.change(
    'Z1',
    names.map((name) => ({ action: 'CREATE', record: { ...www('192.0.2.1'), name } })),
    '',
  );
  await zones.change(
    'Z1',
    [{ action: 'CREATE', record: { ...www('192.0.2.1'), name: '*.example.com' } }],
    '',
  );
  const listed = await zones.list('Z1');
  assert.equal(listed.length, 653);
  assert.equal(new Set(listed.map(({ name, type }) => `${name} ${type}`)).size, 653);
  assert.equal(listed[2]?.name, '*.example.com');
});

test('foreign shapes are named by their routing, and never written', async () => {
  const set = (inner: string) =>
    `<ResourceRecordSet><Name>www.example.com.</Name><Type>A</Type>${inner}</ResourceRecordSet>`;
  const values =
    '<TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>';
  const shapes: [inner: string, routing: string | undefined][] = [
    [values, undefined],
    [`<SetIdentifier>a</SetIdentifier><Weight>0</Weight>${values}`, 'weighted'],
    [`<SetIdentifier>a</SetIdentifier><Region>eu-west-2</Region>${values}`, 'latency'],
    [
      `<SetIdentifier>a</SetIdentifier><GeoLocation><CountryCode>GB</CountryCode></GeoLocation>${values}`,
      'geolocation',
    ],
    [`<SetIdentifier>a</SetIdentifier><Failover>PRIMARY</Failover>${values}`, 'failover'],
    [`<SetIdentifier>a</SetIdentifier><MultiValueAnswer>true</MultiValueAnswer>${values}`, 'multivalue'],
    [
      `<SetIdentifier>a</SetIdentifier>${values}<CidrRoutingConfig><CollectionId>c</CollectionId><LocationName>l</LocationName></CidrRoutingConfig>`,
      'cidr',
    ],
    [
      `<SetIdentifier>a</SetIdentifier>${values}<GeoProximityLocation><AWSRegion>eu-west-2</AWSRegion></GeoProximityLocation>`,
      'geoproximity',
    ],
    [`<SetIdentifier>a</SetIdentifier>${values}`, 'unknown'],
    [
      '<SetIdentifier>a</SetIdentifier><Weight>1</Weight><AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>x.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>',
      'weighted',
    ],
    [`${values}<HealthCheckId>h</HealthCheckId>`, 'health-check'],
    ['<TrafficPolicyInstanceId>t</TrafficPolicyInstanceId>', 'traffic-policy'],
  ];
  const soa = '<ResourceRecordSet><Name>example.com.</Name><Type>SOA</Type></ResourceRecordSet>';
  const { url } = await startServer((response) =>
    response.end(
      `<ListResourceRecordSetsResponse><ResourceRecordSets>${soa}${shapes.map(([inner]) => set(inner)).join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`,
    ),
  );
  const listed = (await zonesAt(url).list('Z1')).slice(1);
  assert.deepEqual(
    listed.map(({ routing }) => routing),
    shapes.map(([, routing]) => routing),
  );
  const { zones, service } = await startLocal();
  const fault = await faultOf(zones.change('Z1', [...CREATE, { action: 'DELETE', record: listed[1]! }], ''));
  assert.equal(fault.code, 'refused');
  assert.match(fault.message, /expected simple record sets, received weighted A www.example.com/);
  assert.equal(service.records('Z1').length, 2, 'nothing was sent');
});

test('an alias is created, listed and deleted exactly, whatever the case and the dots', async () => {
  const { zones, service } = await startLocal();
  const alias = {
    name: 'd111111abcdef8.cloudfront.net',
    zoneId: 'Z2FDTNDATAQYW2',
    evaluateTargetHealth: false,
  };
  const records = ['A', 'AAAA'].map(
    (type): RecordSet => ({ name: 'shop.example.com', type, values: [], alias }),
  );
  const changes = (action: Change['action']) => records.map((record): Change => ({ action, record }));
  await zones.change('Z1', changes('CREATE'), '');
  const listed = (await zones.list('Z1')).filter(({ name }) => name === 'shop.example.com');
  assert.deepEqual(listed, records);
  const other = { ...alias, evaluateTargetHealth: true };
  const wrong = zones.change('Z1', [{ action: 'DELETE', record: { ...records[0]!, alias: other } }], '');
  assert.equal((await faultOf(wrong)).code, 'refused');
  const shouted = { ...alias, name: 'D111111ABCDEF8.CloudFront.NET.' };
  await zones.change(
    'Z1',
    [{ action: 'DELETE', record: { ...records[0]!, alias: shouted } }, ...changes('DELETE').slice(1)],
    '',
  );
  assert.equal(service.records('Z1').filter(({ name }) => name === 'shop.example.com').length, 0);
});

test('a protection is refused in words that name each record and repeat the comment', async () => {
  const { zones, gateway, service } = await startLocal();
  gateway.faults.add({
    service: 'route53',
    operation: 'ChangeResourceRecordSets',
    fault: 'protected',
    times: 1,
  });
  const changes: Change[] = [
    ...CREATE,
    { action: 'CREATE', record: { ...www('192.0.2.1'), name: 'shop.example.com' } },
  ];
  const fault = await faultOf(zones.change('Z1', changes, ''));
  assert.equal(fault.code, 'refused');
  const [first, second] = ['www', 'shop'].map((label) =>
    protectionOf(
      fault,
      changes.filter(({ record }) => record.name.startsWith(label)),
    ),
  );
  assert.match(first ?? '', /name='www\.example\.com\.'.*protected by a fault$/);
  assert.match(second ?? '', /^The resource record set \[name='shop\.example\.com\.'.*protected by a fault$/);
  assert.equal(service.records('Z1').length, 2, 'nothing was done');
});

test('an answer that drips in for ever ends at the deadline', { timeout: 30_000 }, async () => {
  const { url, seen } = await startServer((response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  });
  const zones = zonesAt(url, { callMs: 300 });
  const started = performance.now();
  for (const call of [() => zones.change('Z1', CREATE, ''), () => zones.changeStatus('C1', 'Z1')]) {
    assert.equal((await faultOf(call())).code, 'lost');
  }
  assert.equal(seen.requests, 2);
  assert.ok(performance.now() - started < 10_000);
});

test('reads share a connection, each change has one of its own', async () => {
  const info =
    '<ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-11-22T00:00:00Z</SubmittedAt></ChangeInfo>';
  const { url, seen } = await startServer(saying(200, `<R>${info}</R>`));
  const zones = zonesAt(url);
  for (let count = 0; count < 3; count += 1) assert.equal(await zones.changeStatus('C1', 'Z1'), 'PENDING');
  assert.equal(seen.connections, 1);
  for (let count = 0; count < 3; count += 1)
    assert.deepEqual(await zones.change('Z1', CREATE, ''), { changeId: 'C1' });
  assert.equal(seen.connections, 4);
});

test('a change that was applied before the answer was lost is there when the zone is read back', {
  timeout: 30_000,
}, async () => {
  const { gateway, service } = await startLocal();
  const zones = zonesAt(gateway.url, { timeouts: { changeTimeoutMs: 1000 } });
  gateway.faults.add({
    service: 'route53',
    operation: 'ChangeResourceRecordSets',
    fault: 'timeout-after-apply',
    times: 1,
  });
  assert.equal((await faultOf(zones.change('Z1', CREATE, ''))).code, 'lost');
  assert.deepEqual(service.records('Z1').slice(2), [www('192.0.2.1')], 'applied once');
  const again = await faultOf(zones.change('Z1', CREATE, ''));
  assert.equal(again.code, 'refused');
  assert.match(again.message, /Tried to create .* but it already exists$/);
});

test('a function without the permission is told so in the words of AWS', async () => {
  const { gateway, service } = await startLocal();
  const zones = zonesAt(gateway.url, { credentials: accessKeyFor('main-controller', 'eu-west-2') });
  const fault = await faultOf(zones.change('Z1', CREATE, ''));
  assert.equal(fault.code, 'denied');
  assert.match(
    fault.message,
    /not authorized to perform: route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone\/Z1/,
  );
  assert.equal(service.records('Z1').length, 2);
});

test('a listing that cannot be the zone, or never ends, is lost', async () => {
  const page = (inner: string, tail: string) =>
    `<ListResourceRecordSetsResponse><ResourceRecordSets>${inner}</ResourceRecordSets>${tail}<MaxItems>300</MaxItems></ListResourceRecordSetsResponse>`;
  const empty = await startServer(saying(200, page('', '<IsTruncated>false</IsTruncated>')));
  assert.match((await faultOf(zonesAt(empty.url).list('Z1'))).message, /expected an SOA record/);
  const aimless = await startServer(saying(200, page('', '<IsTruncated>true</IsTruncated>')));
  assert.match((await faultOf(zonesAt(aimless.url).list('Z1'))).message, /expected NextRecordName/);
  const endless = await startServer(
    saying(200, page('', '<IsTruncated>true</IsTruncated><NextRecordName>a.</NextRecordName>')),
  );
  const fault = await faultOf(zonesAt(endless.url).list('Z1'));
  assert.deepEqual([fault.code, endless.seen.requests], ['lost', 100]);
});
