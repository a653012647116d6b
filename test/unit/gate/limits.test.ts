/** Whoever sends slowly, by halves or nothing is bounded in number and in time, and keeps nobody out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gateBefore, get, opened, send, statusOf } from './application.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

test('of connections that send nothing, or half a head, the oldest give way', async (t) => {
  const { port } = await gateBefore(t, (socket) => void socket.end(OK), {
    limits: { idleConnections: 20, headMs: 60_000 },
  });
  const halves: Socket[] = [];
  for (let count = 0; count < 50; count++) {
    const half = await opened(t, port);
    half.write('GET / HTTP/1.1\r\nHost: www.exam');
    halves.push(half);
  }
  for (let count = 0; count < 5; count++) assert.equal(statusOf((await send(port, get('/'))).got), '200');
  await sleep(100);
  const gone = halves.map(({ destroyed }) => destroyed);
  assert.deepEqual([gone[0], gone.at(-1)], [true, false]);
  assert.ok(gone.filter(Boolean).length >= 30);
});

test('half a head and half a body end in their time, and connections in their number', async (t) => {
  const limits = { headMs: 300, requestMs: 600, silenceMs: 5_000, connections: 4 };
  const { port } = await gateBefore(t, (socket) => void socket.end(OK), { limits });
  assert.equal(statusOf((await send(port, 'GET / HTTP/1.1\r\nHost:')).got), '408');
  const startMs = performance.now();
  const waiting = await opened(t, port);
  waiting.write(get('/', 'POST', 'Content-Length: 100\r\n').replace('Connection: close\r\n', ''));
  waiting.resume();
  await once(waiting, 'close');
  assert.ok(performance.now() - startMs < 4_000);
  const sockets = await Promise.all(Array.from({ length: 8 }, () => opened(t, port)));
  await sleep(100);
  assert.equal(
    sockets.filter(({ destroyed, readableEnded }) => !destroyed && !readableEnded).length <= 4,
    true,
  );
  await sleep(1_000);
  assert.equal(statusOf((await send(port, get('/'))).got), '200');
});
