import assert from 'node:assert/strict';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { after, type TestContext, test } from 'node:test';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import {
  DnsFault,
  type DnsFaultReason,
  dnsClient,
  serverOf,
  serverText,
} from '../../../../lambda/edge/dns.ts';
import type { DnsQuestion } from '../../../../lambda/ports.ts';
import { startDns } from '../../../../local/dns.ts';
import { answerer, ZONE } from '../../local/dns-fixture.ts';

const local = await startDns({ port: 0, host: '127.0.0.1', answer: answerer });
after(() => local.close());
const dns = dnsClient();
const PATIENT_MS = 20_000;
const BRIEF_MS = 300;

const ask = (name: string, type: DnsQuestion['type'], more: Partial<DnsQuestion> = {}, port = local.port) =>
  dns.ask({ address: '127.0.0.1', port }, { name, type, ...more }, PATIENT_MS);

const WWW: DnsQuestion = { name: 'www.example.com', type: 'A' };

/** A server that answers each UDP message with these bytes, and each TCP message likewise when `overTcp` is given. */
const server = async (
  t: TestContext,
  answers: (query: DecodedPacket, count: number) => (Buffer | Packet)[],
  overTcp?: (socket: Socket) => void,
): Promise<{ port: number; asked: DecodedPacket[] }> => {
  const asked: DecodedPacket[] = [];
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    overTcp?.(socket);
  });
  const { port, socket } = await listenOnBoth(tcp);
  if (overTcp === undefined) await new Promise((closed) => tcp.close(closed));
  else t.after(() => tcp.close());
  socket.on('message', (bytes, from) => {
    const query = decode(bytes);
    asked.push(query);
    for (const answer of answers(query, asked.length)) {
      socket.send(Buffer.isBuffer(answer) ? answer : encode(answer), from.port, from.address);
    }
  });
  t.after(() => socket.close());
  return { port, asked };
};

/** A port that is free over TCP may be another test's over UDP: then another one is taken. */
const listenOnBoth = async (tcp: Server): Promise<{ port: number; socket: UdpSocket }> => {
  for (;;) {
    tcp.listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const { port } = tcp.address() as { port: number };
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    try {
      await once(socket, 'listening');
      return { port, socket };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await new Promise((closed) => tcp.close(closed));
    }
  }
};

const response = (query: DecodedPacket, more: Partial<Packet> = {}): Packet => ({
  type: 'response',
  id: query.id,
  flags: 0,
  questions: query.questions,
  answers: [{ name: 'www.example.com', type: 'A', ttl: 60, data: '192.0.2.7' }],
  ...more,
});

const rejects = (asked: Promise<unknown>, reason: DnsFaultReason, message: RegExp) =>
  assert.rejects(asked, (error) => {
    assert.ok(error instanceof DnsFault);
    assert.equal(error.reason, reason);
    assert.match(error.message, message);
    return true;
  });

test('values come as Route 53 lists them', async () => {
  const values: [name: string, type: DnsQuestion['type'], values: string[]][] = [
    ['www.example.com', 'A', ['192.0.2.1', '192.0.2.2']],
    ['WWW.Example.COM', 'AAAA', ['2001:db8::1', '::ffff:c000:201']],
    ['blog.example.com', 'CNAME', ['www.example.com']],
    ['_switchover.www.example.com', 'TXT', ['"v=1 epoch=42" "\\303\\251 \\"q\\""']],
    ['example.com', 'MX', ['10 mail.example.net']],
    ['example.com', 'NS', ZONE.nameServers.map((name) => name.toLowerCase())],
    ['example.com', 'SOA', [`${ZONE.nameServers[0]} awsdns-hostmaster.amazon.com 1 7200 900 1209600 86400`]],
  ];
  for (const [name, type, expected] of values) {
    const { rcode, authoritative, recursionAvailable, answers } = await ask(name, type);
    assert.deepEqual([rcode, authoritative, recursionAvailable], ['NOERROR', true, false]);
    assert.deepEqual(
      answers.map((record) => record.value),
      expected,
    );
    assert.ok(answers.every((record) => record.type === type && record.name === name.toLowerCase()));
  }
  const { answers } = await ask('www.example.com', 'A');
  assert.equal(answers[0]?.ttlSeconds, 60);
});

test('an rcode is an answer, with what else the server says', async () => {
  const missing = await ask('nothing.example.com', 'A');
  assert.deepEqual([missing.rcode, missing.answers], ['NXDOMAIN', []]);
  assert.equal(missing.authorities[0]?.type, 'SOA');
  assert.equal((await ask('elsewhere.example.net', 'A')).rcode, 'REFUSED');
  assert.equal((await ask('broken.example.com', 'A')).rcode, 'SERVFAIL');
});

test('what does not fit into a packet is asked for over TCP', async () => {
  const { answers } = await ask('longer.example.com', 'A');
  assert.equal(answers.length, 80);
});

test('a truncated answer that ends inside a record is asked for over TCP', async (t) => {
  const { port } = await server(
    t,
    (query) => [encode(response(query, { flags: 0x0200 })).subarray(0, 40)],
    (socket) =>
      socket.on('data', (bytes) => {
        const whole = encode(response(decode(bytes.subarray(2))));
        const length = Buffer.alloc(2);
        length.writeUInt16BE(whole.length);
        // In pieces, as TCP may deliver it.
        socket.write(length.subarray(0, 1));
        setImmediate(() => socket.write(Buffer.concat([length.subarray(1), whole])));
      }),
  );
  const { answers } = await ask('www.example.com', 'A', {}, port);
  assert.deepEqual(answers, [{ name: 'www.example.com', type: 'A', ttlSeconds: 60, value: '192.0.2.7' }]);
});

test('the question carries what was asked for, and a new id each time', async (t) => {
  const { port, asked } = await server(t, (query) => [response(query)]);
  for (let count = 0; count < 4; count += 1) {
    await ask('www.example.com', 'A', { recursion: count > 1, dnssec: count === 3 }, port);
  }
  assert.deepEqual(
    asked.map(({ flag_rd }) => flag_rd),
    [false, false, true, true],
  );
  const dnssec = asked.map(({ additionals }) => additionals?.[0]?.type === 'OPT' && additionals[0].flag_do);
  assert.deepEqual(dnssec, [false, false, false, true]);
  assert.ok(new Set(asked.map(({ id }) => id)).size > 1);
});

test('a lost packet is sent again', async (t) => {
  const { port, asked } = await server(t, (query, count) => (count === 1 ? [] : [response(query)]));
  const answer = await dns.ask({ address: '127.0.0.1', port }, WWW, 2000);
  assert.equal(answer.answers.length, 1);
  assert.equal(asked.length, 2);
});

test('an answer under another id, to another question or in no order is passed over', async (t) => {
  const strangers = (query: DecodedPacket): (Buffer | Packet)[] => [
    Buffer.alloc(0),
    Buffer.from('GET / HTTP/1.1'),
    response(query, { id: ((query.id ?? 0) + 1) % 0x1_0000 }),
    response(query, { questions: [{ name: 'www.example.net', type: 'A' }] }),
    response(query, { questions: [{ name: 'www.example.com', type: 'AAAA' }] }),
    { ...response(query), type: 'query' },
    encode(response(query)).subarray(0, 40),
  ];
  const { port } = await server(t, (query) => [...strangers(query), response(query)]);
  assert.equal((await ask('www.example.com', 'A', {}, port)).answers[0]?.value, '192.0.2.7');
  for (const index of strangers({ id: 0 } as DecodedPacket).keys()) {
    const { port } = await server(t, (query) => [strangers(query)[index]!]);
    await rejects(dns.ask({ address: '127.0.0.1', port }, WWW, BRIEF_MS), 'garbage', /received/);
  }
});

test('every cut of an answer is garbage, never a crash', async (t) => {
  const whole = (query: DecodedPacket) => encode(response(query));
  const length = whole({ id: 1, questions: [WWW] } as DecodedPacket).length;
  const { port } = await server(t, (query) =>
    Array.from({ length }, (_, end) => whole(query).subarray(0, end)),
  );
  await rejects(dns.ask({ address: '127.0.0.1', port }, WWW, BRIEF_MS), 'garbage', /received/);
});

test('a server that cannot read the question need not repeat it', async (t) => {
  const { port } = await server(t, (query) => [response(query, { flags: 1, questions: [], answers: [] })]);
  assert.equal((await ask('www.example.com', 'A', {}, port)).rcode, 'FORMERR');
});

test('silence, a closed port, no way there and broken connections are told apart', async (t) => {
  const silent = await server(t, () => []);
  await rejects(
    dns.ask({ address: '127.0.0.1', port: silent.port }, WWW, BRIEF_MS),
    'timeout',
    /^DNS ask: www\.example\.com A asked of 127\.0\.0\.1:\d+: no answer within 300 ms$/,
  );
  const closed = createSocket('udp4').bind(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address();
  await new Promise<void>((done) => closed.close(done));
  await rejects(ask('www.example.com', 'A', {}, port), 'refused', /nobody listens/);
  // Nobody may send to everybody without saying so first, so nothing leaves this machine.
  const everybody = { address: '255.255.255.255', port: 53 };
  await rejects(dns.ask(everybody, WWW, PATIENT_MS), 'unreachable', /EACCES/);
  const truncated = (query: DecodedPacket) => [response(query, { flags: 0x0200 })];
  const udpOnly = await server(t, truncated);
  await rejects(ask('www.example.com', 'A', {}, udpOnly.port), 'refused', /nobody listens/);
  const hangsUp = await server(t, truncated, (socket) => socket.end(Buffer.from([0, 99, 1])));
  await rejects(ask('www.example.com', 'A', {}, hangsUp.port), 'garbage', /closed before the answer/);
  const hangs = await server(t, truncated, (socket) => t.after(() => socket.destroy()));
  await rejects(dns.ask({ address: '127.0.0.1', port: hangs.port }, WWW, BRIEF_MS), 'timeout', /no answer/);
});

test('a name that no question can carry is refused before anything is sent', async () => {
  for (const name of ['a..b', '.', 'a.', `${'a'.repeat(64)}.b`, 'a\\056b.c', `${'a.'.repeat(127)}a`]) {
    await rejects(ask(name, 'A'), 'garbage', /expected a domain name/);
  }
});

test('servers are written as the machine writes its resolvers', () => {
  for (const [text, address, port] of [
    ['192.0.2.1', '192.0.2.1', 53],
    ['192.0.2.1:5353', '192.0.2.1', 5353],
    ['2001:db8::1', '2001:db8::1', 53],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353],
  ] as const) {
    assert.deepEqual(serverOf(text), { address, port });
    assert.deepEqual(serverOf(serverText({ address, port })), { address, port });
  }
});
