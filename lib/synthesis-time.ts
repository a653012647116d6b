/**
 * What has to be known when the stacks are synthesized: names and texts that are written into code, rights and descriptions, where a value
 * of the time of deployment would arrive as its placeholder.
 */
import { Names, Stack, Token } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';

/** Throws, naming the first value that is a token. `at` says where it was written, such as `sites[0].name`. */
export const mustBeKnown = (scope: Construct, value: unknown, at: string): void => {
  if (Token.isUnresolved(value))
    throw new Error(
      `Expected ${at} of ${scope.node.path} to be known at synthesis, received a token: it is written into the code of the functions, so give the value itself.`,
    );
  if (Array.isArray(value))
    for (const [index, one] of value.entries()) mustBeKnown(scope, one, `${at}[${index}]`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value)) mustBeKnown(scope, one, at === '' ? key : `${at}.${key}`);
};

/** The region of the stack that `scope` is in. Throws where the stack is for any region. */
export const knownRegion = (scope: Construct): string => {
  const { region, stackName } = Stack.of(scope);
  if (!Token.isUnresolved(region)) return region;
  throw new Error(
    `Expected the stack ${stackName} to name its region, received one for any: probers in other regions are asked by names and rights that are fixed at synthesis, so give the stack env: { region: 'eu-west-2' }.`,
  );
};

/** The longest name that is made here, in characters; the longest that is taken has 32. */
const NAME_CHARACTERS = 28;

/** A name of the path of `scope`: another one in each stage and stack, and the same at every synthesis. */
export const ownName = (scope: Construct): string => {
  const name = Names.uniqueResourceName(scope, { maxLength: NAME_CHARACTERS, separator: '-' }).toLowerCase();
  return /^[a-z]/.test(name) ? name : `s-${name}`;
};

/** Who has which name, by app. */
const TAKEN = new WeakMap<IConstruct, Map<string, string>>();

/**
 * Takes a deployment's name for `scope`. Throws where another one of the same app has it in the same account and region, or may have,
 * since one of the accounts is not known: functions of equal names would only collide when they are deployed.
 */
export const claimName = (scope: Construct, deployment: string): void => {
  const { region, account } = Stack.of(scope);
  const app = scope.node.root;
  const taken = TAKEN.get(app) ?? new Map<string, string>();
  TAKEN.set(app, taken);
  const known = Token.isUnresolved(account) ? 'any account' : account;
  const key = `${deployment} ${known} ${region}`;
  const other = taken.get(key);
  if (other !== undefined)
    throw new Error(
      `Expected a \`deployment\` of its own for ${scope.node.path}, received "${deployment}", which ${other} has in ${known}, ${region}: give one of them another name, or leave it out.`,
    );
  taken.set(key, scope.node.path);
};
