import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normaliseName } from '../../../lambda/core/zone/records.ts';
import { parseChangeBatch, recordContent, toDocument } from '../../../local/route53-xml.ts';
import type { ZoneRecord } from '../../../local/zone-records.ts';

/** Text that XML can hold: no control characters but tab and line breaks, and no halves of pairs. */
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter(
  (value) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what XML cannot hold.
    !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u.test(value),
);
const name = fc.stringMatching(/^[a-z0-9_*-]{1,20}(\.[a-z0-9_-]{1,20}){1,3}$/).map(normaliseName);

const anyRecord: fc.Arbitrary<ZoneRecord> = fc
  .record({
    name,
    type: fc.constantFrom('A', 'TXT', 'CNAME'),
    what: fc.oneof(
      fc.record({
        ttlSeconds: fc.nat(2_147_483_647),
        values: fc.array(text, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({
        values: fc.constant<string[]>([]),
        alias: fc.record(
          { zoneId: text, name, evaluateTargetHealth: fc.boolean() },
          { noNullPrototype: true },
        ),
      }),
    ),
    routing: fc.oneof(
      fc.constant({}),
      fc.record({ setIdentifier: text, weight: fc.nat(255) }),
      fc.record({ setIdentifier: text, region: text }),
      fc.record({ setIdentifier: text, failover: text, healthCheckId: text }),
      fc.record({ setIdentifier: text, multiValueAnswer: fc.boolean() }),
      fc.record({
        setIdentifier: text,
        geoLocation: fc.record({ CountryCode: text, SubdivisionCode: text }, { noNullPrototype: true }),
      }),
    ),
  })
  .map(({ what, routing, ...record }) => ({ ...record, ...what, ...routing }));

test('whatever a record set holds, it is read out of XML as it was written', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 3 }), text, (records, comment) => {
      const body = toDocument('ChangeResourceRecordSetsRequest', {
        ChangeBatch: {
          Comment: comment,
          Changes: {
            Change: records.map((record) => ({ Action: 'CREATE', ResourceRecordSet: recordContent(record) })),
          },
        },
      });
      const read = parseChangeBatch(body);
      assert.equal(read.comment, comment);
      assert.deepEqual(
        read.changes.map(({ record }) => record),
        records,
      );
    }),
  );
});
