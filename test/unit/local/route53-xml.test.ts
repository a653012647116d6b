import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { test } from 'node:test';
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { batch, list, simple, start, TRICKY } from './route53-fixture.ts';
import { signedByOperator } from './signed.ts';

test('values come back verbatim, names escaped, and foreign shapes with all their fields', async () => {
  const { operator } = await start();
  const alias = { HostedZoneId: 'Z2', DNSName: 'elb.example.net.', EvaluateTargetHealth: false };
  const records: ResourceRecordSet[] = [
    simple('\\052.example.com.', 'A', 0, '192.0.2.1', '192.0.2.2'),
    { Name: 'alias.example.com.', Type: 'A', AliasTarget: alias },
    {
      ...simple('c.example.com.', 'A', 60, '192.0.2.1'),
      SetIdentifier: 'x',
      CidrRoutingConfig: { CollectionId: 'c', LocationName: '*' },
    },
    {
      ...simple('f.example.com.', 'A', 60, '192.0.2.1'),
      SetIdentifier: 'p & q',
      Failover: 'PRIMARY',
      HealthCheckId: 'h',
    },
    {
      ...simple('g.example.com.', 'A', 60, '192.0.2.1'),
      SetIdentifier: 'x',
      GeoLocation: { CountryCode: 'US', SubdivisionCode: 'CA' },
    },
    { ...simple('l.example.com.', 'A', 60, '192.0.2.1'), SetIdentifier: 'x', Region: 'eu-west-2' },
    { ...simple('m.example.com.', 'A', 60, '192.0.2.1'), SetIdentifier: 'x', MultiValueAnswer: true },
    simple('txt.example.com.', 'TXT', 60, ...TRICKY),
    { ...simple('w.example.com.', 'A', 60, '192.0.2.1'), SetIdentifier: '1', Weight: 0 },
  ];
  await operator.send(
    batch(records.map((record) => ['CREATE', { ...record, Name: record.Name!.replace('\\052', '*') }])),
  );
  const listed = await operator.send(list());
  assert.deepEqual(listed.ResourceRecordSets?.slice(2), records);
  assert.equal(listed.IsTruncated, false);
  await operator.send(batch(records.map((record) => ['DELETE', record])));
  assert.equal(
    (await operator.send(list())).ResourceRecordSets?.length,
    2,
    'what is listed can be deleted as it is',
  );
});

const NS = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
const CHANGE =
  '<Change><Action>CREATE</Action><ResourceRecordSet><Name>a.example.com</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>';
const body = (inner: string): string =>
  `<ChangeResourceRecordSetsRequest ${NS}><ChangeBatch>${inner}</ChangeBatch></ChangeResourceRecordSetsRequest>`;

/** Bodies that no SDK sends, with what Route 53 says to them. */
const BODIES: [body: string, status: number, says: RegExp][] = [
  [body(`<Comment>first</Comment><Changes>${CHANGE}</Changes>`), 200, /<Status>PENDING<\/Status>/],
  [
    '',
    400,
    /<Code>MalformedInput<\/Code><Message>ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest</,
  ],
  ['<a><b></a>', 400, /MalformedInput/],
  ['<Other/>', 400, /MalformedInput/],
  [`<!DOCTYPE x [<!ENTITY e "v">]>${body(`<Changes>${CHANGE}</Changes>`)}`, 400, /MalformedInput/],
  [body(''), 400, /The content of element 'ChangeBatch' is not complete/],
  [body('<Changes/>'), 400, /The content of element 'Changes' is not complete/],
  [
    body(`<Changes>${CHANGE.replace('<TTL>60</TTL>', '<TTL>soon</TTL>')}</Changes>`),
    400,
    /'soon' is not a valid value for 'integer'/,
  ],
  [
    body(`<Changes>${CHANGE.replace('<TTL>60</TTL>', '<TTL>60</TTL><TTL>60</TTL>')}</Changes>`),
    400,
    /starting with element 'TTL'/,
  ],
  [
    body(
      `<Changes>${CHANGE.replace('<Type>A</Type>', '').replace('</TTL>', '</TTL><Type>A</Type>')}</Changes>`,
    ),
    400,
    /starting with element 'Type'/,
  ],
  [
    body(`<Changes>${CHANGE.replace('<TTL>', '<GeoProximityLocation/><TTL>')}</Changes>`),
    400,
    /starting with element 'GeoProximityLocation'/,
  ],
  [
    body(`<Changes>${CHANGE.replace(/<ResourceRecord>.*<\/ResourceRecord>/, '')}</Changes>`),
    400,
    /The content of element 'ResourceRecords' is not complete/,
  ],
  [
    body('<Changes><Change><Action>CREATE</Action></Change></Changes>'),
    400,
    /The content of element 'Change' is not complete/,
  ],
];

test('a body that is not what the schema says is refused, and changes nothing', async () => {
  const { gateway, service } = await start();
  for (const [sent, status, says] of BODIES) {
    const before = service.records('Z0EXAMPLE').length;
    const url = `${gateway.url}/2013-04-01/hostedzone/Z0EXAMPLE/rrset/`;
    const sending = request(url, {
      method: 'POST',
      headers: signedByOperator('route53', url, { body: sent, region: 'us-east-1' }),
    });
    sending.end(sent);
    const [response] = await once(sending, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    const answer = Buffer.concat(chunks).toString();
    assert.match(answer, says, sent);
    assert.equal(response.statusCode, status, sent);
    assert.equal(service.records('Z0EXAMPLE').length, before + (status === 200 ? 1 : 0), sent);
  }
});
