import type { Headers } from './blocked.ts';
import { fault } from './bounds.ts';

/** Status and headers of an answer. */
export type Head = { status: number; headers: Headers };

/** How the body that follows a head ends. */
export type Framing = { kind: 'nothing' | 'chunked' | 'until-end' } | { kind: 'length'; bytes: number };

/** The version may be anything, or missing; blanks or tabs before the number, and no blank behind it is needed. */
const STATUS_LINE = /^http(?:\/(?<version>\d\.\d)?\S*)?[ \t]+(?<status>\d{1,9})/i;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const isBlank = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t';

/**
 * Without the blanks, as HTTP knows them, at both ends; `trim` would take others too. Each character is looked at once: a pattern
 * for the end begins anew at each blank in the middle, and a header of nothing but blanks would take minutes.
 */
export const withoutBlanks = (text: string): string => {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text, start)) start += 1;
  while (end > start && isBlank(text, end - 1)) end -= 1;
  return text.slice(start, end);
};

/** Headers that mean two things when they come twice with different values (what Chromium refuses). */
export const ONCE = ['location', 'content-disposition'] as const;

/**
 * The head in this text, from `HTTP` to before its empty line: what browsers read in it. Lines end with LF, CR LF or CR; a line that
 * begins with a blank goes on with the one before; a line without a name that is a token is left out.
 */
export const headIn = (text: string): Head & { isHttp11: boolean } => {
  if (text.includes('\0')) throw fault('MALFORMED', 'the head holds a NUL');
  const [statusLine = '', ...lines] = text.split(/[\r\n]+/);
  const { version = '1.0', status } = STATUS_LINE.exec(statusLine)?.groups ?? {};
  if (status === undefined) throw fault('MALFORMED', `the first line has no status: ${statusLine}`);
  const headers = headersIn(lines);
  refuseTwoMeanings(headers);
  return { status: Number(status), headers, isHttp11: Number(version) >= 1.1 };
};

/** Throws at a head of which nobody could say what it means. */
export const refuseTwoMeanings = (headers: Headers): void => {
  for (const name of ONCE) {
    const values = headers[name];
    if (Array.isArray(values) && values.some((value) => value !== values[0]))
      throw fault('MALFORMED', `two values of ${name}`);
  }
};

const headersIn = (lines: string[]): Record<string, string[]> => {
  const found: { name: string; parts: string[] }[] = [];
  /** Of the line before, unless it was left out. */
  let last: string[] | undefined;
  for (const line of lines) {
    if (isBlank(line, 0)) {
      last?.push(withoutBlanks(line));
      continue;
    }
    const colon = line.indexOf(':');
    const name = withoutBlanks(line.slice(0, colon)).toLowerCase();
    last = undefined;
    if (colon === -1 || !TOKEN.test(name)) continue;
    last = [withoutBlanks(line.slice(colon + 1))];
    found.push({ name, parts: last });
  }
  const headers: Record<string, string[]> = Object.create(null);
  for (const { name, parts } of found) {
    const values = headers[name] ?? [];
    values.push(parts.filter((part) => part !== '').join(' '));
    headers[name] = values;
  }
  return headers;
};

/** All values of a header, as if they were in one line and then parted at its commas. */
export const listOf = (headers: Headers, name: string): string[] =>
  [headers[name] ?? []].flat().flatMap((value) => value.split(',').map(withoutBlanks));

/** Statuses whose answers have no body, whatever their headers say. 205 is one to browsers. */
const WITHOUT_BODY = [204, 205, 304];

const [MAX_LENGTH, MAX_LENGTH_DIGITS] = [2n ** 63n - 1n, 19];

/** Where the body of this answer ends (RFC 9112, 6.3, as browsers read it: a length that is none says nothing). */
export const framingOf = (
  method: string,
  { status, headers, isHttp11 }: ReturnType<typeof headIn>,
): Framing => {
  if (method === 'HEAD' || WITHOUT_BODY.includes(status)) return { kind: 'nothing' };
  const isChunked = listOf(headers, 'transfer-encoding').some((coding) => coding.toLowerCase() === 'chunked');
  if (isChunked && isHttp11) return { kind: 'chunked' };
  const lengths = new Set(listOf(headers, 'content-length'));
  if (lengths.size > 1) throw fault('MALFORMED', 'two values of content-length');
  const [length = ''] = lengths;
  // Chromium reads 64 bits; a number that has more says nothing. No body has as many bytes as JavaScript counts.
  const digits = length.replace(/^0+/, '');
  const isNumber = /^\d+$/.test(length) && digits.length <= MAX_LENGTH_DIGITS && BigInt(digits) <= MAX_LENGTH;
  return isNumber ? { kind: 'length', bytes: Number(length) } : { kind: 'until-end' };
};

/** The value of a header for people: its bytes were taken one by one, and most servers that send others than ASCII mean UTF-8. */
export const legible = (value: string): string => {
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? value : text;
};
