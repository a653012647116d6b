import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Misplaced, nameServersOf, placeOf, tryServer } from '../../../gate/place.ts';
import { DnsFault } from '../../../lambda/edge/dns.ts';
import type { DnsEdge } from '../../../lambda/ports.ts';
import { checkConfig } from '../../../lib/config/index.ts';
import { config, primary, probe, site, standby } from '../lib/config/fixture.ts';

const NAME = 'www.dyn.example.co.uk';
const dual = { primaryName: 'www-primary.dyn.example.co.uk', probeHeader: 'X-Probe-Key' };
const configured = (fields: object = {}, headers: object = { 'x-probe-key': 'known' }, whole: object = {}) =>
  checkConfig(
    config({ sites: [site({ lever: 'dual', dual, probe: probe({ headers }), ...fields })], ...whole }),
  ).config;

test('finds its site, its server and the secret', () => {
  const place = placeOf(configured(), { site: NAME }, undefined);
  assert.deepEqual([place.site.name, place.me.name, place.secret], [NAME, 'standby', 'known']);
  const secret = configured({}, { 'X-Probe-Key': { secret: '/main/key' } });
  assert.equal(placeOf(secret, { site: NAME, server: 'standby' }, ' hidden\n').secret, 'hidden');
});

test('says what is wrong, and the way out', () => {
  const third = { name: 'third', ipv4: ['192.0.2.7'] };
  const many = configured({ servers: [primary(), standby(), third] });
  const refusals: [() => unknown, RegExp][] = [
    [
      () => placeOf(configured(), { site: 'nobody' }, undefined),
      /configured site \(www\.dyn.*received "nobody"/,
    ],
    [
      () => placeOf(checkConfig(config()).config, { site: NAME }, undefined),
      /lever .* is 'record'.*docs\/dual\.md/,
    ],
    [() => placeOf(many, { site: NAME }, undefined), /\(standby, third\), received none/],
    [
      () => placeOf(many, { site: NAME, server: 'primary' }, undefined),
      /received "primary". No gate stands before the primary/,
    ],
    [
      () => placeOf(configured({}, { 'x-probe-key': { secret: '/k' } }), { site: NAME }, ''),
      /SWITCHOVER_PROBE_SECRET/,
    ],
  ];
  for (const [find, message] of refusals)
    assert.throws(
      find,
      (error) => error instanceof Misplaced && message.test(error.message),
      String(message),
    );
});

test('tries a server as a prober would, secret included', async (t) => {
  const server = createServer(({ headers }, response) => {
    response.statusCode = headers['x-probe-key'] === 'hidden' && headers.host?.startsWith('www.') ? 200 : 403;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://www.example.co.uk:${(server.address() as AddressInfo).port}/`;
  const local = configured(
    {
      servers: [
        { name: 'primary', ipv4: ['127.0.0.1'] },
        { name: 'standby', ipv4: ['127.0.0.9'] },
      ],
      probe: { url, headers: { 'x-probe-key': { secret: '/main/key' } } },
    },
    {},
    { local: true },
  );
  const place = placeOf(local, { site: NAME }, 'hidden');
  assert.equal(await tryServer(place, 'primary'), 'passed');
  assert.equal(await tryServer({ ...place, secret: 'wrong' }, 'primary'), 'failed');
  assert.equal(await tryServer(place, 'standby'), 'failed');
  assert.equal(await tryServer(place, 'nobody'), 'unknown');
});

test("the zone's name servers as a resolver knows them, IPv4 first", async () => {
  const known: Record<string, string[]> = {
    'dyn.example.co.uk NS': ['ns-1.example.net', 'ns-2.example.org'],
    'ns-1.example.net A': ['192.0.2.1'],
    'ns-1.example.net AAAA': ['2001:db8::1'],
    'ns-2.example.org A': ['192.0.2.2'],
  };
  const dns: DnsEdge = {
    resolvers: [{ address: '192.0.2.53', port: 5353 }],
    port: 53,
    ask: async (server, question) => {
      const { name, type } = question;
      const values = server.port === 5353 ? known[`${name} ${type}`] : undefined;
      // Half of them has no IPv6, and this resolver is slow to say so.
      if (values === undefined) throw new DnsFault('timeout', server, question, 'no answer');
      return {
        rcode: 'NOERROR',
        authoritative: false,
        recursionAvailable: true,
        authenticated: false,
        answers: values.map((value) => ({ name, type, ttlSeconds: 60, value })),
        authorities: [],
        additionals: [],
      };
    },
  };
  const found = await nameServersOf('dyn.example.co.uk', dns);
  assert.deepEqual(
    found.map(({ address, port }) => `${address} ${port}`),
    ['192.0.2.1 53', '192.0.2.2 53', '2001:db8::1 53'],
  );
  await assert.rejects(nameServersOf('example.net', dns), /know none of example\.net/);
});
