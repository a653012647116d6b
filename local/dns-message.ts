import { decode, type OptAnswer } from 'dns-packet';
import { normaliseName } from '../lambda/core/zone/records.ts';
import { encodeName, encodeRdata, TYPE_NUMBERS, typeName } from './dns-rdata.ts';
import type { Answer, AnswerRecord } from './zone-answer.ts';

/** Answers one question of class IN, or undefined for a name outside our zones. */
export type Answerer = (name: string, type: string) => Answer | undefined;

const RCODES = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;
type Rcode = keyof typeof RCODES;

const HEADER_BYTES = 12;
const RESPONSE = 0x8000;
const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;
/** Opcode and RD are repeated in the response. */
const ECHOED = 0x7900;
const CLASS_IN = 1;
/** What a client without EDNS accepts over UDP (RFC 1035), and what we send at most with it (DNS Flag Day 2020). */
const UDP_PLAIN_BYTES = 512;
const UDP_EDNS_BYTES = 1232;
const TCP_BYTES = 65_535;
/** AXFR, IXFR: transfers are refused. */
const TRANSFERS = [251, 252];
const OPT = 41;

type Question = {
  /** The bytes as received, so that the response repeats the name in its case (0x20) and whatever else is in it. */
  raw: Buffer;
  /** Normalised. */
  name: string;
  type: number;
  class: number;
};

type Sections = { answers: AnswerRecord[]; authority: AnswerRecord[] };
type Response = { rcode: Rcode; aa?: boolean; question?: Question; edns?: boolean } & Partial<Sections>;

/** The one question, at byte 12; throws on anything but plain labels. */
const readQuestion = (query: Buffer): Question => {
  const labels: string[] = [];
  let offset = HEADER_BYTES;
  for (let length = query.readUInt8(offset); length > 0; length = query.readUInt8(offset)) {
    if (length > 63) throw new Error('a compressed or overlong label in the question');
    const bytes = [...query.subarray(offset + 1, offset + 1 + length)];
    // All bytes as escapes: normaliseName undoes those that need none.
    labels.push(bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''));
    offset += 1 + length;
  }
  const [type, qclass] = [query.readUInt16BE(offset + 1), query.readUInt16BE(offset + 3)];
  const raw = query.subarray(HEADER_BYTES, offset + 5);
  return { raw, name: normaliseName(labels.join('.')), type, class: qclass };
};

const writeRecord = ({ name, type, ttlSeconds, value }: AnswerRecord, question: Question): Buffer => {
  // A record of the name asked for points to the question, and so keeps its case.
  const owner = name === question.name ? Buffer.from([0xc0, HEADER_BYTES]) : encodeName(name);
  const rdata = encodeRdata(type, value);
  const middle = Buffer.alloc(10);
  middle.writeUInt16BE(TYPE_NUMBERS[type as keyof typeof TYPE_NUMBERS], 0);
  middle.writeUInt16BE(CLASS_IN, 2);
  middle.writeUInt32BE(ttlSeconds, 4);
  middle.writeUInt16BE(rdata.length, 8);
  return Buffer.concat([owner, middle, rdata]);
};

/** OPT: root, type 41, our payload size, the upper bits of the rcode, version 0, no flags, no options. */
const writeOpt = (rcode: Rcode): Buffer => {
  const opt = Buffer.alloc(11);
  opt.writeUInt16BE(OPT, 1);
  opt.writeUInt16BE(UDP_EDNS_BYTES, 3);
  opt.writeUInt8(RCODES[rcode] >> 4, 5);
  return opt;
};

const write = (query: Buffer, response: Response, maxBytes: number): Buffer => {
  const { rcode, aa = false, question, edns = false, answers = [], authority = [] } = response;
  const asked = query.length >= 4 ? query.readUInt16BE(2) & ECHOED : 0;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(RESPONSE | asked | (aa ? AUTHORITATIVE : 0) | (RCODES[rcode] & 15), 2);
  header.writeUInt16BE(question ? 1 : 0, 4);
  header.writeUInt16BE(edns ? 1 : 0, 10);
  const opt = edns ? writeOpt(rcode) : Buffer.alloc(0);
  if (question === undefined) return Buffer.concat([header, opt]);
  const records = [...answers, ...authority].map((record) => writeRecord(record, question));
  const whole = Buffer.concat([header, question.raw, ...records, opt]);
  if (whole.length > maxBytes) {
    header.writeUInt16BE(header.readUInt16BE(2) | TRUNCATED, 2);
    return Buffer.concat([header, question.raw, opt]);
  }
  whole.writeUInt16BE(answers.length, 6);
  whole.writeUInt16BE(authority.length, 8);
  return whole;
};

const resolve = (question: Question, answerer: Answerer): Response => {
  if (question.type === OPT) return { rcode: 'FORMERR', question };
  if (question.class !== CLASS_IN || TRANSFERS.includes(question.type)) return { rcode: 'REFUSED', question };
  const answer = answerer(question.name, typeName(question.type));
  return answer === undefined ? { rcode: 'REFUSED', question } : { ...answer, question };
};

/**
 * The response to one query, or undefined when there is none to give: it was a response itself, or too short to have an
 * id. Never throws, whatever the bytes: what cannot be read is FORMERR, what fails in us is SERVFAIL.
 */
export const respond = (query: Buffer, transport: 'udp' | 'tcp', answerer: Answerer): Buffer | undefined => {
  if (query.length < 2 || (query.length > 2 && query.readUInt8(2) >= 0x80)) return undefined;
  const refuse = (rcode: Rcode): Buffer => write(query, { rcode }, TCP_BYTES);
  if (query.length < HEADER_BYTES) return refuse('FORMERR');
  if ((query.readUInt8(2) & 0x78) !== 0) return refuse('NOTIMP');
  let question: Question;
  let opts: OptAnswer[];
  try {
    // dns-packet reads the whole message, so a broken section anywhere is refused here.
    const packet = decode(query);
    opts = (packet.additionals ?? []).filter((record) => record.type === 'OPT');
    if (packet.questions?.length !== 1 || opts.length > 1) return refuse('FORMERR');
    question = readQuestion(query);
  } catch {
    return refuse('FORMERR');
  }
  const edns = opts.length === 1;
  const accepted = edns
    ? Math.min(Math.max(opts[0]!.udpPayloadSize, UDP_PLAIN_BYTES), UDP_EDNS_BYTES)
    : UDP_PLAIN_BYTES;
  const maxBytes = transport === 'tcp' ? TCP_BYTES : accepted;
  if (edns && opts[0]!.ednsVersion > 0) return write(query, { rcode: 'BADVERS', question, edns }, maxBytes);
  try {
    return write(query, { ...resolve(question, answerer), edns }, maxBytes);
  } catch {
    return write(query, { rcode: 'SERVFAIL', question, edns }, maxBytes);
  }
};
