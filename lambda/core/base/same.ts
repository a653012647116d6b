import { isObject } from './shape.ts';

/** Whether a field of both counts as equal; undefined where its values are compared as all others are. */
export type FieldRule = (field: string, one: unknown, other: unknown) => boolean | undefined;

const NO_RULE: FieldRule = () => undefined;

/**
 * Whether two values of plain data are equal. The order of keys does not matter, and a field that is undefined is none. Values are
 * replaced and never changed, so what both share is passed over.
 */
export const same = (one: unknown, other: unknown, rule = NO_RULE): boolean => {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, index) => same(value, other[index], rule));
  if (!isObject(one) || !isObject(other)) return false;
  const isSame = (field: string): boolean =>
    rule(field, one[field], other[field]) ?? same(one[field], other[field], rule);
  return Object.keys(one).every(isSame) && Object.keys(other).every((field) => field in one || isSame(field));
};
