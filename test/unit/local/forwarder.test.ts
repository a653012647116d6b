import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { startForwarder } from '../../../local/forwarder.ts';

const ELASTIC = '127.0.0.10';

/** A server that says who it is, and then repeats what it hears. */
const startServer = async (address: string, port: number) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(`${address} `);
    socket.pipe(socket);
  });
  server.listen(port, address);
  await once(server, 'listening');
  after(() => server.close());
  return (server.address() as AddressInfo).port;
};

const port = await startServer('127.0.0.2', 0);
await startServer('127.0.0.3', port);
const forwarder = await startForwarder(ELASTIC, [port]);
after(() => forwarder.close());

const dial = (): Socket => connect({ host: ELASTIC, port });

/** What comes back until the other side ends; the code of the error when it breaks. */
const exchange = async (socket: Socket, text: string): Promise<string> => {
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  socket.end(text);
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    socket.on('end', () => resolve(heard));
  });
};

test('connections reach whatever holds the address, and nobody when nothing does', async () => {
  assert.equal(await exchange(dial(), 'hello'), 'ECONNRESET');
  forwarder.to('127.0.0.2');
  assert.equal(await exchange(dial(), 'hello'), '127.0.0.2 hello');
  forwarder.to('127.0.0.3');
  assert.equal(await exchange(dial(), 'again'), '127.0.0.3 again');
  const large = 'x'.repeat(3_000_000);
  assert.equal(await exchange(dial(), large), `127.0.0.3 ${large}`);
  forwarder.to('127.0.0.4');
  assert.equal(await exchange(dial(), 'nobody listens'), 'ECONNRESET');
});

test('a move cuts what is under way', async () => {
  forwarder.to('127.0.0.2');
  const socket = dial();
  socket.on('error', () => {});
  await once(socket, 'data');
  const closed = once(socket, 'close');
  forwarder.to('127.0.0.3');
  await closed;
});

test('a port that is taken is refused, and nothing is left behind', async () => {
  await assert.rejects(startForwarder(ELASTIC, [0, port]), { code: 'EADDRINUSE' });
});
