import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { TRUSTED_ACCOUNT } from './stacks/zone-roles.ts';
import { zipOf } from './zip.ts';

/** A template without anything of the CDK in it, with the stack that is made from it. */
export type PlainStack = {
  stack: string;
  region: string;
  template: string;
  zips: string[];
  /** Where it is made in another account than the others: one that has a zone. */
  account?: string;
};

/** The parameter by which a stack learns where its code lies: a bucket in its own region, which only whoever deploys knows. */
export const CODE_BUCKET = 'CodeBucket';

type Resource = { Type: string; Properties?: Record<string, unknown> };
type Template = {
  Parameters?: Record<string, unknown>;
  Rules?: Record<string, unknown>;
  Resources: Record<string, Resource>;
};
type Artifact = {
  type: string;
  environment?: string;
  dependencies?: string[];
  properties?: { templateFile?: string };
};

const readJson = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;

const without = (
  record: Record<string, unknown> | undefined,
  name: string,
): Record<string, unknown> | undefined => {
  const { [name]: _, ...rest } = record ?? {};
  return Object.keys(rest).length === 0 ? undefined : rest;
};

/** Where the CDK puts the code of a function; undefined for what is no function. */
const keyOf = ({ Type, Properties }: Resource): string | undefined =>
  Type === 'AWS::Lambda::Function' ? (Properties?.Code as { S3Key: string } | undefined)?.S3Key : undefined;

/** The keys of the code of functions, as the CDK names them. */
const keysIn = ({ Resources }: Template): string[] =>
  Object.values(Resources).flatMap((resource) => keyOf(resource) ?? []);

/** Code comes out of a bucket that is a parameter, and nothing asks for the CDK's bootstrap stack. */
const plainTemplate = (template: Template): Template => {
  const hasCode = keysIn(template).length > 0;
  const Parameters = {
    ...without(template.Parameters, 'BootstrapVersion'),
    ...(hasCode && {
      [CODE_BUCKET]: {
        Type: 'String',
        Description: 'The bucket in this region that holds the zips of the folder code.',
      },
    }),
  };
  const Resources = Object.fromEntries(
    Object.entries(template.Resources).map(([id, resource]) => {
      const key = keyOf(resource);
      if (key === undefined) return [id, resource];
      const Code = { S3Bucket: { Ref: CODE_BUCKET }, S3Key: `code/${key}` };
      return [id, { ...resource, Properties: { ...resource.Properties, Code } }];
    }),
  );
  const { Parameters: _p, Rules: _r, Resources: _s, ...rest } = template;
  const Rules = without(template.Rules, 'CheckBootstrapVersion');
  return {
    ...rest,
    ...(Object.keys(Parameters).length > 0 && { Parameters }),
    ...(Rules !== undefined && { Rules }),
    Resources,
  };
};

/** Stacks after those that they depend on. */
const inOrder = (artifacts: Record<string, Artifact>): [stack: string, artifact: Artifact][] => {
  const done = new Map<string, Artifact>();
  const take = (name: string): void => {
    const artifact = artifacts[name];
    if (artifact?.type !== 'aws:cloudformation:stack' || done.has(name)) return;
    for (const before of artifact.dependencies ?? []) take(before);
    done.set(name, artifact);
  };
  for (const name of Object.keys(artifacts)) take(name);
  return [...done];
};

const filesIn = (folder: string): Map<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path)]),
  );

/**
 * Writes what an assembly of the CDK holds as plain templates, numbered in the order in which they are deployed, and the zips that they
 * name in the folder `code` beside them. Answers the stacks in that order.
 */
export const writePlain = (assembly: string, directory: string): PlainStack[] => {
  const { artifacts } = readJson<{ artifacts: Record<string, Artifact> }>(assembly, 'manifest.json');
  mkdirSync(join(directory, 'code'), { recursive: true });
  const packed = new Set<string>();
  return inOrder(artifacts).map(([stack, { environment = '', properties }], index) => {
    const template = readJson<Template>(assembly, properties?.templateFile ?? '');
    const zips = [...new Set(keysIn(template))];
    for (const zip of zips.filter((key) => !packed.has(key))) {
      packed.add(zip);
      writeFileSync(
        join(directory, 'code', zip),
        zipOf(filesIn(join(assembly, `asset.${zip.replace(/\.zip$/, '')}`))),
      );
    }
    const file = `${index + 1}-${stack}.template.json`;
    writeFileSync(join(directory, file), `${JSON.stringify(plainTemplate(template), null, 1)}\n`);
    const [account = '', region = ''] = environment.split('/').slice(-2);
    const isAbroad = TRUSTED_ACCOUNT in (template.Parameters ?? {});
    return { stack, region, template: file, zips, ...(isAbroad && { account }) };
  });
};
