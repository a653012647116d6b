import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IS_BUILT, TOP } from '../lib/place.ts';

type Repository = string | { url: string };

/** `git+https://host/owner/name.git` as a browser takes it; undefined for what is no address. */
const browsed = (repository: Repository | undefined): string | undefined => {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return /^(?:git\+)?(https:\/\/.+?)(?:\.git)?$/.exec(url ?? '')?.[1];
};

/** Pages of `docs/` by their address, or as pages of the repository where its address is not known: a package brings none along. */
export const withPages = (text: string, repository: Repository | undefined): string => {
  const address = browsed(repository);
  return text.replace(/(?<![\w/.])docs\/[\w-]+\.md/g, (page) =>
    address === undefined ? `${page} in the repository` : `${address}/blob/HEAD/${page}`,
  );
};

/** A text as it is told: in the repository its pages are there. */
export const toldWithPages = (text: string): string => {
  if (!IS_BUILT || !text.includes('docs/')) return text;
  const { repository } = JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8')) as {
    repository?: Repository;
  };
  return withPages(text, repository);
};
