import { createContext, Script } from 'node:vm';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type Finding, OUTCOMES, printable } from '../core/outcome.ts';
import type { ProbeRequest } from '../core/probe.ts';
import { type Course, onBreakOff } from './course.ts';

/**
 * How much of a body is read, and how much of it decompressed: twelve times what Route 53 looks at, more than most pages
 * carry before their end, and little enough for some hundred probes at once in the smallest prober.
 */
export const MAX_BODY_BYTES = 65_536;

/** Time for one pattern on one body, milliseconds. `\s+$` alone takes seconds on a body of blanks, and meanwhile all probes wait. */
const MATCH_MS = 250;

/** What was received: at most `MAX_BODY_BYTES`; `cut` if there was, or could have been, more. */
export type Body = { bytes: Buffer; cut: boolean; encoding: string };

/** What is wrong with the body, if anything. */
export const bodyFinding = async (
  request: ProbeRequest,
  received: Body,
  course: Course,
): Promise<Finding | undefined> => {
  const { bodyIncludes, bodyMatches } = request;
  if (bodyIncludes === undefined && bodyMatches === undefined) return undefined;
  const decoded = await decode(received, course);
  if ('code' in decoded) return decoded;
  const text = decoded.bytes.toString('utf8');
  const where = decoded.cut ? ` within the first ${MAX_BODY_BYTES.toLocaleString('en')} bytes` : '';
  const lacks = (what: string): Finding => ({
    code: 'body',
    detail: `expected the body to ${printable(what, 60)}${where}, received ${printable(JSON.stringify(text.slice(0, 60)), 70)}`,
  });
  if (bodyIncludes !== undefined && !text.includes(bodyIncludes)) {
    return lacks(`include ${JSON.stringify(bodyIncludes)}`);
  }
  if (bodyMatches === undefined) return undefined;
  const matched = matches(bodyMatches, text);
  if (matched === undefined) return { code: 'body-pattern', detail: OUTCOMES['body-pattern'][1] };
  return matched ? undefined : lacks(`match /${bodyMatches}/u`);
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

const script = new Script('new RegExp(pattern, "u").test(text)');

/** Whether the pattern matches; undefined when that took too long. A regular expression can be stopped only from outside. */
const matches = (pattern: string, text: string): boolean | undefined => {
  try {
    return script.runInContext(createContext({ pattern, text }), { timeout: MATCH_MS });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
};
