import { isObject } from '../base/shape.ts';
import { IMMATERIAL } from '../evidence/causes.ts';

/** A wait that goes on is worth a write each five minutes. */
const COARSE_MS = 300_000;
const coarse = (ms: unknown): number => Math.floor(Number(ms) / COARSE_MS);

/**
 * Whether two states say the same in all that is worth a write. Freshness moves with every round and is not; nor is
 * each step of a streak, only that it began: a thousand sites that fail together would else be written in each round,
 * before any is moved. A successor goes on from the count that was stored, which is never too high. States are replaced
 * and never changed, so what both share is passed over.
 */
export const sameMaterial = (one: unknown, other: unknown, key = ''): boolean => {
  if (one === other || key === 'freshMs' || IMMATERIAL.includes(key)) return true;
  if (key === 'lastDueMs') return coarse(one) === coarse(other);
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, index) => sameMaterial(value, other[index]));
  if (!isObject(one) || !isObject(other)) return false;
  if (key === 'streak') return one.verdict === other.verdict && one.firstMs === other.firstMs;
  const isSame = (field: string) => sameMaterial(one[field], other[field], field);
  return Object.keys(one).every(isSame) && Object.keys(other).every((field) => field in one || isSame(field));
};
