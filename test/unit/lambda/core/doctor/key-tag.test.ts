import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyTag } from '../../../../../lambda/core/doctor/key-tag.ts';

/** The key that signs the root of DNS since 2018; IANA calls it by its tag, 20326. */
const ROOT_KEY = [
  '257 3 8',
  'AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlN',
  'Vz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+',
  'sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555',
  'KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=',
].join(' ');

test('a key has the tag by which its DS record names it', () => {
  assert.equal(keyTag(ROOT_KEY), 20326);
});
