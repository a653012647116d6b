import { isIP } from 'node:net';
import { type Answer, decode, type OptAnswer, type Packet } from 'dns-packet';
import { canonicalAddress } from '../core/base/address.ts';
import { normaliseName } from '../core/zone/records.ts';
import type { DnsAnswer, DnsRecord } from '../ports.ts';

/** What came is no answer to the question. */
export class Strange extends Error {}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
RCODES[16] = 'BADVERS';

/** Reads the answer to `query` out of a message; `truncated` when it must be asked for over TCP. Throws `Strange`. */
export const readAnswer = (bytes: Buffer, query: Packet): DnsAnswer | 'truncated' => {
  // The id first: what bears another one is not worth decoding.
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== query.id) throw new Strange('another id');
  let packet: ReturnType<typeof decode>;
  let sections: Pick<DnsAnswer, 'answers' | 'authorities' | 'additionals'>;
  const truncated = (bytes.readUInt8(2) & 0x02) !== 0;
  try {
    // A truncated message may end in the middle of a record, so no more than its question is read.
    packet = decode(truncated ? questionOnly(bytes) : bytes);
    // The decoder takes what lies behind the end for nothing.
    if (decode.bytes > bytes.length) throw new Error('cut short');
    sections = {
      answers: recordsOf(packet.answers),
      authorities: recordsOf(packet.authorities),
      additionals: recordsOf(packet.additionals),
    };
  } catch (error) {
    throw new Strange(`${bytes.length} bytes that cannot be read (${(error as Error).message})`);
  }
  if (packet.type !== 'response') throw new Strange('a question');
  const [asked, got] = [query.questions?.[0], packet.questions?.[0]];
  // A server that cannot read our question may leave it out when it says so.
  const excused = packet.questions?.length === 0 && (packet.flags ?? 0) % 16 !== 0;
  if (!excused && (got?.type !== asked?.type || got?.name.toLowerCase() !== asked?.name.toLowerCase())) {
    throw new Strange(`an answer about ${got?.name} ${got?.type}`);
  }
  if (truncated) return 'truncated';
  const opt = packet.additionals?.find((record): record is OptAnswer => record.type === 'OPT');
  const rcode = ((packet.flags ?? 0) & 15) | ((opt?.extendedRcode ?? 0) << 4);
  return {
    rcode: RCODES[rcode] ?? `RCODE${rcode}`,
    authoritative: packet.flag_aa,
    recursionAvailable: packet.flag_ra,
    authenticated: packet.flag_ad,
    ...sections,
  };
};

const questionOnly = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy.fill(0, 6, 12);
  return copy;
};

const recordsOf = (records: Answer[] = []): DnsRecord[] =>
  records.flatMap((record) =>
    record.type === 'OPT' || (record.class !== undefined && record.class !== 'IN')
      ? []
      : [
          {
            name: nameOf(record.name),
            type: record.type,
            ttlSeconds: record.ttl ?? 0,
            value: presented(record),
          },
        ],
  );

const nameOf = (name: string): string => (name === '.' ? '' : normaliseName(name));

/** Of types that nobody here reads, the value is the data's bytes in hexadecimal or JSON: enough to compare, not to print. */
const presented = (record: Exclude<Answer, OptAnswer>): string => {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      if (isIP(record.data) === 0) throw new Error(`an address such as ${record.data}`);
      return canonicalAddress(record.data);
    case 'CNAME':
    case 'DNAME':
    case 'NS':
    case 'PTR':
      return nameOf(record.data);
    case 'TXT':
      return [record.data].flat().map(quoted).join(' ');
    case 'MX':
      return `${record.data.preference ?? 0} ${nameOf(record.data.exchange)}`;
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return [nameOf(mname), nameOf(rname), serial, refresh, retry, expire, minimum].join(' ');
    }
    case 'DS': {
      const { keyTag, algorithm, digestType, digest } = record.data;
      return [keyTag, algorithm, digestType, digest.toString('hex')].join(' ');
    }
    case 'DNSKEY': {
      const { flags, algorithm, key } = record.data;
      return [flags, 3, algorithm, key.toString('base64')].join(' ');
    }
    default:
      return Buffer.isBuffer(record.data) ? record.data.toString('hex') : JSON.stringify(record.data);
  }
};

/** One character string as Route 53 lists it: in quotes, other than visible ASCII in octal. */
const quoted = (text: string | Buffer): string => {
  const characters = Array.from(Buffer.from(text), (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${characters.join('')}"`;
};
