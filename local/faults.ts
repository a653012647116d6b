import { shownValue } from '../lambda/core/base/shown.ts';

/**
 * Ways in which a call can be made to go wrong:
 * - `deny`, `throttle`, `error`: answered at once as the service would refuse it, and nothing is done;
 * - `timeout`: never answered, and nothing is done;
 * - `timeout-after-apply`: done, and never answered;
 * - `protected`: Route 53 refuses the change, as if every record in it had a protection;
 * - `pending`: Route 53 accepts the change and leaves it PENDING;
 * - `failed-entry`: EventBridge accepts the call and fails the last event in it.
 */
const FAULTS = [
  'deny',
  'throttle',
  'error',
  'timeout',
  'timeout-after-apply',
  'failed-entry',
  'protected',
  'pending',
] as const;
/** Faults that a service plays itself, and the one service that knows each. */
export const PLAYED_BY: Readonly<Record<string, string>> = {
  protected: 'route53',
  pending: 'route53',
  'failed-entry': 'events',
};
export type FaultKind = (typeof FAULTS)[number];

/** Which calls go wrong, and how. A field that is absent matches every call. */
export type FaultRule = {
  service: string;
  operation: string;
  /** The region called: for Lambda's Invoke the invoked function's. */
  region?: string;
  /** Name of the calling function, or `operator`. */
  function?: string;
  fault: FaultKind;
  /** How many calls it hits before it is spent; without it every call until the rules are cleared. */
  times?: number;
};

/** What a fault can be asked for. A service without a list of operations takes any name. */
export type Known = {
  operations: Record<string, readonly string[] | undefined>;
  functions: readonly string[];
};

export type Faults = {
  /** Adds a rule given as parsed JSON; throws a sentence saying what is wrong with it, and then nothing has changed. */
  add(input: unknown): FaultRule;
  /** The rules not yet spent, in the order in which they are tried. `times` counts down. */
  list(): FaultRule[];
  clear(): void;
  /** The fault for this call, from the first rule that matches; it counts as played. */
  take(call: { service: string; operation: string; region: string; function: string }): FaultKind | undefined;
};

/** `onClear` undoes what a fault left behind, such as a change held PENDING. */
export const faultTable = (known: Known, onClear: () => void = () => {}): Faults => {
  let rules: FaultRule[] = [];
  return {
    add(input) {
      const rule = checkRule(input, known);
      rules.push(rule);
      return { ...rule };
    },
    list: () => rules.map((rule) => ({ ...rule })),
    clear: () => {
      rules = [];
      onClear();
    },
    take(call) {
      const rule = rules.find(
        ({ service, operation, region = call.region, function: caller = call.function }) =>
          service === call.service &&
          operation === call.operation &&
          region === call.region &&
          caller === call.function,
      );
      if (rule?.times !== undefined) rule.times -= 1;
      if (rule?.times === 0) rules = rules.filter((other) => other !== rule);
      return rule?.fault;
    },
  };
};

const KEYS = ['service', 'operation', 'region', 'function', 'fault', 'times'];

const checkRule = (input: unknown, known: Known): FaultRule => {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new Error(
      `Expected a fault to be an object such as {"service":"sns","operation":"Publish","fault":"error"}, received ${shownValue(input, 200)}.`,
    );
  const { service, operation, region, function: caller, fault, times } = input as Record<string, unknown>;
  for (const key of Object.keys(input)) expectOneOf('every key', key, KEYS);
  expectOneOf('"service"', service, Object.keys(known.operations));
  const operations = known.operations[service as string];
  if (operations !== undefined) expectOneOf('"operation"', operation, operations);
  else expect('"operation"', 'an API operation such as "Invoke"', operation, /^[A-Z][A-Za-z0-9]+$/);
  if (region !== undefined)
    expect('"region"', 'an AWS region such as "eu-west-1"', region, /^[a-z]{2}(-[a-z]+)+-\d$/);
  if (caller !== undefined) expectOneOf('"function"', caller, known.functions);
  expectOneOf('"fault"', fault, FAULTS);
  const player = PLAYED_BY[fault as string];
  if (player !== undefined && service !== player)
    throw new Error(`Expected "service" to be "${player}" for the fault "${fault}", received "${service}".`);
  if (times !== undefined && !(Number.isInteger(times) && (times as number) >= 1))
    throw new Error(
      `Expected "times" to be a whole number of at least 1, received ${shownValue(times, 200)}; leave it out for every call.`,
    );
  return { ...(input as FaultRule) };
};

const expectOneOf = (what: string, value: unknown, allowed: readonly string[]): void => {
  if (!allowed.includes(value as string))
    throw new Error(
      `Expected ${what} to be one of ${allowed.join(', ')}; received ${shownValue(value, 200)}.`,
    );
};

const expect = (what: string, kind: string, value: unknown, pattern: RegExp): void => {
  if (typeof value !== 'string' || !pattern.test(value))
    throw new Error(`Expected ${what} to be ${kind}, received ${shownValue(value, 200)}.`);
};
