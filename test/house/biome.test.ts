import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { temporaryDirectory } from '../unit/lib/fixture.ts';

/** What Biome is told not to let through, and what looks like it and is let through: so that no rule is asleep. */
type Case = { rule: string; path: string; breach: string; fine: string };

const IMPORTS = 'noRestrictedImports';
const GLOBALS = 'noRestrictedGlobals';
const FS = "import { readFileSync } from 'node:fs';\nreadFileSync('');";
const SNS = "import { SNSClient } from '@aws-sdk/client-sns';\nnew SNSClient();";
const ZOD = "import * as z from 'zod';\nz.string();";
const TIMERS = "import { setTimeout } from 'node:timers/promises';\nvoid setTimeout(1);";
const OURS = "import { a } from './sns.ts';\na();";
const LOCAL = "import type { A } from '../../local/zone.ts';\nexport type B = A;";

const CASES: Case[] = [
  { rule: IMPORTS, path: 'lambda/core/base', breach: FS, fine: "import { b } from '../act.ts';\nb();" },
  {
    rule: IMPORTS,
    path: 'lambda/core/base',
    breach: "export const a = import('undici');",
    fine: "import type { B } from './b.ts';\nexport type C = B;",
  },
  { rule: IMPORTS, path: 'lambda/core/base', breach: LOCAL, fine: OURS },
  { rule: IMPORTS, path: 'lambda/apply', breach: FS, fine: OURS },
  { rule: IMPORTS, path: 'lambda/apply', breach: ZOD, fine: "export const zod = 'zod';" },
  { rule: IMPORTS, path: 'lambda/apply', breach: SNS, fine: OURS },
  { rule: IMPORTS, path: 'lambda/apply', breach: LOCAL, fine: OURS },
  { rule: IMPORTS, path: 'lambda/apply', breach: TIMERS, fine: 'export const timers = 1;' },
  { rule: IMPORTS, path: 'lambda/edge', breach: TIMERS, fine: FS },
  { rule: IMPORTS, path: 'lambda/edge', breach: LOCAL, fine: SNS },
  { rule: IMPORTS, path: 'lambda/prober', breach: SNS, fine: FS },
  { rule: IMPORTS, path: 'lambda/prober', breach: TIMERS, fine: FS },
  { rule: IMPORTS, path: 'lib/stacks', breach: LOCAL, fine: FS },
  { rule: IMPORTS, path: 'lib/stacks', breach: ZOD, fine: FS },
  { rule: IMPORTS, path: 'lib/config', breach: SNS, fine: ZOD },
  { rule: IMPORTS, path: 'local', breach: SNS, fine: FS },
  { rule: IMPORTS, path: 'bench', breach: ZOD, fine: SNS },
  { rule: GLOBALS, path: 'lambda/core', breach: 'export const a = process.env.A;', fine: OURS },
  { rule: GLOBALS, path: 'lambda/core', breach: 'export const a = crypto.randomUUID();', fine: OURS },
  { rule: GLOBALS, path: 'lambda/apply', breach: 'export const a = performance.now();', fine: OURS },
  {
    rule: GLOBALS,
    path: 'lambda/edge',
    breach: 'setTimeout(() => {}, 5);',
    fine: 'export const setTimeouts = process.env.A;',
  },
  { rule: GLOBALS, path: 'lambda/prober', breach: 'setImmediate(() => {});', fine: OURS },
  {
    rule: 'noConsole',
    path: 'lambda/apply',
    breach: "console.log('a');",
    fine: 'export const { console: name } = { console: 1 };',
  },
  { rule: 'noConsole', path: 'local', breach: "console.error('a');", fine: OURS },
  {
    rule: 'noFocusedTests',
    path: 'test/unit',
    breach: "import { test } from 'node:test';\ntest.only('a', () => {});",
    fine: "import { test } from 'node:test';\ntest('a', () => {});",
  },
  {
    rule: 'noSkippedTests',
    path: '.ci/checks',
    breach: "import { test } from 'node:test';\ntest.skip('a', () => {});",
    fine: "import { test } from 'node:test';\ntest('a', () => {});",
  },
  {
    rule: 'noExcessiveLinesPerFile',
    path: 'gate',
    breach: 'export {};\n'.repeat(301),
    fine: 'export {};\n'.repeat(300),
  },
];

/** What Biome finds in the files of a folder that has our rules, by path. */
const findingsIn = (files: ReadonlyMap<string, string>): Map<string, string[]> => {
  const root = temporaryDirectory();
  const repository = join(import.meta.dirname, '../..');
  const rules = JSON.parse(readFileSync(join(repository, 'biome.json'), 'utf8'));
  writeFileSync(join(root, 'biome.json'), JSON.stringify({ ...rules, $schema: undefined, vcs: undefined }));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  const biome = join(repository, 'node_modules/@biomejs/biome/bin/biome');
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '.'];
  const { stdout, stderr } = spawnSync(process.execPath, [biome, ...args], { cwd: root, encoding: 'utf8' });
  assert.match(stdout, /^\{/, stderr);
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string } }[];
  };
  return Map.groupBy(diagnostics, ({ location }) => location.path) as never as Map<string, string[]>;
};

const pathOf = ({ path }: Case, index: number, kind: 'breach' | 'fine'): string =>
  `${path}/${kind}-${index}.ts`;

describe("Biome's rules of the house", () => {
  let findings: Map<string, string[]>;
  before(() => {
    const files = CASES.flatMap((one, index) =>
      (['breach', 'fine'] as const).map((kind) => [pathOf(one, index, kind), one[kind]] as const),
    );
    findings = findingsIn(new Map(files));
  });
  const found = (path: string): string => JSON.stringify(findings.get(path) ?? []);

  for (const [index, one] of CASES.entries())
    test(`${one.rule} in ${one.path}: ${one.breach.slice(0, 60).replaceAll('\n', ' ')}`, () => {
      assert.match(found(pathOf(one, index, 'breach')), new RegExp(`/${one.rule}"`));
      assert.doesNotMatch(found(pathOf(one, index, 'fine')), new RegExp(`/${one.rule}"`));
    });
});
