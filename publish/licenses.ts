import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildAsides, buildFunction } from '../lib/build-function.ts';
import { FUNCTIONS } from '../lib/bundle.ts';
import { TOP } from '../lib/place.ts';

/** A package whose code is in something that was built. */
export type Packed = { name: string; version: string; license: string; text: string };

/** The folder of the package that a module belongs to; undefined for a module of ours. */
const packageOf = (module: string): string | undefined =>
  /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];

const packedIn = (folder: string): Packed => {
  const path = join(TOP, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Packed;
  const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : readFileSync(join(path, file), 'utf8').trim();
  return { name, version, license, text };
};

/** The packages that these modules belong to, by name. */
export const packagesOf = (modules: readonly string[]): Packed[] =>
  [...new Set(modules.flatMap((module) => packageOf(module) ?? []))]
    .sort()
    .map(packedIn)
    .sort((one, other) => (one.name < other.name ? -1 : 1));

/** The modules of all that is deployed: the functions, and what lies beside them. */
export const modulesOfFunctions = (): string[] => {
  const scratch = mkdtempSync(join(tmpdir(), 'switchover-licenses-'));
  try {
    return [
      ...FUNCTIONS.flatMap((name) => buildFunction(`lambda/${name}.ts`, join(scratch, name))),
      ...buildAsides(join(scratch, 'packages')),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

/** The packages whose code is in what was built, with what their licences want to be told: a text that several have, once. */
export const licensesOf = (modules: readonly string[]): string => {
  const byText = Map.groupBy(packagesOf(modules), ({ license, text }) => `${license}\n${text}`);
  const sections = [...byText.values()].map((packages) => {
    const headings = packages.map(({ name, version, license }) => `## ${name} ${version} (${license})\n`);
    const [{ text } = { text: '' }] = packages;
    return `${headings.join('\n')}${text === '' ? '' : `\n${text}\n`}`;
  });
  return `# Packages whose code is part of this one\n\n${sections.join('\n')}`;
};

/** The page of the repository: what is deployed to an account holds code of these packages. */
export const licensesPage = (modules: readonly string[]): string => {
  const rows = packagesOf(modules).map(({ name, license }) => `| \`${name}\` | ${license} |`);
  return `# Whose code is deployed

The functions are bundled: their zips hold code of these packages, beside our own (MIT). Versions are those of
[package-lock.json](../package-lock.json). The packages that \`npm run build\` makes carry the whole texts in their
\`LICENSES.md\`. This page is written by \`npm run licenses\`, and a test compares it with what is bundled.

| package | licence |
| --- | --- |
${rows.join('\n')}
`;
};
