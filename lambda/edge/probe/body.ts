import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { blockedByBody } from '../../core/blocked.ts';
import { valueAt } from '../../core/json-pointer.ts';
import { type Finding, OUTCOMES, printable, withoutSecrets } from '../../core/outcome.ts';
import type { JsonRule, ProbeRequest } from '../../core/probe.ts';
import { type Course, onBreakOff } from './course.ts';
import { matches, type Patience, patternFinding } from './pattern.ts';

/**
 * How much of a body is read, and how much of it decompressed: twelve times what Route 53 looks at, more than most pages
 * carry before their end, and little enough for some hundred probes at once in the smallest prober.
 */
export const MAX_BODY_BYTES = 65_536;

/** What was received: at most `MAX_BODY_BYTES`; `cut` if there was, or could have been, more. */
export type Body = { bytes: Buffer; cut: boolean; encoding: string };

/** Whether anything is to be found in the body; otherwise it is read to its end and not kept. */
export const looksAtBody = ({ bodyIncludes, bodyExcludes, bodyMatches, bodyJson }: ProbeRequest): boolean =>
  [bodyIncludes, bodyExcludes, bodyMatches, bodyJson].some((rule) => rule !== undefined);

/** What is wrong with the body, if anything. */
export const bodyFinding = async (
  request: ProbeRequest,
  received: Body,
  course: Course,
  patience: Patience,
): Promise<Finding | undefined> => {
  if (!looksAtBody(request)) return undefined;
  const decoded = await decode(received, course);
  if ('code' in decoded) return decoded;
  const text = decoded.bytes.toString('utf8');
  const unmet = unmetRule(request, text, decoded.cut, patience);
  if (unmet === undefined || typeof unmet === 'object') return unmet;
  const start = withoutSecrets(text, request).slice(0, 60);
  const where = decoded.cut ? ` within the first ${MAX_BODY_BYTES.toLocaleString('en')} bytes` : '';
  const detail = `expected the body to ${unmet}${where}, received ${printable(JSON.stringify(start), 70)}`;
  return blockedByBody(request, text) ?? { code: 'body', detail };
};

/** The first rule that does not hold, as what the body should have done, or what kept it from being judged. */
const unmetRule = (
  request: ProbeRequest,
  text: string,
  cut: boolean,
  patience: Patience,
): string | Finding | undefined => {
  const { bodyIncludes, bodyExcludes, bodyMatches, bodyJson } = request;
  if (bodyIncludes !== undefined && !text.includes(bodyIncludes)) return `include ${quoted(bodyIncludes)}`;
  if (bodyExcludes !== undefined && text.includes(bodyExcludes)) return `lack ${quoted(bodyExcludes)}`;
  if (bodyJson !== undefined) {
    const unmet = unmetJson(bodyJson, text, cut, request);
    if (unmet !== undefined) return unmet;
  }
  if (bodyMatches === undefined) return undefined;
  const matched = matches(bodyMatches, text, patience);
  if (matched === undefined) return patternFinding(bodyMatches);
  return matched ? undefined : `match /${printable(bodyMatches, 48)}/u`;
};

const quoted = (text: string): string => printable(JSON.stringify(text), 50);

const unmetJson = (
  { pointer, equals }: JsonRule,
  text: string,
  cut: boolean,
  request: ProbeRequest,
): string | undefined => {
  if (cut) return 'be JSON and end';
  const at = pointer === '' ? '' : ` at ${printable(pointer, 30)}`;
  const wanted = `${printable(JSON.stringify(equals), 30)}${at}`;
  let document: unknown;
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return `be JSON with ${wanted}`;
  }
  const value = valueAt(document, pointer);
  return value === equals
    ? undefined
    : `hold ${wanted}, not ${withoutSecrets(kindOf(value), request).slice(0, 40)}`;
};

/** A JSON value in a few words; what is in a list or an object may be too deep to be written down. */
const kindOf = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
};

/** Servers are asked not to compress; those that do it all the same are read like a browser would, up to the same bound. */
const decode = async (received: Body, course: Course): Promise<Pick<Body, 'bytes' | 'cut'> | Finding> => {
  if (received.encoding === '' || received.encoding === 'identity') return received;
  const decoder = decoderOf(received.encoding);
  if (decoder === undefined) {
    return { code: 'body-coding', detail: `${OUTCOMES['body-coding'][1]}: ${received.encoding}` };
  }
  try {
    const bytes = await prefixOf(decoder, received.bytes, course);
    return { bytes, cut: received.cut || bytes.length === MAX_BODY_BYTES };
  } catch (error) {
    if (course.brokenOff !== undefined) throw error;
    return { code: 'body-garbled', detail: `${OUTCOMES['body-garbled'][1]} (${received.encoding})` };
  }
};

/** The flush modes make a decoder give what it has when its input was cut. */
const decoderOf = (encoding: string) => {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    case 'deflate':
      return createInflate({ finishFlush: constants.Z_SYNC_FLUSH });
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return undefined;
  }
};

const prefixOf = (
  decoder: NonNullable<ReturnType<typeof decoderOf>>,
  bytes: Buffer,
  course: Course,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => resolve(Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES));
    decoder.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < MAX_BODY_BYTES) return;
      finish();
      decoder.destroy();
    });
    decoder.once('end', finish);
    decoder.once('error', reject);
    decoder.once('close', () => reject(new Error('closed')));
    onBreakOff(course, () => decoder.destroy());
    decoder.end(bytes);
  });
