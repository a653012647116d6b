import { isExpected } from '../../lambda/core/probe/outcome.ts';
import type { StatusRule } from '../../lambda/core/probe/request.ts';
import type { SiteDraft } from './draft.ts';
import { expected, type Problem } from './problems.ts';

/** What is wrong with a site whose standbys stand beside its serving server, as far as the schema left it readable. Pure. */
export const dualRules = (draft: SiteDraft): Problem[] => {
  const { site, path, at } = draft;
  if (site.lever === null || site.dual === null) return [];
  if (site.lever !== 'dual') {
    if (site.dual === undefined) return [];
    const message = `Expected no \`dual\` with the lever '${site.lever}', received one; drop it, or set \`lever\` to 'dual'.`;
    return [{ path: `${path}.dual`, message }];
  }
  if (site.dual === undefined) {
    const message = expected(
      "`dual` with the lever 'dual'",
      undefined,
      "write { primaryName: 'www-primary.…', probeHeader: 'x-…' }, see docs/dual.md",
    );
    return [{ path: at('dual'), message }];
  }
  return [
    ...addressesOnly(draft),
    ...headerIsSent(draft),
    ...redirectIsNoPass(draft),
    ...isAnotherHost(draft),
  ];
};

/** A name has one CNAME, so two servers cannot stand at it. */
const addressesOnly = ({ site, at }: SiteDraft): Problem[] =>
  (site.servers ?? []).flatMap((server, index) =>
    server?.hostname
      ? [
          {
            path: `${at('servers')}[${index}].hostname`,
            message: expected(
              "`ipv4` or `ipv6` with the lever 'dual'",
              server.hostname,
              'a name has one CNAME at most, and several servers are published here, so give addresses',
            ),
          },
        ]
      : [],
  );

/** Without it the gate would answer the probe itself, and nobody would know whether the standby's application works. */
const headerIsSent = ({ site, path, at }: SiteDraft): Problem[] => {
  const { probe, dual } = site;
  if (!probe?.url || !dual?.probeHeader || probe.headers === null) return [];
  if (!/^https?:/.test(probe.url)) {
    const message = expected(
      "an http or https URL with the lever 'dual'",
      probe.url,
      'the gate before a standby knows a probe by its header, so ask for a page',
    );
    return [{ path: at('probe.url'), message }];
  }
  const sent = [...Object.keys(probe.headers), ...Object.keys(probe.secretHeaders ?? {})];
  if (sent.some((name) => name.toLowerCase() === dual.probeHeader)) return [];
  const message = expected(
    `one of the headers that the probe sends (${sent.join(', ') || 'none'})`,
    dual.probeHeader,
    `add it to \`probe.headers\`: { '${dual.probeHeader}': { secret: '/NAME/OF/A/PARAMETER' } }`,
  );
  return [{ path: `${path}.dual.probeHeader`, message }];
};

/** What a gate answers must never pass for its application. */
const redirectIsNoPass = ({ site: { probe, dual }, at }: SiteDraft): Problem[] => {
  const rules = (probe?.expectStatus ?? []).filter((rule): rule is StatusRule => rule !== null);
  const found: Problem[] = [307, 421]
    .filter((status) => isExpected(rules, status))
    .map((status) => ({
      path: at('probe.expectStatus'),
      message: expected(
        `no ${status} among the statuses of a good answer`,
        rules,
        'it is what the gate before a standby answers by itself, so leave it out',
      ),
    }));
  if (dual?.primaryHost && probe?.redirectHosts?.includes(dual.primaryHost)) {
    const wayOut = 'a probe of a standby would be led to the serving server and pass there, so drop it';
    found.push({
      path: at('probe.redirectHosts'),
      message: expected('other hosts than `dual.primaryHost`', dual.primaryHost, wayOut),
    });
  }
  return found;
};

const isAnotherHost = ({ site, path }: SiteDraft): Problem[] => {
  const { host, dual } = site;
  if (!host || dual?.primaryHost !== host) return [];
  const message = expected(
    'another host than the one that visitors type',
    host,
    'a gate that sent them there would send them round in circles, so choose a name of its own',
  );
  return [{ path: `${path}.dual.primaryHost`, message }];
};
