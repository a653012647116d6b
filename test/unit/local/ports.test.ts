import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HOST, mustBeFree } from '../../../local/ports.ts';

const START = fileURLToPath(new URL('../../../local/start.ts', import.meta.url));

test('ports that are free are free again after they were looked at', async () => {
  await mustBeFree({ port: 0, dnsPort: 0 });
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  await mustBeFree({ port, dnsPort: port });
  await mustBeFree({ port, dnsPort: port });
});

test('a taken port is told before anything is synthesized', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'ports-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const tcp = createServer().listen(0, HOST);
  const udp = createSocket('udp4').bind(0, HOST);
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  t.after(() => {
    tcp.close();
    udp.close();
  });
  for (const [port, dnsPort, says] of [
    [
      (tcp.address() as AddressInfo).port,
      0,
      /^Cannot listen on .* for AWS calls: another program uses it\. .*--port\.$/,
    ],
    [0, udp.address().port, /^Cannot listen on .* for DNS: another program uses it\. .*--dns-port\.$/],
  ] as const) {
    const args = [START, '--state', join(dir, 'state'), '--port', `${port}`, '--dns-port', `${dnsPort}`];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr.trimEnd(), says);
    assert.ok(!existsSync(join(dir, 'state', 'assembly')));
  }
});
