import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, test } from 'node:test';
import { AUTHORITATIVE_ANSWER, type DecodedPacket, decode } from 'dns-packet';
import { startDns } from '../../../local/dns.ts';
import { route53Service } from '../../../local/route53.ts';
import { answerer, edns, header, query, rcodeOf, ZONE } from './dns-fixture.ts';

const server = await startDns({ port: 0, host: '127.0.0.1', answer: answerer });
after(() => server.close());

const overUdp = async (message: Buffer): Promise<Buffer> => {
  const socket = createSocket('udp4');
  try {
    socket.send(message, server.port, '127.0.0.1');
    const [response] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    return response;
  } finally {
    socket.close();
  }
};

/** Sends the pieces one packet each, and resolves with everything received once `count` responses are complete. */
const overTcp = async (pieces: Buffer[], count: number): Promise<Buffer[]> => {
  const socket = connect(server.port, '127.0.0.1').setNoDelay(true);
  await once(socket, 'connect');
  const responses: Buffer[] = [];
  let received: Buffer = Buffer.alloc(0);
  const finished = new Promise<void>((resolve, reject) => {
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        responses.push(received.subarray(2, end));
        received = received.subarray(end);
      }
      if (responses.length >= count) resolve();
    });
    socket.on('close', () => reject(new Error('closed')));
    socket.on('error', reject);
  });
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await finished;
  socket.destroy();
  return responses;
};

const framed = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
};

const DATA: [name: string, type: string, data: unknown[]][] = [
  ['www.example.com', 'A', ['192.0.2.1', '192.0.2.2']],
  ['www.example.com', 'AAAA', ['2001:db8::1', '::ffff:c000:201']],
  ['blog.example.com', 'CNAME', ['www.example.com']],
  ['_switchover.www.example.com', 'TXT', [[Buffer.from('v=1 epoch=42'), Buffer.from('é "q"')]]],
  ['example.com', 'MX', [{ preference: 10, exchange: 'mail.example.net' }]],
  ['example.com', 'CAA', [{ flags: 0, tag: 'issue', value: 'letsencrypt.org', issuerCritical: false }]],
  ['_sip._tcp.example.com', 'SRV', [{ priority: 1, weight: 2, port: 5060, target: 'sip.example.net' }]],
  ['ptr.example.com', 'PTR', ['www.example.com']],
  ['example.com', 'NS', ZONE.nameServers.map((host) => host)],
  ['x.wild.example.com', 'A', ['192.0.2.9']],
  ['www.example.com', 'ANY', [{ cpu: 'RFC8482', os: '' }]],
];

const dataOf = (packet: DecodedPacket): unknown[] =>
  (packet.answers ?? []).map((record) => ('data' in record ? record.data : undefined));

test('every type is answered over UDP and TCP alike, with AA and without RA', async () => {
  for (const [name, type, data] of DATA) {
    const udp = await overUdp(query(name, type));
    const [tcp] = await overTcp([framed(query(name, type))], 1);
    assert.deepEqual(udp, tcp, `${name} ${type}`);
    assert.deepEqual(dataOf(decode(udp)), data, `${name} ${type}`);
    const { id, qr, aa, tc, rd, ra, rcode } = header(udp);
    assert.deepEqual(
      { id, qr, aa, tc, rd, ra, rcode },
      { id: 0x1234, qr: 1, aa: 1, tc: 0, rd: 1, ra: 0, rcode: 0 },
    );
  }
});

test('a negative answer carries the SOA', async () => {
  for (const [name, rcode] of [
    ['nothing.example.com', 3],
    ['wild.example.com', 0],
  ] as const) {
    const response = await overUdp(query(name, 'A'));
    const packet = decode(response);
    assert.equal(rcodeOf(response), rcode);
    assert.deepEqual(packet.authorities, [
      {
        name: 'example.com',
        type: 'SOA',
        ttl: 900,
        class: 'IN',
        flush: false,
        data: {
          mname: ZONE.nameServers[0],
          rname: 'awsdns-hostmaster.amazon.com',
          serial: 1,
          refresh: 7200,
          retry: 900,
          expire: 1_209_600,
          minimum: 86_400,
        },
      },
    ]);
  }
});

test('the case of the question comes back, in the answer too', async () => {
  const response = decode(await overUdp(query('wWw.ExAmPlE.cOm', 'A')));
  assert.equal(response.questions?.[0]?.name, 'wWw.ExAmPlE.cOm');
  assert.deepEqual(
    response.answers?.map(({ name }) => name),
    ['wWw.ExAmPlE.cOm', 'wWw.ExAmPlE.cOm'],
  );
});

test('what fits is sent whole, what does not is truncated, over TCP never', async () => {
  const plain = await overUdp(query('long.example.com', 'A'));
  assert.deepEqual([header(plain).tc, header(plain).counts], [1, [1, 0, 0, 0]]);
  const cases: [name: string, size: number, truncated: boolean][] = [
    ['long.example.com', 1232, false],
    ['long.example.com', 4096, false],
    ['long.example.com', 600, true],
    ['long.example.com', 1, true],
    ['longer.example.com', 4096, true],
  ];
  for (const [name, size, truncated] of cases) {
    const response = await overUdp(query(name, 'A', edns(size)));
    assert.equal(header(response).tc, truncated ? 1 : 0, `${name} ${size}`);
    assert.ok(response.length <= Math.max(512, Math.min(size, 1232)));
    const [opt] = decode(response).additionals ?? [];
    assert.ok(opt?.type === 'OPT' && opt.udpPayloadSize === 1232 && opt.ednsVersion === 0);
  }
  const [whole] = await overTcp([framed(query('longer.example.com', 'A'))], 1);
  assert.equal(decode(whole!).answers?.length, 80);
});

test('without EDNS in the query there is none in the response; a version to come is BADVERS', async () => {
  assert.deepEqual(header(await overUdp(query('www.example.com', 'A'))).counts, [1, 2, 0, 0]);
  const [opt] = decode(await overUdp(query('www.example.com', 'A', edns(1232, 1)))).additionals ?? [];
  assert.ok(opt?.type === 'OPT' && opt.extendedRcode === 1);
});

test('one TCP connection carries many queries, however they are cut', async () => {
  const names = ['www.example.com', 'nothing.example.com', 'blog.example.com', 'long.example.com'];
  const stream = Buffer.concat(names.map((name, id) => framed(query(name, 'A', { id }))));
  const oneByOne = Array.from(stream, (byte) => Buffer.from([byte]));
  const pieces = [stream.subarray(0, 1), stream.subarray(1, 40), stream.subarray(40)];
  for (const cut of [[stream], oneByOne, pieces]) {
    const responses = await overTcp(cut, names.length);
    assert.deepEqual(
      responses.map((response) => response.readUInt16BE(0)),
      [0, 1, 2, 3],
    );
    assert.deepEqual(
      responses.map((response) => decode(response).answers?.length),
      [2, 0, 3, 40],
    );
  }
});

test('a TCP client that talks nonsense is cut off; others are served on', async () => {
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.write(framed(Buffer.from([0])));
  await once(socket, 'close');
  const [response] = await overTcp([framed(query('www.example.com', 'A'))], 1);
  assert.equal(header(response!).rcode, 0);
});

test('a taken port is an error at once, and closing frees it', async () => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const tried = startDns({ port, host: '127.0.0.1', answer: answerer });
  await assert.rejects(tried, { code: 'EADDRINUSE' });
  const udp = createSocket('udp4');
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  await new Promise((resolve) => other.close(resolve));
  await assert.rejects(startDns({ port, host: '127.0.0.1', answer: answerer }), { code: 'EADDRINUSE' });
  udp.close();
  await once(udp, 'close');
  const free = await startDns({ port, host: '127.0.0.1', answer: answerer });
  assert.equal(free.port, port);
  const held = connect(port, '127.0.0.1');
  held.on('error', () => {});
  await once(held, 'connect');
  await free.close();
  await (await startDns({ port, host: '127.0.0.1', answer: answerer })).close();
});

test('the service answers for its zones as they are published', async () => {
  const service = route53Service();
  service.createZone('dyn.example.com');
  const dns = await startDns({ port: 0, host: '127.0.0.1', answer: service.answer });
  const socket = createSocket('udp4');
  socket.send(query('dyn.example.com', 'SOA'), dns.port, '127.0.0.1');
  const [response] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) });
  assert.ok((decode(response).flags ?? 0) & AUTHORITATIVE_ANSWER);
  assert.equal(decode(response).answers?.[0]?.type, 'SOA');
  socket.close();
  await dns.close();
});
