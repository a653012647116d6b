/** Why an answer of the application cannot be passed on. */
export class UpstreamFault extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** How the body of an answer ends (RFC 9112, 6.3). */
export type Framing =
  | { by: 'nothing' }
  | { by: 'length'; bytes: number }
  | { by: 'chunks' }
  | { by: 'close' };

/** Status, reason and headers of an answer, of which all can be written as HTTP/1.1 again. */
export type UpstreamHead = { status: number; reason: string; headers: [name: string, value: string][] };

/** What Chromium takes; docs/dual.md says what is not taken though browsers do. */
export const MAX_HEAD_BYTES = 262_144;

/** As far as Chromium looks for the beginning of an answer behind blanks, line ends or other bytes. */
const START = /^.{0,4}?(HTTP\/\d+(?:\.\d+)?)[ \t]+(\d+)(?:[ \t]+([^\n]*))?(?:\n|$)/s;

const LINE_ENDS_FIRST = 8;
const isLineEnd = (byte: number | undefined): boolean => byte === 0x0d || byte === 0x0a;

/**
 * Where a head ends: behind its first empty line. `undefined` while it is not there. `from` is where to begin, so that a head
 * in many pieces is not searched again with each.
 */
export const headEnd = (bytes: Buffer, from: number): number | undefined => {
  // An empty line before the status line ends nothing, nor does a second one.
  let start = 0;
  while (start < LINE_ENDS_FIRST && isLineEnd(bytes[start])) start += 1;
  for (let at = bytes.indexOf(0x0a, Math.max(start, from)); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return undefined;
};

/**
 * Reads a head as browsers do: folded lines are joined, a bare line feed ends a line, a line that is no header is passed over.
 * Throws `UpstreamFault` for what browsers refuse, and for what cannot be written as HTTP/1.1 again.
 */
export const headIn = (bytes: Buffer): UpstreamHead => {
  const lines = bytes.toString('latin1').split('\n');
  const text = lines
    .map((line) => withoutLast(line, '\r'))
    .join('\n')
    .replace(/^\n+/, '');
  const [line, , code, reason = ''] = START.exec(text) ?? [];
  if (line === undefined || code === undefined)
    throw new UpstreamFault('status-line', 'its answer does not begin with a status line of HTTP');
  const status = Number(code);
  // Three digits are all that HTTP/1.1 has, and 101 and its like are dealt with before.
  if (!/^[1-9]\d\d$/.test(code))
    throw new UpstreamFault('status', `its status is ${code.slice(0, 20)}, which is none of HTTP`);
  if (text.includes('\0')) throw new UpstreamFault('nul', 'the head of its answer has a byte of zero');
  const headers = text
    .slice(line.length)
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')
    .flatMap(headerIn);
  return { status, reason: writable(reason), headers };
};

/** A header, or nothing for a line that is none: without a colon, or with a name that is no token. */
const headerIn = (line: string): [name: string, value: string][] => {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trim();
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name) ? [[name, writable(line.slice(colon + 1))]] : [];
};

/** Without what no header may have: each control byte becomes a blank. */
const writable = (value: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is looked for
  withoutLast(value.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, ' '), ' \t').replace(/^[ \t]+/, '');

/** Without these characters at its end. By hand: a pattern takes the square of the time where they stand in the middle. */
const withoutLast = (text: string, characters: string): string => {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
};

const valuesOf = ({ headers }: UpstreamHead, wanted: string): string[] =>
  headers
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, value]) => value.split(','))
    .map((value) => value.trim());

/** What RFC 9112 (7.2) has beside chunks. Browsers undo none of them, and nor does the gate: nobody asked for them (`TE`). */
const UNDONE_BY_NOBODY = ['gzip', 'x-gzip', 'deflate', 'compress', 'x-compress'];

/**
 * How the body ends. As in browsers chunks win over a length, a length that is no number is none, and the same length
 * twice is one. Throws `UpstreamFault` for two lengths, and for a body that is packed for this one connection.
 */
export const framingOf = (head: UpstreamHead, method: string): Framing => {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return { by: 'nothing' };
  const codings = valuesOf(head, 'transfer-encoding').map((coding) =>
    coding.split(';')[0]?.trim().toLowerCase(),
  );
  const packed = codings.find((coding) => UNDONE_BY_NOBODY.includes(coding ?? ''));
  if (packed !== undefined)
    throw new UpstreamFault(
      'coding',
      `its answer has the Transfer-Encoding ${packed}, which it was not asked for`,
    );
  if (codings.includes('chunked')) return { by: 'chunks' };
  const length = lengthOf(head);
  return length === undefined ? { by: 'close' } : { by: 'length', bytes: length };
};

/** The length that an answer states, if it is one. */
export const lengthOf = (head: UpstreamHead): number | undefined => {
  const lengths = [
    ...new Set(
      valuesOf(head, 'content-length').map((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN)),
    ),
  ];
  if (lengths.length > 1) throw new UpstreamFault('two-lengths', 'its answer states two lengths');
  const [length] = lengths;
  return Number.isSafeInteger(length) ? length : undefined;
};
