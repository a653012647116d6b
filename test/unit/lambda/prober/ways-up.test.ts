import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { basicConstraints, issue, keyUsage } from '../../../../fixtures/x509/x509.ts';
import { contextFor } from '../../../../lambda/prober/tls-offer.ts';
import { waysUp } from '../../../../lambda/prober/ways-up.ts';
import {
  leaf,
  MIDDLE,
  middle,
  OLD,
  ROOT,
  rsaKeys,
  SOUND,
  STRANGER,
} from '../../../browser-truth/certificates/authorities.ts';
import { shows, trusted } from '../../../browser-truth/certificates.ts';
import { observe, overTls } from './probing.ts';
import { ok } from './servers.ts';

const extensions = [basicConstraints(true), keyUsage('keyCertSign', 'cRLSign')];
/** The intermediate's key and name, by a root that nobody trusts. */
const crossed = () =>
  issue({
    ...{ name: 'Truth intermediate', publicKey: MIDDLE().keys.publicKey },
    ...{ by: STRANGER(), ...SOUND, extensions },
  });
const der = (...chain: { pem: string }[]): Buffer[] =>
  chain.map(({ pem }) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));

const serve = async (t: TestContext, options: tls.TlsOptions) => {
  let handshakes = 0;
  const server = tls.createServer(options, (socket) => {
    socket.on('error', () => {});
    ok('ok')(socket);
  });
  server.on('connection', () => {
    handshakes += 1;
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const ask = async () => {
    handshakes = 0;
    const { code, detail } = await observe(overTls(port, { timeoutMs: 3_000, http: 1 }), { ca: trusted() });
    return [code, handshakes, detail];
  };
  return { server, port, ask };
};

describe('a chain with two ways up, of which the first leads nowhere', () => {
  const twoWays = () => shows([leaf(), crossed(), MIDDLE().certificate]);

  test('is verified by the other, which is taken first the next time', async (t) => {
    const { ask } = await serve(t, twoWays());
    assert.deepEqual((await ask()).slice(0, 2), ['ok', 2]);
    assert.deepEqual((await ask()).slice(0, 2), ['ok', 1]);
    assert.deepEqual((await ask()).slice(0, 2), ['ok', 1]);
  });

  test('is looked at anew once the server sends another one', async (t) => {
    const { server, ask } = await serve(t, twoWays());
    assert.equal((await ask())[0], 'ok');
    const keys = rsaKeys();
    const name = 'Truth renewed';
    const renewed = { name, keys };
    const certificate = issue({ name, publicKey: keys.publicKey, by: ROOT(), ...SOUND, extensions });
    server.setSecureContext(shows([leaf({ by: renewed }), certificate]));
    assert.equal((await ask())[0], 'ok');
    server.setSecureContext(shows([leaf(), crossed()]));
    for (let times = 0; times < 3; times += 1) assert.equal((await ask())[0], 'tls-untrusted');
    server.setSecureContext(twoWays());
    assert.equal((await ask())[0], 'ok');
  });

  test('comes after a sound one without a failure', async (t) => {
    const { server, ask } = await serve(t, shows([leaf(), MIDDLE().certificate]));
    assert.deepEqual((await ask()).slice(0, 2), ['ok', 1]);
    server.setSecureContext(twoWays());
    assert.equal((await ask())[0], 'ok');
    server.setSecureContext(shows([leaf(), MIDDLE().certificate]));
    assert.deepEqual((await ask()).slice(0, 2), ['ok', 1]);
  });

  test('costs nothing more where there is no other way', async (t) => {
    const { ask } = await serve(t, shows([leaf(), crossed()]));
    assert.deepEqual((await ask()).slice(0, 2), ['tls-untrusted', 1]);
    const { ask: ended } = await serve(t, shows([leaf(OLD), crossed(), MIDDLE().certificate]));
    assert.equal((await ended())[1], 1);
    const { ask: named } = await serve(t, shows([leaf({ extensions: [] }), MIDDLE().certificate]));
    assert.deepEqual((await named()).slice(0, 2), ['tls-name', 1]);
  });
});

describe('what a server sends', () => {
  const found = (...chain: { pem: string }[]) => waysUp(der(...chain), trusted()).length;

  test('is a way only where it leads to an authority that is trusted, by what browsers take', () => {
    const right = MIDDLE().certificate;
    assert.equal(found(leaf(), crossed(), right), 1);
    assert.equal(found(leaf(), right, middle().certificate), 2);
    assert.equal(found(leaf(), crossed()), 0);
    assert.equal(found(leaf(), middle(OLD).certificate), 0);
    assert.equal(found(leaf(), middle({ hash: 'sha1' }).certificate), 0);
    assert.equal(found(leaf(), STRANGER().certificate, ROOT().certificate), 0);
    assert.equal(found(leaf(OLD), right), 0);
    assert.equal(found(), 0);
    assert.equal(waysUp([Buffer.from('none'), Buffer.alloc(0)], trusted()).length, 0);
  });

  test('is never given to OpenSSL where it issued itself', () => {
    const itself = issue({
      ...{ name: 'Truth intermediate', publicKey: MIDDLE().keys.publicKey },
      ...{ by: MIDDLE(), ...SOUND, extensions },
    });
    const ways = waysUp(der(leaf(), itself, MIDDLE().certificate), trusted());
    assert.equal(ways.length, 1);
    const right = new X509Certificate(MIDDLE().certificate.pem);
    assert.equal(new X509Certificate(ways[0] ?? '').fingerprint256, right.fingerprint256);
  });

  test('is no authority by being looked at first', async (t) => {
    const { port } = await serve(t, shows([leaf(), MIDDLE().certificate]));
    for (const way of [MIDDLE().certificate.pem, undefined]) {
      const secureContext = contextFor({ ca: STRANGER().certificate.pem, way }, false);
      const socket = tls.connect({ port, host: '127.0.0.1', servername: 'www.site.test', secureContext });
      const [error] = await once(socket, 'error').catch((error) => [error]);
      assert.match(error.code, /^UNABLE_TO_/);
    }
  });

  test('takes few signatures to look at, however many ways there are', () => {
    const many = Array.from({ length: 40 }, () => middle().certificate);
    const startedAt = performance.now();
    assert.equal(found(leaf(), ...many), 3);
    assert.ok(performance.now() - startedAt < 500);
  });
});
