import type { FaultRule } from './faults.ts';

export type Trouble = { means: string; rules: FaultRule[] };

const failing = (service: string, operations: string[], fault: FaultRule['fault']): FaultRule[] =>
  operations.map((operation) => ({ service, operation, fault }));

const INVOKE: FaultRule = { service: 'lambda', operation: 'Invoke', fault: 'error' };
const WRITES = ['PutItem', 'UpdateItem'];

/**
 * Troubles of AWS that people can play with, each made of faults; what they mean is for people. `controller` is the function that calls the
 * vantages: others go on being called, or nobody could ask what happens.
 */
export const troublesOf = (
  controller: string,
  [vantage = '']: readonly string[],
): Readonly<Record<string, Trouble>> => ({
  'changes-refused': {
    means: 'Route 53 refuses every change',
    rules: failing('route53', ['ChangeResourceRecordSets'], 'deny'),
  },
  'changes-unanswered': {
    means: 'Route 53 never answers a change',
    rules: failing('route53', ['ChangeResourceRecordSets'], 'timeout'),
  },
  'zones-unreadable': {
    means: 'Route 53 cannot list a zone',
    rules: failing('route53', ['ListResourceRecordSets'], 'error'),
  },
  'table-refuses-writes': {
    means: 'DynamoDB takes no writes',
    rules: failing('dynamodb', WRITES, 'error'),
  },
  'table-away': {
    means: 'DynamoDB is away',
    rules: failing('dynamodb', [...WRITES, 'GetItem', 'BatchGetItem', 'Query'], 'error'),
  },
  'mails-away': { means: 'SNS takes no message', rules: failing('sns', ['Publish'], 'error') },
  'vantage-away': {
    means: `the vantage in ${vantage} cannot be called`,
    rules: [{ ...INVOKE, function: controller, region: vantage }],
  },
  'vantages-away': { means: 'no vantage can be called', rules: [{ ...INVOKE, function: controller }] },
});

const isSame = (a: FaultRule, b: FaultRule): boolean =>
  a.service === b.service &&
  a.operation === b.operation &&
  a.fault === b.fault &&
  a.region === b.region &&
  a.function === b.function &&
  b.times === undefined;

/** The troubles whose faults are all there among the rules. */
export const playedBy = (
  rules: readonly FaultRule[],
  troubles: Readonly<Record<string, Trouble>>,
): string[] =>
  Object.entries(troubles)
    .filter(([, trouble]) => trouble.rules.every((rule) => rules.some((one) => isSame(rule, one))))
    .map(([name]) => name);
