import type { ConfigDraft } from './draft.ts';
import { canonicalName } from './names.ts';
import { expected, type Problem } from './problems.ts';

/** A vantage that sees none of its references abstains, so one that is a site's own makes all of them abstain when the site dies. */
export const referenceRules = ({ references, sites }: ConfigDraft): Problem[] => {
  const own = ownNames(sites);
  return (references ?? []).flatMap((reference, index) => {
    const what = reference === null ? undefined : own.get(canonicalName(new URL(reference).hostname));
    if (what === undefined) return [];
    const message = expected(
      'a site that is always there and not yours',
      reference,
      `it is ${what}, and would make the vantages blind exactly when the site dies, so name another`,
    );
    return [{ path: `references[${index}]`, message }];
  });
};

/** Every name that a site or one of its servers is reached by, and what it is. Addresses are refused in a URL anyhow. */
const ownNames = (sites: ConfigDraft['sites']): Map<string, string> => {
  const own = new Map<string, string>();
  const note = (name: string | null | undefined, what: string): void => {
    if (name && !own.has(name)) own.set(name, what);
  };
  for (const { site, path, hostAt, at } of sites) {
    for (const name of site.names ?? []) note(name, `a record name of ${path}`);
    note(site.host, `the host that visitors type (${hostAt})`);
    note(site.dual?.primaryHost, `the primary's own host (${path}.dual.primaryHost)`);
    for (const [index, server] of (site.servers ?? []).entries()) {
      const where = `an address of a server (${at('servers')}[${index}])`;
      for (const name of [server?.hostname, server?.alias?.name, server?.probeAddress]) note(name, where);
    }
  }
  return own;
};
