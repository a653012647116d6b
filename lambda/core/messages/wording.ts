import { clockTime } from '../base/time.ts';
import type { Decision } from '../decision/decide.ts';
import type { Look, Sighting } from '../evidence/judge.ts';
import { type Config, type Site, servedAddresses } from '../site/site.ts';
import type { RecordSet } from '../zone/records.ts';

/** Route 53 documents that changes usually reach its name servers within 60 s; it promises nothing. */
const USUAL_PUBLICATION_SECONDS = 60;

/** A server's name with the addresses that visitors are sent to, or, where all have the same, with what tells it from the others. */
export const addresses = (site: Site, name: string): string => {
  const server = site.servers.find((s) => s.name === name);
  if (server === undefined) return name;
  const own = site.readdress === undefined ? servedAddresses(server) : [server.holder ?? server.probeAddress];
  return `${name} (${own.join(', ')})`;
};

/** Whether `serving` is something that no configured server is: adopted as it was, or removed from the configuration since. */
export const isStranger = (site: Site, serving: string): boolean =>
  !site.servers.some(({ name }) => name === serving);

/** More values than this say nothing to a tired person. */
const VALUES_NAMED = 3;

/** What serves, by its name, or by what `records` hold where a person adopted what no server has. */
export const servingText = (site: Site, serving: string, records: RecordSet[] = []): string => {
  if (serving !== 'other' || !isStranger(site, serving)) return serving;
  const values = [...new Set(records.flatMap(({ alias, values }) => alias?.name ?? values))];
  const more = values.length > VALUES_NAMED ? ', …' : '';
  return values.length === 0 ? serving : `${values.slice(0, VALUES_NAMED).join(', ')}${more}`;
};

const sighting = (seen: Sighting | undefined): string => {
  if (seen === undefined) return 'not asked';
  if (seen.outcome === 'passed' && seen.code !== 'slow' && seen.status !== undefined)
    return `passed: status ${seen.status} in ${Math.round(seen.totalMs)} ms`;
  return `${seen.outcome}: ${seen.detail}`;
};

/** What each vantage saw of each server, a line each: people decide by this at night. */
export const evidence = (site: Site, look: Look): string => {
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
const decided = (site: Site, { deciding = {} }: Look): string[] =>
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
const whatToAllow = ({ probe }: Site, { sightings }: Look): string[] => {
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

/** A decision as one sentence, or two. */
export const explained = (decision: Decision): string =>
  decision.waits
    ? `it is due to move to ${decision.server}. It waits for the next interval, because as many sites as may (maxMoveShare) have moved by themselves in this one.`
    : sentences(decision);

/** What is decided and not yet done is due: people are told what has happened by the message of the move itself. */
const sentences = (decision: Decision): string =>
  ({
    pinned: 'a person pinned this site.',
    created: 'the first record is due to be created.',
    waiting: 'no record exists yet and no server is up; waiting for one.',
    adopted: 'the records found are due to be adopted as they are.',
    'edited-by-hand': 'the records are not as Switchover left them; it waits for a person.',
    held: 'a person holds this site; nothing moves by itself.',
    blind: 'fewer vantages than a quorum can see anything; nothing moves.',
    flapping: `it moved too often lately; it waits until ${clockTime(decision.waitUntilMs ?? 0)}.`,
    failover: `the site is due to move to ${decision.server}.`,
    recovered: `the site is due to move to ${decision.server}.`,
    'nowhere-better':
      decision.act === 'serve'
        ? `the site is due to move to the last resort, ${decision.server}.`
        : 'no other server is armed, so it stays where it is.',
    unsure: 'the health of what serves is not known, or it is no configured server; nothing moves.',
    failback: `the site is due to move back to ${decision.server}.`,
    pointed: `the site is due to move to ${decision.server}, as a person asked.`,
    refresh: 'the records are due to be rewritten as configured.',
    members:
      'the addresses of standbys that went down are due to leave, those of standbys that are up to join.',
    fine: 'all is well.',
  })[decision.reason];
