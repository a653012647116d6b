/** How what is built names the pages of `docs/`: a package brings none along. */

export type Repository = string | { url: string };

/** `git+https://host/owner/name.git` as a browser takes it; undefined for what is no address. */
const browsed = (repository: Repository | undefined): string | undefined => {
  const url = typeof repository === 'string' ? repository : repository?.url;
  return /^(?:git\+)?(https:\/\/.+?)(?:\.git)?$/.exec(url ?? '')?.[1];
};

/** Pages of `docs/` by their address, or as pages of the repository where its address is not known. */
export const withPages = (text: string, repository: Repository | undefined): string => {
  const address = browsed(repository);
  return text.replace(/(?<![\w/.])docs\/[\w-]+\.md(?! in the repository)/g, (page) =>
    address === undefined ? `${page} in the repository` : `${address}/blob/HEAD/${page}`,
  );
};

/** Throws where a package that anybody can fetch would name pages that nobody can find. */
export const refuseWithoutPages = (isPublished: boolean, repository: Repository | undefined): void => {
  if (!isPublished || browsed(repository) !== undefined) return;
  throw new Error(
    'Expected `repository` in package.json, with an address that begins with https://, received none: what is published names pages of it, so add it first (docs/packages.md, Publishing).',
  );
};
