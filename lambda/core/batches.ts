import type { Change } from './records.ts';

/** Route 53 takes 1,000 records and 32,000 characters of values a batch; both with a margin. */
const BATCH_RECORDS = 900;
const BATCH_CHARACTERS = 28_000;

/** The items in as few batches as the limits allow, in order; the changes of one item, a site's, are never parted. */
export function* batches<T extends { changes: Change[] }>(items: readonly T[]): Generator<T[]> {
  let batch: T[] = [];
  let records = 0;
  let characters = 0;
  for (const item of items) {
    const values = item.changes.flatMap((c) => c.record.values);
    const length = values.join('').length;
    const full = records + values.length > BATCH_RECORDS || characters + length > BATCH_CHARACTERS;
    if (batch.length > 0 && full) {
      yield batch;
      [batch, records, characters] = [[], 0, 0];
    }
    batch.push(item);
    records += values.length;
    characters += length;
  }
  if (batch.length > 0) yield batch;
}
