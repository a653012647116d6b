import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { buildApp } from '../../../lib/app.ts';
import { CODE_BUCKET, type PlainStack, writePlain } from '../../../lib/plain.ts';
import { config, temporaryDirectory } from './fixture.ts';
import { filesInZip } from './unzip.ts';

const assembly = join(temporaryDirectory(), 'assembly');
const plain = join(temporaryDirectory(), 'plain');
let stacks: PlainStack[];

type Found = { Type: string; Properties: { Code: { S3Bucket: unknown; S3Key: string } } };
type Template = {
  Resources: Record<string, Found>;
  Parameters?: Record<string, unknown>;
  Rules?: Record<string, unknown>;
};
const templateOf = ({ template }: PlainStack): Template =>
  JSON.parse(readFileSync(join(plain, template), 'utf8'));
const functionsIn = ({ Resources }: Template): [string, Found][] =>
  Object.entries(Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');

describe('plain templates', () => {
  before(() => {
    buildApp(config(), { outdir: assembly }).synth();
    stacks = writePlain(assembly, plain);
  });

  test('name the zips that lie beside them, and none lies there unnamed', () => {
    const named = new Set<string>();
    for (const stack of stacks) {
      for (const [id, { Properties }] of functionsIn(templateOf(stack))) {
        assert.deepEqual(Properties.Code.S3Bucket, { Ref: CODE_BUCKET }, id);
        assert.ok(statSync(join(plain, Properties.Code.S3Key)).size > 0, id);
        named.add(Properties.Code.S3Key.replace('code/', ''));
      }
      assert.equal(CODE_BUCKET in (templateOf(stack).Parameters ?? {}), stack.zips.length > 0, stack.stack);
    }
    assert.ok(named.size >= 4);
    assert.deepEqual(readdirSync(join(plain, 'code')).sort(), [...named].sort());
  });

  test('have the code in those zips that the CDK would upload, byte for byte', () => {
    for (const zip of new Set(stacks.flatMap(({ zips }) => zips))) {
      const files = filesInZip(readFileSync(join(plain, 'code', zip)));
      const folder = join(assembly, `asset.${zip.replace('.zip', '')}`);
      assert.ok(files.has('index.cjs'), zip);
      for (const [name, content] of files) assert.ok(readFileSync(join(folder, name)).equals(content), name);
    }
  });

  test('hold nothing of the bootstrap of the CDK, and all else as it is', () => {
    for (const stack of stacks) {
      const template = templateOf(stack);
      assert.doesNotMatch(JSON.stringify(template), /Bootstrap|cdk-hnb659fds|AssetParameters/, stack.stack);
      const original = JSON.parse(
        readFileSync(join(assembly, `${stack.stack}.template.json`), 'utf8'),
      ) as Template;
      for (const [id, { Properties }] of functionsIn(original))
        Properties.Code = template.Resources[id]?.Properties.Code ?? assert.fail(id);
      assert.deepEqual(template.Resources, original.Resources);
      assert.deepEqual(
        (template as never as { Outputs: unknown }).Outputs,
        (original as never as { Outputs: unknown }).Outputs,
      );
    }
  });

  test('are numbered so that each comes after what it needs', () => {
    const order = stacks.map(({ stack }) => stack);
    assert.equal(order.at(-1)?.startsWith('main-dead-man'), true, order.join());
    assert.ok(order.indexOf('main-state') < order.indexOf('main-zones'));
    const control = order.indexOf('main-control');
    for (const [index, name] of order.entries())
      if (name.includes('-vantage-')) assert.ok(index < control, name);
    for (const [index, { template, region }] of stacks.entries()) {
      assert.ok(template.startsWith(`${index + 1}-`));
      assert.match(region, /^[a-z]+-[a-z]+-\d$/);
    }
  });
});
