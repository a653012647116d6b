import assert from 'node:assert/strict';
import type net from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import type { Observation, ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import { probeAndOfferHello } from '../../../../lambda/prober/browser-hello.ts';
import type { Case } from '../../../browser-truth/case.ts';
import { siteTls, trusted } from '../../../browser-truth/certificates.ts';
import { serveCase } from '../../../browser-truth/serve.ts';
import { overTls as caseOverTls } from '../../../browser-truth/tls-certificates.ts';
import { overTls, requestOf } from './probing.ts';
import { answer, ok, serve } from './servers.ts';

type Asked = { seen: Observation; hellos: number[] };

/** Asks a server that does with each hello as it is told; tells the sizes of the hellos that it met. */
const asked = async (
  t: TestContext,
  atHello: (bytes: number, tcp: net.Socket, nth: number) => boolean,
  changes: Partial<ProbeRequest> = {},
): Promise<Asked> => {
  const hellos: number[] = [];
  const one: Case = {
    ...caseOverTls(siteTls),
    atHello: (hello, tcp) => atHello(hellos.push(hello.length) && hello.length, tcp, hellos.length),
  };
  const { port, close } = await serveCase(one);
  t.after(close);
  const request = overTls(port, { timeoutMs: 2_000, browserHello: true, ...changes });
  return { seen: await probeAndOfferHello(request, { ca: trusted() }), hellos };
};

const reset = (tcp: net.Socket): boolean => tcp.resetAndDestroy() !== undefined;

describe("a hello as large as a browser's", () => {
  test('is offered after a probe that passed, and is more than one packet holds', async (t) => {
    for (const changes of [{}, { minTls: '1.3' }] as const) {
      const { seen, hellos } = await asked(t, () => false, changes);
      assert.equal(seen.code, 'ok', seen.detail);
      assert.deepEqual(seen.browserHello, {
        outcome: 'passed',
        detail: 'the answer is as expected: a TLS handshake',
      });
      assert.equal(hellos.length, 2);
      // 1,460: what fits into a packet of 1,500 bytes with the headers of IPv4 and TCP.
      assert.ok((hellos[0] ?? 0) < 300 && (hellos[1] ?? 0) > 1_460, hellos.join(', '));
    }
  });

  for (const limit of [600, 1_400]) {
    test(`is told to fail at a server that resets on more than ${limit} bytes, whose verdict stays`, async (t) => {
      const { seen, hellos } = await asked(t, (bytes, tcp) => bytes > limit && reset(tcp));
      assert.equal(seen.outcome, 'passed');
      assert.equal(seen.code, 'ok');
      assert.equal(seen.browserHello?.outcome, 'failed');
      assert.match(seen.browserHello?.detail ?? '', /^the server reset the connection/);
      assert.equal(hellos.length, 3, 'one lost connection is no proof');
    });
  }

  test('is told to fail where it is swallowed, within the time of two probes', async (t) => {
    const startedAt = performance.now();
    const { seen } = await asked(t, (bytes) => bytes > 600, { timeoutMs: 600 });
    assert.equal(seen.code, 'ok', seen.detail);
    assert.match(seen.browserHello?.detail ?? '', /did not finish the TLS handshake in time/);
    assert.ok(performance.now() - startedAt < 2_000);
  });

  test('passes where only the first one was lost', async (t) => {
    const { seen, hellos } = await asked(t, (_bytes, tcp, nth) => nth === 2 && reset(tcp));
    assert.equal(seen.browserHello?.outcome, 'passed');
    assert.equal(hellos.length, 3);
  });

  test('is offered for a bare handshake too, and at the port of the URL', async (t) => {
    const { port, close } = await serveCase(caseOverTls(siteTls));
    t.after(close);
    const url = `tls://www.site.test:${port}`;
    const request = requestOf(port, { url, timeoutMs: 2_000, browserHello: true });
    const seen = await probeAndOfferHello(request, { ca: trusted() });
    assert.equal(seen.browserHello?.outcome, 'passed', seen.detail);
  });

  test('is offered to nobody who was not to be asked, who fails, or who speaks no TLS', async (t) => {
    const quiet = await asked(t, () => false, { browserHello: false });
    assert.deepEqual([quiet.hellos.length, quiet.seen.browserHello], [1, undefined]);
    const failing = await asked(t, () => false, { expectStatus: [204] });
    assert.deepEqual([failing.hellos.length, failing.seen.browserHello], [1, undefined]);
    const { port, close } = await serveCase({ ...caseOverTls(siteTls), takesBoth: true });
    t.after(close);
    const moved = await serve(
      t,
      answer(`HTTP/1.1 301 Moved\r\nlocation: https://www.site.test:${port}/\r\n\r\n`),
    );
    const follow = requestOf(moved.port, { browserHello: true, followRedirects: 1, timeoutMs: 2_000 });
    const led = await probeAndOfferHello(follow, { ca: trusted() });
    assert.deepEqual([led.code, led.browserHello], ['ok', undefined], led.detail);
    const plain = await serve(t, ok('ok'));
    const seen = await probeAndOfferHello(requestOf(plain.port, { browserHello: true }));
    assert.deepEqual([seen.code, seen.browserHello, plain.connections], ['ok', undefined, 1]);
  });
});
