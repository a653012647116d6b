import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import tls, { type TlsOptions } from 'node:tls';
import { DEAR_CHAINS, LONG_CHAIN } from '../../../../fixtures/hostile/dear-chains.ts';
import type { ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import { observe, observeBatch, overTls, requestOf } from './probing.ts';
import { ok, serve, serveTls } from './servers.ts';

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const SUITES_13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

describe('a chain that OpenSSL would verify for long', () => {
  for (const [what, make] of Object.entries(DEAR_CHAINS)) {
    test(`${what}: tls-chain, before anything is verified`, async (t) => {
      const options = make();
      for (const version of VERSIONS) {
        const { port } = await serveTls(t, 'site.pem', ok('ok'), {
          ...options,
          minVersion: version,
          maxVersion: version,
        });
        const before = process.cpuUsage();
        const { code, detail } = await observe(overTls(port, { timeoutMs: 3_000 }));
        const { user, system } = process.cpuUsage(before);
        assert.equal(code, 'tls-chain', detail);
        // Both ends of it, in this process.
        assert.ok((user + system) / 1_000 < 50, `${(user + system) / 1_000} ms of CPU`);
      }
    });
  }
});

describe('a chain that does not take long', () => {
  const shown = async (options: TlsOptions, port: number) => {
    const { code, detail } = await observe(overTls(port, { timeoutMs: 3_000, bodyIncludes: 'ok' }));
    assert.equal(code, 'ok', `${JSON.stringify(options)}: ${detail}`);
  };

  test('is verified, whatever was agreed upon, the first time and the next', async (t) => {
    const kinds: TlsOptions[] = [
      ...SUITES_13.map((ciphers): TlsOptions => ({ ciphers, minVersion: 'TLSv1.3' })),
      { maxVersion: 'TLSv1.2' },
      { ecdhCurve: 'P-384' },
    ];
    for (const options of kinds) {
      const { port } = await serveTls(t, 'site.pem', ok('ok'), options);
      await shown(options, port);
      await shown(options, port);
    }
  });

  test('of six authorities on P-521 is judged by its authority, and no worse', async (t) => {
    const { port } = await serveTls(t, 'site.pem', ok('ok'), LONG_CHAIN());
    const { code, detail } = await observe(overTls(port, { timeoutMs: 3_000 }));
    assert.equal(code, 'tls-untrusted', detail);
  });

  test('is looked at again once the server shows another', async (t) => {
    const site = await import('node:fs').then(({ readFileSync }) =>
      ['site.pem', 'test-only.key'].map((name) =>
        readFileSync(new URL(`../../../../fixtures/certificates/${name}`, import.meta.url)),
      ),
    );
    const dear = DEAR_CHAINS['seventy-seven certificates on P-521']?.() as TlsOptions;
    const server = tls.createServer({ cert: site[0], key: site[1] }, (socket) => {
      socket.on('error', () => {});
      ok('ok')(socket);
    });
    server.on('tlsClientError', () => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const ask = () => observe(overTls(port, { timeoutMs: 3_000 }));
    assert.equal((await ask()).code, 'ok');
    server.setSecureContext({ cert: dear.cert, key: dear.key });
    // By then the server was known; it is no more, and is asked again as one that is not.
    assert.equal((await ask()).code, 'tls-chain');
    assert.equal((await ask()).code, 'tls-chain');
  });
});

test('a server that does not speak TLS, or only begins a record, is told as before', async (t) => {
  for (const [bytes, code] of [
    ['220 ready\r\n', 'tls-protocol'],
    ['HTTP/1.1 400 Bad Request\r\n\r\n', 'tls-protocol'],
    [Buffer.of(22, 3, 3, 0xff, 0xff), 'tls-protocol'],
    [Buffer.of(22, 3), 'reset'],
  ] as const) {
    const { port } = await serve(t, (socket) => socket.end(bytes));
    const observation = await observe(overTls(port, { timeoutMs: 2_000 }));
    assert.equal(observation.code, code, `${bytes}: ${observation.detail}`);
  }
});

test('ten dear chains leave what stands beside them in peace', async (t) => {
  const hostile = await serveTls(
    t,
    'site.pem',
    ok('ok'),
    DEAR_CHAINS['seventy-seven certificates on P-521']?.(),
  );
  const silent = await serve(t, () => {});
  const plain = await serve(t, ok('ok'));
  const timeoutMs = 2_000;
  const probes: ProbeRequest[] = [
    ...Array.from({ length: 10 }, (_, id) => overTls(hostile.port, { id: `hostile ${id}`, timeoutMs })),
    requestOf(silent.port, { id: 'silent', timeoutMs }),
    ...Array.from({ length: 10 }, (_, id) => requestOf(plain.port, { id: `good ${id}`, timeoutMs })),
  ];
  for (const { id, code, detail } of await observeBatch(probes)) {
    const expected = id === 'silent' ? 'timeout-response' : id.startsWith('good') ? 'ok' : 'tls-chain';
    assert.equal(code, expected, `${id}: ${detail}`);
  }
});
