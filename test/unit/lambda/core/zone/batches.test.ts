import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batches } from '../../../../../lambda/core/zone/batches.ts';
import type { Change, RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { changeZone, createZone } from '../../../../../local/zone.ts';

/** `count` items, each of which creates these records under a name of its own. */
const items = (count: number, ...records: Partial<RecordSet>[]): { changes: Change[] }[] =>
  Array.from({ length: count }, (_, index) => ({
    changes: records.map(
      (fields): Change => ({
        action: 'CREATE',
        record: { name: `s${index}.example.com`, type: 'A', ttlSeconds: 60, values: [], ...fields },
      }),
    ),
  }));

const accepts = (batch: { changes: Change[] }[]): boolean => {
  const changes = batch.flatMap((item) => item.changes);
  return !('refusal' in changeZone(createZone('example.com'), { changes }, { now: 0, insyncAfterMs: 0 }));
};

const alias = { zoneId: 'Z2FDTNDATAQYW2', name: 'd1.cloudfront.net', evaluateTargetHealth: false };
const { ttlSeconds: _, ...timeless } = { ttlSeconds: undefined };
const text = (length: number) => `"${'x'.repeat(length - 2)}"`;

test('a batch takes exactly as much as Route 53 takes', () => {
  const table: [what: string, all: { changes: Change[] }[], sizes: number[]][] = [
    ['1,000 values', items(1001, { values: ['192.0.2.1'] }), [1000, 1]],
    ['values of a set count each', items(334, { values: ['192.0.2.1', '192.0.2.2', '192.0.2.3'] }), [333, 1]],
    ['32,000 characters', items(161, { type: 'TXT', values: [text(200)] }), [160, 1]],
  ];
  for (const [what, all, sizes] of table) {
    const made = [...batches(all)];
    assert.deepEqual(
      made.map((batch) => batch.length),
      sizes,
      what,
    );
    assert.ok(made.every(accepts), what);
    const [first = [], second = []] = made;
    assert.ok(!accepts([...first, ...second.slice(0, 1)]), `${what}: one more is refused`);
  }
});

test('an alias counts as one value', () => {
  const all = items(1001).map((item, index) => ({
    changes: [
      {
        action: 'CREATE' as const,
        record: { name: `s${index}.example.com`, type: 'A', values: [], alias, ...timeless },
      },
      ...item.changes,
    ],
  }));
  assert.deepEqual(
    [...batches(all)].map((batch) => batch.length),
    [1000, 1],
  );
});

test('a site that is larger than a batch goes alone, and order is kept', () => {
  const big = { changes: items(1, { values: Array.from({ length: 1001 }, () => '192.0.2.1') })[0]!.changes };
  const [small] = items(1, { values: ['192.0.2.1'] });
  assert.deepEqual([...batches([small!, big, small!])], [[small], [big], [small]]);
});
