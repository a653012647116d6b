import { basisOf } from '../evidence/evidence.ts';
import { type Code, OUTCOMES } from '../probe/outcome.ts';
import { type Site, servedAddresses } from '../site/site.ts';
import type { SiteNews } from '../state/news.ts';

/** The commonest codes in the fewest words; of all others the phrase of the table is told. */
const SHORT: Partial<Record<Code, string>> = {
  refused: 'connection refused',
  unreachable: 'unreachable',
  reset: 'connection reset',
  closed: 'connection closed without an answer',
  'timeout-connect': 'no connection in time',
  'timeout-tls': 'no TLS handshake in time',
  'timeout-response': 'no answer in time',
  'timeout-body': 'no whole answer in time',
  status: 'unexpected status',
  blocked: 'blocked by a firewall or bot filter',
  'tls-expired': 'certificate not valid today',
  'tls-name': 'certificate for another host',
  'tls-untrusted': 'certificate not trusted',
};

const inShort = (code: string): string => SHORT[code as Code] ?? OUTCOMES[code as Code]?.[1] ?? code;

/** The server whose failure the news is about. */
const deadServer = (news: SiteNews): string | undefined => {
  switch (news.type) {
    case 'moved':
      // A move back leaves a server that is well.
      return news.reason === 'failover' || news.reason === 'nowhere-better'
        ? (news.from ?? undefined)
        : undefined;
    case 'turned':
      return news.health === 'down' ? news.server : undefined;
    case 'stuck':
      return news.serving;
    case 'late':
      return news.reason === 'failover' ? (news.from ?? undefined) : undefined;
    default:
      return undefined;
  }
};

const mostFrequent = (all: string[]): string | undefined =>
  [...Map.groupBy(all, (one) => one)].sort(([, a], [, b]) => b.length - a.length)[0]?.[0];

/** The code by which most vantages failed it; undefined where the news has no such evidence. */
const codeOf = (news: SiteNews, server: string): string | undefined => {
  if (!('evidence' in news)) return undefined;
  const seen = Object.values(basisOf(news.evidence, server)).flatMap(({ outcome, code }) =>
    outcome === 'failed' && code !== undefined ? [code] : [],
  );
  return mostFrequent(seen);
};

const V4_BITS = 32;
const V6_BITS = 128;
/** Shorter prefixes than these are no network that anybody runs, but chance. */
const LEAST_BITS = { v4: 16, v6: 32 };

const bitsOfV4 = (address: string): string =>
  address
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');

const bitsOfV6 = (address: string): string => {
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const filled =
    tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return filled.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
};

const isV6 = (address: string): boolean => address.includes(':');
const isV4 = (address: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(address);
const bitsOf = (address: string): string => (isV6(address) ? bitsOfV6(address) : bitsOfV4(address));

const textOfV4 = (bits: string): string =>
  [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.');

const textOfV6 = (bits: string): string => {
  const groups = Array.from({ length: 8 }, (_, at) =>
    Number.parseInt(bits.slice(at * 16, at * 16 + 16), 2).toString(16),
  );
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
};

/** Of IPv4 the /24, of IPv6 the /48: what one rack or one provider's failure has in common. */
const networkOf = (address: string): string => bitsOf(address).slice(0, isV6(address) ? 48 : 24);

/**
 * `all at 198.51.100.0/24`: the longest prefix that all these addresses of one family have in common; `in 3 networks` where that is
 * no network; nothing where there is no address.
 */
export const whereText = (addresses: readonly string[]): string => {
  const known = [...new Set(addresses)].filter((one) => isV4(one) || isV6(one));
  const [first] = known;
  if (first === undefined) return '';
  if (known.length === 1) return `all at ${first}`;
  if (known.every((one) => isV6(one) === isV6(first))) {
    const bits = known.map(bitsOf);
    const of = bits[0] ?? '';
    const differs = [...of].findIndex((bit, at) => bits.some((other) => other[at] !== bit));
    const least = isV6(first) ? LEAST_BITS.v6 : LEAST_BITS.v4;
    if (differs >= least) {
      const filled = of.slice(0, differs).padEnd(isV6(first) ? V6_BITS : V4_BITS, '0');
      return `all at ${isV6(first) ? textOfV6(filled) : textOfV4(filled)}/${differs}`;
    }
  }
  return `in ${new Set(known.map(networkOf)).size} networks`;
};

/** What many sites have in common that are told together: why the servers fail, and where those are. */
export const commonCause = (all: readonly { site: Site; news: SiteNews }[]): string => {
  const dead = all.flatMap(({ site, news }) => {
    const name = deadServer(news);
    const server = site.servers.find((one) => one.name === name);
    return server === undefined || name === undefined ? [] : [{ server, code: codeOf(news, name) }];
  });
  const codes = [...Map.groupBy(dead, ({ code }) => code)]
    .flatMap(([code, same]) => (code === undefined ? [] : [{ code, count: same.length }]))
    .sort((a, b) => b.count - a.count);
  const why =
    codes.length === 1
      ? codes.map(({ code }) => inShort(code))
      : codes.map(({ code, count }) => `${inShort(code)} at ${count}`);
  // The first address of each: of a server that has both families the same one.
  const where = whereText(dead.flatMap(({ server }) => servedAddresses(server).slice(0, 1)));
  return [...why, where].filter((part) => part !== '').join(', ');
};
