import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { readAssembly } from '../../../local/assembly.ts';
import type { Resource, Template } from '../../../local/intrinsics.ts';

export type StackFiles = {
  name: string;
  environment?: string;
  resources: Record<string, Resource>;
  template?: Omit<Template, 'Resources'>;
};

/** The object key under which the asset `code` of every assembly written here is found. */
export const CODE = { S3Bucket: { 'Fn::Sub': `assets-\${AWS::AccountId}` }, S3Key: 'code.zip' };

export const getAtt = (logicalId: string, attribute: string) => ({ 'Fn::GetAtt': [logicalId, attribute] });

/** A role that Lambda's functions may assume; `statements` are its inline policy. */
export const role = (statements: unknown[] = [], more: Record<string, unknown> = {}): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    ...(statements.length > 0 && {
      Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }],
    }),
    ...more,
  },
});

/** A function that runs as the role `Role` of its stack. */
export const lambdaFunction = (more: Record<string, unknown> = {}): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: CODE,
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: getAtt('Role', 'Arn'),
    ...more,
  },
});

/** Writes a cloud assembly as `cdk synth` does, into a directory that goes with the test file. */
export const writeAssembly = (...stacks: StackFiles[]): string => {
  const dir = mkdtempSync(join(tmpdir(), 'switchover-assembly-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, 'asset.code'));
  const write = (file: string, value: unknown) => writeFileSync(join(dir, file), JSON.stringify(value));
  const artifacts: Record<string, unknown> = {
    Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
  };
  for (const { name, environment = 'aws://unknown-account/eu-west-2', resources, template } of stacks) {
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      environment,
      properties: { templateFile: `${name}.template.json` },
    };
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
    write(`${name}.template.json`, { ...template, Resources: resources });
    write(`${name}.assets.json`, {
      files: {
        code: {
          source: { path: 'asset.code', packaging: 'zip' },
          destinations: { here: { objectKey: 'code.zip' } },
        },
        page: {
          source: { path: 'page.html', packaging: 'file' },
          destinations: { here: { objectKey: 'page' } },
        },
      },
    });
  }
  write('manifest.json', { artifacts });
  return dir;
};

export const OPTIONS = { accountId: '000000000000', zoneId: (name: string) => `ZLOCAL${name.length}` };

/** The files of a stack in eu-west-2. */
export const stack = (resources: Record<string, Resource>, more: Partial<StackFiles> = {}): StackFiles => ({
  name: 'main-control',
  resources,
  ...more,
});

/** Writes a stack in eu-west-2 and reads it back. */
export const read = (resources: Record<string, Resource>, more: Partial<StackFiles> = {}) =>
  readAssembly(writeAssembly(stack(resources, more)), OPTIONS);
