import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { ProbeRequest, ProberAnswer, ProberEvent } from '../../../../lambda/core/probe/request.ts';
import { probeBatch } from '../../../../lambda/prober/batch.ts';
import type { ProbeOptions } from '../../../../lambda/prober/http.ts';
import { requestOf } from './probing.ts';
import { AUTHORITY, answer, keepSending, ok, onRequest, serve, serveTls } from './servers.ts';

const many = (count: number, port: number, changes: Partial<ProbeRequest> = {}): ProbeRequest[] =>
  Array.from({ length: count }, (_, index) => requestOf(port, { id: `probe-${port}-${index}`, ...changes }));

const codes = ({ observations }: ProberAnswer): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { code } of observations) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
};

test('an empty batch is answered with nothing', async () => {
  assert.deepEqual(await probeBatch({ probes: [], deadlineMs: 1_000 }), { observations: [] });
});

test('probes are sent in random order and answered in the order asked, one observation each', async (t) => {
  const arrived: string[] = [];
  const good = await serve(
    t,
    onRequest((socket, request) => {
      arrived.push(request.split(' ')[1] ?? '');
      socket.end('HTTP/1.1 200 OK\r\n\r\nok');
    }),
  );
  const bad = await serve(t, answer('HTTP/1.1 500 Oops\r\n\r\n'));
  const asked = many(20, good.port).map((p) => ({ ...p, url: `http://www.site.test:${good.port}/${p.id}` }));
  const probes = [...asked, ...many(20, bad.port)].sort((a, b) => a.id.localeCompare(b.id));
  const result = await probeBatch({ probes, deadlineMs: 10_000 });
  assert.deepEqual(
    result.observations.map((o) => o.id),
    probes.map((p) => p.id),
  );
  assert.deepEqual(codes(result), { ok: 20, status: 20 });
  assert.equal(new Set(arrived).size, 20);
  const inOrder = [...arrived].sort((a, b) => a.localeCompare(b));
  assert.notDeepEqual(arrived, inOrder, 'this happens by chance once in 20! runs');
  assert.deepEqual(JSON.parse(JSON.stringify(result)), result, 'the answer is plain JSON');
});

test('silent servers hold up nobody but themselves', async (t) => {
  const good = await serve(t, ok('ok'));
  const silent = await serve(t, () => {});
  const probes = [
    ...many(30, silent.port, { timeoutMs: 1_000 }),
    ...many(30, good.port, { timeoutMs: 1_000 }),
  ];
  const startedAt = performance.now();
  const result = await probeBatch({ probes, deadlineMs: 10_000 });
  const elapsedMs = performance.now() - startedAt;
  assert.deepEqual(codes(result), { ok: 30, 'timeout-response': 30 });
  assert.ok(elapsedMs < 2_500, `took ${elapsedMs} ms`);
  const slowest = Math.max(
    ...result.observations.filter((o) => o.code === 'ok').map((o) => o.phases.totalMs),
  );
  assert.ok(slowest < 800, `a good server took ${slowest} ms`);
});

/** Sends `block` without end, as fast as it is read. */
const flooding = (start: string, block: string) =>
  onRequest((socket) => {
    const bytes = Buffer.from(block.repeat(Math.ceil(65_536 / block.length)));
    const more = () => {
      while (socket.writable && socket.write(bytes));
    };
    socket.write(start);
    socket.on('drain', more);
    more();
  });

test('floods that are no answer end early, and the silent servers beside them are found to be silent', async (t) => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n`;
  const floods = [
    flooding('', 'HTTP/1.1 100 Continue\r\n\r\n'),
    flooding(`${chunked}`, '1\r\nx\r\n'),
    flooding(`${chunked}1`, '0'),
    flooding(`${chunked}0\r\n`, 'x: y\r\n'),
    flooding('', '\r\n'),
    flooding(head, 'x: y\r\n'),
  ];
  const silent = await serve(t, () => {});
  const good = await serve(t, ok('ok'));
  const timeoutMs = 2_000;
  const probes = [...many(3, silent.port, { timeoutMs }), ...many(30, good.port, { timeoutMs })];
  for (const flood of floods) probes.push(...many(10, (await serve(t, flood)).port, { timeoutMs }));
  const { observations } = await probeBatch({ probes, deadlineMs: 10_000 });
  const [before, after] = [observations.slice(0, 33), observations.slice(33)];
  assert.deepEqual(codes({ observations: before }), { ok: 30, 'timeout-response': 3 });
  assert.deepEqual([...new Set(after.map(({ outcome }) => outcome))], ['failed']);
  const known = ['flood', 'headers-too-large', 'http-protocol'];
  assert.deepEqual(Object.keys(codes({ observations: after })).sort(), known);
  const slowest = Math.max(...observations.map(({ phases }) => phases.totalMs));
  assert.ok(slowest < 1.5 * timeoutMs, `${slowest} ms`);
});

test('a connection that sends byte after byte is read now and then, and its bytes are all there', async (t) => {
  const page = `${'x'.repeat(3_000)}ok`;
  const dripping = onRequest((socket) => {
    socket.setNoDelay(true);
    let left = `HTTP/1.1 200 OK\r\ncontent-length: ${page.length}\r\n\r\n${page}`;
    const timer = setInterval(() => {
      for (let each = 0; each < 10 && left !== ''; each += 1) {
        socket.write(left[0] as string);
        left = left.slice(1);
      }
      if (left === '') clearInterval(timer);
    }, 1);
    socket.on('close', () => clearInterval(timer));
  });
  const { port } = await serve(t, dripping);
  const probes = many(1, port, { timeoutMs: 20_000, bodyMatches: '^x{3000}ok$' });
  assert.deepEqual(codes(await probeBatch({ probes, deadlineMs: 30_000 })), { ok: 1 });
});

/** A name server that never answers. */
const silentNameServer = async (t: TestContext): Promise<string[]> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return [`127.0.0.1:${socket.address().port}`];
};

test('what has not ended at the deadline of the batch is unknown, and broken off', async (t) => {
  const good = await serve(t, ok('ok'));
  const silent = await serve(t, () => {});
  const dripping = await serve(
    t,
    onRequest((s) => {
      s.write('HTTP/1.1 200 OK\r\n\r\n');
      keepSending(s, () => 'x', 10);
    }),
  );
  const hanging = [...many(3, silent.port), ...many(3, dripping.port)];
  hanging.push(requestOf(1, { id: 'name', address: 'lb.site.test' }));
  const probes = [...hanging.map((p) => ({ ...p, timeoutMs: 30_000 })), ...many(3, good.port)];
  const nameServers = await silentNameServer(t);
  const startedAt = performance.now();
  const result = await probeBatch({ probes, deadlineMs: 400 }, { nameServers });
  const elapsedMs = performance.now() - startedAt;
  assert.deepEqual(codes(result), { ok: 3, 'batch-deadline': 7 });
  assert.ok(result.observations.every((o) => o.code === 'ok' || o.outcome === 'unknown'));
  assert.ok(elapsedMs >= 395 && elapsedMs < 2_000, `took ${elapsedMs} ms`);
});

type Child = { result: ProberAnswer; resources: string[] };

/** Runs a batch in a process of its own, and tells which resources of the event loop were in use when the answer was there. */
const inChild = async (event: ProberEvent, options: ProbeOptions, shellPrefix = ''): Promise<Child> => {
  const module = new URL('../../../../lambda/prober/batch.ts', import.meta.url).href;
  const script = `const { probeBatch } = await import(${JSON.stringify(module)});
    const result = await probeBatch(${JSON.stringify(event)}, ${JSON.stringify(options)});
    const resources = process.getActiveResourcesInfo();
    process.stdout.write(JSON.stringify({ result, resources }), () => process.exit());`;
  const shell = `${shellPrefix} exec "$0" --input-type=module -e "$1"`;
  const child = spawn('sh', ['-c', shell, process.execPath, script], {
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

test('nothing is left open or running when the answer is there', async (t) => {
  const good = await serveTls(t, 'site.pem', ok('ok'));
  const plain = await serve(t, ok('ok'));
  const silent = await serve(t, () => {});
  const flood = await serve(
    t,
    onRequest((s) => {
      s.write('HTTP/1.1 200 OK\r\n\r\n');
      keepSending(s, () => 'x'.repeat(60_000), 1);
    }),
  );
  const nameServers = await silentNameServer(t);
  const secure = (port: number) => ({ url: `https://www.site.test:${port}/`, timeoutMs: 10_000 });
  const probes = [
    ...many(5, good.port, secure(good.port)),
    ...many(5, plain.port, { timeoutMs: 10_000 }),
    ...many(5, flood.port, { timeoutMs: 10_000 }),
    ...many(5, silent.port),
    ...many(5, silent.port, secure(silent.port)).map((p) => ({ ...p, id: `tls-${p.id}` })),
    requestOf(1, { id: 'name', address: 'lb.site.test', timeoutMs: 10_000 }),
  ];
  const { result, resources } = await inChild({ probes, deadlineMs: 1_200 }, { ca: AUTHORITY, nameServers });
  assert.deepEqual(codes(result), { ok: 15, 'timeout-response': 5, 'batch-deadline': 6 });
  const early = await inChild({ probes: many(5, plain.port, { timeoutMs: 10_000 }), deadlineMs: 60_000 }, {});
  assert.deepEqual(codes(early.result), { ok: 5 });
  // What may be left is the child's own output.
  const left = [...resources, ...early.resources].filter((kind) => !/^(PipeWrap|TTYWrap|FSReq)/.test(kind));
  assert.deepEqual(left, []);
});

test('running out of file descriptors is unknown, and the batch is answered', async (t) => {
  const silent = await serve(t, () => {});
  const event = { probes: many(80, silent.port, { timeoutMs: 800 }), deadlineMs: 10_000 };
  const { result } = await inChild(event, {}, 'ulimit -n 60 &&');
  assert.deepEqual(Object.keys(codes(result)).sort(), ['no-descriptors', 'timeout-response']);
});

test('patterns that never end take a second of a batch together, not each', async (t) => {
  const endless = await serve(t, ok(`${'a'.repeat(50)}!`));
  const probes = many(40, endless.port, { bodyMatches: '(a+)+$', timeoutMs: 20_000 });
  const startedAt = performance.now();
  const result = await probeBatch({ probes, deadlineMs: 30_000 });
  const elapsedMs = performance.now() - startedAt;
  assert.deepEqual(codes(result), { 'body-pattern': 40 });
  // Each on its own would make ten seconds.
  assert.ok(elapsedMs < 5_000, `took ${elapsedMs} ms`);
});

test('more probes than may be open at once are all made, and never more are open', async (t) => {
  let open = 0;
  let mostOpen = 0;
  const { port } = await serve(t, (socket) => {
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    socket.on('close', () => {
      open -= 1;
    });
    socket.on('data', () =>
      setTimeout(() => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 800),
    );
  });
  const result = await probeBatch({ probes: many(900, port, { timeoutMs: 10_000 }), deadlineMs: 30_000 });
  assert.deepEqual(codes(result), { ok: 900 });
  // The server may see a connection's end a moment after the prober has let go of it.
  assert.ok(mostOpen <= 640, `${mostOpen} were open at once`);
});
