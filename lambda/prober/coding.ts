import {
  constants,
  createBrotliDecompress,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import type { Headers } from '../core/probe/blocked.ts';
import { MAX_BODY_BYTES, MAX_CODINGS, MAX_WINDOW_CODINGS, MAX_ZSTD_FRAMES } from '../core/probe/bounds.ts';
import {
  type Coding,
  codingsOf,
  gzipDataAt,
  hasZlibHeader,
  isForHttpsAlone,
  isZstdFrame,
  misnamedCoding,
  withSmallWindow,
  zstdFrameAt,
} from '../core/probe/codings.ts';
import { type Finding, OUTCOMES } from '../core/probe/outcome.ts';
import { type Attempt, onBreakOff } from './attempt.ts';
import type { PatternBudget } from './pattern.ts';
import type { Stalls } from './stalls.ts';

/** The beginning of a body; `cut` if there was, or could have been, more. */
export type Bytes = { bytes: Buffer; cut: boolean };

/** Where nobody else is probed. */
const NOBODY: Pick<Stalls, 'follow'> = { follow: () => () => {} };

/**
 * A body as it was before the server compressed it, of which at most `MAX_BODY_BYTES` are unpacked. Servers are asked not to compress;
 * those that do it all the same are read as a browser reads them: what comes before a fault counts, if there is anything.
 */
export const unpacked = async (
  received: Bytes & { url: URL; headers: Headers },
  attempt: Attempt,
  budget: PatternBudget,
  stalls: Pick<Stalls, 'follow'> = NOBODY,
): Promise<Bytes | Finding> => {
  if (received.bytes.length === 0) return received;
  const misnamed = misnamedCoding(received.headers);
  if (misnamed !== undefined) {
    return {
      code: 'body-garbled',
      detail: `${OUTCOMES['body-garbled'][1]}: ${misnamed} is no name of a coding`,
    };
  }
  const codings = codingsOf(received.headers);
  const foreign = received.url.protocol === 'https:' ? undefined : codings.find(isForHttpsAlone);
  if (foreign !== undefined) {
    return { code: 'body-coding', detail: `${OUTCOMES['body-coding'][1]}: ${foreign} over http` };
  }
  if (codings.length > MAX_CODINGS) {
    return {
      code: 'body-garbled',
      detail: `${OUTCOMES['body-garbled'][1]}: it has ${codings.length} codings`,
    };
  }
  const windows = codings.filter(hasWindow).length;
  if (windows > MAX_WINDOW_CODINGS) {
    return {
      code: 'body-garbled',
      detail: `${OUTCOMES['body-garbled'][1]}: ${windows} of its codings are brotli or zstd`,
    };
  }
  let current: Bytes = received;
  for (const coding of codings) {
    const next = await unpackedOnce(coding, current, attempt, { budget, stalls });
    if (attempt.brokenOff !== undefined) throw new Error('broken off');
    if (next === 'too slow') {
      return { code: 'body-pattern', detail: `${OUTCOMES['body-pattern'][1]}: ${coding}` };
    }
    if (next === 'too dear') {
      return { code: 'body-garbled', detail: `${OUTCOMES['body-garbled'][1]} (${coding} that is too dear)` };
    }
    if (next === undefined) {
      return { code: 'body-garbled', detail: `${OUTCOMES['body-garbled'][1]} (${coding})` };
    }
    current = next;
  }
  return current;
};

/** Whether its decoder takes megabytes of memory, and the time to fill them. */
const hasWindow = (coding: Coding): boolean => coding === 'br' || coding === 'zstd';

/**
 * A body unpacked; nothing if it cannot be. One that takes more than any page is `too dear`, which is its server's fault: measured while there
 * was time, or it is twice as long as what comes out of it, as no page is. Else it is `too slow`: others may have taken the time.
 */
type Undone = Bytes | undefined | 'too slow' | 'too dear';

/**
 * One coding undone. Those with large windows wait for each other, and each may take so much: CPU and not time, of which a prober that is
 * held back needs a hundred milliseconds for any page.
 */
const unpackedOnce = (
  coding: Coding,
  bytes: Bytes,
  attempt: Attempt,
  { budget, stalls }: { budget: PatternBudget; stalls: Pick<Stalls, 'follow'> },
): Promise<Undone> => {
  if (!hasWindow(coding)) return undo(coding, bytes, attempt);
  const once = async (): Promise<Undone> => {
    const before = otherThreadsMs();
    const usedMs = () => otherThreadsMs() - before;
    const mostMs = budget.unpackingCpuMs > 0 ? BODY_CPU_MS : SCARCE_BODY_CPU_MS;
    let [isTooSlow, isHollow] = [false, false];
    // On another thread, but of the same part of a core.
    const unfollow = stalls.follow(usedMs);
    const undone = await undo(coding, bytes, attempt, {
      isTooSlow: (taken, given) => {
        isTooSlow ||= bytes.bytes.length > SMALL_BYTES && usedMs() > mostMs;
        isHollow = taken > 2 * given;
        return isTooSlow;
      },
    });
    unfollow();
    budget.unpackingCpuMs -= usedMs();
    if (!isTooSlow) return undone;
    return isHollow || mostMs === BODY_CPU_MS ? 'too dear' : 'too slow';
  };
  // Other threads may just have been busy with something else, such as compiling: who is too slow has a second chance.
  return inTurn(async () => {
    const first = await once();
    return typeof first === 'string' && attempt.brokenOff === undefined ? once() : first;
  });
};

/**
 * What one body may take, milliseconds of CPU: a page takes half of one, and other threads of the process as much again at times. Those
 * that take more are charged with it themselves. Once a batch has used up its part, a body may take less, but no page is left out.
 */
const [BODY_CPU_MS, SCARCE_BODY_CPU_MS] = [20, 5];

/** What is no longer than this is never too slow: the dearest that is known takes a millisecond for so many bytes. */
const SMALL_BYTES = 1_024;

/** CPU of the threads beside this one, on which bodies are unpacked, milliseconds. Before Node 23.9 this one is not told apart. */
const otherThreadsMs = (): number => {
  const all = process.cpuUsage();
  const own = process.threadCpuUsage?.() ?? { user: 0, system: 0 };
  return (all.user + all.system - own.user - own.system) / 1_000;
};

/** The unpacking with a large window that was asked for last. */
let last: Promise<unknown> = Promise.resolve();

/** One after the other: a batch of large windows would take all the memory that a prober has. */
const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
  const mine = last.then(run);
  last = mine.catch(() => {});
  return mine;
};

/** Into how many pieces a body that did not unpack at once is cut, so that what comes before its fault is not lost. */
const PIECES = 32;

/** A body with a window is unpacked so many bytes at a time, to be stopped in between: the dearest that is known takes 7 ms for them. */
const BOUNDED_BYTES = 8_192;

/** What a decoder is asked between two pieces, and how many frames of zstd are still read. */
type Bound = { isTooSlow: TooSlow; framesLeft?: number };

/** `taken`: bytes that the decoder has got so far; `given`: those that came out of it. */
type TooSlow = (taken: number, given: number) => boolean;

const UNBOUNDED: Bound = { isTooSlow: () => false };

const undo = async (
  coding: Coding,
  { bytes, cut }: Bytes,
  attempt: Attempt,
  bound = UNBOUNDED,
): Promise<Bytes | undefined> => {
  const { isTooSlow, framesLeft = MAX_ZSTD_FRAMES } = bound;
  const packed = dataOf(coding, bytes);
  if (packed.length === 0 || attempt.brokenOff !== undefined) return undefined;
  const make = decoderOf(coding, packed);
  const inPieces = (bytesEach: number) => prefixOf(make(), piecesOf(packed, bytesEach), attempt, isTooSlow);
  const whole = await inPieces(hasWindow(coding) ? BOUNDED_BYTES : packed.length);
  const best =
    whole.isSound || isTooSlow(whole.taken, whole.bytes.length)
      ? whole
      : await inPieces(Math.ceil(packed.length / PIECES));
  if (best.bytes.length === 0 && !best.isSound) return undefined;
  const first = { bytes: best.bytes, cut: cut || !best.isSound || best.bytes.length === MAX_BODY_BYTES };
  const rest = dataOf('zstd', packed.subarray(whole.taken));
  if (coding !== 'zstd' || first.cut || !isZstdFrame(rest)) return first;
  if (framesLeft === 1) return { ...first, cut: true };
  const more = (await undo(coding, { bytes: rest, cut }, attempt, {
    isTooSlow,
    framesLeft: framesLeft - 1,
  })) ?? {
    bytes: Buffer.alloc(0),
    cut: true,
  };
  const all = Buffer.concat([first.bytes, more.bytes]);
  return { bytes: all.subarray(0, MAX_BODY_BYTES), cut: more.cut || all.length >= MAX_BODY_BYTES };
};

/** What the decoder gets: without what stands before the data, and with a window that costs little. */
const dataOf = (coding: Coding, bytes: Buffer): Buffer => {
  if (coding === 'gzip') return bytes.subarray(gzipDataAt(bytes) ?? bytes.length);
  if (coding === 'br') return withSmallWindow(bytes);
  return coding === 'zstd' ? bytes.subarray(zstdFrameAt(bytes)) : bytes;
};

const piecesOf = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

/** The largest window of zstd that browsers take: 8 MB (RFC 8878, 3.1.1.1.2). */
const ZSTD_WINDOW_LOG = 23;

/**
 * The flush modes make a decoder give what it has when its input was cut. Checksums and what lies behind the data are not looked at. Where
 * one decoder runs at a time it may give all at once, without waiting for its turn again and again.
 */
const decoderOf = (coding: Coding, bytes: Buffer) => {
  switch (coding) {
    case 'br':
      return () =>
        createBrotliDecompress({ chunkSize: MAX_BODY_BYTES, finishFlush: constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return () =>
        createZstdDecompress({
          chunkSize: MAX_BODY_BYTES,
          finishFlush: constants.ZSTD_e_flush,
          params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
        });
    default: {
      const inflate = coding === 'deflate' && hasZlibHeader(bytes) ? createInflate : createInflateRaw;
      return () => inflate({ finishFlush: constants.Z_SYNC_FLUSH });
    }
  }
};

type Decoder = ReturnType<ReturnType<typeof decoderOf>>;

/** What comes out of a decoder, up to the bound; sound unless it met a fault before. When it is here, the decoder's memory is free. */
const prefixOf = (
  decoder: Decoder,
  pieces: Buffer[],
  attempt: Attempt,
  isTooSlow: TooSlow,
): Promise<{ bytes: Buffer; isSound: boolean; taken: number }> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let isSound = false;
    decoder.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < MAX_BODY_BYTES) return;
      isSound = true;
      decoder.destroy();
    });
    decoder.once('end', () => {
      isSound = true;
    });
    decoder.once('error', () => {});
    decoder.once('close', () => {
      resolve({
        bytes: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES),
        isSound,
        taken: decoder.bytesWritten,
      });
    });
    onBreakOff(attempt, () => decoder.destroy());
    for (const piece of pieces)
      decoder.write(piece, () => isTooSlow(decoder.bytesWritten, size) && decoder.destroy());
    decoder.end();
  });
