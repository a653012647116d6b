import { type FieldRule, same } from '../base/same.ts';
import { isObject } from '../base/shape.ts';
import { IMMATERIAL } from '../evidence/causes.ts';

/** A wait that goes on is worth a write each five minutes. */
const COARSE_MS = 300_000;
const coarse = (ms: unknown): number => Math.floor(Number(ms) / COARSE_MS);

const material: FieldRule = (field, one, other) => {
  if (field === 'freshMs' || IMMATERIAL.includes(field)) return true;
  if (field === 'lastDueMs') return coarse(one) === coarse(other);
  if (field !== 'streak' || !isObject(one) || !isObject(other)) return undefined;
  return one.verdict === other.verdict && one.firstMs === other.firstMs;
};

/**
 * Whether two states say the same in all that is worth a write. Freshness moves with every round and is not; nor is
 * each step of a streak, only that it began: a thousand sites that fail together would else be written in each round,
 * before any is moved. A successor goes on from the count that was stored, which is never too high.
 */
export const sameMaterial = (one: unknown, other: unknown): boolean => same(one, other, material);
