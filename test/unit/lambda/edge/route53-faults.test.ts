import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { test } from 'node:test';
import { ListHostedZonesCommand, Route53Client } from '@aws-sdk/client-route-53';
import { route53Client, route53Zones } from '../../../../lambda/edge/route53.ts';
import { refusalMessages, routeFault } from '../../../../lambda/edge/route53-faults.ts';
import { OPERATOR } from '../../../../local/credentials.ts';
import {
  type Answering,
  CREATE,
  closing,
  faultOf,
  IMPATIENT,
  saying,
  startServer,
  zonesAt,
} from './route53-fixture.ts';

const error = (code: string, message: string): string =>
  `<?xml version="1.0"?><ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
const OLD_FORM =
  '<?xml version="1.0"?><InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages><Message>Tried to create a &amp; b</Message><Message>second</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>';
const BATCH =
  "[Tried to delete resource record set [name='a.b.', type='CNAME'] but the values provided do not match the current values, Tried to create resource record set [name='a.b.', type='CNAME'] but it already exists]";
const DENIED =
  'User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/Z1';

/** What the endpoint does, the fault it becomes for a change and for a read, and what its message must keep. */
const ENDPOINTS: [what: string, answer: Answering, code: string, says: RegExp, readAttempts?: number][] = [
  [
    'InvalidChangeBatch',
    saying(400, error('InvalidChangeBatch', BATCH)),
    'refused',
    /InvalidChangeBatch: Tried to delete .* current values; Tried to create .* already exists$/,
  ],
  ['the older root', saying(400, OLD_FORM), 'refused', /: Tried to create a & b; second$/],
  [
    'InvalidInput',
    saying(400, error('InvalidInput', 'Invalid request')),
    'refused',
    /InvalidInput: Invalid request$/,
  ],
  ['a code of tomorrow', saying(400, error('Tomorrow', 'no')), 'refused', /Tomorrow: no$/],
  [
    'Throttling',
    saying(400, error('Throttling', 'Rate exceeded')),
    'throttled',
    /Throttling: Rate exceeded$/,
    3,
  ],
  [
    'PriorRequestNotComplete',
    saying(400, error('PriorRequestNotComplete', 'still processing')),
    'busy',
    /still processing$/,
    3,
  ],
  [
    'AccessDenied',
    saying(403, error('AccessDenied', DENIED)),
    'denied',
    /AccessDenied: User: .* perform: route53:ChangeResourceRecordSets on resource/,
  ],
  [
    'a bad token',
    saying(403, error('InvalidClientTokenId', 'The security token is invalid')),
    'denied',
    /security token/,
  ],
  [
    'NoSuchHostedZone',
    saying(404, error('NoSuchHostedZone', 'No hosted zone found with ID: Z1')),
    'gone',
    /No hosted zone found/,
  ],
  ['NoSuchChange', saying(404, error('NoSuchChange', 'gone')), 'gone', /NoSuchChange/],
  ['500', saying(500, error('InternalFailure', 'oops')), 'lost', /InternalFailure: oops/, 3],
  ['503 without a word', saying(503, ''), 'lost', /ChangeResourceRecordSets|ListResourceRecordSets/, 3],
  ['404 from somebody else', saying(404, '<html>nothing here</html>'), 'lost', /./],
  ['403 from somebody else', saying(403, 'Forbidden by proxy'), 'lost', /./],
  ['200 with garbage', saying(200, 'hello'), 'lost', /./],
  [
    '200 with half an answer',
    saying(200, '<?xml version="1.0"?><ChangeResourceRecordSetsResponse><ChangeIn'),
    'lost',
    /./,
  ],
  ['200 with nothing', saying(200, ''), 'lost', /expected .* received an answer without it/],
  [
    '200 with something else',
    saying(200, '<a><IsTruncated>false</IsTruncated></a>'),
    'lost',
    /expected .* received an answer without it/,
  ],
  ['a hang', () => {}, 'lost', /exceeded the configured 200 ms|timed out/, 3],
  ['a reset', (response) => response.socket?.destroy(), 'lost', /./, 3],
];

const check = async ([what, answer, code, says, readAttempts = 1]: (typeof ENDPOINTS)[number]) => {
  const { seen, url } = await startServer(answer);
  const zones = zonesAt(url, what === 'a hang' ? { timeouts: IMPATIENT } : {});
  const write = await faultOf(zones.change('Z1', CREATE, ''));
  assert.deepEqual([write.code, seen.requests], [code, 1], 'a change is sent once');
  assert.match(write.message, says);
  assert.match(write.message, /^Route 53 ChangeResourceRecordSets: /);
  assert.ok(write.cause !== undefined || /expected/.test(write.message), 'the cause is kept');
  seen.requests = 0;
  const read = await faultOf(zones.list('Z1'));
  assert.deepEqual(
    [read.code, read.operation, seen.requests],
    [code, 'ListResourceRecordSets', readAttempts],
  );
};

// All at once, because the SDK waits between its attempts.
test('whatever the endpoint does becomes a fault', { concurrency: true, timeout: 60_000 }, async (t) => {
  await Promise.all(ENDPOINTS.map((row) => t.test(`${row[0]}: ${row[2]}`, () => check(row))));
});

test('nothing was sent when there is nobody to connect to, nobody to sign as, or no connection in time', async () => {
  const closed = await startServer(() => {});
  await closed.close();
  const refused = await faultOf(zonesAt(closed.url).change('Z1', CREATE, ''));
  assert.equal(refused.code, 'unavailable');
  assert.match(refused.message, /ECONNREFUSED/);
  for (const code of [
    'ENOTFOUND',
    'EAI_AGAIN',
    'EMFILE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'CERT_HAS_EXPIRED',
  ]) {
    assert.equal(routeFault('GetChange', Object.assign(new Error(code), { code })).code, 'unavailable', code);
  }
  assert.equal(routeFault('GetChange', Object.assign(new Error('EPIPE'), { code: 'EPIPE' })).code, 'lost');
  const credentials = async () => {
    throw Object.assign(new Error('no credentials'), { name: 'CredentialsProviderError' });
  };
  const { writer, reader } = route53Client({ endpoint: closed.url, credentials, region: 'eu-west-2' });
  assert.equal((await faultOf(route53Zones({ writer, reader }).change('Z1', CREATE, ''))).code, 'denied');
  // The SDK's own words for a connection that does not come about are part of how this is told apart.
  const stuck = new Route53Client({
    region: 'eu-west-2',
    endpoint: 'http://stuck.invalid',
    credentials: OPERATOR,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 50, httpAgent: new Agent({ lookup: () => {} }) },
  });
  closing.push(() => stuck.destroy());
  const timedOut = await stuck.send(new ListHostedZonesCommand({})).then(
    () => assert.fail(),
    (reason) => reason,
  );
  assert.equal(timedOut.name, 'TimeoutError');
  assert.equal(routeFault('ListHostedZones', timedOut).code, 'unavailable');
});

test('the messages of a refused batch are told apart', () => {
  const messages = [
    "Tried to delete resource record set [name='a.', type='A'] but it was not found",
    'RRSet with DNS name b., type A, SetIdentifier null cannot be created as a weighted set exists with the same name and type.',
    "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'a, b''",
  ];
  assert.deepEqual(refusalMessages(`[${messages.join(', ')}]`), messages);
  assert.deepEqual(refusalMessages('Invalid request'), ['Invalid request']);
  assert.deepEqual(refusalMessages('[]'), []);
});
