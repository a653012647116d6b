import assert from 'node:assert/strict';
import { crc32, inflateRawSync } from 'node:zlib';

/** The files of a zip, read as unpackers do: from the directory at its end, each compared with its own head, sizes and sum. */
export const filesInZip = (zip: Buffer): Map<string, Buffer> => {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  assert.equal(zip.length - end, 22, 'the end is at the end');
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    assert.equal(zip.readUInt32LE(at), 0x02014b50);
    const [method, sum] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 16)];
    const [packed, size, nameBytes] = [
      zip.readUInt32LE(at + 20),
      zip.readUInt32LE(at + 24),
      zip.readUInt16LE(at + 28),
    ];
    assert.equal(zip.readUInt32LE(at + 38) >>> 16, 0o100644, 'whoever unpacks it may read it');
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    const local = zip.readUInt32LE(at + 42);
    assert.equal(zip.readUInt32LE(local), 0x04034b50);
    assert.deepEqual(zip.subarray(local + 4, local + 30), zip.subarray(at + 6, at + 32));
    const from = local + 30 + nameBytes + zip.readUInt16LE(local + 28);
    assert.equal(method, 8);
    const content = inflateRawSync(zip.subarray(from, from + packed));
    assert.deepEqual([content.length, crc32(content)], [size, sum], name);
    files.set(name, content);
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  assert.equal(at, end, 'the directory ends where the end begins');
  return files;
};
