import type { Server } from '../../lambda/core/site/site.ts';
import type { Draft, SiteDraft } from './draft.ts';
import { expected, type Problem } from './problems.ts';

/** What is wrong with a site of the lever `readdress`, or with what belongs to that lever at another. Pure. */
export const readdressRules = (draft: SiteDraft): Problem[] => {
  const { site, at } = draft;
  if (site.lever !== 'readdress') return foreign(draft);
  if (site.readdress === undefined) {
    const wayOut = "name it: readdress: { address: '203.0.113.10' }";
    return [{ path: at('readdress'), message: expected('the address that moves', undefined, wayOut) }];
  }
  const { readdress } = site;
  if (readdress === null || readdress.address === null || readdress.allocationId === null) return [];
  const { address, allocationId, region } = readdress;
  const found =
    allocationId === undefined && region !== undefined
      ? [problem(at('readdress.region'), 'no region without an Elastic IP', region, 'drop it')]
      : [];
  return [
    ...found,
    ...eachServer(draft, (server, path) => [
      ...servesAtTheAddress(server, path, address),
      ...probedElsewhere(server, path, address),
      ...(allocationId === undefined ? holderless(server, path) : holderNamed(server, path)),
    ]),
    ...holdersDiffer(draft),
  ];
};

type Rule = (server: Draft<Server>, path: string) => Problem[];

const problem = (path: string, allowed: string, received: unknown, wayOut: string): Problem => ({
  path,
  message: expected(allowed, received, wayOut),
});

const eachServer = ({ site, at }: SiteDraft, rule: Rule): Problem[] =>
  (site.servers ?? []).flatMap((server, index) =>
    server === null ? [] : rule(server, `${at('servers')}[${index}]`),
  );

/** At a site of another lever nothing moves an address. */
const foreign = (draft: SiteDraft): Problem[] => {
  const { site, at } = draft;
  if (site.lever === null) return [];
  if (site.readdress === null) return [];
  if (site.readdress === undefined) return eachServer(draft, holderless);
  const allowed = "no address to move unless `lever` is 'readdress'";
  return [problem(at('readdress'), allowed, site.readdress.address, 'set the lever, or drop it')];
};

const servesAtTheAddress = ({ ipv4, ipv6, hostname }: Draft<Server>, path: string, address: string) => [
  ...(ipv4 === null || (ipv4.length === 1 && (ipv4[0] === address || ipv4[0] === null))
    ? []
    : [
        problem(
          `${path}.ipv4`,
          `no address but ${address}, which moves`,
          ipv4,
          'drop it; what is probed goes in `probeAddress`',
        ),
      ]),
  ...(ipv6?.length
    ? [problem(`${path}.ipv6`, 'no IPv6 address', ipv6, 'only an IPv4 address can be moved so far')]
    : []),
  ...(hostname
    ? [problem(`${path}.hostname`, 'no host name', hostname, 'visitors are sent to the address that moves')]
    : []),
];

const probedElsewhere = ({ probeAddress }: Draft<Server>, path: string, address: string): Problem[] => {
  if (probeAddress === null || (probeAddress !== undefined && probeAddress !== address)) return [];
  const wayOut =
    'the address that moves says nothing about a server that does not hold it, so give one that always means this server';
  return [problem(`${path}.probeAddress`, 'an address to probe apart', probeAddress, wayOut)];
};

const holderNamed = ({ holder }: Draft<Server>, path: string): Problem[] =>
  holder !== undefined
    ? []
    : [
        problem(
          `${path}.holder`,
          'an instance (i-…) or network interface (eni-…)',
          undefined,
          'say what the Elastic IP is associated with when this server serves',
        ),
      ];

const holderless = ({ holder }: Draft<Server>, path: string): Problem[] =>
  holder === undefined || holder === null
    ? []
    : [
        problem(
          `${path}.holder`,
          'no holder without an Elastic IP',
          holder,
          'set `readdress.allocationId`, or drop it',
        ),
      ];

const holdersDiffer = ({ site, at }: SiteDraft): Problem[] => {
  const holders = (site.servers ?? []).map((server) => server?.holder);
  return holders.flatMap((holder, index) =>
    holder && holders.indexOf(holder) < index
      ? [
          problem(
            `${at('servers')}[${index}].holder`,
            'each holder once',
            holder,
            'a switch between servers that share it would do nothing, so correct one',
          ),
        ]
      : [],
  );
};
