import {
  constants,
  createBrotliDecompress,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';
import { MAX_BODY_BYTES, MAX_ZSTD_FRAMES } from '../core/probe/bounds.ts';
import {
  type Coding,
  gzipDataAt,
  hasZlibHeader,
  isZstdFrame,
  withSmallWindow,
  zstdFrameAt,
} from '../core/probe/codings.ts';
import { type Attempt, onBreakOff } from './attempt.ts';

/** The beginning of a body; `cut` if there was, or could have been, more. */
export type Bytes = { bytes: Buffer; cut: boolean };

/** Whether its decoder takes megabytes of memory, and the time to fill them. */
export const hasWindow = (coding: Coding): boolean => coding === 'br' || coding === 'zstd';

/** Into how many pieces a body that did not unpack at once is cut, so that what comes before its fault is not lost. */
const PIECES = 32;

/** A body with a window is unpacked so many bytes at a time, to be stopped in between: the dearest that is known takes 7 ms for them. */
const BOUNDED_BYTES = 8_192;

/** What a decoder is asked between two pieces, and how many frames of zstd are still read. */
type Bound = { isTooSlow: TooSlow; framesLeft?: number };

/** `taken`: bytes that the decoder has got so far; `given`: those that came out of it. */
export type TooSlow = (taken: number, given: number) => boolean;

const UNBOUNDED: Bound = { isTooSlow: () => false };

/** One coding undone, of which at most `MAX_BODY_BYTES` come out; undefined where nothing does. */
export const undo = async (
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
