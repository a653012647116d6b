import type { Demand } from './service.ts';

type OneOrMany<T> = T | T[];

/** One statement of a policy document, as AWS spells it. `Principal` appears in resource policies only. */
export type Statement = {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: unknown;
  NotPrincipal?: unknown;
  Action?: OneOrMany<string>;
  NotAction?: OneOrMany<string>;
  Resource?: OneOrMany<string>;
  NotResource?: OneOrMany<string>;
  /** Operator to condition key to values. */
  Condition?: Record<string, Record<string, OneOrMany<string | number | boolean>>>;
};

/** `why` reads on after "is not authorized to perform: ACTION on resource: ARN", in AWS's words. */
export type Ruling = { allowed: true } | { allowed: false; why: string };

/**
 * Whether a caller with these statements may do what is demanded. As in AWS: an explicit deny beats every allow, and what
 * nothing allows is denied. Of a resource's own policy only the denials count here: within one account its allowances
 * would only widen what the caller's role grants, and nothing of ours relies on that. Throws at what is not understood.
 */
export const evaluate = (
  identityPolicy: Statement[],
  resourcePolicy: Statement[],
  demand: Demand,
): Ruling => {
  assertUnderstood(identityPolicy, 'Identity-based policy');
  assertUnderstood(resourcePolicy, `Policy of ${demand.resource}`);
  const denied = (statement: Statement) => statement.Effect === 'Deny' && applies(statement, demand);
  if (identityPolicy.some(denied))
    return { allowed: false, why: 'with an explicit deny in an identity-based policy' };
  if (resourcePolicy.some((statement) => denied(statement) && awsPrincipals(statement).includes('*')))
    return { allowed: false, why: 'with an explicit deny in a resource-based policy' };
  if (identityPolicy.some((statement) => statement.Effect === 'Allow' && applies(statement, demand)))
    return { allowed: true };
  return { allowed: false, why: `because no identity-based policy allows the ${demand.action} action` };
};

/**
 * Throws at the first thing in these statements that `evaluate` does not understand, so that a policy is refused when it
 * is read and not when it is first needed. `where` names the policy in the message.
 */
export const assertUnderstood = (statements: Statement[], where: string): void => {
  for (const statement of statements) {
    const fail = (what: string): never => {
      throw new Error(`${where}: ${what}. The local cloud would have to guess what it allows.`);
    };
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')
      fail(`expected Effect to be Allow or Deny, received ${JSON.stringify(statement.Effect)}`);
    if ((statement.Action === undefined) === (statement.NotAction === undefined))
      fail('expected exactly one of Action and NotAction in a statement');
    if ((statement.Resource === undefined) === (statement.NotResource === undefined))
      fail('expected exactly one of Resource and NotResource in a statement');
    if (statement.NotPrincipal !== undefined) fail('NotPrincipal is not understood');
    if (statement.Effect === 'Deny' && awsPrincipals(statement).some((principal) => principal !== '*'))
      fail('a denial for one principal is not understood, only for all ("*")');
    for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
      if (parseOperator(operator) === undefined) fail(`the condition operator ${operator} is not understood`);
      for (const value of Object.values(keys).flatMap(list))
        if (/\$\{/.test(value)) fail(`the policy variable in ${JSON.stringify(value)} is not understood`);
    }
    for (const resource of [...list(statement.Resource ?? []), ...list(statement.NotResource ?? [])])
      if (/\$\{/.test(resource)) fail(`the policy variable in ${JSON.stringify(resource)} is not understood`);
  }
};

const list = (values: OneOrMany<string | number | boolean>): string[] =>
  (Array.isArray(values) ? values : [values]).map(String);

/** Those of a resource policy's principals that are roles or users, or everybody; services are not among our callers. */
const awsPrincipals = ({ Principal: principal }: Statement): string[] => {
  if (typeof principal === 'string') return [principal];
  const { AWS: named = [] } = (principal ?? {}) as { AWS?: OneOrMany<string> };
  return list(named);
};

const applies = (statement: Statement, demand: Demand): boolean => {
  const action = (pattern: string) => glob(pattern.toLowerCase(), demand.action.toLowerCase());
  const resource = (pattern: string) => glob(pattern, demand.resource);
  const actionApplies =
    statement.Action === undefined
      ? !list(statement.NotAction!).some(action)
      : list(statement.Action).some(action);
  const resourceApplies =
    statement.Resource === undefined
      ? !list(statement.NotResource!).some(resource)
      : list(statement.Resource).some(resource);
  if (!actionApplies || !resourceApplies) return false;
  return Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(operator, list(values), contextOf(demand, key))),
  );
};

/** Condition keys are compared without regard to case. A key without values is a key that is not there. */
const contextOf = (demand: Demand, key: string): string[] | undefined => {
  const found = Object.entries(demand.context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return found === undefined || found[1].length === 0 ? undefined : found[1];
};

type Test = (pattern: string, value: string) => boolean;

const equal: Test = (pattern, value) => pattern === value;
const equalIgnoringCase: Test = (pattern, value) => pattern.toLowerCase() === value.toLowerCase();
const arnLike: Test = (pattern, value) => {
  const [patterns, values] = [arnParts(pattern), arnParts(value)];
  return patterns.length === values.length && patterns.every((part, index) => glob(part, values[index]!));
};

const OPERATORS: Record<string, { test: Test; negated?: true }> = {
  StringEquals: { test: equal },
  StringNotEquals: { test: equal, negated: true },
  StringEqualsIgnoreCase: { test: equalIgnoringCase },
  StringNotEqualsIgnoreCase: { test: equalIgnoringCase, negated: true },
  StringLike: { test: (pattern, value) => glob(pattern, value) },
  StringNotLike: { test: (pattern, value) => glob(pattern, value), negated: true },
  Bool: { test: equalIgnoringCase },
  ArnEquals: { test: arnLike },
  ArnLike: { test: arnLike },
  ArnNotEquals: { test: arnLike, negated: true },
  ArnNotLike: { test: arnLike, negated: true },
};

type Operator = { name: string; set?: 'ForAllValues' | 'ForAnyValue'; ifExists: boolean };

const parseOperator = (operator: string): Operator | undefined => {
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator);
  const name = match?.[2] ?? '';
  const set = match?.[1] as Operator['set'];
  const ifExists = match?.[3] !== undefined;
  if (name === 'Null') return set === undefined && !ifExists ? { name, ifExists } : undefined;
  return Object.hasOwn(OPERATORS, name) ? { name, set, ifExists } : undefined;
};

/**
 * One condition on one key. Over a set, `ForAllValues` asks that each value of the request is one of the policy's (true
 * for a key that is not there), `ForAnyValue` that at least one is (false for a key that is not there). Without either, a
 * key that is not there fails a test and passes a negated one.
 */
const holds = (operator: string, patterns: string[], values: string[] | undefined): boolean => {
  const { name, set, ifExists } = parseOperator(operator)!;
  if (name === 'Null')
    return patterns.some((wanted) => equalIgnoringCase(wanted, String(values === undefined)));
  const { test, negated = false } = OPERATORS[name]!;
  if (values === undefined) return ifExists || set === 'ForAllValues' || (set === undefined && negated);
  const passes = (value: string) => patterns.some((pattern) => test(pattern, value)) !== negated;
  if (set === 'ForAllValues') return values.every(passes);
  if (set === 'ForAnyValue') return values.some(passes);
  if (values.length > 1)
    throw new Error(
      `Expected ${operator} to meet a key with one value, received ${values.length}; AWS asks for ForAllValues or ForAnyValue there.`,
    );
  return values.every(passes);
};

/** The six parts of an ARN; the resource part keeps its own colons. */
const arnParts = (arn: string): string[] => {
  const parts = arn.split(':');
  return parts.length < 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
};

/** IAM's wildcards over a whole string: `*` for any run of characters, `?` for one. */
export const glob = (pattern: string, text: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
};
