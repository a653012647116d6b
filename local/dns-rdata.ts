import { encode } from 'dns-packet';
import { parseSvcb, svcbParam } from './svcb.ts';
import { fieldsOf, parseTxt } from './zone-values.ts';

/** Numbers of the record types that a zone can hold, of HINFO (the answer to ANY) and of ANY itself. */
export const TYPE_NUMBERS = {
  ...{
    A: 1,
    NS: 2,
    CNAME: 5,
    SOA: 6,
    PTR: 12,
    HINFO: 13,
    MX: 15,
    TXT: 16,
    AAAA: 28,
    SRV: 33,
    SVCB: 64,
    HTTPS: 65,
    ANY: 255,
    CAA: 257,
  },
} as const;

/** A type's mnemonic, or `TYPE52` for those that no zone of ours can hold (RFC 3597). */
export const typeName = (number: number): string =>
  Object.entries(TYPE_NUMBERS).find(([, known]) => known === number)?.[0] ?? `TYPE${number}`;

/** A name in wire form, uncompressed. Octal escapes (`\052`) become their bytes; a trailing dot is optional. */
export const encodeName = (name: string): Buffer => {
  const labels = name
    .replace(/\.$/, '')
    .split('.')
    .filter((label) => label !== '');
  const parts = labels.map((label) => {
    const bytes = (label.match(/\\[0-3][0-7]{2}|./g) ?? []).map((part) =>
      part.length === 4 ? Number.parseInt(part.slice(1), 8) : part.charCodeAt(0),
    );
    return [bytes.length, ...bytes];
  });
  return Buffer.from([...parts.flat(), 0]);
};

const text = (bytes: Uint8Array): Buffer => Buffer.from([bytes.length, ...bytes]);

const strings = (value: string): Uint8Array[] => {
  const parsed = parseTxt(value);
  if ('problem' in parsed) throw new Error(`Expected quoted strings, received ${value}: ${parsed.problem}`);
  return parsed.strings;
};

const number = (size: 1 | 2 | 4) => (field: string) => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(Number(field), 0, size);
  return bytes;
};

/** An address by way of dns-packet: past the header, the root name, type, class, TTL and length. */
const address = (type: 'A' | 'AAAA') => (field: string) =>
  encode({ type: 'response', answers: [{ name: '.', type, data: field }] }).subarray(12 + 11);

const u16 = number(2);
const u32 = number(4);

/** How each field of a value is written, for the types whose values have a fixed number of fields. */
const FIELD_WRITERS: Record<string, ((field: string) => Buffer)[]> = {
  A: [address('A')],
  AAAA: [address('AAAA')],
  CNAME: [encodeName],
  NS: [encodeName],
  PTR: [encodeName],
  MX: [u16, encodeName],
  SRV: [u16, u16, u16, encodeName],
  SOA: [encodeName, encodeName, u32, u32, u32, u32, u32],
  CAA: [number(1), (tag) => text(Buffer.from(tag)), (value) => Buffer.concat(strings(value))],
};

const svcb = (value: string): Buffer => {
  const parsed = parseSvcb(value);
  if (parsed === undefined) throw new Error(`Expected a value of type SVCB, received ${value}`);
  const { priority, target, params } = parsed;
  const written = params.map((param) =>
    svcbParam(param, (text) => address(text.includes(':') ? 'AAAA' : 'A')(text)),
  );
  return Buffer.concat([u16(String(priority)), encodeName(target), ...written]);
};

/** The RDATA of a value in presentation form. Throws on a value that a zone would have refused. */
export const encodeRdata = (type: string, value: string): Buffer => {
  if (type === 'TXT' || type === 'HINFO') return Buffer.concat(strings(value).map(text));
  if (type === 'HTTPS' || type === 'SVCB') return svcb(value);
  const fields = fieldsOf(value);
  const writers = FIELD_WRITERS[type] ?? [];
  if (writers.length === 0 || fields.length !== writers.length) {
    throw new Error(`Expected a value of type ${type} with ${writers.length} fields, received ${value}`);
  }
  return Buffer.concat(writers.map((write, index) => write(fields[index]!)));
};
