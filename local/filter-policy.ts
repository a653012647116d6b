/**
 * Filter policies of SNS subscriptions, as the developer guide has them ("Filter policy constraints", "String value matching",
 * "Numeric value matching", "Key matching"): within a key any match will do, all keys must match, `$or` takes any of its parts.
 */
type Rule = string | number | boolean | null | Record<string, unknown>;

/** What a policy is held against: of each key the values that are there; of an array each of its elements. */
type Values = readonly unknown[];

const OPERATORS = ['prefix', 'suffix', 'equals-ignore-case', 'anything-but', 'numeric', 'exists'] as const;
type Operator = (typeof OPERATORS)[number];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

const COMPARE: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `[">=", 1, "<", 5]`: all pairs hold. */
const isWithin = (value: unknown, pairs: unknown): boolean => {
  const list = listOf(pairs);
  return (
    typeof value === 'number' &&
    list.every((word, at) => at % 2 === 1 || (COMPARE[String(word)]?.(value, Number(list[at + 1])) ?? false))
  );
};

const isExcluded = (value: unknown, rule: unknown): boolean =>
  isObject(rule) ? matches(rule, [value]) : listOf(rule).includes(value);

const BY_OPERATOR: Record<Operator, (values: Values, operand: unknown) => boolean> = {
  prefix: (values, text) => values.some((one) => typeof one === 'string' && one.startsWith(String(text))),
  suffix: (values, text) => values.some((one) => typeof one === 'string' && one.endsWith(String(text))),
  'equals-ignore-case': (values, text) =>
    values.some((one) => typeof one === 'string' && one.toLowerCase() === String(text).toLowerCase()),
  'anything-but': (values, rule) => values.some((one) => !isExcluded(one, rule)),
  numeric: (values, pairs) => values.some((one) => isWithin(one, pairs)),
  exists: (values, wanted) => values.length > 0 === wanted,
};

const isOperator = (name: string): name is Operator => (OPERATORS as readonly string[]).includes(name);

const matches = (rule: Rule, values: Values): boolean => {
  if (!isObject(rule)) return values.includes(rule);
  return Object.entries(rule).every(([name, operand]) =>
    isOperator(name) ? BY_OPERATOR[name](values, operand) : false,
  );
};

const valuesAt = (given: Record<string, unknown>, key: string): Values =>
  Object.hasOwn(given, key) ? listOf(given[key]) : [];

/** Whether a message with these attributes, or this body, passes. */
export const passes = (policy: Record<string, unknown>, given: Record<string, unknown>): boolean =>
  Object.entries(policy).every(([key, rules]) => {
    if (key === '$or') return listOf(rules).some((part) => passes(part as Record<string, unknown>, given));
    // With the scope MessageBody a policy goes as deep as the body does.
    if (isObject(rules)) return listOf(given[key]).some((inner) => isObject(inner) && passes(rules, inner));
    return listOf(rules).some((rule) => matches(rule as Rule, valuesAt(given, key)));
  });

/** The first operator in a policy that is not played here; undefined where all are. */
export const unplayed = (policy: unknown): string | undefined => {
  if (!isObject(policy)) return undefined;
  for (const [key, rules] of Object.entries(policy)) {
    const inner = isObject(rules) ? [rules] : listOf(rules);
    for (const rule of inner) {
      const name =
        Array.isArray(rules) && key !== '$or' && isObject(rule)
          ? Object.keys(rule).find((one) => !isOperator(one))
          : unplayed(rule);
      if (name !== undefined) return name;
    }
  }
  return undefined;
};
