import { clockTime } from '../base/time.ts';
import type { Evidence, Seen } from '../evidence/evidence.ts';
import { type Config, type Site, servedAddresses } from '../site/site.ts';
import { isStranger } from '../zone/stranger.ts';

/** Route 53 documents that changes usually reach its name servers within 60 s; it promises nothing. */
const USUAL_PUBLICATION_SECONDS = 60;

/** A server's name with the addresses that visitors are sent to, or, where all have the same, with what tells it from the others. */
export const addresses = (site: Site, name: string): string => {
  const server = site.servers.find((s) => s.name === name);
  if (server === undefined) return name;
  const own = site.readdress === undefined ? servedAddresses(server) : [server.holder ?? server.probeAddress];
  return `${name} (${own.join(', ')})`;
};

const sighting = (seen: Seen | undefined): string => {
  if (seen === undefined) return 'not asked';
  if (seen.outcome === 'passed' && seen.code !== 'slow' && seen.status !== undefined)
    return `passed: status ${seen.status} in ${Math.round(seen.totalMs)} ms`;
  return `${seen.outcome}: ${seen.detail}`;
};

/** What each vantage saw of each server, a line each: people decide by this at night. */
export const evidence = (site: Site, look: Evidence): string => {
  const vantages = Object.keys(look.sightings);
  const width = Math.max(...vantages.map((v) => v.length), 0);
  const serverWidth = Math.max(...site.servers.map((s) => s.name.length));
  const lines = vantages.flatMap((vantage) =>
    site.servers.map(({ name }, index) => {
      const seen = sighting(look.sightings[vantage]?.[name]);
      return `  ${(index === 0 ? vantage : '').padEnd(width)}  ${name.padEnd(serverWidth)}  ${seen}`;
    }),
  );
  const seen = [`What was seen (round of ${clockTime(look.startMs)})`, ...lines].join('\n');
  return [seen, ...decided(site, look), ...whatToAllow(site, look)].join('\n\n');
};

/** What turned those servers down on which the look itself has no verdict: the letter rests on this. */
const decided = (site: Site, { deciding = {} }: Evidence): string[] =>
  site.servers.flatMap(({ name }) => {
    const round = deciding[name];
    if (round === undefined) return [];
    const vantages = Object.entries(round.seen);
    const width = Math.max(...vantages.map(([vantage]) => vantage.length));
    const lines = vantages.map(([vantage, seen]) => `  ${vantage.padEnd(width)}  ${seen}`);
    return [
      [`What decided that ${name} is down (round of ${clockTime(round.startMs)})`, ...lines].join('\n'),
    ];
  });

/** The way out when a firewall or bot filter answers in place of a server: what to let pass there, and where it comes from. */
const whatToAllow = ({ probe }: Site, { sightings }: Evidence): string[] => {
  const blocked = Object.keys(sightings).filter((vantage) =>
    Object.values(sightings[vantage] ?? {}).some(({ code }) => code === 'blocked'),
  );
  if (blocked.length === 0) return [];
  const secrets = Object.keys(probe.secretHeaders ?? {});
  const own = Object.entries(probe.headers).find(([name]) => name.toLowerCase() === 'user-agent');
  const agent = own === undefined ? 'Switchover/*' : "of the probe's own headers";
  const allow =
    secrets.length > 0
      ? `requests with the secret header ${secrets.join(', ')}`
      : `the User-Agent ${agent}; better, give the probe a secret header and allow that (docs/probes.md, Secrets)`;
  const meaning =
    probe.blockedIs === 'unknown'
      ? "It counts as unknown (blockedIs: 'unknown'): nothing moves for it, and nobody sees whether the server works."
      : "It counts as failed; with blockedIs: 'unknown' nothing moves for it.";
  return [
    [
      'What to do where probes are blocked',
      `  Let pass ${allow}.`,
      `  Probes come from AWS Lambda in ${blocked.join(', ')}. Its addresses change and are not ours alone, so allow none by address.`,
      `  ${meaning}`,
    ].join('\n'),
  ];
};

const event = (site: Site, action: string, more: Record<string, string> = {}): string =>
  JSON.stringify({ action, site: site.name, ...more, reason: 'why', by: 'you' });

/**
 * How a person takes over, in the words of what they will find in the AWS console. `serving` is the server that DNS names; after
 * an edit by hand the two ways out of it are what works.
 */
export const byHand = (site: Site, config: Config, serving: string | undefined, edited = false): string => {
  const [primary, standby] = site.servers;
  const order = (what: string, json: string) => `  ${what}: event ${json}`;
  const serve = (server = '') => [order(`Serve ${server}, whatever is seen`, event(site, 'pin', { server }))];
  const move = () => {
    if (serving === undefined) return [];
    if (serving === primary?.name) return serve(standby?.name);
    // A failback moves from one configured server to another.
    if (isStranger(site, serving)) return serve(primary?.name);
    return [order(`Move back to ${primary?.name}, once it is up`, event(site, 'failback'))];
  };
  const orders = edited
    ? [order('Take the edit as it is', event(site, 'adopt')), order('Undo it', event(site, 'put-back'))]
    : move();
  return [
    `To take over by hand: Lambda function ${config.deployment}-console in ${config.homeRegion}, tab Test`,
    '  Look: event {"action":"status"}',
    ...orders,
    order('Keep everything as it is for a day', event(site, 'hold')),
    ...(edited
      ? []
      : [
          site.readdress?.allocationId === undefined
            ? `  Or edit the record ${site.name} in the hosted zone ${site.zone}: Switchover then leaves it alone and says so.`
            : `  Or give ${site.readdress.address} to another instance in the EC2 console: Switchover then leaves it alone and says so.`,
        ]),
  ].join('\n');
};

/** How long visitors may still be sent to the old server. */
export const afterwards = (site: Site, atMs: number): string => {
  const untilMs = atMs + (USUAL_PUBLICATION_SECONDS + site.ttlSeconds) * 1000;
  return [
    'What visitors see',
    `  Route 53's name servers usually answer with the new address within ${USUAL_PUBLICATION_SECONDS} s. Answers given out before live on`,
    `  for up to ${site.ttlSeconds} s (the TTL), so some visitors may reach the old server until about ${clockTime(untilMs)};`,
    '  a few resolvers and browsers keep answers longer, and open connections stay where they are.',
  ].join('\n');
};
