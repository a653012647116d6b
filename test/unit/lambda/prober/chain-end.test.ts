import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { basicConstraints, type Certificate, issue } from '../../../../fixtures/x509/x509.ts';
import type { Observation } from '../../../../lambda/core/probe/request.ts';
import {
  DAY_MS,
  leaf,
  MIDDLE,
  middle,
  ROOT,
  SOUND,
  STRANGER,
} from '../../../browser-truth/certificates/authorities.ts';
import { shows, trusted } from '../../../browser-truth/certificates.ts';
import { observe, overTls } from './probing.ts';
import { ok, serveTls } from './servers.ts';

const asked = async (t: TestContext, chain: Certificate[], ca: string): Promise<Observation> => {
  const { port } = await serveTls(t, 'site.pem', ok('ok'), shows(chain));
  const observation = await observe(overTls(port, { timeoutMs: 2_000 }), { ca });
  return observation;
};

/** Certificates have whole seconds. */
const inDays = (days: number) => Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS;
const seconds = (atMs: number) => Math.floor(atMs / 1000) * 1000;

const soonMs = inDays(2);
const endingMiddle = middle({ untilMs: soonMs }).certificate;
/** The root's name and key, in a certificate of another authority: what is sent to visitors who do not know the root yet. */
const crossSigned = (untilMs: number) => {
  const { name, keys } = ROOT();
  const extensions = [basicConstraints(true)];
  return issue({ ...SOUND, name, publicKey: keys.publicKey, by: STRANGER(), untilMs, extensions });
};

describe('a chain of certificates ends', () => {
  test("with the server's own, where that ends first", async (t) => {
    const own = leaf({ untilMs: soonMs });
    const seen = await asked(t, [own, MIDDLE().certificate], trusted());
    assert.equal(seen.code, 'ok', seen.detail);
    assert.equal(seen.certificateExpiresMs, soonMs);
    assert.equal(seen.certificateStartsMs, seconds(SOUND.fromMs));
    assert.equal(seen.certificateAuthority, undefined);
  });

  test('with the intermediate, where that ends first, and says whose it is (tls-03-middle-ends-soon)', async (t) => {
    const seen = await asked(t, [leaf(), endingMiddle], trusted());
    assert.equal(seen.code, 'ok', seen.detail);
    assert.equal(seen.certificateExpiresMs, soonMs);
    assert.equal(seen.certificateAuthority, 'Truth intermediate');
  });

  test('no sooner than the best of several chains, in whatever order they are sent', async (t) => {
    const lasting = MIDDLE().certificate;
    for (const sent of [
      [endingMiddle, lasting],
      [lasting, endingMiddle],
      [crossSigned(soonMs), lasting],
      [lasting, crossSigned(soonMs), STRANGER().certificate],
      [leaf({ untilMs: soonMs }), lasting],
    ]) {
      const seen = await asked(t, [leaf(), ...sent], trusted());
      assert.equal(seen.code, 'ok', seen.detail);
      assert.equal(seen.certificateExpiresMs, seconds(SOUND.untilMs));
      assert.equal(seen.certificateAuthority, undefined);
    }
  });

  test('with the authority itself, where that ends first', async (t) => {
    const { name, keys } = ROOT();
    const extensions = [basicConstraints(true)];
    const ending = issue({
      ...SOUND,
      name,
      publicKey: keys.publicKey,
      by: ROOT(),
      untilMs: soonMs,
      extensions,
    });
    const seen = await asked(t, [leaf(), MIDDLE().certificate], ending.pem);
    assert.equal(seen.code, 'ok', seen.detail);
    assert.equal(seen.certificateExpiresMs, soonMs);
    assert.equal(seen.certificateAuthority, 'Truth root');
    const both = await asked(t, [leaf(), MIDDLE().certificate], `${ending.pem}${trusted()}`);
    assert.equal(both.certificateAuthority, undefined);
  });

  test('within a breath, however many certificates of one name a server sends', async (t) => {
    const many = Array.from({ length: 20 }, () => middle({ untilMs: soonMs, by: middle() }).certificate);
    const startedAt = performance.now();
    const seen = await asked(t, [leaf(), MIDDLE().certificate, ...many], trusted());
    assert.equal(seen.code, 'ok', seen.detail);
    assert.equal(seen.certificateExpiresMs, seconds(SOUND.untilMs));
    assert.ok(performance.now() - startedAt < 1_500);
  });
});

describe('`ca` may be', () => {
  const own = leaf();
  const chain = [own, MIDDLE().certificate];

  test('the intermediate that signed the certificate, sent along or not (tls-04-ca-is-the-middle)', async (t) => {
    assert.equal((await asked(t, chain, MIDDLE().certificate.pem)).code, 'ok');
    assert.equal((await asked(t, [own], MIDDLE().certificate.pem)).code, 'ok');
  });

  test("the server's own certificate", async (t) => {
    assert.equal((await asked(t, chain, own.pem)).code, 'ok');
    assert.equal((await asked(t, chain, leaf().pem)).code, 'tls-untrusted', 'another one of the same name');
  });

  test('an authority that signed something else, and nothing passes', async (t) => {
    const seen = await asked(t, chain, STRANGER().certificate.pem);
    assert.equal(seen.code, 'tls-untrusted');
    assert.doesNotMatch(seen.detail, /Node|--use/, 'no advice for a command line that a prober has not');
  });
});
