import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import tls from 'node:tls';
import {
  basicConstraints,
  constraints,
  issue,
  type Keys,
  rawNames,
  uriName,
} from '../../../../../fixtures/x509/x509.ts';
import { MAX_CHAIN_MS } from '../../../../../lambda/core/probe/bounds.ts';
import { chainCostMs } from '../../../../../lambda/core/probe/chain-cost.ts';
import { SOUND } from '../../../../browser-truth/certificates/authorities.ts';

const chainOf = (count: number, keys: Keys): Buffer[] => {
  const by = { name: 'authority', keys };
  const { publicKey } = keys;
  const one = issue({ ...SOUND, name: 'a', publicKey, by, extensions: [basicConstraints(true)] });
  return Array.from({ length: count }, () => one.der);
};
const curve = (namedCurve: string): Keys => generateKeyPairSync('ec', { namedCurve });

test('chains as servers send them take a fraction of what is allowed', () => {
  assert.ok(chainCostMs(chainOf(3, curve('P-384'))) < MAX_CHAIN_MS / 4);
  assert.ok(chainCostMs(chainOf(6, curve('P-521'))) < MAX_CHAIN_MS);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 4096 });
  assert.ok(chainCostMs(chainOf(30, rsa)) < MAX_CHAIN_MS);
});

test('dear keys count for what they take, and what cannot be read for more than is allowed', () => {
  assert.ok(chainCostMs(chainOf(7, curve('P-521'))) > MAX_CHAIN_MS);
  assert.ok(chainCostMs(chainOf(3, curve('sect571r1'))) > MAX_CHAIN_MS);
  const [sound = Buffer.alloc(0)] = chainOf(1, curve('P-256'));
  for (const bytes of [Buffer.alloc(0), sound.subarray(0, 50), Buffer.concat([Buffer.of(0x30, 0x80), sound])])
    assert.equal(chainCostMs([sound, bytes]), Number.POSITIVE_INFINITY);
});

test('names in great number count where there is a constraint alone, and are not all read', () => {
  const keys = curve('P-256');
  const certificate = (extensions: Buffer[]) =>
    issue({ ...SOUND, name: 'a', publicKey: keys.publicKey, by: { name: 'a', keys }, extensions }).der;
  const [many, few] = [30_000, 1].map((count) => rawNames(Array(count).fill(uriName(''))));
  const [tight, loose] = [30_000, 1].map((count) => constraints('excluded', Array(count).fill(uriName(''))));
  assert.ok(chainCostMs([certificate([many as Buffer])]) < 1);
  assert.ok(chainCostMs([certificate([few as Buffer, loose as Buffer])]) < 1);
  for (const dear of [
    [many, loose],
    [few, tight],
  ]) {
    const before = process.cpuUsage().user;
    assert.equal(chainCostMs([certificate(dear as Buffer[])]), Number.POSITIVE_INFINITY);
    assert.ok(process.cpuUsage().user - before < 100_000);
  }
});

test('no public authority has a certificate that is dear', () => {
  for (const pem of tls.getCACertificates('bundled')) {
    const { raw, subject } = new X509Certificate(pem);
    assert.ok(chainCostMs([raw]) < MAX_CHAIN_MS / 4, subject);
  }
});
