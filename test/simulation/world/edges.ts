import type { VirtualClock } from '../../../fixtures/virtual/clock.ts';
import type { VirtualStore } from '../../../fixtures/virtual/store.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Change } from '../../../lambda/core/zone/records.ts';
import { DnsFault } from '../../../lambda/edge/dns.ts';
import type { DnsEdge } from '../../../lambda/ports.ts';
import { findChange, publish } from '../../../local/zone.ts';
import type { Witness } from '../observer/truth.ts';
import { moveAddress } from './calls.ts';
import type { Cloud } from './cloud-shape.ts';
import { type Hosted, hostedAt } from './hosted.ts';
import { siteOfAllocation } from './instances.ts';
import type { Asked, Life, Parts } from './life.ts';
import { PATIENCE_MS } from './patience.ts';
import type { Plan } from './plan-shape.ts';
import { probe } from './probing.ts';
import { type About, concerns, type Edge, type Episode } from './troubles.ts';

/** One process, and the cloud that it calls. */
type Caller = { plan: Plan; cloud: Cloud; clock: VirtualClock; witness: Witness; life: Life };

/** The cloud as one process reaches it. */
export const partsOf = (caller: Caller): Parts => {
  const { plan, life } = caller;
  return {
    probe: (vantage, event, asked) => probe(caller, { life, vantage, event, asked }),
    change: (_, changes, asked) => sendChange(caller, changes, asked),
    dns: namesFor(caller),
    zones: zonesFor(caller),
    store: storeFor(caller),
    ...(plan.held && { addresses: ec2For(caller) }),
    topic: topicFor(caller),
    events: eventsFor(caller),
    parameters: (names) =>
      via(
        caller,
        { edge: 'parameters', name: 'parameters', about: {}, patienceMs: PATIENCE_MS.parameters },
        () => new Map(names.map((name) => [name, `the value of ${name}`])),
      ),
  };
};

/** What a call to one of the edges is: its name, what it is about, and how long its client waits in all, milliseconds. */
type Called = { edge: Edge; name: string; about: About; patienceMs: number };

const SYSTEMS = {
  zone: 'Route 53',
  store: 'DynamoDB',
  topic: 'SNS',
  addresses: 'EC2',
  names: 'DNS',
  parameters: 'SSM',
};

/** Of several troubles with one edge the one in which nothing is done wins; one that is merely slow comes last. */
const rankOf = ({ trouble }: Episode): number => {
  if (trouble.kind !== 'edge') return 0;
  return trouble.fate === 'slow' ? 3 : ['answer-lost', 'late'].includes(trouble.fate) ? 2 : 1;
};

/** A call to one of the edges, as its troubles let it go. */
const via = <T>(
  { cloud: { active }, clock, witness, life }: Caller,
  { edge, name, about, patienceMs }: Called,
  arrive: () => T | Promise<T>,
): Promise<T> => {
  const call = { system: SYSTEMS[edge], operation: name, patienceMs, arrive };
  for (const { trouble } of [...active].sort((a, b) => rankOf(a) - rankOf(b))) {
    const isZoneGone = trouble.kind === 'zone' && edge === 'zone' && about.zone === trouble.which;
    if ((trouble.kind === 'table' && edge === 'store') || isZoneGone) {
      witness.met(`${edge} not there`);
      return moveAddress(clock, life.random, call, { fate: 'gone' });
    }
    if (trouble.kind !== 'edge' || trouble.edge !== edge) continue;
    if (trouble.calls !== undefined && !trouble.calls.includes(name)) continue;
    if (!concerns(trouble.only, about)) continue;
    if (life.random.chance(trouble.chance)) {
      witness.met(`${edge} ${trouble.fate}`);
      const lateMs = life.random.between(0, trouble.lateMs);
      return moveAddress(clock, life.random, call, { ...trouble, lateMs });
    }
  }
  return moveAddress(clock, life.random, call, {});
};

const aboutSite = ({ plan }: Caller, name: string): About => {
  const site = plan.config.sites.findIndex((each) => each.name === name);
  return site < 0
    ? {}
    : { site, zone: plan.config.zones.findIndex((z) => z.name === plan.config.sites[site]?.zone) };
};

const zonesFor = (caller: Caller): Parts['zones'] => {
  const { cloud, clock, witness, life } = caller;
  const call = <T>(name: 'list' | 'changeStatus', zone: number, arrive: () => T): Promise<T> =>
    via(caller, { edge: 'zone', name, about: { zone }, patienceMs: PATIENCE_MS[name] }, arrive);
  return {
    list: async (zoneId) => {
      const index = cloud.hosted.findIndex(({ zone }) => zone.id === zoneId);
      const { zone } = cloud.hosted[index] as Hosted;
      let snapshotMs = 0;
      const records = await call('list', index, () => {
        snapshotMs = clock.now();
        return cloud.recordsOf(index);
      });
      witness.listed(life, { zone: zone.name, atMs: snapshotMs, listing: records });
      return records;
    },
    changeStatus: (changeId) => {
      const index = cloud.hosted.findIndex(({ zone }) => changeId.endsWith(zone.id.slice(1)));
      return call('changeStatus', index, () => {
        const about = { zone: index };
        const rolledBack = [...cloud.active].some(
          ({ trouble: t }) => t.kind === 'changes' && t.how === 'stranded' && concerns(t.only, about),
        );
        const hosted = cloud.hosted[index] as Hosted;
        hosted.zone = publish(hosted.zone, clock.now());
        const change = rolledBack ? undefined : findChange(hosted.zone, changeId);
        if (change === undefined) witness.met('change stranded');
        if (change === undefined)
          throw new Fault('gone', 'Route 53', 'GetChange', `NoSuchChange: ${changeId}`);
        return change.status;
      });
    },
  };
};

const sendChange = async (caller: Caller, changes: Change[], asked: Asked): Promise<{ changeId: string }> => {
  const { cloud, witness, life } = caller;
  const refused = (words: string) => new Fault('refused', 'Route 53', 'ChangeResourceRecordSets', words);
  const foreign = changes.find(({ record }) => record.routing !== undefined)?.record.routing;
  if (foreign !== undefined) throw refused(`expected simple record sets, received ${foreign}`);
  witness.sent(life, asked, changes);
  const hosted = hostedAt(cloud.hosted, changes[0]?.record.name ?? '') as Hosted;
  const about = { zone: cloud.hosted.indexOf(hosted) };
  const patienceMs = PATIENCE_MS.change;
  const answered = via(caller, { edge: 'zone', name: 'change', about, patienceMs }, () => {
    const shielded = changes.find(({ record }) => isProtected(cloud, record.name));
    if (shielded !== undefined) {
      witness.met('record protected');
      throw refused(`InvalidChangeBatch: The record ${shielded.record.name}. is protected`);
    }
    return cloud.change(changes, { by: life.who, life }, asked);
  });
  return answered.then(
    (changeId) => ({ changeId }),
    (fault: unknown) => {
      if (fault instanceof Fault && fault.code !== 'lost') witness.refused(life, hosted.zone.name);
      throw fault;
    },
  );
};

const isProtected = ({ active, hosted }: Cloud, name: string): boolean =>
  [...active].some(
    ({ trouble }) =>
      trouble.kind === 'protected' &&
      hosted.some(({ zone }) => name.endsWith(`www${trouble.site}.${zone.name}`)),
  );

const storeFor = (caller: Caller): VirtualStore => {
  const { store } = caller.cloud;
  const aboutOf = (first: unknown): About => (typeof first === 'string' ? aboutSite(caller, first) : {});
  return Object.fromEntries(
    Object.entries(store)
      .filter(([, member]) => typeof member === 'function')
      .map(([name, method]) => [
        name,
        (...args: unknown[]) =>
          via(
            caller,
            {
              edge: 'store',
              name: nameOf(name, args[0]),
              about: aboutOf(args[0]),
              patienceMs: PATIENCE_MS.store,
            },
            () =>
              (method as (...args: unknown[]) => Promise<unknown>)(...args).catch((error: unknown) => {
                if (error instanceof Fault) caller.witness.met(`store ${error.code}`);
                throw error;
              }),
          ),
      ]),
  ) as unknown as VirtualStore;
};

/** The deployment's own document is saved by a call of its own name, so that it can be in trouble alone. */
const nameOf = (method: string, first: unknown): string =>
  method === 'save' && typeof first === 'string' && first.startsWith('*') ? 'save-deployment' : method;

const topicFor = (caller: Caller): Parts['topic'] => ({
  publish: (announcement) => {
    const about = aboutSite(caller, announcement.site);
    const called = { edge: 'topic', name: 'publish', about, patienceMs: PATIENCE_MS.topic } as const;
    return via(caller, called, () => caller.witness.mail(announcement));
  },
});

const eventsFor = (caller: Caller): Parts['events'] => ({
  publish: (event) => {
    const about = aboutSite(caller, event.site ?? '*');
    const called = { edge: 'topic', name: 'publish-event', about, patienceMs: PATIENCE_MS.topic } as const;
    return via(caller, called, () => caller.witness.event(event));
  },
});

const [LATE_SERVER, LATE_MS, PROMPT_MS] = ['ns-3', 150_000, 4000];

/** Name servers of all zones. What no zone is asked about, its parent and the resolver know. */
const namesFor = (caller: Caller): DnsEdge => {
  const { hosted, active } = caller.cloud;
  const [first] = hosted as [Hosted];
  return {
    ...first.nameServers.edge,
    ask: (server, question, timeoutMs = 2000) => {
      const asked = hostedAt(hosted, question.name) ?? first;
      const about = { zone: hosted.indexOf(asked) };
      const hows = [...active].map(
        ({ trouble: t }) => t.kind === 'names' && concerns(t.only, about) && t.how,
      );
      const { nameServers } = asked;
      nameServers.away = hows.includes('away');
      nameServers.lagMs.set(LATE_SERVER, hows.includes('lag') ? LATE_MS : PROMPT_MS);
      const ask = () => nameServers.edge.ask(server, question, timeoutMs);
      if (![...active].some(({ trouble: t }) => t.kind === 'edge' && t.edge === 'names')) return ask();
      return via(caller, { edge: 'names', name: 'ask', about, patienceMs: timeoutMs }, ask).catch(
        (fault: unknown) => {
          if (!(fault instanceof Fault) || fault instanceof DnsFault) throw fault;
          throw new DnsFault('timeout', server, question, `no answer within ${timeoutMs} ms`);
        },
      );
    },
  };
};

const ec2For = (caller: Caller): NonNullable<Parts['addresses']> => {
  const { cloud, life, plan } = caller;
  const aboutIndex = (site: number | undefined): About =>
    aboutSite(caller, plan.config.sites[site ?? -1]?.name ?? '');
  const call = <T>(name: string, about: About, patienceMs: number, arrive: () => T): Promise<T> =>
    via(caller, { edge: 'addresses', name, about, patienceMs }, arrive);
  return {
    find: (_, ids) =>
      call('find', aboutIndex(siteOfAllocation(ids[0])), PATIENCE_MS.find, () => cloud.addresses.find(ids)),
    disassociate: (id, asked) => {
      const about = aboutIndex(cloud.addresses.siteOf(id));
      return call('disassociate', about, PATIENCE_MS.move, cloud.addresses.taking(life, id, asked));
    },
    associate: (allocationId, holder, asked) => {
      const give = cloud.addresses.giving(life, allocationId, holder, asked);
      return call('associate', aboutIndex(siteOfAllocation(allocationId)), PATIENCE_MS.move, give);
    },
  };
};
