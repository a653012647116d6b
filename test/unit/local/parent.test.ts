import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delegated } from '../../../lambda/dns/delegation.ts';
import { dnsEdge } from '../../../lambda/edge/dns.ts';
import { startDns } from '../../../local/dns.ts';
import { aroundZones } from '../../../local/parent.ts';
import { route53Service } from '../../../local/route53.ts';

const HOST = '127.0.0.1';

test('whoever asks from above finds the name servers of a local zone, at the local port', async (t) => {
  const route53 = route53Service();
  const { nameServers } = route53.createZone('dyn.example.com');
  route53.createZone('deep.dyn.example.com');
  const server = await startDns({
    port: 0,
    host: HOST,
    answer: (name, type) => route53.answer(name, type) ?? aroundZones(route53.zones(), HOST, name, type),
  });
  t.after(() => server.close());
  const dns = dnsEdge(`${HOST}:${server.port}`);
  const expected = nameServers.map((name) => name.toLowerCase()).sort();
  assert.deepEqual(
    await delegated(dns, 'dyn.example.com'),
    expected.map((name) => ({ name, server: { address: HOST, port: server.port } })),
  );
  assert.equal((await delegated(dns, 'deep.dyn.example.com')).length, 4);
  await assert.rejects(delegated(dns, 'example.net'), /delegation|REFUSED/);
});

test('nothing else is answered for', () => {
  const zones = [{ name: 'dyn.example.com', nameServers: ['ns-1.aws.net'] }];
  const ask = (name: string, type: string) => aroundZones(zones, HOST, name, type);
  assert.equal(ask('example.net', 'NS'), undefined);
  assert.equal(ask('www.example.com', 'A'), undefined);
  assert.deepEqual(ask('example.com', 'A')?.answers, []);
  assert.deepEqual(ask('com', 'NS')?.answers, []);
  assert.deepEqual(ask('ns-1.aws.net', 'AAAA')?.answers, []);
  assert.equal(ask('ns-1.aws.net', 'A')?.answers[0]?.value, HOST);
});
