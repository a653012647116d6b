import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Gate, startGate } from '../../../../gate/server.ts';
import { get, passing, send } from '../application.ts';
import { type Exchange, exchangeOf, type Part } from './cases.ts';

export type Fuzzed = {
  exchanges: number;
  /** How often visitors got which status, `nothing`, or something that is no answer. */
  statuses: Record<string, number>;
  /** What must not have happened, each with its seed and number. */
  troubles: string[];
  /** Connections that the gate still had after the last exchange. */
  leftOpen: number;
};

/** Short, so that whoever waits costs little; the machine's own pauses stay far below. */
const LIMITS = { headMs: 1_000, requestMs: 1_500, silenceMs: 500 };
/** Longer than any of the limits, with room for a busy machine. */
const VISIT_MS = 15_000;
/** A visitor whose connection stays open after the answer goes after so long. */
const QUIET_MS = 150;
const SIDE_BY_SIDE = 256;
const GOOD_EVERY = 50;

const play = async (socket: Socket, { pieces, pauseMs, end }: Part): Promise<void> => {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    if (pauseMs > 0) await sleep(pauseMs);
  }
  if (end === 'end') socket.end();
  if (end === 'reset' && !socket.destroyed) socket.resetAndDestroy();
};

/** An application that answers each request with the next exchange's answer, whichever that is. A good request gets a good one. */
const hostileApplication = async (seed: string): Promise<Server> => {
  let count = 0;
  const server = createServer((socket) => {
    const { application } = exchangeOf(seed, count++);
    socket.on('error', () => {});
    socket.once('data', (bytes) => {
      if (bytes.includes('GET /good ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else void play(socket, application);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/** What a visitor got until the connection ended, or kept silent after an answer; rejects when neither comes. */
const visit = async (port: number, { visitor }: Exchange): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  let got = '';
  socket.on('data', (bytes) => {
    got += bytes.toString('latin1');
    socket.setTimeout(QUIET_MS, () => socket.end());
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  void play(socket, visitor);
  const isClosed = await Promise.race([closed.then(() => true), sleep(VISIT_MS, false, { ref: false })]);
  socket.destroy();
  if (!isClosed) throw new Error(`nothing came to an end within ${VISIT_MS} ms`);
  return got;
};

/** What is wrong with what a visitor got, if anything. */
const troubleWith = (got: string): string | undefined => {
  if (got === '') return undefined;
  const [, status = '', headers = '', body = ''] =
    /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n([\s\S]*)$/.exec(got) ?? [];
  if (status === '') return 'what came is no answer, or has half a head';
  const own = /\n?The application behind this gate does not answer\.\n$/.test(body) || status === '400';
  const length = /^content-length: (\d+)\r$/im.exec(headers)?.[1];
  if (status === '502' && own && Number(length) !== body.length)
    return `a 502 of the length ${length} with ${body.length} bytes`;
  if (/^(?:trailer|keep-alive: timeout=99|proxy-connection)/im.test(headers))
    return 'a header of another connection';
  return undefined;
};

const tally = (fuzzed: Fuzzed, got: string): void => {
  const status = got === '' ? 'nothing' : (/^HTTP\/1\.1 (\d{3})/.exec(got)?.[1] ?? 'no answer');
  fuzzed.statuses[status] = (fuzzed.statuses[status] ?? 0) + 1;
};

const playOne = async (gate: Gate, seed: string, number: number, fuzzed: Fuzzed): Promise<void> => {
  const tell = (what: string) =>
    fuzzed.troubles.length < 20 && fuzzed.troubles.push(`seed ${seed}, ${number}: ${what}`);
  const { port } = gate.address;
  try {
    const got = await visit(port, exchangeOf(seed, number));
    tally(fuzzed, got);
    const trouble = troubleWith(got);
    if (trouble !== undefined) tell(`${trouble}: ${JSON.stringify(got.slice(0, 300))}`);
    if (number % GOOD_EVERY !== 0) return;
    const good = await send(port, get('/good'));
    if (!good.got.endsWith('\r\n\r\nok')) tell(`a good visit got ${JSON.stringify(good.got.slice(0, 300))}`);
  } catch (error) {
    tell((error as Error).message);
  }
};

/** Plays exchanges `from` to `to` of a seed against one gate in this process. An error that nobody catches ends the process, as it would the gate's. */
export const fuzzGate = async (seed: string, from: number, to: number): Promise<Fuzzed> => {
  const server = await hostileApplication(seed);
  const { port } = server.address() as AddressInfo;
  const gate = await startGate({ ...passing(port, []), limits: LIMITS, say: () => {} });
  const fuzzed: Fuzzed = { exchanges: to - from, statuses: {}, troubles: [], leftOpen: 0 };
  let next = from;
  const work = async (): Promise<void> => {
    while (next < to) await playOne(gate, seed, next++, fuzzed);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  const startMs = performance.now();
  const open = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
  while ((await open()) > 0 && performance.now() - startMs < 5_000) await sleep(50);
  fuzzed.leftOpen = await open();
  await gate.close(0);
  server.close();
  return fuzzed;
};
