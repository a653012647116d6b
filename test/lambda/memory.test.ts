import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { ProberEvent } from '../../lambda/core/probe.ts';
import { requestOf } from './edge/probing.ts';
import { ok, onRequest, serve } from './edge/servers.ts';

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
  const module = new URL('../../lambda/batch.ts', import.meta.url).href;
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
    ok(brotliCompressSync(zeros), 'content-encoding: br\r\n'),
  ];
  const probes = [];
  for (const [kind, server] of servers.entries()) {
    const { port } = await serve(t, server);
    for (let each = 0; each < 30; each += 1)
      probes.push(requestOf(port, { id: `${kind} ${each}`, ...wanted }));
  }
  const { codes, grewMb } = await inChild({ probes, deadlineMs: 60_000 });
  t.diagnostic(`grew by ${grewMb.toFixed(0)} MB`);
  assert.deepEqual([...new Set(codes)].sort(), ['body', 'body-garbled', 'headers-too-large']);
  // Unbounded it would be gigabytes; 150 bodies and heads of 64 KiB, and a decoder for each, are some 40 MB.
  assert.ok(grewMb < 120, `${grewMb} MB`);
});
