/** Node's zlib, with a name for what Node 20 lacks: a module that imports a name that is not there does not even load. */
import zlib from 'node:zlib';

export * from 'node:zlib';

export const createZstdDecompress: typeof zlib.createZstdDecompress =
  zlib.createZstdDecompress ??
  (() => {
    throw new Error('this Node does not unpack zstd: 22.15 is the first that does');
  });
