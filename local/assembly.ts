import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ForeignRole, foreignRoles } from './foreign-roles.ts';
import type { Statement } from './iam.ts';
import { type Placed, place, type Stack, type ZoneId } from './intrinsics.ts';
import { rolePolicies, topicPolicies } from './policies.ts';
import * as read from './resources.ts';
import type {
  AlarmSpec,
  Assets,
  FunctionSpec,
  ScheduleSpec,
  TableSpec,
  TopicSpec,
  ZoneSpec,
} from './specs.ts';

/** For assemblies made for no account in particular. */
export const ACCOUNT_ID = '000000000000';

/** What a synthesized cloud assembly would make of an account, reduced to what the local cloud runs. */
export type Assembly = {
  /** The account that all ARNs name. */
  accountId: string;
  functions: FunctionSpec[];
  schedules: ScheduleSpec[];
  topics: TopicSpec[];
  tables: TableSpec[];
  alarms: AlarmSpec[];
  zones: ZoneSpec[];
  /** Statements by physical role name, for the roles of the functions and the schedules. */
  policies: Record<string, Statement[]>;
  /** Statements of the topics' own policies, by topic ARN. */
  resourcePolicies: Record<string, Statement[]>;
  /** The roles of other accounts. */
  foreignRoles: ForeignRole[];
};

export type AssemblyOptions = {
  /** Stands in where the assembly was made for no account in particular. Twelve digits. */
  accountId: string;
  /** A stable id on this machine for a zone that a stack makes. */
  zoneId: ZoneId;
};

/**
 * Reads a directory made by `cdk synth`. Throws a sentence naming the stack and the logical id at anything needed here
 * whose meaning on this machine is not known; what is not needed (logs, outputs, the bootstrap rule) is passed over.
 */
export const readAssembly = (dir: string, options: AssemblyOptions): Assembly => {
  const { stacks, assets, accountId } = readManifest(resolve(dir), options.accountId);
  const all = stacks.flatMap((stack) => place(stack, options.zoneId, stacks));
  const placed = all.filter(({ stack }) => stack.accountId === accountId);
  const of = (...types: string[]) => placed.filter(({ resource }) => types.includes(resource.Type));

  const helpers = deployTimeFunctions(placed);
  const functions = of('AWS::Lambda::Function')
    .filter((item) => !helpers.has(`${item.stack.name}/${item.logicalId}`))
    .map((item) => read.lambdaFunction(item, assets));
  const schedules = of('AWS::Scheduler::Schedule').filter(read.isEnabled).map(read.schedule);
  const subscriptions = of('AWS::SNS::Subscription').map(read.subscription);
  const made = of('AWS::Route53::HostedZone').map(read.zone);
  return {
    accountId,
    functions,
    schedules,
    topics: of('AWS::SNS::Topic').map((item) => read.topic(item, subscriptions)),
    tables: of('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(read.table),
    alarms: of('AWS::CloudWatch::Alarm').map(read.alarm),
    zones: [...made, ...read.existingZones(functions, made)],
    policies: rolePolicies(
      placed,
      [...functions, ...schedules].map(({ role }) => role),
    ),
    resourcePolicies: topicPolicies(of('AWS::SNS::TopicPolicy')),
    foreignRoles: foreignRoles(all, accountId),
  };
};

type Artifact = {
  type: string;
  environment?: string;
  properties?: { templateFile?: string; stackName?: string; file?: string };
};
type AssetManifest = {
  files?: Record<
    string,
    { source: { path?: string; packaging?: string }; destinations: Record<string, { objectKey: string }> }
  >;
};

const readManifest = (dir: string, fallbackAccountId: string) => {
  const manifest = readJson(join(dir, 'manifest.json')) as { artifacts?: Record<string, Artifact> };
  const artifacts = Object.entries(manifest.artifacts ?? {});
  const stacks = artifacts
    .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
    .map(([id, artifact]) => readStack(dir, id, artifact, fallbackAccountId));
  // Roles may be in other accounts, where zones are; all that runs is in one.
  const running = stacks.filter((stack) => !hasRolesAlone(stack));
  const accounts = [...new Set(running.map((stack) => stack.accountId))];
  const [accountId = stacks[0]?.accountId] = accounts;
  if (accountId === undefined)
    throw new Error(
      `Expected ${dir} to be a synthesized cloud assembly with at least one stack, found none.`,
    );
  if (accounts.length > 1)
    throw new Error(
      `Expected all stacks of ${dir} that have more than roles to be in one account, received ${accounts.join(' and ')}.`,
    );
  const assets: Assets = new Map();
  for (const [, { type, properties }] of artifacts)
    if (type === 'cdk:asset-manifest' && properties?.file !== undefined)
      addAssets(assets, dir, readJson(join(dir, properties.file)) as AssetManifest);
  return { stacks, assets, accountId };
};

const hasRolesAlone = ({ template: { Resources = {} } }: Stack): boolean => {
  const types = new Set(Object.values(Resources).map(({ Type }) => Type));
  return types.size === 1 && types.has('AWS::IAM::Role');
};

const readStack = (dir: string, id: string, artifact: Artifact, fallbackAccountId: string): Stack => {
  const name = artifact.properties?.stackName ?? id;
  const [, account, region] = /^aws:\/\/([^/]+)\/([^/]+)$/.exec(artifact.environment ?? '') ?? [];
  if (account === undefined || region === undefined || region === 'unknown-region')
    throw new Error(
      `Stack ${name}: expected the manifest to name its region, received "${artifact.environment}"; give the stack an env with a region.`,
    );
  const templateFile = artifact.properties?.templateFile;
  if (templateFile === undefined)
    throw new Error(`Stack ${name}: expected the manifest to name its template.`);
  return {
    name,
    region,
    accountId: account === 'unknown-account' ? fallbackAccountId : account,
    template: readJson(join(dir, templateFile)) as Stack['template'],
  };
};

const addAssets = (assets: Assets, dir: string, { files = {} }: AssetManifest): void => {
  for (const { source, destinations } of Object.values(files))
    for (const { objectKey } of Object.values(destinations))
      if (source.path !== undefined)
        assets.set(objectKey, { path: join(dir, source.path), packaging: source.packaging ?? 'file' });
};

const readJson = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(
      `Expected ${file} to be a JSON file of a synthesized cloud assembly: ${(cause as Error).message}. Make one with "npm run cdk -- synth -o DIR".`,
      { cause },
    );
  }
};

/**
 * Functions that only CloudFormation calls, as the provider of a custom resource: nothing deploys here, so nothing would
 * ever call them.
 */
const deployTimeFunctions = (placed: Placed[]): Set<string> =>
  new Set(
    placed.flatMap(({ stack, resource }) => {
      const token = resource.Properties?.ServiceToken as { 'Fn::GetAtt'?: [string, string] } | undefined;
      const provider = token?.['Fn::GetAtt']?.[0];
      return provider === undefined ? [] : [`${stack.name}/${provider}`];
    }),
  );
