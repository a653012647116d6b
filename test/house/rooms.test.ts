import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { circlesIn, FLOORS, importsOf, roomOf, wrongImports } from './rooms.ts';
import { SOURCES } from './sources.ts';

const imports = new Map(SOURCES.map(({ path, source }) => [path, importsOf(path, source)]));

describe('the rooms of lambda/', () => {
  test('each file imports its own room and lower floors, types included', () => {
    const lambda = [...imports].filter(([path]) => path.startsWith('lambda/'));
    assert.ok(lambda.length > 100, `Expected the files of lambda/, received ${lambda.length}.`);
    assert.deepEqual(
      lambda.flatMap(([path, imported]) => wrongImports(path, imported)),
      [],
    );
  });

  test('no room is empty', () => {
    const used = new Set([...imports.keys()].map(roomOf));
    assert.deepEqual(
      FLOORS.flatMap(({ rooms }) => rooms.filter((room) => !used.has(room))),
      [],
    );
  });

  test('docs/contributing.md shows the table', () => {
    const rows = FLOORS.map(
      ({ rooms, holds }) => `| ${rooms.map((room) => `\`${room}\``).join(', ')} | ${holds} |`,
    );
    const page = readFileSync(new URL('../../docs/contributing.md', import.meta.url), 'utf8');
    assert.ok(page.includes(rows.join('\n')), `Expected these rows:\n${rows.join('\n')}`);
  });

  test('measurements need nothing of test/, nor does what they share with tests', () => {
    const needy = SOURCES.filter(({ path }) => /^(bench|fixtures)\//.test(path)).filter(
      ({ path, source }) =>
        importsOf(path, source).some((imported) => imported.startsWith('test/')) ||
        /\.\.\/test\//.test(source),
    );
    const paths = needy.map(({ path }) => path);
    assert.deepEqual(paths, [], 'Move what both need to fixtures/.');
  });

  test('nothing that is deployed or run needs what stands in for it', () => {
    const wrong = SOURCES.filter(({ path }) => /^(gate|lambda|lib|local|page|bin)\//.test(path)).filter(
      ({ path, source }) =>
        importsOf(path, source).some((imported) => /^(fixtures|test|bench)\//.test(imported)),
    );
    assert.deepEqual(
      wrong.map(({ path }) => path),
      [],
    );
  });

  test('there is no circle of imports in the whole repository, types included', () => {
    assert.deepEqual(circlesIn(imports), []);
  });
});

describe('what the table refuses', () => {
  const RIGHT = [
    ['lambda/core/zone/a.ts', 'lambda/core/zone/b.ts'],
    ['lambda/core/zone/a.ts', 'lambda/core/base/b.ts'],
    ['lambda/ports.ts', 'lambda/core/doctor/b.ts'],
    ['lambda/apply/a.ts', 'lambda/edge/b.ts'],
    ['lambda/console.ts', 'lambda/console/b.ts'],
  ] as const;
  const WRONG = [
    ['lambda/core/base/a.ts', 'lambda/core/zone/b.ts'],
    ['lambda/core/doctor/a.ts', 'lambda/edge/b.ts'],
    ['lambda/apply/a.ts', 'lambda/notify/b.ts'],
    ['lambda/controller/a.ts', 'lambda/console/b.ts'],
    ['lambda/apply/a.ts', 'lambda/controller/b.ts'],
    ['lambda/apply/a.ts', 'lib/b.ts'],
    ['lambda/apply/a.ts', 'lambda/controller.ts'],
    ['lambda/status.ts', 'lambda/console.ts'],
    ['lambda/act.ts', 'lambda/core/base/b.ts'],
    ['lambda/core/a.ts', 'lambda/core/base/b.ts'],
    ['lambda/kitchen/a.ts', 'lambda/core/base/b.ts'],
  ] as const;
  for (const [path, imported] of RIGHT)
    test(`${path} may import ${imported}`, () => assert.deepEqual(wrongImports(path, [imported]), []));
  for (const [path, imported] of WRONG)
    test(`${path} may not import ${imported}`, () => assert.equal(wrongImports(path, [imported]).length, 1));

  test('imports of every kind are seen', () => {
    const source = [
      "import { a } from './a.ts';",
      "import type { B } from '../zone/b.ts';",
      "export { c } from './c.ts';",
      "const d = await import('./d.ts');",
      "type E = import('./e.ts').E;",
      "import './f.ts';",
      "import fs from 'node:fs';",
    ].join('\n');
    assert.deepEqual(importsOf('lambda/core/site/x.ts', source), [
      'lambda/core/site/a.ts',
      'lambda/core/zone/b.ts',
      'lambda/core/site/c.ts',
      'lambda/core/site/d.ts',
      'lambda/core/site/e.ts',
      'lambda/core/site/f.ts',
    ]);
  });

  test('a circle is found, with those that are in it and no others', () => {
    const circle = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', []],
      ['e', ['a']],
      ['f', ['f']],
    ]);
    assert.deepEqual(circlesIn(circle), [['a', 'b', 'c'], ['f']]);
  });
});
