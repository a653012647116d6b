import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readArguments } from '../../../../bin/arguments.ts';
import { probe } from '../../../../bin/commands/probe.ts';
import { UsageError } from '../../../../bin/grammar.ts';
import { siteTls, trusted } from '../../../browser-truth/certificates.ts';
import { serveCase } from '../../../browser-truth/serve.ts';
import { overTls as caseOverTls } from '../../../browser-truth/tls-certificates.ts';
import { answer, ok, serve, serveTls } from '../../lambda/prober/servers.ts';
import { temporaryDirectory } from '../../lib/fixture.ts';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Types a command line, on a screen without colours. */
const type = (...args: string[]) => {
  const given = readArguments(['probe', ...args], 0);
  assert.ok('command' in given);
  return probe(given, {
    screen: { colour: false, width: Number.POSITIVE_INFINITY },
    progress: (_what, work) => work,
  });
};

describe('probe', () => {
  test('shows verdict and times, and keeps the URL as it was typed', async (t) => {
    let asked = '';
    const { port } = await serve(t, (socket) => {
      socket.once('data', (chunk) => {
        asked = String(chunk).split('\r\n')[0] ?? '';
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const url = `http://www.site.test:${port}/Some/Path?A=b`;
    const result = await type(url, '--server', '127.0.0.1');
    assert.ok(result.ok);
    assert.equal(asked, 'GET /Some/Path?A=b HTTP/1.1');
    const [head, verdict, detail, times] = result.text.split('\n');
    assert.equal(head, `${url}  at 127.0.0.1`);
    assert.equal(verdict, 'passed  ok');
    assert.equal(detail, '  the answer is as expected: status 200');
    assert.match(times ?? '', /^ {2}connect [\d.]+ ms, first byte [\d.]+ ms, in all [\d.]+ ms$/);
    assert.equal((result.answer as { code: string }).code, 'ok');
  });

  test('shows the certificate of a server that nobody should trust, and where to read on', async (t) => {
    const { port } = await serveTls(t, 'expired.pem', ok('ok'));
    const result = await type(`https://www.site.test:${port}/`, '--server', '127.0.0.1');
    assert.equal(result.ok, false);
    assert.match(result.text, /^failed {2}tls-expired$/m);
    assert.match(result.text, /^ {2}certificate CN=www\.site\.test for DNS:www\.site\.test$/m);
    assert.match(result.text, /issued by CN=Switchover test only$/m);
    assert.match(result.text, /to 2020-02-01T00:00:00\.000Z \(ended \d+ days ago\), TLSv1\.3$/m);
    assert.match(result.text, /^What to do: docs\/probes\.md, tls-expired$/m);
    const { certificate } = result.answer as { certificate: { validTo: string } };
    assert.equal(certificate.validTo, '2020-02-01T00:00:00.000Z');
  });

  test('says of a server that takes no hello as large as a browser sends that it does not', async (t) => {
    const { port, close } = await serveCase({
      ...caseOverTls(siteTls),
      atHello: (hello, tcp) => hello.length > 1_400 && tcp.resetAndDestroy() !== undefined,
    });
    t.after(close);
    const authority = join(temporaryDirectory(), 'root.pem');
    writeFileSync(authority, trusted());
    const command = ['bin/switchover.ts', 'probe', `https://www.site.test:${port}/`, '--server', '127.0.0.1'];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authority };
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, env });
    assert.match(stdout, /^passed {2}ok$/m);
    assert.match(
      stdout.replace(/\s+/g, ' '),
      /A TLS hello as large as a browser's fails: the server reset .*docs\/doctor\.md, hello-refused/,
    );
  });

  test('a server that fails, and one that is not there', async (t) => {
    const { port } = await serve(t, answer('HTTP/1.1 500 Oops\r\n\r\n'));
    const bad = await type(`http://www.site.test:${port}/`, '--server', '127.0.0.1', '--json');
    assert.deepEqual([bad.ok, (bad.answer as { code: string }).code], [false, 'status']);
    const none = await type('tls://127.0.0.1:1');
    assert.deepEqual([none.ok, (none.answer as { code: string }).code], [false, 'refused']);
  });

  test('what cannot be asked is a slip of the hand', async () => {
    for (const [args, says] of [
      [['www.site.test'], /^Expected URL to be a http or https URL, .*received "www\.site\.test"\.$/],
      [['http://www.site.test', '--server', '1.2.3.4:80'], /^Expected --server to be an IPv4 address/],
      [[], /^Expected one URL, received none\.$/],
      [['http://a.test', 'b'], /^Expected one URL, received 2 words\.$/],
    ] as const) {
      await assert.rejects(
        async () => type(...args),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, says);
          return true;
        },
      );
    }
  });
});
