import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, constants, createBrotliCompress, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Host, nodeFlags, peakRssMb, startHost } from '../../../../bench/host.ts';
import { memoryGroup } from '../../../../bench/memory-group.ts';
import type { ProberEvent } from '../../../../lambda/core/probe/request.ts';
import { writeBundle } from '../../../../lib/bundle.ts';
import { PROBER_ENVIRONMENT } from '../../../../lib/stacks/prober-memory.ts';
import { overTls, requestOf } from './probing.ts';
import { AUTHORITY, ok, onRequest, serve, serveTls } from './servers.ts';

/** Sends without end, as fast as it is read. */
const flood = (start: string) =>
  onRequest((socket: Socket) => {
    const block = Buffer.alloc(65_536, 'x');
    const more = () => {
      while (socket.writable && socket.write(block));
    };
    socket.write(start);
    socket.on('drain', more);
    more();
  });

/** Runs a batch in a process of its own; answers its codes, and by how much its memory grew at most. */
const inChild = async (event: ProberEvent): Promise<{ codes: string[]; grewMb: number }> => {
  const module = new URL('../../../../lambda/prober/batch.ts', import.meta.url).href;
  const script = `const { probeBatch } = await import(${JSON.stringify(module)});
    const peakMb = () => process.resourceUsage().maxRSS / 1024;
    const event = ${JSON.stringify(event)};
    await probeBatch({ ...event, probes: event.probes.slice(0, 3) });
    const before = peakMb();
    const { observations } = await probeBatch(event);
    const grewMb = peakMb() - before;
    process.stdout.write(JSON.stringify({ codes: observations.map((o) => o.code), grewMb }), () => process.exit());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [exitCode] = await once(child, 'close');
  assert.equal(exitCode, 0);
  return JSON.parse(output);
};

test('a full batch of floods and bombs takes little memory', async (t) => {
  const wanted = { bodyIncludes: 'needle', timeoutMs: 20_000 };
  const zeros = Buffer.alloc(50_000_000);
  const head = 'HTTP/1.1 200 OK\r\n';
  const servers = [
    flood(`${head}\r\n`),
    flood(`${head}content-encoding: gzip\r\n\r\n`),
    flood(`${head}x: `),
    ok(gzipSync(zeros), 'content-encoding: gzip\r\n'),
  ];
  const probes = [];
  for (const [kind, server] of servers.entries()) {
    const { port } = await serve(t, server);
    for (let each = 0; each < 30; each += 1)
      probes.push(requestOf(port, { id: `${kind} ${each}`, ...wanted }));
  }
  const secure = await serveTls(t, 'site.pem', ok(brotliCompressSync(zeros), 'content-encoding: br\r\n'));
  for (let each = 0; each < 30; each += 1)
    probes.push(overTls(secure.port, { id: `br ${each}`, ca: AUTHORITY, ...wanted }));
  const { codes, grewMb } = await inChild({ probes, deadlineMs: 60_000 });
  t.diagnostic(`grew by ${grewMb.toFixed(0)} MB`);
  assert.deepEqual([...new Set(codes)].sort(), ['body', 'body-garbled', 'headers-too-large']);
  // Unbounded it would be gigabytes; 150 bodies and heads of 64 KiB, and a decoder for each, are some 40 MB.
  assert.ok(grewMb < 120, `${grewMb} MB`);
});

/** Some hundred bytes that ask for a window of 16 MB, and 8 MB of zstd. */
const LARGE_WINDOWS = [
  ['br', brotliCompressSync(Buffer.alloc(16_777_216), { params: { [constants.BROTLI_PARAM_LGWIN]: 24 } })],
  ['zstd', zstdCompressSync(Buffer.alloc(8_388_608), { params: { [constants.ZSTD_c_windowLog]: 23 } })],
] as const;

/** The same behind a first block that is small. */
const behindSmallBlock = async (): Promise<Buffer> => {
  const encoder = createBrotliCompress({ params: { [constants.BROTLI_PARAM_LGWIN]: 24 } });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk) => chunks.push(chunk));
  encoder.write('x');
  await new Promise<void>((resolve) => encoder.flush(() => resolve()));
  encoder.end(Buffer.alloc(16_777_216));
  await once(encoder, 'end');
  return Buffer.concat(chunks);
};

/** The prober as it is deployed, with the memory of the smallest one, where the kernel can be made to hold it to that. */
const smallestProber = async (t: TestContext, memoryMb: number): Promise<Host> => {
  const directory = mkdtempSync(join(tmpdir(), 'switchover-memory-'));
  writeBundle('lambda/prober.ts', directory);
  const group = memoryGroup(memoryMb);
  if (group === undefined)
    t.diagnostic('no cgroup may be made here: the peak is looked at and nothing ends the process');
  const host = await startHost(join(directory, 'index.cjs'), {
    nodeFlags: nodeFlags(memoryMb),
    env: PROBER_ENVIRONMENT,
    ...(group && { before: group.enter }),
  });
  t.after(async () => {
    await host.stop();
    group?.remove();
    rmSync(directory, { recursive: true });
  });
  return host;
};

test('a batch of bodies with large windows does not end the smallest prober', async (t) => {
  const host = await smallestProber(t, 128);
  const probes = [];
  for (const [coding, body] of [...LARGE_WINDOWS, ['br', await behindSmallBlock()] as const]) {
    assert.ok(body.length < 2_000, `${coding}: ${body.length} bytes`);
    const { port } = await serveTls(t, 'site.pem', ok(body, `content-encoding: ${coding}\r\n`));
    const wanted = { bodyIncludes: 'needle', timeoutMs: 20_000, ca: AUTHORITY };
    for (let each = 0; each < 24; each += 1)
      probes.push(overTls(port, { id: `${coding} ${each} ${port}`, ...wanted }));
  }
  const { observations } = await host.ask({ probes, deadlineMs: 60_000 });
  // Each is unpacked as far as it is read, and lacks the needle.
  assert.deepEqual([...new Set(observations.map(({ code }) => code))], ['body']);
  const peakMb = peakRssMb(host.pid);
  t.diagnostic(`peak ${peakMb.toFixed(0)} MB`);
  assert.ok(peakMb < 128, `${peakMb} MB`);
});
