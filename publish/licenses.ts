import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { TOP } from '../lib/place.ts';

/** The folder of the package that a module belongs to; undefined for a module of ours. */
const packageOf = (module: string): string | undefined =>
  /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];

const licenseOf = (folder: string): string => {
  const path = join(TOP, folder);
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Record<
    string,
    string
  >;
  const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(path, file), 'utf8').trim()}`;
  return `## ${name} ${version} (${license})${text}\n`;
};

/** The packages whose code is in what was built, with what their licences want to be told. */
export const licensesOf = ({ inputs }: Metafile): string => {
  const folders = new Set(Object.keys(inputs).flatMap((module) => packageOf(module) ?? []));
  return `# Packages whose code is part of this one\n\n${[...folders].sort().map(licenseOf).join('\n')}`;
};
