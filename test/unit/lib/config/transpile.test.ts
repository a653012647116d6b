import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { importTranspiled } from '../../../../lib/config/transpile.ts';
import { temporaryDirectory } from '../fixture.ts';

const directory = temporaryDirectory();

const write = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
};

test('types are taken out, other modules and packages are taken along, and nothing stays behind', async () => {
  write('cities.ts', "export const cities: readonly string[] = ['eu-west-1'];");
  const ours = join(directory, 'node_modules/of-ours');
  mkdirSync(ours, { recursive: true });
  writeFileSync(join(ours, 'index.js'), "module.exports = { seen: require('node:path').basename('/a/b') };");
  const file = write(
    'whole.ts',
    [
      "import { defineConfig } from 'switchover/config';",
      "import { cities } from './cities.ts';",
      "import ofOurs from 'of-ours';",
      'enum Size { Small = 5 }',
      'export default defineConfig({ cities, size: Size.Small, ofOurs, here: import.meta.filename } as never);',
    ].join('\n'),
  );
  const before = readdirSync(directory).sort();
  assert.deepEqual((await importTranspiled(file)).default, {
    cities: ['eu-west-1'],
    size: 5,
    ofOurs: { seen: 'b' },
    here: file,
  });
  assert.deepEqual(readdirSync(directory).sort(), before);
});

test('what is thrown names the line that was written', async () => {
  const file = write(
    'throws.ts',
    'type A = string;\n\nconst a: A | undefined = undefined;\nexport default (a as never as A).length;',
  );
  await assert.rejects(importTranspiled(file), (error: Error) => {
    assert.equal(error.name, 'TypeError');
    assert.ok(error.stack?.includes(`${pathToFileURL(file).href}:4:`), error.stack);
    return true;
  });
});

test('what cannot be read is a syntax error with its place and line', async () => {
  const file = write('broken.ts', "export default {\n  a: 'b'\n  c: 'd',\n};");
  await assert.rejects(importTranspiled(file), (error: Error) => {
    assert.ok(error instanceof SyntaxError);
    assert.equal(error.message, 'Expected "}" but found "c"');
    assert.ok(error.stack?.startsWith(`${pathToFileURL(file).href}:3\n  c: 'd',\n`), error.stack);
    return true;
  });
});
