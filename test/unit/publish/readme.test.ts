import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { publishConfigOf, readmeText } from '../../../publish/readme.ts';

const MAIN = readFileSync(new URL('../../../publish/main.md', import.meta.url), 'utf8');
const SCOPED = {
  main: '@shop/switchover',
  gate: '@shop/switchover-gate',
  create: '@shop/create-switchover',
};

test('with a scope the README imports what is published, and names it', () => {
  const text = readmeText(MAIN, SCOPED);
  assert.match(text, /from '@shop\/switchover\/config'/);
  assert.match(text, /`@shop\/create-switchover` makes a project/);
  assert.doesNotMatch(text, /'switchover\/config'|`create-switchover`/);
  assert.equal(readmeText(MAIN), MAIN, 'without one it is as written');
});

test('a name in a scope is published for everybody', () => {
  assert.deepEqual(publishConfigOf(SCOPED.main), { publishConfig: { access: 'public' } });
  assert.deepEqual(publishConfigOf('switchover'), {});
});
