import { DnsFault } from '../../../lambda/edge/dns.ts';
import type { Clock, DnsAnswer, DnsEdge } from '../../../lambda/ports.ts';
import type { Zone } from '../../../local/zone.ts';
import { type AnswerRecord, answer } from '../../../local/zone-answer.ts';

/** The name servers of one zone, its parent's and a resolver, without sockets: each follows the zone after a while of its own. */
export type NameServersModel = {
  /** How long a name server (`ns-1` … `ns-4`) takes to follow a change, milliseconds; `Infinity`: it stands still. */
  lagMs: Map<string, number>;
  /** Nobody answers any question. */
  away: boolean;
  /** Notes the zone as it is from now on. */
  changed(zone: Zone): void;
  edge: DnsEdge;
};

const LAGS_MS: [string, number][] = [
  ['ns-1', 2000],
  ['ns-2', 3000],
  ['ns-3', 4000],
  ['ns-4', 5000],
];
const ROUND_TRIP_MS = 5;
const PARENT = 'ns.parent.test';
const RESOLVER = 'resolver';
/** Snapshots older than this are of no use to anybody. */
const KEPT = 200;

const record = (name: string, type: string, value: string) => ({ name, type, ttlSeconds: 60, value });

const answered = (given: Partial<DnsAnswer>): DnsAnswer => ({
  rcode: 'NOERROR',
  authoritative: false,
  recursionAvailable: false,
  authenticated: false,
  answers: [],
  authorities: [],
  additionals: [],
  ...given,
});

/** Addresses are names here: `ns-1` is found at `ns-1`. */
export const nameServersModel = (zoneName: string, clock: Clock): NameServersModel => {
  const past: { atMs: number; zone: Zone }[] = [];
  const parent = zoneName.slice(zoneName.indexOf('.') + 1);
  const names = LAGS_MS.map(([name]) => name);
  const model: NameServersModel = {
    lagMs: new Map(LAGS_MS),
    away: false,
    changed: (zone) => {
      past.push({ atMs: clock.now(), zone });
      if (past.length > KEPT) past.shift();
    },
    edge: {
      resolvers: [{ address: RESOLVER, port: 53 }],
      port: 53,
      ask: async (server, question, timeoutMs = 2000) => {
        const { address } = server;
        const lagMs = model.lagMs.get(address);
        if (model.away) {
          await clock.sleep(timeoutMs);
          throw new DnsFault('timeout', server, question, `no answer within ${timeoutMs} ms`);
        }
        await clock.sleep(ROUND_TRIP_MS);
        const { name, type } = question;
        if (lagMs !== undefined) return speak(zoneAt(clock.now() - lagMs), name, type);
        if (type === 'NS' && address === RESOLVER)
          return answered({ answers: name === parent ? [record(parent, 'NS', PARENT)] : [] });
        if (type === 'NS')
          return answered({ authorities: names.map((each) => record(zoneName, 'NS', `${each}.test`)) });
        if (name.endsWith('.test'))
          return answered({ answers: [record(name, 'A', name.replace('.test', ''))] });
        return speak(zoneAt(clock.now()), name, type);
      },
    },
  };
  const zoneAt = (ms: number): Zone | undefined =>
    past.findLast(({ atMs }) => atMs <= ms)?.zone ?? past[0]?.zone;
  return model;
};

const speak = (zone: Zone | undefined, name: string, type: string): DnsAnswer => {
  if (zone === undefined) return answered({ rcode: 'REFUSED' });
  const { rcode, aa, answers, authority } = answer({ ...zone, published: zone.entries }, name, type);
  const plain = (records: AnswerRecord[]) => records.map((each) => ({ ...each }));
  return answered({ rcode, authoritative: aa, answers: plain(answers), authorities: plain(authority) });
};
