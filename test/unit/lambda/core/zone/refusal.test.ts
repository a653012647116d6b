import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../../../lambda/core/base/fault.ts';
import type { Change } from '../../../../../lambda/core/zone/records.ts';
import { protectionIn, protectionOf, refusalOf } from '../../../../../lambda/core/zone/refusal.ts';

const changes = (...names: string[]): Change[] =>
  names.map((name) => ({
    action: 'CREATE',
    record: { name, type: 'A', ttlSeconds: 60, values: ['192.0.2.1'] },
  }));
const WWW = "Tried to delete resource record set [name='www.example.com.', type='A'] but it was not found";
const SHOP =
  'RRSet of type CNAME with DNS name shop.www.example.com. is not permitted at apex in zone example.com.';
const BOTH = `InvalidChangeBatch: ${WWW}; ${SHOP}`;

test('a site hears what was said of its own names, and of no longer ones', () => {
  assert.equal(refusalOf(BOTH, changes('shop.www.example.com')), SHOP);
  assert.equal(refusalOf(BOTH, changes('www.example.com')), `InvalidChangeBatch: ${WWW}`);
  assert.equal(refusalOf(SHOP, changes('www.example.com')), undefined);
  assert.equal(refusalOf(BOTH, changes('m.example.com')), undefined);
  assert.equal(
    refusalOf("[name='\\052.example.com.']", changes('*.example.com')),
    "[name='\\052.example.com.']",
  );
});

test('a protection is told from other refusals', () => {
  const words =
    "The resource record set [name='www.example.com.', type='A'] is protected: freeze for the audit";
  assert.equal(protectionIn(words), words);
  assert.equal(protectionIn(WWW), undefined);
});

test('a name that sounds like one is none', () => {
  const host = 'data-protection.dyn.example.net';
  const words = [
    `[Tried to delete resource record set [name='${host}.', type='A'] but it was not found]`,
    `InvalidChangeBatch: [RRSet of type CNAME with DNS name ${host}. is not permitted as it conflicts with other records with the same DNS name in zone dyn.example.net.]`,
    `RRSet with DNS name ${host}. is not permitted at apex in zone protected.example.net.`,
    "Tried to create [name='\\052.protection.example.com.', type='CNAME'] with the value protected.example.org",
  ];
  for (const each of words) assert.equal(protectionIn(each), undefined, each);
  const both = `The resource record set [name='${host}.', type='A'] is protected.`;
  assert.equal(protectionIn(both), both);
  const fault = new Fault('refused', 'Route 53', 'ChangeResourceRecordSets', words[1] ?? '');
  assert.equal(protectionOf(fault, changes(host)), undefined);
});
