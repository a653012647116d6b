import { crc32, deflateRawSync } from 'node:zlib';

/** 1 January 1980, the oldest that a zip can say: the same files give the same bytes whenever they are packed. */
const DATE = 0x0021;
/** Version 2.0 of the format knows deflate. */
const VERSION = 20;
const DEFLATED = 8;
/** Names are in UTF-8. */
const UTF8 = 0x0800;
/** A plain file that its owner may write and everybody read, as Unix says it in the upper half of the attributes. */
const ATTRIBUTES = (0o100644 * 0x10000) >>> 0;
const MADE_BY_UNIX = 3 << 8;

/** Little-endian numbers of two or four bytes, one after the other. */
const numbers = (...fields: [bytes: 2 | 4, value: number][]): Buffer =>
  Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );

type Packed = { head: Buffer; name: Buffer; body: Buffer };

const packed = (path: string, content: Buffer): Packed => {
  const name = Buffer.from(path);
  const body = deflateRawSync(content, { level: 9 });
  const head = numbers(
    ...(
      [
        [2, VERSION],
        [2, UTF8],
        [2, DEFLATED],
        [2, 0],
        [2, DATE],
        [4, crc32(content)],
        [4, body.length],
        [4, content.length],
        [2, name.length],
        [2, 0],
      ] as const
    ).map(([bytes, value]): [2 | 4, number] => [bytes, value]),
  );
  return { head, name, body };
};

/** A zip of these files, by their paths with `/`. The same files give the same bytes. For less than 4 GB and 65,535 files. */
export const zipOf = (files: ReadonlyMap<string, Buffer>): Buffer => {
  const written: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [path, content] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const { head, name, body } = packed(path, content);
    const local = [numbers([4, 0x04034b50]), head, name, body];
    directory.push(
      numbers([4, 0x02014b50], [2, MADE_BY_UNIX | VERSION]),
      head,
      // No comment, the first disk, no attributes of DOS; those of Unix; where the file begins.
      numbers([2, 0], [2, 0], [2, 0], [4, ATTRIBUTES], [4, at]),
      name,
    );
    written.push(...local);
    at += local.reduce((sum, part) => sum + part.length, 0);
  }
  const listed = Buffer.concat(directory);
  const end = numbers(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, files.size],
    [2, files.size],
    [4, listed.length],
    [4, at],
    [2, 0],
  );
  return Buffer.concat([...written, listed, end]);
};
