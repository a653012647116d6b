import type { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  deadManNames,
  functionNames,
  heartbeatFunction,
  roleRecordName,
  SITE_RECORD_TYPES,
} from '../../lambda/contract.ts';
import { shardNumber } from '../../lambda/core/site/shard.ts';
import { type Config, deadManRegion, type ZoneAccount } from '../../lambda/core/site/site.ts';

/** A hosted zone and every record name in it that we write: the sites' names and their role records. */
export type HeldZone = {
  zone: IHostedZone;
  name: string;
  records: string[];
  /** Where it is in another account: rights to it are given there. */
  account?: ZoneAccount | undefined;
};

/**
 * Characters of inline policy that IAM allows a role, spaces not counted (10,240), less a reserve for the role's own log and for
 * the references that are longer than a zone's id.
 */
const POLICY_CHARACTERS = 10_240 - 500;

/** The longest id that a hosted zone can have (Route 53 API reference): what a reference to one is counted as. */
const ZONE_ID_CHARACTERS = 32;

/**
 * A record name as IAM's condition keys spell it: lower case, no trailing dot, any character but letters, digits, `-`, `_` and `.`
 * as three octal digits, so `*.example.com` is `\052.example.com` (Route 53 guide, "Specifying conditions").
 */
export const iamRecordName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9_.-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);

/** Every record name of the configuration that lies in the zone of this name. */
export const recordsIn = (config: Config, zoneName: string): string[] =>
  config.sites
    .filter((site) => site.zone === zoneName)
    .flatMap((site) => [...site.names, roleRecordName(site.name)]);

/** What the state table's users do with items; nobody deletes one (its expiry does) and nobody scans. */
export const stateGrant = (table: ITable): PolicyStatement =>
  new PolicyStatement({
    actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    resources: [table.tableArn],
  });

/** The same without a way to change anything. */
export const stateReadGrant = (table: ITable): PolicyStatement =>
  new PolicyStatement({
    actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'],
    resources: [table.tableArn],
  });

/** The history is read for people alone. */
export const historyGrant = (table: ITable): PolicyStatement =>
  new PolicyStatement({ actions: ['dynamodb:Query'], resources: [table.tableArn] });

/** People are told through one of these topics, programs through the other. */
export const announceGrant = (...topics: ITopic[]): PolicyStatement =>
  new PolicyStatement({ actions: ['sns:Publish'], resources: topics.map(({ topicArn }) => topicArn) });

/**
 * The doctor sees who is subscribed to the two topics: an address that never confirmed, or unsubscribed, is told nothing and no
 * error says so. The topic of the dead-man alarm is in another region, hence by its plain name.
 */
export const listenersGrant = (stack: Stack, topic: ITopic, config: Config): PolicyStatement =>
  new PolicyStatement({
    actions: ['sns:ListSubscriptionsByTopic'],
    resources: [
      topic.topicArn,
      stack.formatArn({
        service: 'sns',
        region: deadManRegion(config),
        resource: deadManNames(config.deployment).topic,
      }),
    ],
  });

/**
 * The controller asks the probers of its own deployment, in all regions, and can start nothing else. Plain names: the vantage
 * stacks are in other regions, and a reference across regions would bind the stacks' lives together.
 */
export const probeGrant = (stack: Stack, config: Config): PolicyStatement =>
  new PolicyStatement({
    actions: ['lambda:InvokeFunction'],
    resources: config.vantages.map((region) =>
      stack.formatArn({
        service: 'lambda',
        region,
        resource: `function:${functionNames(config.deployment).prober}`,
      }),
    ),
  });

/** Each controller keeps its own alarm on silence quiet, and no other's. */
export const heartbeatGrant = (stack: Stack, config: Config): PolicyStatement =>
  new PolicyStatement({
    actions: ['lambda:InvokeFunction'],
    resources: [
      stack.formatArn({
        service: 'lambda',
        region: deadManRegion(config),
        resource: `function:${heartbeatFunction(config.deployment, shardNumber(config))}`,
      }),
    ],
  });

/**
 * Secrets that go along with probes: these parameters and no others. A SecureString under the account's own key `aws/ssm`
 * needs no more, since that key serves whoever may read the parameter; another key's policy must let the role decrypt.
 */
export const secretGrants = (stack: Stack, { sites }: Config): PolicyStatement[] => {
  const names = new Set(sites.flatMap(({ probe }) => Object.values(probe.secretHeaders ?? {})));
  return parametersGrants(stack, [...names].sort());
};

/** Reading these parameters and no others. */
export const parametersGrants = (stack: Stack, names: string[]): PolicyStatement[] => {
  const arnOf = (name: string) =>
    stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });
  const resources = names.map(arnOf);
  return names.length === 0 ? [] : [new PolicyStatement({ actions: ['ssm:GetParameters'], resources })];
};

/** Zones in other accounts are reached by a role there, and by no other. */
export const assumeGrants = (roleArns: string[]): PolicyStatement[] =>
  roleArns.length === 0
    ? []
    : [new PolicyStatement({ actions: ['sts:AssumeRole'], resources: [...new Set(roleArns)] })];

/** Reading: what the zones hold before each write, and their name servers. */
export const zoneReadGrant = (held: HeldZone[]): PolicyStatement =>
  new PolicyStatement({
    actions: ['route53:GetHostedZone', 'route53:ListResourceRecordSets'],
    resources: held.map(({ zone }) => zone.hostedZoneArn),
  });

/** What the zones hold, for who only looks. */
export const zoneListGrant = (held: HeldZone[]): PolicyStatement =>
  new PolicyStatement({
    actions: ['route53:ListResourceRecordSets'],
    resources: held.map(({ zone }) => zone.hostedZoneArn),
  });

/**
 * Whether a change of ours has been published. Ids of changes are made by Route 53 and known to nobody before; the answer tells a
 * status and a time.
 */
export const publishedGrant = (stack: Stack): PolicyStatement =>
  new PolicyStatement({
    actions: ['route53:GetChange'],
    resources: [stack.formatArn({ service: 'route53', region: '', account: '', resource: 'change/*' })],
  });

/**
 * Writing: of all names in the zones only the sites' own and their role records, of all types only those we publish, and only
 * as exact-match pairs of DELETE and CREATE, never UPSERT, which would overwrite what somebody else wrote. Both functions
 * that move records need it: the controller for switches, the console because a hold swaps the role record.
 *
 * Every change of a batch must satisfy one statement (`ForAllValues`), so a zone's names cannot be spread over several. The
 * first of these forms that fits into the role beside `others` is taken:
 * 1. a statement for each zone with its names;
 * 2. one statement for all zones with all names, a tenth as long for each zone and as narrow, since Route 53 accepts a name in no
 *    zone but its own;
 * 3. the same, but a second statement for the zones that have most names, widened to any name in the zone, as few zones as
 *    possible. These are returned in `widened`. They have a statement of their own: in one with the others,
 *    `*.example.com` would be allowed in a zone dyn.example.com, too. NS and SOA stay out of reach, so even then nobody can take the zone away.
 * `fits` is false when even that is too long. Names come before `guarded`, which every form has where there is room for it.
 */
export const zoneWriteGrants = (
  held: HeldZone[],
  others: PolicyStatement[],
): { statements: PolicyStatement[]; widened: string[]; fits: boolean } => {
  const written = held.filter(({ records }) => records.length > 0);
  const room = POLICY_CHARACTERS - charactersOf(others);
  const fit = (statements: PolicyStatement[]) => charactersOf(statements) <= room;
  const none = { widened: [], fits: true };

  const each = written.map((zone) => writeStatement([zone], namesOf, { guarded: true }));
  if (fit(each)) return { statements: each, ...none };

  const longestFirst = [...written].sort((a, b) => namesOf(b).join().length - namesOf(a).join().length);
  for (let count = 0; ; count++) {
    const wide = longestFirst.slice(0, count);
    const narrow = written.filter((zone) => !wide.includes(zone));
    const form = (guarded: boolean) => [
      ...(narrow.length === 0 ? [] : [writeStatement(narrow, namesOf, { guarded })]),
      ...(wide.length === 0 ? [] : [writeStatement(wide, anyNameIn, { guarded, patterns: true })]),
    ];
    const statements = [form(true), form(false)].find(fit);
    if (statements !== undefined || count === written.length)
      return {
        statements: statements ?? form(false),
        widened: wide.map(({ name }) => name),
        fits: statements !== undefined,
      };
  }
};

const namesOf = ({ records }: HeldZone): string[] => records.map(iamRecordName);
const anyNameIn = ({ name }: HeldZone): string[] => [iamRecordName(name), `*.${iamRecordName(name)}`];

/**
 * `guarded` also asks that the keys are there: `ForAllValues` is true of a key that is missing, for which reason AWS advises it.
 * Route 53 sends them with every change, so it is left out sooner than a zone is widened.
 */
const writeStatement = (
  zones: HeldZone[],
  names: (zone: HeldZone) => string[],
  { patterns = false, guarded }: { patterns?: boolean; guarded: boolean },
): PolicyStatement => {
  // A star in a record's own name is spelled \052, so under StringLike an exact name still matches nothing but itself.
  const operator = patterns ? 'ForAllValues:StringLike' : 'ForAllValues:StringEquals';
  const keys = {
    'route53:ChangeResourceRecordSetsNormalizedRecordNames': zones.flatMap(names),
    'route53:ChangeResourceRecordSetsRecordTypes': [...SITE_RECORD_TYPES, 'TXT'],
    'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
  };
  const present = Object.fromEntries(Object.keys(keys).map((key) => [key, 'false']));
  return new PolicyStatement({
    actions: ['route53:ChangeResourceRecordSets'],
    resources: zones.map(({ zone }) => zone.hostedZoneArn),
    conditions: { [operator]: keys, ...(guarded && { Null: present }) },
  });
};

/** The length of a policy with these statements, once CloudFormation has filled in what is known to it alone. */
const charactersOf = (statements: PolicyStatement[]): number =>
  JSON.stringify(new PolicyDocument({ statements }).toJSON() ?? '').replace(
    /\$\{Token\[.*?\]\}/g,
    'Z'.repeat(ZONE_ID_CHARACTERS),
  ).length;
