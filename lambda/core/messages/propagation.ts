import { clockTime, duration } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import type { Done, Heard, Proof, Times } from '../state/propagation.ts';

/** Subject and text of an announcement, and one line for the history. */
type Letter = { subject: string; text: string; summary: string };

/** The names of those that have not answered with it yet. */
export const missing = (times: Times | undefined): string[] =>
  Object.entries(times ?? {}).flatMap(([name, ms]) => (ms === null ? [name] : []));

/** How far a proof is, in one sentence. */
export const proofSoFar = ({ to, epoch, servers, lateTold }: Proof): string => {
  const count = Object.keys(servers ?? {}).length;
  const have = count - missing(servers).length;
  const names = missing(servers).length === 0 ? '' : `, not yet ${missing(servers).join(', ')}`;
  const known =
    count === 0
      ? 'its name servers have not been asked yet'
      : `${have} of ${count} name servers answer with it${names}`;
  return `the change to ${to} (epoch ${epoch}) is in the zone and not yet proven: ${known}${lateTold ? ', which is late' : ''}`;
};

/** A vantage has seen the site there, and the host is not known to lead elsewhere. */
export const isFetched = ({ fetchedBy, hostLeads }: Done): boolean =>
  fetchedBy.length > 0 && hostLeads !== false;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

type Moment = [atMs: number | undefined, what: string];

/** The moments that are known, in order, each with the time since the first. */
const moments = (proof: Proof, more: Moment[]): string => {
  const { detectedMs, decidedMs, acceptedMs, insyncMs, servers } = proof;
  const answered = Object.entries(servers ?? {}).flatMap(([name, ms]): [string, number][] =>
    ms === null ? [] : [[name, ms]],
  );
  answered.sort(([, a], [, b]) => a - b);
  const [first, last] = [answered[0], answered.at(-1)];
  const all: Moment[] = [
    [detectedMs, `${proof.from} failed for the first time`],
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

const fetched = (site: Site, { to }: Proof, done: Done): string => {
  const probed = site.servers.find((s) => s.name === to)?.probeAddress;
  const where = probed === undefined ? 'at the address that they answer' : `at ${probed}, where it is probed`;
  if (done.hostLeads === false) {
    return `The host ${site.host} does not lead to ${site.names.join(' or ')} by what the resolver says, so visitors are not sent there at all.`;
  }
  if (done.fetchedBy.length === 0) return `No vantage has fetched ${site.host} from ${to} since.`;
  const chain = done.hostLeads === undefined ? ' Whether the host leads there could not be asked.' : '';
  return `${site.host} was fetched from ${to} as visitors do, ${where}, from ${done.fetchedBy.join(', ')}.${chain}`;
};

/** Name servers are asked each second or so. Where none was seen without it for longer, it may have come at any time in between. */
const LOOKED_MS = 5000;

/** How long after it was accepted the last name server answered with it, and whether that is only known to be the most. */
const visibleAfter = (
  { acceptedMs, missedMs = 0 }: Proof,
  lastMs: number,
): { tookMs: number; atMost: boolean } => ({
  // Another process may have noted when it was accepted, by a clock that is ahead.
  tookMs: Math.max(0, lastMs - acceptedMs),
  atMost: lastMs - Math.max(acceptedMs, missedMs) > LOOKED_MS,
});

/** All name servers answer with it; whether the site was fetched, and what resolvers say, is told with it. */
export const visible = (site: Site, proof: Proof, done: Done): Letter => {
  const { servers = {}, resolvers = {}, to, epoch, detectedMs, acceptedMs } = proof;
  const passed = isFetched(done);
  const { tookMs, atMost } = visibleAfter(proof, done.lastMs);
  const within = (text: string) => (atMost ? `within at most ${text}` : text);
  const count = Object.keys(servers).length;
  const slow = missing(resolvers);
  const asked: Moment[] = Object.entries(resolvers).map(([name, ms]) => [
    ms ?? undefined,
    `answered by the resolver ${name}`,
  ]);
  const total =
    detectedMs === undefined
      ? ''
      : `, ${within(duration(Math.max(0, done.lastMs - detectedMs)))} after the first failure`;
  const sinceMs = Math.max(acceptedMs, proof.missedMs ?? 0);
  const bound = atMost
    ? `\n  No look between ${clockTime(sinceMs)} and ${clockTime(done.lastMs)} is on record: they may have had it sooner.`
    : '';
  return {
    subject: passed
      ? `VISIBLE ${site.name}: ${to}, ${within(duration(tookMs))} after the change`
      : `NOT FETCHED ${site.name}: ${to} is in DNS, and the site was not seen there`,
    summary: `all ${count} name servers answer with it ${within(seconds(tookMs))} after it was accepted${total}; ${passed ? `fetched from ${done.fetchedBy.join(', ')}` : 'the site was not fetched'}`,
    text: [
      `What was seen\n  All ${count} name servers that the parent of ${site.zone} delegates to answer with ${to} (epoch ${epoch}), asked directly.${bound}\n  ${fetched(site, proof, done)}`,
      ...(slow.length === 0
        ? []
        : [`Resolvers\n  ${slow.join(', ')} still had the old answer when its TTL was over.`]),
      moments(proof, [...asked, [done.fetchedMs, 'fetched through its host, start of the round']]),
    ].join('\n\n'),
  };
};

/** Not all name servers answer with it in time. */
export const lagging = (site: Site, proof: Proof, { saying, fault }: Heard, nowMs: number): Letter => {
  const { servers = {}, insyncMs, acceptedMs, to, epoch } = proof;
  const names = missing(servers);
  const since =
    insyncMs === undefined
      ? `${duration(Math.max(0, nowMs - acceptedMs))} after it was accepted`
      : `${duration(nowMs - insyncMs)} after INSYNC`;
  const byInsync =
    insyncMs === undefined
      ? 'Route 53 has not called the change INSYNC yet'
      : 'Route 53 calls the change INSYNC';
  if (names.length === 0) {
    return {
      subject: `NOT PROVEN ${site.name}: its name servers could not be found out`,
      summary: `the name servers of ${site.zone} could not be found out: ${fault}`,
      text: `What happened\n  The change to ${to} (epoch ${epoch}) was accepted at ${clockTime(acceptedMs)}, and ${byInsync}. Whether the name\n  servers that the parent of ${site.zone} delegates to answer with it is not known: ${fault}`,
    };
  }
  const [first = ''] = names;
  const others = names.length === 1 ? '' : ` and ${names.length - 1} more`;
  const subject = `NOT DONE ${site.name}: ${first}${others} still ${names.length === 1 ? 'answers' : 'answer'} ${(saying[first] ?? 'nothing').split(' (')[0]}`;
  const lines = names.map((name) => `  ${name} answers ${saying[name] ?? 'nothing yet'}`);
  return {
    subject,
    summary: `${since}: ${names.map((name) => `${name} answers ${saying[name] ?? 'nothing'}`).join('; ')}`,
    text: [
      `What happened\n  ${byInsync}, and of the ${Object.keys(servers).length} name servers that the parent of ${site.zone} delegates to, ${names.length} ${names.length === 1 ? 'does' : 'do'} not answer with ${to} (epoch ${epoch}) ${since}:\n${lines.join('\n')}`,
      `What that means\n  Visitors whose resolver asks such a server are sent where it says. It is asked on, and told when all agree.`,
      `What to do\n  Compare the NS records at the parent of ${site.zone} with the name servers of the hosted zone: a server that is not of the zone never follows.\n  If they are the same, look for a Route 53 event on the AWS health page.`,
      moments(proof, []),
    ].join('\n\n'),
  };
};
