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

/** What one construct of an app has to itself, with its path. `account` is undefined where it is not known. */
type Claim = { what: string; account: string | undefined; path: string };

const CLAIMS = new WeakMap<IConstruct, Claim[]>();

/** Takes something for `scope`; answers the path of another one of the same app that has it, or may have, since an account is not known. */
const claim = (scope: Construct, what: string, account: string | undefined): string | undefined => {
  const app = scope.node.root;
  const claims = CLAIMS.get(app) ?? [];
  CLAIMS.set(app, claims);
  const mayBeSame = (other: Claim): boolean =>
    other.account === undefined || account === undefined || other.account === account;
  const other = claims.find((made) => made.what === what && mayBeSame(made));
  claims.push({ what, account, path: scope.node.path });
  return other?.path;
};

/**
 * Takes a deployment's name for `scope`. Throws where another one of the same app has it in the same account and region, or may have,
 * since one of the accounts is not known: functions of equal names would only collide when they are deployed.
 */
export const claimName = (scope: Construct, deployment: string): void => {
  const { region, account } = Stack.of(scope);
  const known = Token.isUnresolved(account) ? undefined : account;
  const other = claim(scope, `deployment ${deployment} ${region}`, known);
  if (other === undefined) return;
  throw new Error(
    `Expected a \`deployment\` of its own for ${scope.node.path}, received "${deployment}", which ${other} has in ${known ?? 'any account'}, ${region}: give one of them another name, or leave it out.`,
  );
};

/** Takes the records of a zone for `scope`. Throws where another one of the same app moves one of them. */
export const claimRecords = (scope: Construct, names: readonly string[], zoneId: string): void => {
  for (const name of names) {
    const other = claim(scope, `record ${name} ${zoneId}`, undefined);
    if (other === undefined) continue;
    throw new Error(
      `Expected ${name} to be moved by one Switchover, received it in ${scope.node.path} and in ${other}, where each would take the other's writes for edits by hand: drop it from one of them.`,
    );
  }
};
