import { isIPv4, isIPv6 } from 'node:net';

/** Parameters of SVCB and HTTPS records by their numbers (RFC 9460, 14.3.2). */
const KEYS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint'];
const LARGEST = 65_535;

/** A parameter as it is written: its number, and its value without quotes; none where there is no `=`. */
type Written = { key: number; text?: string };

/** A value of a SVCB or HTTPS record in its parts. */
export type Svcb = { priority: number; target: string; params: Written[] };

const keyNumber = (name: string): number | undefined => {
  const [, digits] = /^key(0|[1-9]\d{0,4})$/.exec(name) ?? [];
  const number = digits === undefined ? KEYS.indexOf(name) : Number(digits);
  return number >= 0 && number < LARGEST ? number : undefined;
};

const read = (param: string): Written | undefined => {
  const [, name = '', quoted, plain] = /^([a-z0-9-]+)(?:=(?:"([^"\\]*)"|([^"\s\\]*)))?$/.exec(param) ?? [];
  const key = keyNumber(name);
  const text = quoted ?? plain;
  return key === undefined ? undefined : { key, ...(text !== undefined && { text }) };
};

const listed = (text = ''): string[] => text.split(',');

/** Whether a parameter has a value that its key allows. Those of keys without a meaning here are taken as they are. */
const isAllowed = ({ key, text }: Written): boolean => {
  switch (KEYS[key]) {
    case 'mandatory':
      return listed(text).every((name) => (keyNumber(name) ?? 0) > 0);
    case 'alpn':
      return listed(text).every((id) => id.length > 0 && id.length <= 255);
    case 'no-default-alpn':
      return text === undefined;
    case 'port':
      return /^\d{1,5}$/.test(text ?? '') && Number(text) <= LARGEST;
    case 'ipv4hint':
      return listed(text).every((one) => isIPv4(one));
    case 'ipv6hint':
      return listed(text).every((one) => isIPv6(one) && !one.includes('%'));
    case 'ech':
      return /^[A-Za-z0-9+/]+={0,2}$/.test(text ?? '');
    default:
      return true;
  }
};

/** The parts of a value such as `1 . alpn="h2,h3" ipv4hint="192.0.2.1"`; undefined where RFC 9460 does not allow it. */
export const parseSvcb = (value: string): Svcb | undefined => {
  const [, priority = '', target = '', rest = ''] = /^(\d{1,5})\s+(\S+)((?:\s+\S.*)?)$/.exec(value) ?? [];
  const written = rest.match(/(?:"[^"]*"|\S)+/g) ?? [];
  const params = written.map(read);
  if (target === '' || Number(priority) > LARGEST) return undefined;
  if (!params.every((param) => param !== undefined && isAllowed(param))) return undefined;
  const known = params as Written[];
  const keys = new Set(known.map(({ key }) => key));
  const isAlias = Number(priority) === 0;
  if (keys.size !== known.length || (isAlias && keys.size > 0)) return undefined;
  return { priority: Number(priority), target, params: known.sort((a, b) => a.key - b.key) };
};

const u16 = (number: number): Buffer => Buffer.from([number >> 8, number & 255]);

/** The bytes of a parameter's value. `address` writes one in wire form. */
export const svcbParam = ({ key, text = '' }: Written, address: (text: string) => Buffer): Buffer => {
  const parts = (): Buffer[] => {
    switch (KEYS[key]) {
      case 'mandatory':
        return listed(text)
          .map((name) => keyNumber(name) ?? 0)
          .sort((a, b) => a - b)
          .map(u16);
      case 'alpn':
        return listed(text).map((id) => Buffer.from([id.length, ...Buffer.from(id)]));
      case 'port':
        return [u16(Number(text))];
      case 'ipv4hint':
      case 'ipv6hint':
        return listed(text).map(address);
      case 'ech':
        return [Buffer.from(text, 'base64')];
      default:
        return [Buffer.from(text)];
    }
  };
  const bytes = Buffer.concat(parts());
  return Buffer.concat([u16(key), u16(bytes.length), bytes]);
};
