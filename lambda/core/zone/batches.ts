import type { Change } from './records.ts';

/**
 * Route 53 takes so many values and characters of values a batch (its quotas for ChangeResourceRecordSets). An alias counts as one
 * value without characters. UPSERT, which we never send, would count twice.
 */
const BATCH_VALUES = 1000;
const BATCH_CHARACTERS = 32_000;

/** The items in as few batches as the limits allow, in order; the changes of one item, a site's, are never parted. */
export function* batches<T extends { changes: Change[] }>(items: readonly T[]): Generator<T[]> {
  let batch: T[] = [];
  let values = 0;
  let characters = 0;
  for (const item of items) {
    const sizes = item.changes.map(({ record }) => record.values);
    const count = sizes.reduce((sum, given) => sum + Math.max(1, given.length), 0);
    const length = sizes.flat().join('').length;
    const full = values + count > BATCH_VALUES || characters + length > BATCH_CHARACTERS;
    if (batch.length > 0 && full) {
      yield batch;
      [batch, values, characters] = [[], 0, 0];
    }
    batch.push(item);
    values += count;
    characters += length;
  }
  if (batch.length > 0) yield batch;
}
