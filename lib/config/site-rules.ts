import { roleRecordName } from '../../lambda/contract.ts';
import type { Server, Site } from '../../lambda/core/site/site.ts';
import type { Draft, SiteDraft } from './draft.ts';
import { dualRules } from './dual-rules.ts';
import { NAME_BYTES_MAX, wireBytes } from './names.ts';
import { probeRules } from './probe-rules.ts';
import { expected, type Problem } from './problems.ts';
import { readdressRules } from './readdress-rules.ts';
import { aliasProblems, ttlRules } from './record-rules.ts';

/** What is wrong between the fields of one site, as far as the schema left them readable. Pure. */
export const siteRules = (draft: SiteDraft, intervalSeconds: number | null): Problem[] => [
  ...requiredFields(draft),
  ...roleRecordFits(draft),
  ...hostIsAskedFor(draft),
  ...probeRules(draft, intervalSeconds),
  ...enoughServers(draft),
  ...eachServer(draft),
  ...serversDiffer(draft),
  ...oneChangeMovesAll(draft),
  ...lastResortIsAServer(draft),
  ...ttlRules(draft),
  ...readdressRules(draft),
  ...dualRules(draft),
];

const requiredFields = ({ missing, path }: SiteDraft): Problem[] =>
  missing.map((field) => ({
    path: `${path}.${field}`,
    message:
      field === 'servers'
        ? expected(
            'a list of servers, the preferred one first',
            undefined,
            'name at least two, here or in `defaults`',
          )
        : expected(
            'an http or https URL such as https://www.example.co.uk/healthz',
            undefined,
            'say what a probe asks for, here or in `defaults`',
          ),
  }));

const roleRecordFits = ({ site, path }: SiteDraft): Problem[] => {
  if (site.name === null) return [];
  const bytes = wireBytes(roleRecordName(site.name));
  if (bytes <= NAME_BYTES_MAX) return [];
  const message = `Expected a name whose role record ${roleRecordName('NAME')} fits into the ${NAME_BYTES_MAX} bytes of a DNS name, received one that makes ${bytes}; shorten it by ${bytes - NAME_BYTES_MAX}.`;
  return [{ path: `${path}.name`, message }];
};

const hostIsAskedFor = ({ site, hostAt }: SiteDraft): Problem[] => {
  if (!site.host || !site.probe?.url) return [];
  const asked = new URL(site.probe.url).hostname;
  if (asked === site.host) return [];
  const message = expected(
    `the host of \`probe.url\`, ${asked}`,
    site.host,
    'a probe must ask for the host that visitors type, so drop `host` or correct the URL',
  );
  return [{ path: hostAt, message }];
};

const SERVERS_MIN = 2;

const enoughServers = ({ site, at }: SiteDraft): Problem[] =>
  site.servers === null || site.servers.length >= SERVERS_MIN
    ? []
    : [
        {
          path: at('servers'),
          message: expected(
            'at least two servers, the preferred one first',
            site.servers,
            'with fewer there is nothing to switch to, so add a standby',
          ),
        },
      ];

const eachServer = ({ site, at }: SiteDraft): Problem[] =>
  (site.servers ?? []).flatMap((server, index) => {
    // What they serve at is the address that moves: see the rules of that lever.
    if (server === null || site.lever === 'readdress') return [];
    const path = `${at('servers')}[${index}]`;
    const families = (['ipv4', 'ipv6'] as const).filter((family) => server[family]?.length !== 0);
    if (server.alias !== undefined) return aliasProblems(server, families, path);
    if (server.hostname !== undefined)
      return cnameProblems(server.hostname, families, site, `${path}.hostname`);
    if (families.length > 0) return [];
    const message =
      'Expected an address in `ipv4` or `ipv6`, a `hostname` or an `alias`, received none of them; say where visitors shall be sent.';
    return [{ path, message }];
  });

const cnameProblems = (
  hostname: string | null,
  families: string[],
  site: Draft<Site>,
  path: string,
): Problem[] => {
  if (hostname === null) return [];
  const found: Problem[] = [];
  if (families.length > 0) {
    const allowed = `no \`hostname\` beside \`${families.join('` and `')}\``;
    const wayOut = 'a name with a CNAME cannot have addresses too, so keep one or the other';
    found.push({ path, message: expected(allowed, hostname, wayOut) });
  }
  if (site.zone !== null && site.names?.includes(site.zone)) {
    const allowed = `addresses for ${site.zone}, which is the apex of its zone`;
    const wayOut =
      'DNS allows no CNAME beside the SOA and NS records of an apex, so use `ipv4` and `ipv6`, an `alias` where the server is an AWS resource, or move a name below it such as www';
    found.push({ path, message: expected(allowed, hostname, wayOut) });
  }
  return found;
};

const serversDiffer = ({ site, at }: SiteDraft): Problem[] => {
  const seen = new Map<string, { path: string; server: number }>();
  const found: Problem[] = [];
  const note = (kind: string, value: string, path: string, server: number, why: string): void => {
    const first = seen.get(`${kind} ${value}`);
    if (first === undefined) seen.set(`${kind} ${value}`, { path, server });
    // Probing the address that is served says nothing new, and does no harm.
    else if (first.server !== server || !path.endsWith('.probeAddress')) {
      found.push({
        path,
        message: expected(`each ${kind} once`, value, `it is ${first.path} already; ${why}`),
      });
    }
  };
  for (const [index, server] of (site.servers ?? []).entries()) {
    const path = `${at('servers')}[${index}]`;
    if (server?.name) {
      note(
        'server name',
        server.name,
        `${path}.name`,
        index,
        'commands and records could not tell them apart, so rename one',
      );
    }
    for (const [field, address] of server === null ? [] : addressFields(server)) {
      // Which all of them share.
      if (site.lever === 'readdress' && field.startsWith('ipv4')) continue;
      note(
        'address',
        address,
        `${path}.${field}`,
        index,
        'a switch between servers that share it would do nothing, so correct one',
      );
    }
  }
  return found;
};

/** Every address a server is known by, served ones first, and the field that holds it. */
const addressFields = (server: Draft<Server>): [field: string, address: string][] => {
  const listed = (['ipv4', 'ipv6'] as const).flatMap((family) =>
    (server[family] ?? []).map((address, index) => [`${family}[${index}]`, address] as const),
  );
  const single = [
    ['hostname', server.hostname],
    ['alias', server.alias?.name || undefined],
    ['probeAddress', server.probeAddress],
  ] as const;
  return [...listed, ...single].flatMap(([field, address]) => (address ? [[field, address]] : []));
};

/** Limits of one ChangeResourceRecordSets request (Route 53 quotas). An alias has a record for each family, and no characters. */
const BATCH_VALUES_MAX = 1_000;
const BATCH_CHARACTERS_MAX = 32_000;
/** More than the role record's text can have. */
const ROLE_RECORD_CHARACTERS = 300;

/** Every name's records are deleted and created in one change, with the role record: old and new values count. */
const oneChangeMovesAll = ({ site, at }: SiteDraft): Problem[] => {
  const names = site.names?.length ?? 0;
  const each = (site.servers ?? []).map((server) =>
    server === null
      ? []
      : addressFields(server)
          .filter(([field]) => field !== 'probeAddress')
          .flatMap(([field, address]) => (field === 'alias' ? ['', ''] : [address])),
  );
  const served = site.lever === 'dual' ? [each.flat()] : each;
  const values = 2 * (names * Math.max(0, ...served.map((addresses) => addresses.length)) + 1);
  const characters =
    2 *
    (names * Math.max(0, ...served.map((addresses) => addresses.join('').length)) + ROLE_RECORD_CHARACTERS);
  if (values <= BATCH_VALUES_MAX && characters <= BATCH_CHARACTERS_MAX) return [];
  const message = `Expected the records of a site to fit into one change of ${BATCH_VALUES_MAX} values and ${BATCH_CHARACTERS_MAX} characters, received ${values} values and ${characters} characters (${names} names, each deleted and created with all addresses of a server); drop extra names or addresses, or make two sites of it.`;
  return [{ path: at('servers'), message }];
};

const lastResortIsAServer = ({ site, at }: SiteDraft): Problem[] => {
  const names = site.servers?.map((server) => server?.name ?? null) ?? [null];
  if (!site.lastResort || names.includes(null) || names.includes(site.lastResort)) return [];
  const message = expected(
    `the name of a server of ${site.name ?? 'this site'} (${names.join(', ')})`,
    site.lastResort,
    'correct it, or drop `lastResort`',
  );
  return [{ path: at('lastResort'), message }];
};
