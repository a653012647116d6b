import type * as z from 'zod';
import { closest } from '../closest.ts';
import { type Problem, pathText } from './problems.ts';
import { KEYS } from './schema.ts';

/** One finding of the schema; `spoiled` leads to a value that rules must not look at any more. */
export type Finding = { problem: Problem; spoiled?: PropertyKey[] };

type Issue = z.core.$ZodIssue;

/** The schema's issues as findings, one for each wrong value or key. `top` are the keys that may stand at the top level. */
export const findings = (
  issues: readonly Issue[],
  input: unknown,
  top: readonly string[] = KEYS[''] ?? [],
): Finding[] => {
  const keys = { ...KEYS, '': top };
  const found = issues.flatMap((issue) => one(issue, issue.path, input, keys));
  const seen = new Set<string>();
  return found.filter(({ problem }) => {
    const key = `${problem.path}\n${problem.message}`;
    return seen.has(key) ? false : seen.add(key);
  });
};

/** The keys that are known, by the field that holds them. */
type Keys = Readonly<Record<string, readonly string[]>>;

const one = (issue: Issue, path: PropertyKey[], input: unknown, keys: Keys): Finding[] => {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      problem: { path: pathText([...path, key]), message: unknownKey(key, path, keys) },
    }));
  }
  if (issue.code === 'invalid_union' && isObject(valueAt(input, path))) {
    // Only the last alternative of our unions is an object, so that is the one that was meant.
    const meant = issue.errors.at(-1) ?? [];
    return meant.flatMap((inner) => one(inner, [...path, ...inner.path], input, keys));
  }
  if (issue.code === 'invalid_union' && Array.isArray(valueAt(input, path))) {
    // A list was meant where an alternative takes one, and finds fault with what is in it alone.
    const meant = issue.errors.find((inner) => inner.every(({ path: inside }) => inside.length > 0)) ?? [];
    if (meant.length > 0) return meant.flatMap((inner) => one(inner, [...path, ...inner.path], input, keys));
  }
  return [{ problem: { path: pathText(path), message: issue.message }, spoiled: path }];
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);

const fieldOf = (path: readonly PropertyKey[]): string =>
  String(path.findLast((key) => typeof key === 'string') ?? '');

/** Where `key` is known, or what looks like it, and everything that is allowed here. */
const unknownKey = (key: string, path: readonly PropertyKey[], keys: Keys): string => {
  const field = fieldOf(path);
  const allowed = keys[field] ?? [];
  const received = `Expected a known key, received ${JSON.stringify(key)}`;
  const all = `allowed here: ${allowed.join(', ')}`;
  if (field === 'defaults' && (key === 'name' || key === 'extraNames')) {
    return `${received}; a record name belongs to one site only, so write it there; ${all}.`;
  }
  const close = closest(key, allowed);
  if (close !== undefined) return `${received}; did you mean ${close}? Otherwise drop it; ${all}.`;
  const elsewhere = Object.keys(keys).filter((place) => keys[place]?.includes(key));
  if (elsewhere.length > 0) {
    return `${received}; it belongs in ${elsewhere.map(placeName).join(' or ')}; ${all}.`;
  }
  return `${received}; drop it; ${all}.`;
};

const placeName = (field: string): string => (field === '' ? 'the top level' : `\`${field}\``);
