import type { Change, RecordSet } from '../lambda/core/records.ts';
import type { Site } from '../lambda/core/site.ts';
import { hand } from '../lambda/hand.ts';
import { tenure } from '../lambda/tenure.ts';
import {
  type ServerBehaviour,
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from './virtual/world.ts';

/**
 * A scenario is a text that an operator can read: what happens to the world, then, below `----`, what Switchover did.
 *
 *     site www failback=600          a site with two servers, primary and standby, and fields that differ from the defaults
 *     70 primary refuses             at 70 s: a server `refuses`, `hangs`, answers `500`, has `no-network`, or is `ok`
 *     70 primary 500 from eu-west-1  the same, as one vantage sees it
 *     80 blind eu-west-1             a vantage cannot look; `sees` ends it
 *     90 edit www A 192.0.2.9        a person sets the record in the AWS console; `edit www A` without a value removes it
 *     95 ask {"action":"status"}     a command to the console function
 *     99 zone away                   Route 53's API does not answer; `zone back`, and likewise `store` and `topic`
 *     99 forget                      the state table is emptied
 *     99 stop                        no controller is started any more, until `start`
 *     until 200                      how long to run
 */
export const runScenario = async (script: string): Promise<string> => {
  const lines = script
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
  const sites = lines.filter((line) => line.startsWith('site ')).map(siteFrom);
  const interval = Number(lines.find((line) => line.startsWith('interval '))?.split(' ')[1] ?? 10);
  const vantages = lines
    .find((line) => line.startsWith('vantages '))
    ?.split(' ')
    .slice(1);
  const world = virtualWorld(
    virtualConfig(sites, { intervalSeconds: interval, ...(vantages === undefined ? {} : { vantages }) }),
  );
  const steps = lines.filter((line) => /^[0-9]/.test(line)).map(stepFrom);
  const untilS = Number(lines.find((line) => line.startsWith('until '))?.split(' ')[1] ?? Number.NaN);
  if (!Number.isFinite(untilS)) throw new Error('Expected a line `until SECONDS`.');
  const running = { on: true };
  const said: Said[] = [];
  const events = [
    ...steps.map((step) => ({ atS: step.atS, run: () => step.run(world, running, said) })),
    ...Array.from({ length: Math.ceil(untilS / 60) }, (_, minute) => ({
      // A schedule fires at a second of its own choosing, the same each minute.
      atS: minute * 60 + 0.4,
      run: () =>
        running.on && void tenure(world.seenBy(), new Date(START_MS + minute * 60_000).toISOString()),
    })),
  ].sort((a, b) => a.atS - b.atS);
  for (const { atS, run } of events) {
    await world.clock.runUntil(START_MS + atS * 1000);
    await run();
  }
  await world.clock.runUntil(START_MS + untilS * 1000);
  return timeline(world, said);
};

type Said = { atMs: number; text: string };
type Step = { atS: number; run: (world: VirtualWorld, running: { on: boolean }, said: Said[]) => unknown };

const siteFrom = (line: string): Site => {
  const [, name = '', ...fields] = line.split(/\s+/);
  const given: Partial<Site> = {};
  for (const field of fields) {
    const [key = '', value = ''] = field.split('=');
    if (key === 'failback') given.failback = { afterSeconds: Number(value) };
    else if (key === 'servers') given.servers = value.split(',').map(serverFrom);
    else if (key === 'lastResort') given.lastResort = value;
    else Object.assign(given, { [key]: Number(value) });
  }
  return virtualSite(name, given);
};

const ADDRESSES: Record<string, string> = {
  primary: '203.0.113.10',
  standby: '198.51.100.20',
  third: '192.0.2.30',
  sorry: '192.0.2.40',
};
const addressOf = (server: string): string => {
  const address = ADDRESSES[server];
  if (address === undefined)
    throw new Error(`Expected one of ${Object.keys(ADDRESSES).join(', ')}, received ${server}.`);
  return address;
};
const serverFrom = (name: string) => ({ name, ipv4: [addressOf(name)], ipv6: [] });

const stepFrom = (line: string): Step => {
  const [at = '', verb = '', ...rest] = line.split(/\s+/);
  const atS = Number(at);
  const off = rest[0] === 'away';
  const run = ((): Step['run'] => {
    switch (verb) {
      case 'blind':
        return (world) => world.blindVantages.add(rest[0] ?? '');
      case 'sees':
        return (world) => world.blindVantages.delete(rest[0] ?? '');
      case 'zone':
        return (world) => Object.assign(world, { zoneAway: off });
      case 'topic':
        return (world) => Object.assign(world, { topicAway: off });
      case 'store':
        return (world) => Object.assign(world.store, { away: off });
      case 'forget':
        return (world) => world.store.documents.clear();
      case 'stop':
        return (_, running) => Object.assign(running, { on: false });
      case 'start':
        return (_, running) => Object.assign(running, { on: true });
      case 'edit':
        return (world) =>
          world.edit(editOf(world.listing(), rest[0] ?? '', rest[1] ?? '', rest.slice(2).join(' ')));
      case 'ask':
        return (world, _, said) => {
          const atMs = world.clock.now();
          const answered = hand(world.seenBy(), JSON.parse(rest.join(' ')));
          void answered.then(({ ok, message }) =>
            said.push({ atMs, text: `${ok ? 'answered' : 'refused'}: ${message}` }),
          );
        };
      default: {
        const behaviour = rest[0] as ServerBehaviour;
        const address = addressOf(verb);
        if (rest[1] === 'from') return (world) => world.seenFrom.set(`${rest[2]} ${address}`, behaviour);
        return (world) => world.servers.set(address, behaviour);
      }
    }
  })();
  return { atS, run };
};

/** What a person does in the AWS console: the record set of one name and type is replaced, or removed. */
const editOf = (listing: RecordSet[], label: string, type: string, value: string): Change[] => {
  const before = listing.find((r) => r.name.startsWith(`${label}.`) && r.type === type);
  const name = before?.name ?? `${label}.dyn.example.net`;
  const values = [value];
  return [
    ...(before === undefined ? [] : [{ action: 'DELETE' as const, record: before }]),
    ...(value === ''
      ? []
      : [
          { action: 'CREATE' as const, record: { name, type, ttlSeconds: before?.ttlSeconds ?? 60, values } },
        ]),
  ];
};

const timeline = (world: VirtualWorld, said: Said[]): string => {
  const events = [
    ...said,
    ...world.lines.flatMap((line): Said[] => {
      const atMs = Date.parse(line.at);
      if (line.event === 'switch') {
        return [
          {
            atMs,
            text: `switch ${line.site} ${line.from ?? 'nothing'} -> ${line.to} (${line.reason}, epoch ${line.epoch})`,
          },
        ];
      }
      if (line.event === 'published') return [{ atMs, text: `published ${line.site} epoch ${line.epoch}` }];
      return line.event === 'error' && !line.code.startsWith('vantage-')
        ? [{ atMs, text: `error ${line.code}` }]
        : [];
    }),
    ...world.mails.map(({ atMs, kind, subject }) => ({ atMs, text: `mail ${kind} ${subject}` })),
  ];
  const seconds = (atMs: number) => ((atMs - START_MS) / 1000).toFixed(1).padStart(7);
  const sorted = events.sort((a, b) => a.atMs - b.atMs);
  const roles = world
    .listing()
    .filter((r) => r.type === 'TXT')
    .map((r) => `role record ${r.values[0]?.replace(/ (set|since)=\S+?(?=[ "])/g, '')}`);
  return [...sorted.map(({ atMs, text }) => `${seconds(atMs)} ${text}`), ...roles].join('\n');
};
