/** Says whether a value read from outside is what it should be. */
export type Check = (value: unknown) => boolean;

/** Small checks that make up the shape of a stored document: what is not understood whole is not understood. */
export const isText: Check = (value) => typeof value === 'string';
export const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const oneOf =
  (...allowed: unknown[]): Check =>
  (value) =>
    allowed.includes(value);

export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

export const recordOf =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);

export const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

/** An object whose named fields pass; further fields are of a later version and do not matter. */
export const shaped =
  (fields: Record<string, Check>): Check =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([key, check]) => check(value[key]));
