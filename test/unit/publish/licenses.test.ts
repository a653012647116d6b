import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { licensesOf, licensesPage, modulesOfFunctions, packagesOf } from '../../../publish/licenses.ts';

let modules: string[];
before(() => {
  modules = modulesOfFunctions();
});

/** Licences that ask for no more than to be told, and to stay with the code. */
const PERMISSIVE = new Set(['MIT', 'Apache-2.0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause']);

test('the page of licences is that of what is bundled', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/licenses.md'), 'utf8');
  assert.equal(page, licensesPage(modules), 'npm run licenses writes it');
});

test('each package that is bundled says a licence that lets us deploy it, and gives its text', () => {
  const packages = packagesOf(modules);
  for (const name of [
    'undici',
    'dns-packet',
    '@smithy/core',
    '@aws-sdk/client-ec2',
    '@aws-sdk/client-route-53',
  ])
    assert.ok(
      packages.some((packed) => packed.name === name),
      name,
    );
  for (const { name, license } of packages) assert.ok(PERMISSIVE.has(license), `${name}: ${license}`);
  for (const { name, version } of packages)
    assert.ok(licensesOf(modules).includes(`## ${name} ${version} (`), name);
});
