import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import tls from 'node:tls';
import type { Observation } from '../../../../lambda/core/probe/request.ts';
import { DAY_MS, leaf, MIDDLE, middle } from '../../../browser-truth/certificates/authorities.ts';
import { ocspAnswer } from '../../../browser-truth/certificates/ocsp.ts';
import { shows, trusted } from '../../../browser-truth/certificates.ts';
import { observe, overTls } from './probing.ts';
import { AUTHORITY, ok } from './servers.ts';

/** A server whose certificate can be changed while it goes on, and what a probe of it says. */
const changing = async (t: TestContext, options: tls.TlsOptions, ca: string) => {
  const server = tls.createServer(options, (socket) => {
    socket.on('error', () => {});
    ok('ok')(socket);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ask = (trusting = ca): Promise<Observation> =>
    observe(overTls(port, { timeoutMs: 3_000, http: 1 }), { ca: trusting });
  return { server, ask };
};

const file = (name: string) =>
  readFileSync(new URL(`../../../../fixtures/certificates/${name}`, import.meta.url));
const keysOf = (name: string) => ({ cert: file(name), key: file('test-only.key') });

/** How often a certificate is read from Node while `run` runs. */
const readsOf = async (run: () => Promise<unknown>): Promise<number> => {
  const prototype = tls.TLSSocket.prototype;
  const { getPeerX509Certificate } = prototype;
  let reads = 0;
  prototype.getPeerX509Certificate = function (this: tls.TLSSocket) {
    reads += 1;
    return getPeerX509Certificate.call(this);
  };
  try {
    await run();
  } finally {
    prototype.getPeerX509Certificate = getPeerX509Certificate;
  }
  return reads;
};

describe('a certificate that a server shows again', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    test(`over ${version} is read once, and said to end as before`, async (t) => {
      const options = { ...keysOf('site.pem'), minVersion: version, maxVersion: version };
      const { ask } = await changing(t, options, AUTHORITY);
      const seen: Observation[] = [];
      const reads = await readsOf(async () => {
        for (let times = 0; times < 3; times += 1) seen.push(await ask());
      });
      assert.deepEqual(
        seen.map(({ code }) => code),
        ['ok', 'ok', 'ok'],
      );
      assert.equal(reads, 1);
      assert.ok(seen[0]?.certificateExpiresMs);
      assert.equal(new Set(seen.map((each) => each.certificateExpiresMs)).size, 1);
    });
  }

  test('is looked at anew with other authorities', async (t) => {
    const own = leaf();
    const { ask } = await changing(t, shows([own, MIDDLE().certificate]), trusted());
    const seen: Observation[] = [];
    const reads = await readsOf(async () => {
      for (const ca of [trusted(), `${trusted()}`, `${trusted()}${AUTHORITY}`]) seen.push(await ask(ca));
    });
    assert.deepEqual(
      seen.map(({ code }) => code),
      ['ok', 'ok', 'ok'],
    );
    assert.equal(reads, 2);
  });

  test('is looked at anew once it is another', async (t) => {
    const { server, ask } = await changing(t, keysOf('site.pem'), AUTHORITY);
    assert.equal((await ask()).code, 'ok');
    server.setSecureContext(keysOf('other-host.pem'));
    for (const times of [1, 2]) {
      const { code, detail } = await ask();
      assert.equal(code, 'tls-name', `${times}: ${detail}`);
    }
    server.setSecureContext(keysOf('site.pem'));
    assert.equal((await ask()).code, 'ok');
  });

  test('is refused once the server sends along that it was revoked', async (t) => {
    const own = leaf();
    const { server, ask } = await changing(t, shows([own, MIDDLE().certificate]), trusted());
    let answer: Buffer | null = null;
    server.on('OCSPRequest', (_certificate, _issuer, callback) => callback(null, answer as Buffer));
    assert.equal((await ask()).code, 'ok');
    assert.equal((await ask()).code, 'ok');
    answer = ocspAnswer(own, MIDDLE(), 'revoked');
    assert.equal((await ask()).code, 'tls-revoked');
  });

  test('is said to end with the intermediate that came with it ten minutes ago at most', async (t) => {
    const own = leaf();
    const { server, ask } = await changing(t, shows([own, MIDDLE().certificate]), trusted());
    assert.equal((await ask()).certificateAuthority, undefined);
    const startMs = Date.now();
    server.setSecureContext(shows([own, middle({ untilMs: startMs + 2 * DAY_MS }).certificate]));
    t.mock.timers.enable({ apis: ['Date'], now: startMs + 601_000 });
    const { code, certificateAuthority } = await ask();
    assert.equal(code, 'ok');
    assert.equal(certificateAuthority, 'Truth intermediate');
  });
});
