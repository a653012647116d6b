import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf, processes, TOGETHER } from '../together/together.ts';

const NAMES = Object.keys(TOGETHER);
const LOADED = NAMES.flatMap(filesOf);

describe('test files that share a process', () => {
  test('are loaded by a file for each process, and by no other', () => {
    const loaders = globSync('test/together/*.ts').map((file) => basename(file, '.ts'));
    assert.deepEqual(loaders.sort(), [...NAMES, 'together'].sort());
  });

  test('are there, each once', () => {
    const unused = NAMES.flatMap((name) => TOGETHER[name] ?? []).filter(
      (pattern) => globSync(pattern).length === 0,
    );
    assert.deepEqual(unused, []);
    assert.equal(new Set(LOADED).size, LOADED.length);
  });

  test('are with all others what npm test runs', () => {
    const run = processes().filter((file) => file.endsWith('.test.ts'));
    assert.deepEqual([...run, ...LOADED].sort(), globSync('test/**/*.test.ts').sort());
  });

  // In front of the first test of a file, another file's tests have begun: such a hook would be late, or would run for all of them.
  test('have no hook in front of all their tests', () => {
    const hooked = LOADED.filter((file) =>
      /^(before|beforeEach|afterEach)\(/m.test(readFileSync(file, 'utf8')),
    );
    assert.deepEqual(hooked, []);
  });
});
