/** What pages show in TypeScript, as a compiler takes it: whole files, parts of a configuration, and calls of the construct. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../unit/lib/fixture.ts';

const ROOT = join(import.meta.dirname, '../..');

/** What a page that shows calls of the construct has shown before. */
const OF_CONSTRUCT = `import { type App, type CfnResource, Stack } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Switchover } from 'switchover';

declare const app: App;
declare const stack: Stack;
declare const own: Switchover;
declare const [operators, everybody]: [IGrantable, IGrantable];
`;
const OF_CONFIG = `import type { SwitchoverConfig } from 'switchover/config';

type Site = NonNullable<SwitchoverConfig['sites']>[number];
type Part = Partial<SwitchoverConfig & Site & NonNullable<Site['probe']>>;
`;

/** A file that holds what is shown: as it is, or in the place where a reader puts it. */
const fileOf = (shown: string): string => {
  // The README stands at the top of the repository.
  if (/^import /m.test(shown)) return shown.replace("'./lib/", `'${ROOT}/lib/`);
  if (/^own\./.test(shown)) return `${OF_CONSTRUCT}\n${shown}`;
  if (shown.startsWith('{')) return `${OF_CONFIG}\nexport const site: Site = ${shown}`;
  return `${OF_CONFIG}\nexport const part: Part = {\n${shown}};\n`;
};

const blocks = ['*.md', 'docs/**/*.md', 'publish/*.md', 'examples/**/*.md'].flatMap((pattern) =>
  globSync(pattern, { cwd: ROOT }).flatMap((page) =>
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^( *)```ts\n(.*?)^ *```$/gms)].map(
      ([, indent = '', shown = '']) => ({
        page,
        shown: shown.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      }),
    ),
  ),
);

test('what pages show in TypeScript compiles', () => {
  assert.ok(blocks.length > 12, `Expected more than a dozen examples, found ${blocks.length}.`);
  const folder = temporaryDirectory();
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const names = blocks.map(({ page, shown }, index) => {
    const name = `${page.replaceAll(/\W/g, '-')}-${index}.ts`;
    writeFileSync(join(folder, name), fileOf(shown));
    return name;
  });
  const paths = {
    switchover: [join(ROOT, 'lib/index.ts')],
    'switchover/config': [join(ROOT, 'lib/config/define.ts')],
  };
  const compilerOptions = { noUnusedLocals: false, paths };
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, files: names, include: [] }),
  );
  try {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
  } catch (error) {
    assert.fail(String((error as { stdout: Buffer }).stdout));
  }
});
