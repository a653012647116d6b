import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createZone,
  findChange,
  listRecords,
  loadZone,
  publish,
  releaseChanges,
  saveZone,
  strandChanges,
  type Zone,
} from '../../../local/zone.ts';
import { toRecordSet } from '../../../local/zone-records.ts';
import { ALIAS, changed, listed, record, refused, shown, ZONE } from './zone-fixture.ts';

test('a new zone has four name servers and the SOA and NS records of Route 53', () => {
  const zone = createZone('example.com');
  const { records } = listRecords(zone, 300);
  assert.equal(zone.nameServers.length, 4);
  assert.deepEqual(
    zone.nameServers.map((host) => host.replace(/^ns-\d+\.awsdns-\d\d\./, '')),
    ['com', 'net', 'org', 'co.uk'],
  );
  assert.deepEqual(records, [
    {
      name: 'example.com',
      type: 'NS',
      ttlSeconds: 172_800,
      values: zone.nameServers.map((host) => `${host}.`),
    },
    {
      name: 'example.com',
      type: 'SOA',
      ttlSeconds: 900,
      values: [`${zone.nameServers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
    },
  ]);
  assert.match(zone.id, /^Z[A-Z0-9]{21}$/);
  assert.deepEqual(createZone('example.com'), zone, 'ids and name servers follow from the name');
  assert.notEqual(createZone('example.org').id, zone.id);
  assert.equal(createZone('example.com', 'Z0GIVEN').id, 'Z0GIVEN');
});

test('the listing is in the order of reversed labels, then type, then set identifier', () => {
  const zone = changed(
    ZONE,
    ['a.www', '*', 'www!x', 'www-x', '_switchover.www'].map((label) => `CREATE ${label} A 60 192.0.2.1`),
  );
  assert.deepEqual(listed(zone), [
    'example.com NS',
    'example.com SOA',
    '*.example.com A',
    'alias.example.com A',
    'blog.example.com CNAME',
    'txt.example.com TXT',
    'w.example.com A blue',
    'w.example.com A green',
    // Both characters come before the dot that ends `com.example.www.`.
    'www!x.example.com A',
    'www-x.example.com A',
    'www.example.com A',
    'www.example.com AAAA',
    '_switchover.www.example.com A',
    'a.www.example.com A',
  ]);
});

test('a listing starts at the first record not before the one asked for', () => {
  const from = (name: string, type?: string) =>
    listRecords(ZONE, 2, { name, ...(type && { type }) }).records.map((one) => `${one.name} ${one.type}`);
  assert.deepEqual(from('WWW.example.com.'), ['www.example.com A', 'www.example.com AAAA']);
  assert.deepEqual(from('www.example.com', 'AAAA'), ['www.example.com AAAA']);
  assert.deepEqual(from('c.example.com'), ['txt.example.com TXT', 'w.example.com A']);
  assert.deepEqual(from('zzz.example.com'), []);
});

test('pages follow one another without loss or repetition', () => {
  const pages: string[] = [];
  let page = listRecords(ZONE, 1);
  for (; page.next !== undefined && pages.length < 100; page = listRecords(ZONE, 1, page.next)) {
    pages.push(...page.records.map(shown));
  }
  assert.deepEqual([...pages, ...page.records.map(shown)], listed(ZONE));
});

const published = (zone: Zone): string[] =>
  zone.published.filter(({ record: { type } }) => type === 'A').map(({ record: { name } }) => name);

test('a change is listed at once, PENDING until it is due, and only then published', () => {
  const { changeId, ...zone } = changed(createZone('example.com'), ['CREATE www A 60 192.0.2.1'], {
    now: 5000,
  });
  assert.ok(listed(zone).includes('www.example.com A'));
  assert.equal(findChange(zone, changeId)?.status, 'PENDING');
  assert.deepEqual(published(publish(zone, 5999)), []);
  assert.equal(publish(zone, 5999), zone, 'nothing due: the same zone');
  const later = publish(zone, 6000);
  assert.deepEqual(published(later), ['www.example.com']);
  assert.deepEqual(findChange(later, changeId), {
    id: changeId,
    comment: '',
    submittedAt: 5000,
    status: 'INSYNC',
  });
  assert.equal(findChange(later, 'CNONE'), undefined);
});

test('a held change and those after it stay PENDING until they are released', () => {
  const held = changed(createZone('example.com'), ['CREATE a A 60 192.0.2.1'], { held: true });
  const waiting = publish(changed(held, ['CREATE b A 60 192.0.2.1'], { now: 10 }), 1_000_000);
  assert.equal(waiting.pending.length, 2);
  assert.deepEqual(published(waiting), []);
  const released = releaseChanges(waiting, 1_000_000);
  assert.equal(released.pending.length, 0);
  assert.deepEqual(published(released), ['a.example.com', 'b.example.com']);
});

test('changes that are stranded are known no more, and neither is what they wrote', () => {
  const first = publish(changed(createZone('example.com'), ['CREATE a A 60 192.0.2.1']), 1000);
  const { changeId, ...second } = changed(first, ['CREATE b A 60 192.0.2.1'], { now: 2000 });
  const stranded = strandChanges(second);
  assert.equal(findChange(stranded, changeId), undefined);
  assert.equal(findChange(second, changeId)?.status, 'PENDING');
  assert.deepEqual(listed(stranded), listed(first));
  assert.deepEqual(published(publish(stranded, 9000)), ['a.example.com']);
});

test('a zone that is still busy with one batch refuses the next', () => {
  const zone = changed(createZone('example.com'), ['CREATE a A 60 192.0.2.1'], { busyMs: 200, now: 100 });
  assert.deepEqual(refused(zone, ['CREATE b A 60 192.0.2.1'], { busyMs: 200, now: 299 }), {
    code: 'PriorRequestNotComplete',
    messages: ['The request was rejected because Route 53 was still processing a prior request.'],
  });
  changed(zone, ['CREATE b A 60 192.0.2.1'], { busyMs: 200, now: 300 });
});

test('a zone survives JSON: records, ids, name servers, known changes; all of it published', () => {
  const loaded = loadZone(JSON.parse(JSON.stringify(saveZone(ZONE))));
  assert.deepEqual(loaded.entries, ZONE.entries);
  assert.equal(loaded.published, loaded.entries);
  assert.deepEqual([loaded.id, loaded.name, loaded.nameServers], [ZONE.id, ZONE.name, ZONE.nameServers]);
  const known = ZONE.pending[0]!.id;
  assert.equal(findChange(loaded, known)?.status, 'INSYNC');
  assert.notEqual(
    changed(loaded, ['CREATE new A 60 192.0.2.1']).changeId,
    known,
    'change ids go on where they were',
  );
});

test('records are told in the terms of the controller, foreign shapes by their routing', () => {
  const www = { name: 'www.example.com', type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] };
  assert.deepEqual(toRecordSet(record('www A 60 192.0.2.1')), www);
  const routed = { ...www, routing: 'weighted' };
  assert.deepEqual(toRecordSet(record('www A 60 192.0.2.1 {"setIdentifier":"blue","weight":0}')), routed);
  assert.deepEqual(toRecordSet(record(ALIAS)), {
    name: 'alias.example.com',
    type: 'A',
    values: [],
    alias: record(ALIAS).alias,
  });
  assert.equal(toRecordSet(record('www A 60 192.0.2.1 {"healthCheckId":"h"}')).routing, 'health-check');
});

test('a thousand swaps in a zone of two thousand records take no more than seconds', () => {
  let zone: Zone = createZone('example.com');
  for (let batch = 0; batch < 2; batch += 1) {
    zone = changed(
      zone,
      Array.from({ length: 1000 }, (_, index) => `CREATE n${batch}-${index} A 60 192.0.2.1`),
    );
  }
  const started = performance.now();
  for (let index = 0; index < 1000; index += 1) {
    zone = changed(zone, [`DELETE n0-${index} A 60 192.0.2.1`, `CREATE n0-${index} A 60 192.0.2.2`]);
  }
  const elapsedMs = performance.now() - started;
  assert.ok(elapsedMs < 5000, `${elapsedMs} ms`);
});
