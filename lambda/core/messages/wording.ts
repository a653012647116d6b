import { clockTime } from '../base/time.ts';
import { basisOf, type Evidence, type Seen } from '../evidence/evidence.ts';
import { nextKey } from '../evidence/targets.ts';
import { type Site, servedAddresses } from '../site/site.ts';
import { section } from './letter.ts';

/** Route 53 documents that changes usually reach its name servers within 60 s; it promises nothing. */
const USUAL_PUBLICATION_SECONDS = 60;

/** A server's name with the addresses that visitors are sent to, or, where all have the same, with what tells it from the others. */
export const addresses = (site: Site, name: string): string => {
  const server = site.servers.find((s) => s.name === name);
  if (server === undefined) return name;
  const own = site.readdress === undefined ? servedAddresses(server) : [server.holder ?? server.probeAddress];
  return `${name} (${own.join(', ')})`;
};

/** What one vantage saw, in words that are the same for all that saw the same; the times of those that passed differ. */
const sighting = ({ outcome, code, detail, status }: Seen): string =>
  outcome === 'passed' && code !== 'slow' && status !== undefined
    ? `passed: status ${status}`
    : `${outcome}: ${detail}`;

const tookText = (all: Seen[]): string => {
  const [first] = all;
  if (first?.outcome !== 'passed' || first.code === 'slow' || first.status === undefined) return '';
  const times = all.map(({ totalMs }) => Math.round(totalMs));
  const [least, most] = [Math.min(...times), Math.max(...times)];
  return least === most ? ` in ${least} ms` : ` in ${least} to ${most} ms`;
};

/** Who saw the same: all of them, or their names. */
const vantagesText = (vantages: string[], count: number): string =>
  vantages.length === count && count > 1 ? `all ${count} vantages` : vantages.join(', ');

/** A target, and what people read for it. */
type Shown = [key: string, label: string];

/** What was seen of one target, a line for each thing that was seen. */
const targetLines = ([key, name]: Shown, width: number, { sightings }: Evidence): string[] => {
  const vantages = Object.keys(sightings);
  const seen = vantages.flatMap((vantage) => {
    const one = sightings[vantage]?.[key];
    return one === undefined ? [] : [{ vantage, one }];
  });
  if (seen.length === 0) return [`  ${name.padEnd(width)}  not asked`];
  return [...Map.groupBy(seen, ({ one }) => sighting(one))].map(([text, same], index) => {
    const who = vantagesText(
      same.map(({ vantage }) => vantage),
      vantages.length,
    );
    const took = tookText(same.map(({ one }) => one));
    return `  ${(index === 0 ? name : '').padEnd(width)}  ${text}${took} (${who})`;
  });
};

/** What was seen of each server, and by which vantages: people decide by this at night. */
export const evidence = (site: Site, look: Evidence): string => {
  const shown = site.servers.flatMap(({ name }): Shown[] => {
    const next = nextKey(name);
    // Where it is configured now, while DNS names another address of it.
    const isMoving = Object.values(look.sightings).some((byTarget) => byTarget[next] !== undefined);
    return [[name, name], ...(isMoving ? [[next, `${name}, new`] satisfies Shown] : [])];
  });
  const width = Math.max(...shown.map(([, label]) => label.length));
  const lines = shown.flatMap((one) => targetLines(one, width, look));
  const seen = [`What was seen (round of ${clockTime(look.startMs)})`, ...lines].join('\n');
  return [seen, ...decided(site, look), ...whatToAllow(site, look)].join('\n\n');
};

/** What turned those servers up or down of which the look itself does not say so: the letter rests on this. */
const decided = (site: Site, { deciding = {} }: Evidence): string[] =>
  site.servers.flatMap(({ name }) => {
    const round = deciding[name];
    if (round === undefined) return [];
    const all = Object.entries(round.seen);
    const lines = [...Map.groupBy(all, ([, { outcome, detail }]) => `${outcome}: ${detail}`)].map(
      ([seen, same]) => {
        const who = same.map(([vantage]) => vantage);
        return `  ${seen} (${vantagesText(who, all.length)})`;
      },
    );
    return [
      [`What decided that ${name} is ${round.health} (round of ${clockTime(round.startMs)})`, ...lines].join(
        '\n',
      ),
    ];
  });

/** The way out when a firewall or bot filter answers in place of a server: what to let pass there, and where it comes from. */
const whatToAllow = ({ probe, servers }: Site, look: Evidence): string[] => {
  const blocked = Object.keys(look.sightings).filter((vantage) =>
    servers.some(({ name }) => basisOf(look, name)[vantage]?.code === 'blocked'),
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
    section(
      'What to do where probes are blocked',
      `Let pass ${allow}.`,
      `Probes come from AWS Lambda in ${blocked.join(', ')}. Its addresses change and are not ours alone, so allow none by address.`,
      meaning,
    ),
  ];
};

/** By then most visitors have followed a change of `atMs`, milliseconds. */
export const followedMs = ({ ttlSeconds }: Site, atMs: number): number =>
  atMs + (USUAL_PUBLICATION_SECONDS + ttlSeconds) * 1000;

/** A time of the same day needs no date beside one that has it. */
export const timeNear = (ms: number, atMs: number): string => {
  const text = clockTime(ms);
  return text.slice(0, 10) === clockTime(atMs).slice(0, 10) ? text.slice(11) : text;
};

/** ` since 20:06:44 UTC`, or nothing where that is not known. */
export const sinceText = (sinceMs: number | undefined, atMs: number): string =>
  sinceMs === undefined ? '' : ` since ${timeNear(sinceMs, atMs)}`;

/** How long visitors may still be sent to the old server. */
export const afterwards = (site: Site, atMs: number): string =>
  section(
    'What visitors see',
    `Route 53's name servers usually answer with the new address within ${USUAL_PUBLICATION_SECONDS} s. Answers given out before live on for up to ${site.ttlSeconds} s (the TTL), so some visitors may reach the old server until about ${timeNear(followedMs(site, atMs), atMs)}; a few resolvers and browsers keep answers longer, and open connections stay where they are.`,
  );
