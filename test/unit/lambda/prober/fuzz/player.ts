import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, random } from '../../../../simulation/random.ts';
import { type Case, caseOf } from './cases.ts';

/*
 * A server process of its own, so that what the prober holds is the prober's alone: plays the case whose number is in the
 * address that it was reached at, 127.a.b.c. Odd numbers are the case of the even number before them, in pieces.
 */

type Piece = { bytes: Buffer; waitMs: number };

/** Pieces of a byte, of a few, or of many; between some of them a pause, so that they do not travel together. */
const inPieces = (r: Random, bytes: Buffer): Piece[] => {
  const size = r.pick([1, 2, 3, 7, 100, 1_400]);
  const cuts = [0];
  for (let left = 40; left > 0 && (cuts.at(-1) as number) < bytes.length; left -= 1) {
    cuts.push(Math.min(bytes.length, (cuts.at(-1) as number) + r.between(1, size)));
  }
  const rest = bytes.subarray(cuts.at(-1));
  const pieces = cuts.slice(1).map((to, index) => bytes.subarray(cuts[index], to));
  // Those at the end too: the last bytes of headers, chunks and bodies are where parsers err.
  const tail = rest.length > 20 ? [rest.subarray(0, -9), rest.subarray(-9, -4), rest.subarray(-4)] : [rest];
  return [...pieces, ...tail].map((piece) => ({
    bytes: piece,
    waitMs: r.weighted([[20, 0] as const, [6, 1], [1, 12]]),
  }));
};

const play = async (socket: Socket, { bytes, end }: Case, pieces: Piece[]): Promise<void> => {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece.bytes);
    if (pieces.length > 1) await sleep(piece.waitMs);
  }
  if (pieces.length === 0) socket.write(bytes);
  if (end === 'end') socket.end();
  if (end === 'reset') socket.resetAndDestroy();
};

const numberOf = (address: string): number => {
  const [, high = 0, middle = 0, low = 0] = address.split('.').map(Number);
  return (high - 1) * 65_536 + middle * 256 + low;
};

const seed = process.argv[2] as string;
const open = new Set<Socket>();
const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  open.add(socket);
  socket.on('close', () => open.delete(socket));
  socket.on('error', () => {});
  socket.on('end', () => socket.destroy());
  const number = numberOf(socket.localAddress ?? '127.1.0.0');
  const played = caseOf(seed, number >> 1);
  const pieces = number % 2 === 1 ? inPieces(random(`${seed}/${number}/pieces`), played.bytes) : [];
  let heard = '';
  const begin = () => {
    socket.off('data', onData);
    socket.resume();
    void play(socket, played, pieces);
  };
  const onData = (chunk: Buffer) => {
    heard += chunk.toString('latin1');
    if (played.asks.scheme === 'https' || heard.includes('\r\n\r\n')) begin();
  };
  if (played.speaksFirst) begin();
  else socket.on('data', onData);
});
server.listen(0, '0.0.0.0', 8_192, () => {
  process.send?.({ port: (server.address() as { port: number }).port });
});
process.on('message', () => process.send?.({ open: open.size }));
process.once('disconnect', () => process.exit());
