import dgram from 'node:dgram';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { type DecodedPacket, decode, encode } from 'dns-packet';

type Zone = Record<string, { a?: string[]; aaaa?: string[]; rcode?: number } | 'silent'>;

/** A name server that knows these names; all others do not exist. */
export const nameServer = async (
  t: TestContext,
  zone: Zone,
): Promise<{ nameServers: string[]; asked: string[] }> => {
  const socket = dgram.createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (message, from) => {
    const query: DecodedPacket = decode(message);
    const [question] = query.questions ?? [];
    if (question === undefined) return;
    asked.push(`${question.name} ${question.type}`);
    const known = zone[question.name] ?? { rcode: 3 };
    if (known === 'silent') return;
    const values = (question.type === 'A' ? known.a : known.aaaa) ?? [];
    const { name } = question;
    const type = question.type as 'A' | 'AAAA';
    const answers = values.map((data) => ({ type, name, class: 'IN' as const, ttl: 60, data }));
    const flags = 0x0480 | (known.rcode ?? 0);
    socket.send(
      encode({ type: 'response', id: query.id, flags, questions: query.questions, answers }),
      from.port,
      from.address,
    );
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return { nameServers: [`127.0.0.1:${socket.address().port}`], asked };
};
