import { clockTime, duration } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import type { NewsOf } from '../state/news.ts';
import {
  type Done,
  isFetched,
  lateSince,
  missing,
  type Propagation,
  visibleAfter,
} from '../state/propagation.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

type Moment = [atMs: number | undefined, what: string];

/** The moments that are known, in order, each with the time since the first. */
const moments = (propagation: Propagation, more: Moment[]): string => {
  const { detectedMs, decidedMs, acceptedMs, insyncMs, servers } = propagation;
  const answered = Object.entries(servers ?? {}).flatMap(([name, ms]): [string, number][] =>
    ms === null ? [] : [[name, ms]],
  );
  answered.sort(([, a], [, b]) => a - b);
  const [first, last] = [answered[0], answered.at(-1)];
  const all: Moment[] = [
    [detectedMs, `${propagation.from} failed for the first time`],
    [decidedMs, 'decided'],
    [acceptedMs, 'in the zone, accepted by Route 53'],
    [first?.[1], `answered by the first name server, ${first?.[0]}`],
    ...(answered.length > 1
      ? [
          [
            last?.[1],
            `answered by the ${missing(servers).length === 0 ? 'last' : 'latest'}, ${last?.[0]}`,
          ] as Moment,
        ]
      : []),
    [insyncMs, 'called INSYNC by Route 53'],
    ...more,
  ];
  const known = all.filter((moment): moment is [number, string] => moment[0] !== undefined);
  known.sort(([a], [b]) => a - b);
  const startMs = known[0]?.[0] ?? 0;
  const lines = known.map(([atMs, what]) => `  ${clockTime(atMs)}  +${seconds(atMs - startMs)}  ${what}`);
  return ['Times', ...lines].join('\n');
};

const fetched = (site: Site, { to }: Propagation, done: Done): string => {
  const probed = site.servers.find((s) => s.name === to)?.probeAddress;
  const where = probed === undefined ? 'at the address that they answer' : `at ${probed}, where it is probed`;
  if (done.hostLeads === false) {
    return `The host ${site.host} does not lead to ${site.names.join(' or ')} by what the resolver says, so visitors are not sent there at all.`;
  }
  if (done.fetchedBy.length === 0) return `No vantage has fetched ${site.host} from ${to} since.`;
  const chain = done.hostLeads === undefined ? ' Whether the host leads there could not be asked.' : '';
  return `${site.host} was fetched from ${to} as visitors do, ${where}, from ${done.fetchedBy.join(', ')}.${chain}`;
};

/** All name servers answer with it; whether the site was fetched, and what resolvers say, is told with it. */
export const visible = ({ propagation, done }: NewsOf<'visible'>, { site }: Context): Letter => {
  const { servers = {}, resolvers = {}, to, epoch, acceptedMs, missedMs = 0 } = propagation;
  const { tookMs, atMost } = visibleAfter(propagation, done.lastMs);
  const within = (text: string) => (atMost ? `within at most ${text}` : text);
  const slow = missing(resolvers);
  const asked: Moment[] = Object.entries(resolvers).map(([name, ms]) => [
    ms ?? undefined,
    `answered by the resolver ${name}`,
  ]);
  const sinceMs = Math.max(acceptedMs, missedMs);
  const bound = atMost
    ? ` No look between ${clockTime(sinceMs)} and ${clockTime(done.lastMs)} is on record: they may have had it sooner.`
    : '';
  return {
    subject: `${site.name}: ${isFetched(done) ? `${to}, ${within(duration(tookMs))} after the change` : `${to} is in DNS, and the site was not seen there`}`,
    lead: isFetched(done)
      ? `Every name server answers with ${to}, ${within(duration(tookMs))} after the change, and ${site.host} was fetched from it.`
      : `Every name server answers with ${to}. ${fetched(site, propagation, done)}`,
    text: paragraphs(
      section(
        'What was seen',
        `All ${Object.keys(servers).length} name servers that the parent of ${site.zone} delegates to answer with ${to} (epoch ${epoch}), asked directly.${bound}`,
        fetched(site, propagation, done),
      ),
      slow.length === 0
        ? undefined
        : section('Resolvers', `${slow.join(', ')} still had the old answer when its TTL was over.`),
      moments(propagation, [...asked, [done.fetchedMs, 'fetched through its host, start of the round']]),
    ),
  };
};

/** Not all name servers answer with it in time. */
export const lagging = (
  { propagation, heard: { saying, fault } }: NewsOf<'lagging'>,
  { site, atMs }: Context,
): Letter => {
  const { servers = {}, insyncMs, acceptedMs, to, epoch } = propagation;
  const names = missing(servers);
  const byInsync =
    insyncMs === undefined
      ? 'Route 53 has not called the change INSYNC yet'
      : 'Route 53 calls the change INSYNC';
  if (names.length === 0) {
    return {
      subject: `${site.name}: its name servers could not be found out`,
      lead: `The change to ${to} (epoch ${epoch}) was accepted at ${clockTime(acceptedMs)}, and ${byInsync}. Whether the name servers that the parent of ${site.zone} delegates to answer with it is not known: ${fault}`,
      text: '',
    };
  }
  const [first = ''] = names;
  const others = names.length === 1 ? '' : ` and ${names.length - 1} more`;
  const lines = names.map((name) => `  ${name} answers ${saying[name] ?? 'nothing yet'}`);
  return {
    subject: `${site.name}: ${first}${others} still ${names.length === 1 ? 'answers' : 'answer'} ${(saying[first] ?? 'nothing').split(' (')[0]}`,
    lead: `${byInsync}, and of the ${Object.keys(servers).length} name servers that the parent of ${site.zone} delegates to, ${names.length} ${names.length === 1 ? 'does' : 'do'} not answer with ${to} (epoch ${epoch}) ${lateSince(propagation, atMs)}.`,
    text: paragraphs(
      section(
        'What you can do',
        `Compare the NS records at the parent of ${site.zone} with the name servers of the hosted zone: a server that is not of the zone never follows.`,
        'If they are the same, look for a Route 53 event on the AWS health page.',
      ),
      ['What was seen', ...lines].join('\n'),
      section(
        'What that means',
        'Visitors whose resolver asks such a server are sent where it says. It is asked on, and told when all agree.',
      ),
      moments(propagation, []),
    ),
  };
};
