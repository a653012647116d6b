import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';

/** A name that is no host. */
export const ABSENT = 'absent.test';

/** A name server on loopback for which every other name lies at 127.0.0.1. */
export const serveNames = async (): Promise<{ nameServers: string[]; close(): void }> => {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const { id, questions = [] } = decode(query);
    const [question] = questions;
    const absent = question?.name === ABSENT;
    const isA = question?.type === 'A' && !absent;
    const answers = isA ? [{ type: 'A' as const, name: question.name, ttl: 1, data: '127.0.0.1' }] : [];
    // The low four bits of the flags are the code of the answer: 3 for a name that is not there.
    socket.send(
      encode({ type: 'response', id, flags: absent ? 0x8183 : 0x8180, questions, answers }),
      port,
      address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { nameServers: [`127.0.0.1:${socket.address().port}`], close: () => socket.close() };
};
