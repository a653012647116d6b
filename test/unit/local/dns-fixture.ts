import { encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import { changeZone, createZone } from '../../../local/zone.ts';
import { answer, zoneOf } from '../../../local/zone-answer.ts';

const simple = (name: string, type: string, ...values: string[]) => ({
  action: 'CREATE',
  record: { name: name === '@' ? 'example.com' : `${name}.example.com`, type, ttlSeconds: 60, values },
});

const LONG = Array.from({ length: 40 }, (_, index) => `192.0.2.${index}`);

export const ZONE = (() => {
  const changes = [
    simple('www', 'A', '192.0.2.1', '192.0.2.2'),
    simple('www', 'AAAA', '2001:db8::1', '::ffff:192.0.2.1'),
    simple('blog', 'CNAME', 'www.example.com'),
    simple('_switchover.www', 'TXT', '"v=1 epoch=42" "\\303\\251 \\"q\\""'),
    simple('@', 'MX', '10 mail.example.net.'),
    simple('@', 'CAA', '0 issue "letsencrypt.org"'),
    simple('_sip._tcp', 'SRV', '1 2 5060 sip.example.net'),
    simple('ptr', 'PTR', 'www.example.com.'),
    simple('long', 'A', ...LONG),
    simple('longer', 'A', ...LONG, ...LONG.map((address) => address.replace('192.0.2', '198.51.100'))),
    simple('*.wild', 'A', '192.0.2.9'),
    simple('a\\056b', 'TXT', '"a dot in a label"'),
  ];
  const result = changeZone(createZone('example.com'), { changes }, { now: 0, insyncAfterMs: 0 });
  if ('refusal' in result) throw new Error(result.refusal.messages.join('\n'));
  return result.zone;
})();

export const answerer = (name: string, type: string) => {
  if (name === 'broken.example.com') throw new Error('a defect');
  const zone = zoneOf([ZONE], name);
  return zone && answer(zone, name, type);
};

export const query = (name: string, type: string, more: Partial<Packet> = {}): Buffer =>
  encode({
    type: 'query',
    id: 0x1234,
    flags: RECURSION_DESIRED,
    questions: [{ name, type: type as 'A' }],
    ...more,
  });

export const edns = (udpPayloadSize: number, ednsVersion = 0): Partial<Packet> => ({
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize,
      extendedRcode: 0,
      ednsVersion,
      flags: 0,
      flag_do: false,
      options: [],
    },
  ],
});

export const rcodeOf = (response: Buffer): number => response.readUInt8(3) & 15;
export const header = (response: Buffer) => {
  const flags = response.readUInt16BE(2);
  return {
    id: response.readUInt16BE(0),
    qr: flags >> 15,
    opcode: (flags >> 11) & 15,
    aa: (flags >> 10) & 1,
    tc: (flags >> 9) & 1,
    rd: (flags >> 8) & 1,
    ra: (flags >> 7) & 1,
    rcode: flags & 15,
    counts: [4, 6, 8, 10].map((offset) => response.readUInt16BE(offset)),
  };
};
