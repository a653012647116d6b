import { newLife } from '../../fixtures/virtual/mishaps.ts';
import { START_MS, type VirtualWorld, virtualConfig, virtualWorld } from '../../fixtures/virtual/world.ts';
import { runTerm } from '../../lambda/controller/term.ts';
import { type Play, siteFrom, stepFrom } from './scenario-steps.ts';

/**
 * A scenario is a text that an operator can read: what happens to the world, then, below `----`, what Switchover did.
 *
 *     site www failback=600          a site with two servers, primary and standby, and fields that differ from the defaults:
 *                                    `ttlSeconds=30`, `extra=shop,m` (more names), `lastResort=sorry`, `blockedIs=unknown`,
 *                                    `dual=www-primary` (the lever, with the name of the primary alone; `lever=record` ends it),
 *                                    `servers=primary,standby,third,sorry`; `primary+6` has an IPv6 address too,
 *                                    `primary@192.0.2.99` another address
 *                                    `lever=elastic`: an Elastic IP moves, held by i-00000000000000a1 (the first server), …;
 *                                    `lever=hosts`: the hosts take the address by themselves
 *     interval 20                    seconds between rounds, else 10; `vantages A B C` likewise, else three
 *     share 0.25                     the share of all sites that may move by themselves within one interval, else all
 *     record www A 192.0.2.9         a record that is there before Switchover is
 *
 *     70 primary refuses             at 70 s: a server `refuses`, `hangs`, answers `500`, is `blocked` by a
 *                                    firewall, has `no-network`, or is `ok`
 *     70 primary 500 from eu-west-1  the same, as one vantage sees it
 *     80 blind eu-west-1             a vantage cannot look; `sees` ends it
 *     82 overload                    whichever server serves breaks down under the load; `overload over` ends it
 *     85 hand failback www           a command to the console function, with fields as in `hand pin www server=standby`
 *     85 ask {"action":"status"}     the same, as the event itself
 *     90 edit www A 192.0.2.9        a person sets the record in the AWS console; `edit www A` without a value removes it
 *                                    `edit www A ^d1.cloudfront.net` makes it an alias
 *     99 address i-00000000000000a2  a person gives the Elastic IP to something in the EC2 console, or to `nothing`
 *     99 hosts stuck                 the host that has the address keeps it, until `hosts free`
 *     90 ttl www 300                 a person changes the TTL of its A record
 *     90 route www weighted 192.0.2.9  the A record becomes one with a routing policy; also `failover`, `latency`, …
 *     99 deploy www ttlSeconds=30    the controllers that start from now on have another configuration of the site
 *     99 remove www                  … have the site no more; `return www` gives it back to them
 *
 *     99 zone away                   Route 53's API does not answer; `zone back`, and likewise `store` and `topic`
 *     99 zone deleted                somebody deleted the hosted zone
 *     99 protect www audit           the records of a name are protected in Route 53, with a comment; `unprotect www`
 *     99 strand                      Route 53 loses every change that is not published yet
 *     99 lag ns-3 120               a name server follows changes after so long, else after 2 to 5 s; `dns away`: none answers
 *     99 forget                      the state table is emptied; `backup` keeps it and `restore` brings the kept one back
 *     99 corrupt www                 the stored state of a site is of a version that nobody knows; `*`: that of the deployment
 *     99 stop                        no controller is started any more, until `start`
 *     99 crash                       every controller that runs dies at this moment; `freeze 60` stops it for 60 s
 *     99 event 60                    an event of the schedule, scheduled for 60 s, is delivered now
 *     99 skew 120                    the controllers that start from now on have a clock 120 s ahead
 *     99 next change answer-lost     what becomes of the next call of any function: see `mishapNamed`; with `next change
 *                                    edit www A 192.0.2.9`, `… hand …` or `… address …` that happens just before it arrives
 *     until 200                      how long to run
 */
export const runScenario = async (script: string): Promise<string> => {
  const lines = script
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
  const setting = (word: string) =>
    lines
      .find((line) => line.startsWith(`${word} `))
      ?.split(/\s+/)
      .slice(1);
  const sites = lines.filter((line) => line.startsWith('site ')).map(siteFrom);
  const intervalSeconds = Number(setting('interval')?.[0] ?? 10);
  const vantages = setting('vantages');
  const share = setting('share')?.[0];
  const world = virtualWorld(
    virtualConfig(sites, {
      intervalSeconds,
      ...(vantages === undefined ? {} : { vantages }),
      ...(share === undefined ? {} : { maxMoveShare: Number(share) }),
    }),
  );
  const untilS = Number(setting('until')?.[0] ?? Number.NaN);
  if (!Number.isFinite(untilS)) throw new Error('Expected a line `until SECONDS`.');
  const play: Play = { world, on: true, skewMs: 0, lives: [], said: [], removed: [], backup: undefined };
  for (const line of lines.filter((text) => text.startsWith('record '))) {
    await stepFrom(line.replace('record', '0 edit')).run(play);
  }
  const minutes = Array.from({ length: Math.ceil(untilS / 60) }, (_, minute) => ({
    // A schedule fires at a second of its own choosing, the same each minute.
    atS: minute * 60 + 0.4,
    run: (now: Play) => now.on && void startController(now, minute * 60),
  }));
  const steps = lines.filter((line) => /^[0-9]/.test(line)).map((line) => stepFrom(line, startController));
  for (const { atS, run } of [...steps, ...minutes].sort((a, b) => a.atS - b.atS)) {
    await world.clock.runUntil(START_MS + atS * 1000);
    await run(play);
  }
  await world.clock.runUntil(START_MS + untilS * 1000);
  return timeline(play);
};

const startController = (play: Play, scheduledS: number) => {
  const life = newLife();
  play.lives.push(life);
  const scheduled = new Date(START_MS + scheduledS * 1000).toISOString();
  return runTerm(play.world.mortal(life, play.skewMs), scheduled);
};

type Line = { atMs: number; text: string };

const timeline = ({ world, said }: Play): string => {
  const logged = world.lines.flatMap((line): Line[] => {
    const atMs = Date.parse(line.at);
    if (line.event === 'switch') {
      const { site, from, to, reason, epoch } = line;
      return [{ atMs, text: `switch ${site} ${from ?? 'nothing'} -> ${to} (${reason}, epoch ${epoch})` }];
    }
    if (line.event === 'published') return [{ atMs, text: `published ${line.site} epoch ${line.epoch}` }];
    if (line.event === 'note') return [{ atMs, text: `note ${line.message}` }];
    return line.event === 'error' && !/^(vantage|heartbeat)\b/.test(line.code)
      ? [{ atMs, text: `error ${line.code}` }]
      : [];
  });
  const mails = world.mails.map(({ toldMs, kind, subject }) => ({
    atMs: toldMs,
    text: `mail ${kind} ${subject}`,
  }));
  const sorted = [...said, ...logged, ...mails].sort((a, b) => a.atMs - b.atMs);
  return [...runs(sorted), ...zoneInTheEnd(world), ...addressInTheEnd(world)].join('\n');
};

const seconds = (atMs: number): string => ((atMs - START_MS) / 1000).toFixed(1);

/** What is said again and again without anything else in between takes one line. */
const runs = (lines: Line[]): string[] => {
  const texts: string[] = [];
  for (let from = 0, next = 0; from < lines.length; from = next) {
    const { atMs, text } = lines[from] as Line;
    next = from + 1;
    while (lines[next]?.text === text) next += 1;
    const again =
      next - from === 1 ? '' : `, ${next - from} times until ${seconds(lines[next - 1]?.atMs ?? 0)}`;
    texts.push(`${seconds(atMs).padStart(7)} ${text}${again}`);
  }
  return texts;
};

/** A role record as a reader wants it: without the digest, and with times in seconds since the start. */
const readable = (role: string): string =>
  role
    .replace(/ set=[0-9a-f]+/, '')
    .replace(/(?<=(?:since|until)=)[0-9]+/g, (at) => `${Number(at) - START_MS / 1000}`);

const addressInTheEnd = ({ moving }: VirtualWorld): string[] =>
  moving.associations === 0 ? [] : [`  held  by ${moving.holder ?? 'nothing'}`];

/** What the zone lists in the end. */
const zoneInTheEnd = (world: VirtualWorld): string[] =>
  world
    .listing()
    .filter((r) => r.type !== 'NS' && r.type !== 'SOA')
    .map(({ name, type, ttlSeconds, values, alias }) =>
      type === 'TXT'
        ? `  role  ${readable(values[0] ?? '')}`
        : `  zone  ${name} ${alias === undefined ? `${ttlSeconds} ${type} ${values.join(' ')}` : `${type} alias ${alias.name}`}`,
    );
