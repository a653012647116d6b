import type { Finding } from '../state/finding.ts';
import type { NameServer, ParentServer, ZoneDns } from './facts.ts';
import { finding, listed, ttlText } from './findings.ts';
import { keyTag } from './key-tag.ts';

/** NS records that live shorter than this make resolvers come back to the parent all the time, seconds. */
const SHORT_TTL_SECONDS = 300;
/** Two days, as the root and Route 53 have it, seconds. */
const LONG_TTL_SECONDS = 172_800;
/** Route 53's own: an SOA TTL of 900 (R53G, SOA-NSrecords), seconds. */
const NEGATIVE_TTL_SECONDS = 900;

const unique = (words: string[]): string[] => [...new Set(words)].sort();
const at = ({ name, address }: { name: string; address?: string }): string =>
  address === undefined ? name : `${name} (${address})`;

/** How the world finds the zone. `own` are the name servers that Route 53 gave it, where that is known. */
export const delegationFindings = (dns: ZoneDns, own?: string[]): Finding[] => {
  const { parent } = dns;
  // Without a parent (one machine) there is no delegation to look at.
  const upper = parent === undefined ? [] : parentFindings(dns, own);
  return [...upper, ...serverFindings(dns), ...lowerFindings(dns)];
};

const delegationsOf = (dns: ZoneDns) =>
  (dns.parent?.servers ?? []).flatMap(({ delegation }) => delegation ?? []);

const parentFindings = (dns: ZoneDns, own?: string[]): Finding[] => {
  const { zone, parent } = dns;
  const about = { zone };
  const servers = parent?.servers ?? [];
  const heard = servers.filter(({ trouble }) => trouble === undefined);
  if (heard.length === 0) {
    const why = parent?.trouble ?? listed(servers.map((one) => `${at(one)}: ${one.trouble?.text}`));
    return [
      finding('parent-unseen', about, `The name servers that delegate ${zone} could not be asked: ${why}.`),
    ];
  }
  const silent = silentOnes(servers).map((one) =>
    finding(
      'parent-server-silent',
      about,
      `${at(one)}, of ${parent?.zone || 'the root'}, gives no answer: ${one.trouble?.text}.`,
    ),
  );
  const delegations = delegationsOf(dns);
  if (delegations.length === 0) {
    const asked = listed(unique(heard.map(({ name }) => name)));
    return [
      ...silent,
      finding(
        'not-delegated',
        about,
        `${asked} of ${parent?.zone || 'the root'} delegate ${zone} to nobody.`,
      ),
    ];
  }
  return [
    ...silent,
    ...disagreement(dns, heard),
    ...whose(dns, own),
    ...ttls(dns),
    ...signatures(dns, heard),
    ...glue(dns),
  ];
};

/** An address that nobody here has a way to says nothing, and IPv6 that never answers is most likely missing here. */
const silentOnes = <T extends ParentServer | NameServer>(servers: T[]): T[] => {
  const six = servers.filter(({ address }) => address?.includes(':'));
  const hasSix = six.some(({ trouble }) => trouble === undefined);
  return servers.filter(
    ({ address, trouble }) =>
      trouble !== undefined && trouble.reason !== 'unreachable' && (hasSix || !address?.includes(':')),
  );
};

const disagreement = ({ zone }: ZoneDns, heard: ParentServer[]): Finding[] => {
  const sets = new Map(
    heard.map(({ name, delegation }) => [name, unique(delegation?.names ?? []).join(', ') || 'nobody']),
  );
  if (new Set(sets.values()).size < 2) return [];
  const told = [...sets].map(([name, set]) => `${name} says ${set}`);
  return [
    finding(
      'parents-disagree',
      { zone },
      `The parent's name servers delegate ${zone} differently: ${told.join('; ')}.`,
    ),
  ];
};

/** Whether the delegation leads to our zone, and wholly. */
const whose = (dns: ZoneDns, own?: string[]): Finding[] => {
  const { zone, servers } = dns;
  const above = unique(delegationsOf(dns).flatMap(({ names }) => names));
  if (own !== undefined && !above.some((name) => own.includes(name))) {
    const what = `${zone} is delegated to ${listed(above)}, and the hosted zone's name servers are ${listed(unique(own))}.`;
    return [finding('delegated-elsewhere', { zone }, what)];
  }
  const below = own ?? unique(servers.flatMap(({ ns }) => ns?.names ?? []));
  if (below.length === 0) return [];
  const [missing, extra] = [below.filter((n) => !above.includes(n)), above.filter((n) => !below.includes(n))];
  if (missing.length + extra.length === 0) return [];
  const said = [
    ...(missing.length === 0 ? [] : [`does not name ${listed(unique(missing))}`]),
    ...(extra.length === 0 ? [] : [`names ${listed(extra)}, which the zone does not`]),
  ];
  return [
    finding('delegation-differs', { zone }, `The parent's delegation of ${zone} ${said.join(', and ')}.`),
  ];
};

const ttls = (dns: ZoneDns): Finding[] => {
  const { zone } = dns;
  const above = delegationsOf(dns).map(({ ttlSeconds }) => ({ ttlSeconds, where: 'in the parent zone' }));
  const below = dns.servers.flatMap(({ ns }) =>
    ns === undefined ? [] : [{ ttlSeconds: ns.ttlSeconds, where: 'in the zone itself' }],
  );
  return [above, below].flatMap((all) => {
    const [short] = all.filter(({ ttlSeconds }) => ttlSeconds < SHORT_TTL_SECONDS);
    const [long] = all.filter(({ ttlSeconds }) => ttlSeconds > LONG_TTL_SECONDS);
    const tell = ({ ttlSeconds, where }: { ttlSeconds: number; where: string }) =>
      `The NS records of ${zone} ${where} have a TTL of ${ttlText(ttlSeconds)}.`;
    return [
      ...(short === undefined ? [] : [finding('delegation-ttl-short', { zone }, tell(short))]),
      ...(long === undefined ? [] : [finding('delegation-ttl-long', { zone }, tell(long))]),
    ];
  });
};

/** DS records above against keys below. */
const signatures = ({ zone, servers }: ZoneDns, heard: ParentServer[]): Finding[] => {
  const ds = unique(heard.flatMap((one) => one.ds ?? []));
  // Only an answer about the zone says that it has no keys.
  const answering = servers.filter((one) => one.authoritative && one.trouble === undefined && one.keys);
  if (answering.length === 0) {
    const isOpen = ds.length > 0 && servers.some(({ authoritative }) => authoritative);
    const what = `No name server of ${zone} answered which keys it has, and the parent has DS records for it.`;
    return isOpen ? [finding('name-servers-unanswered', { zone }, what)] : [];
  }
  const keys = unique(answering.flatMap((one) => one.keys ?? []));
  if (ds.length === 0) {
    const isHeard = heard.some((one) => one.ds !== undefined);
    return keys.length === 0 || !isHeard
      ? []
      : [
          finding(
            'dnssec-without-ds',
            { zone },
            `${zone} has keys, and the parent zone has no DS record for it.`,
          ),
        ];
  }
  const tags = listed(unique(ds.map((one) => one.split(' ')[0] ?? '')));
  if (keys.length === 0) {
    return [
      finding(
        'ds-without-dnssec',
        { zone },
        `The parent has DS records for ${zone} (key tags ${tags}), and the zone has no keys.`,
      ),
    ];
  }
  const known = keys.map((key) => String(keyTag(key)));
  return ds.some((one) => known.includes(one.split(' ')[0] ?? ''))
    ? []
    : [
        finding(
          'ds-mismatch',
          { zone },
          `The parent's DS records for ${zone} are of keys ${tags}, and the zone has ${listed(known)}.`,
        ),
      ];
};

const glue = ({ zone, strayGlue }: ZoneDns): Finding[] =>
  strayGlue.map(({ name, glue: given, resolved }) =>
    finding(
      'glue-differs',
      { zone },
      `The parent gives ${listed(given)} as address of ${name}, which has ${listed(resolved)}.`,
    ),
  );

const serverFindings = ({ zone, servers }: ZoneDns): Finding[] => {
  if (servers.length === 0) return [];
  const about = { zone };
  const nowhere = servers.filter(({ address, trouble }) => address === undefined && trouble === undefined);
  const silent = silentOnes(servers);
  const lame = servers.filter(
    (one) =>
      one.rcode !== undefined && (one.rcode !== 'NOERROR' || !one.authoritative || one.soa === undefined),
  );
  const good = servers.filter((one) => one.rcode === 'NOERROR' && one.authoritative && one.soa !== undefined);
  const found = [
    ...nowhere.map((one) =>
      finding('server-without-address', about, `The name server ${one.name} of ${zone} has no address.`),
    ),
    ...silent.map((one) =>
      finding('server-silent', about, `${at(one)} gives no answer about ${zone}: ${one.trouble?.text}.`),
    ),
    ...lame.map((one) =>
      finding(
        'server-lame',
        about,
        `${at(one)} does not answer for ${zone} as its name server: ${said(one)}.`,
      ),
    ),
  ];
  if (good.length > 0) return found;
  // Who is silent may answer in a minute: only where each one has said something is it sure that none has the zone.
  const isOpen = silent.some(({ trouble }) => trouble?.reason === 'timeout');
  return [
    ...found,
    finding(
      isOpen ? 'name-servers-unanswered' : 'no-server-answers',
      about,
      `None of ${listed(unique(servers.map(({ name }) => name)))} answers for ${zone}.`,
    ),
  ];
};

const said = ({ rcode, authoritative }: NameServer): string =>
  rcode !== 'NOERROR'
    ? `it says ${rcode}`
    : authoritative
      ? 'it has no SOA record'
      : 'its answer is not authoritative';

const lowerFindings = ({ zone, servers }: ZoneDns): Finding[] => {
  const negatives = servers.flatMap(({ soa }) =>
    soa === undefined ? [] : [Math.min(soa.ttlSeconds, soa.minimumSeconds)],
  );
  const longest = Math.max(0, ...negatives);
  if (longest <= NEGATIVE_TTL_SECONDS) return [];
  return [
    finding(
      'negative-ttl-long',
      { zone },
      `That a name in ${zone} does not exist is kept for ${ttlText(longest)}.`,
    ),
  ];
};
