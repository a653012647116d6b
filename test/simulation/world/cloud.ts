import { Fault } from '../../../lambda/core/fault.ts';
import type { Change, RecordSet } from '../../../lambda/core/records.ts';
import type { DnsEdge } from '../../../lambda/edge/dns.ts';
import { changeZone, createZone, findChange, publish, type Zone } from '../../../local/zone.ts';
import { toRecordSet } from '../../../local/zone-records.ts';
import type { VirtualClock } from '../../virtual/clock.ts';
import { type NameServersModel, nameServersModel } from '../../virtual/name-servers.ts';
import { type VirtualStore, virtualStore } from '../../virtual/store.ts';
import type { Author, Witness } from '../observer/truth.ts';
import { newAddresses, type SharedAddresses } from './addresses.ts';
import { carry } from './calls.ts';
import type { Asked, Life, Parts } from './life.ts';
import { type Plan, ZONE, ZONE_ID } from './plan.ts';
import { probe } from './probing.ts';
import type { Edge, Episode } from './troubles.ts';

/** How long the product's clients wait in all before they give a call up, milliseconds: lambda/edge. */
export const PATIENCE_MS = {
  list: 15_000,
  change: 10_000,
  changeStatus: 9000,
  store: 8000,
  topic: 8000,
  find: 2000,
  move: 5000,
};

/** Everything outside the processes: servers, vantages, the hosted zone, the state table and the topic, with their troubles. */
export type Cloud = {
  zone: Zone;
  nameServers: NameServersModel;
  store: VirtualStore;
  /** Who has the addresses that move. */
  addresses: SharedAddresses;
  /** Episodes that are there now. */
  active: Set<Episode>;
  listing(): RecordSet[];
  /** The zone is made anew, with nothing in it that anybody wrote. */
  emptyZone(): void;
  /** Applies a batch at once; throws Route 53's refusal as a `Fault`. */
  change(changes: Change[], author: Author, sent: Asked): string;
  /** The cloud as one process reaches it. */
  parts(life: Life): Parts;
};

export const newCloud = (plan: Plan, clock: VirtualClock, witness: Witness): Cloud => {
  const store = virtualStore();
  let listed: { zone: Zone; records: RecordSet[] } | undefined;
  const cloud: Cloud = {
    zone: createZone(ZONE, ZONE_ID),
    nameServers: nameServersModel(ZONE, clock),
    store,
    addresses: newAddresses(plan, clock, witness, () => cloud),
    active: new Set(),
    listing: () => {
      if (listed?.zone !== cloud.zone) {
        listed = { zone: cloud.zone, records: cloud.zone.entries.map(({ record }) => toRecordSet(record)) };
      }
      return listed.records;
    },
    emptyZone: () => {
      const before = cloud.listing();
      cloud.zone = createZone(ZONE, ZONE_ID);
      cloud.nameServers.changed(cloud.zone);
      cloud.addresses.follow();
      const atMs = clock.now();
      const changes = before
        .filter((r) => r.type !== 'NS' && r.type !== 'SOA')
        .map((record): Change => ({ action: 'DELETE', record }));
      witness.met('zone made anew and empty');
      const sent = { atMs, clockMs: atMs };
      witness.applied({ atMs, author: { by: 'person' }, sent, changes, before, after: cloud.listing() });
    },
    change: (changes, author, sent) => {
      const before = cloud.listing();
      const outcome = changeZone(cloud.zone, { changes }, changeOptions(cloud, clock.now(), author));
      if ('refusal' in outcome) {
        const { code, messages } = outcome.refusal;
        witness.met(`change of a ${author.by} refused: ${code}`);
        const words = `${code}: ${messages.join('; ')}`;
        throw new Fault(
          code === 'PriorRequestNotComplete' ? 'busy' : 'refused',
          'Route 53',
          'ChangeResourceRecordSets',
          words,
        );
      }
      cloud.zone = outcome.zone;
      if ([...cloud.active].some(({ trouble: t }) => t.kind === 'changes' && t.how === 'held'))
        witness.met('change stuck PENDING');
      cloud.nameServers.changed(cloud.zone);
      witness.applied({ atMs: clock.now(), author, sent, changes, before, after: cloud.listing() });
      cloud.addresses.follow();
      return outcome.change.id;
    },
    parts: (life) => ({
      probe: (vantage, event, asked) =>
        probe({ plan, cloud, clock, witness }, { life, vantage, event, asked }),
      change: (_, changes, asked) => sendChange(cloud, clock, witness, life, changes, asked),
      dns: { ...cloud.nameServers.edge, ask: (...args) => askNames(cloud, args) },
      zones: zonesFor(cloud, clock, witness, life),
      store: storeFor({ cloud, clock, witness, life }),
      ...(plan.held && { addresses: ec2For({ cloud, clock, witness, life }) }),
      topic: {
        publish: (announcement) =>
          via({ cloud, clock, witness, life }, 'topic', 'publish', PATIENCE_MS.topic, () =>
            witness.mail(announcement),
          ),
      },
    }),
  };
  cloud.nameServers.changed(cloud.zone);
  return cloud;
};

const changeOptions = ({ active }: Cloud, now: number, author: Author) => {
  const hows = [...active].map(({ trouble }) => trouble.kind === 'changes' && trouble.how);
  return {
    now,
    insyncAfterMs: 20_000,
    held: hows.includes('held'),
    busyMs: hows.includes('busy') && author.by !== 'person' ? 4000 : 0,
  };
};

const [LATE_SERVER, LATE_MS, PROMPT_MS] = ['ns-3', 150_000, 4000];

const askNames = (
  { active, nameServers }: Cloud,
  args: Parameters<DnsEdge['ask']>,
): ReturnType<DnsEdge['ask']> => {
  const hows = [...active].map(({ trouble }) => trouble.kind === 'names' && trouble.how);
  nameServers.away = hows.includes('away');
  nameServers.lagMs.set(LATE_SERVER, hows.includes('lag') ? LATE_MS : PROMPT_MS);
  return nameServers.edge.ask(...args);
};

const SYSTEMS = { zone: 'Route 53', store: 'DynamoDB', topic: 'SNS', addresses: 'EC2' };

/** Of several troubles with one edge the one in which nothing is done wins; one that is merely slow comes last. */
const rankOf = ({ trouble }: Episode): number => {
  if (trouble.kind !== 'edge') return 0;
  return trouble.fate === 'slow' ? 3 : ['answer-lost', 'late'].includes(trouble.fate) ? 2 : 1;
};

type Caller = { cloud: Cloud; clock: VirtualClock; witness: Witness; life: Life };

/** A call to one of the edges, as its troubles let it go. */
const via = <T>(
  { cloud: { active }, clock, witness, life }: Caller,
  edge: Edge,
  operation: string,
  patienceMs: number,
  arrive: () => T | Promise<T>,
): Promise<T> => {
  const call = { system: SYSTEMS[edge], operation, patienceMs, arrive };
  for (const { trouble } of [...active].sort((a, b) => rankOf(a) - rankOf(b))) {
    if ((trouble.kind === 'table' && edge === 'store') || (trouble.kind === 'zone' && edge === 'zone')) {
      witness.met(`${edge} not there`);
      return carry(clock, life.random, call, 'gone', 0);
    }
    if (trouble.kind !== 'edge' || trouble.edge !== edge) continue;
    if (trouble.calls !== undefined && !trouble.calls.includes(operation)) continue;
    if (life.random.chance(trouble.chance)) {
      witness.met(`${edge} ${trouble.fate}`);
      return carry(clock, life.random, call, trouble.fate, life.random.between(0, trouble.lateMs));
    }
  }
  return carry(clock, life.random, call, undefined, 0);
};

const zonesFor = (cloud: Cloud, clock: VirtualClock, witness: Witness, life: Life): Parts['zones'] => ({
  list: async () => {
    let snapshotMs = 0;
    const records = await via({ cloud, clock, witness, life }, 'zone', 'list', PATIENCE_MS.list, () => {
      snapshotMs = clock.now();
      return cloud.listing();
    });
    witness.listed(life, snapshotMs, records);
    return records;
  },
  changeStatus: (changeId) =>
    via({ cloud, clock, witness, life }, 'zone', 'changeStatus', PATIENCE_MS.changeStatus, () => {
      const stranded = [...cloud.active].some(
        (e) => e.trouble.kind === 'changes' && e.trouble.how === 'stranded',
      );
      cloud.zone = publish(cloud.zone, clock.now());
      const change = stranded ? undefined : findChange(cloud.zone, changeId);
      if (change === undefined) witness.met('change stranded');
      if (change === undefined) throw new Fault('gone', 'Route 53', 'GetChange', `NoSuchChange: ${changeId}`);
      return change.status;
    }),
});

const sendChange = async (
  cloud: Cloud,
  clock: VirtualClock,
  witness: Witness,
  life: Life,
  changes: Change[],
  asked: Asked,
): Promise<{ changeId: string }> => {
  const foreign = changes.find(({ record }) => record.routing !== undefined);
  if (foreign !== undefined) {
    throw new Fault(
      'refused',
      'Route 53',
      'ChangeResourceRecordSets',
      `expected simple record sets, received ${foreign.record.routing}`,
    );
  }
  witness.sent(life, asked, changes);
  const answered = via({ cloud, clock, witness, life }, 'zone', 'change', PATIENCE_MS.change, () => {
    const shielded = changes.find(({ record }) => isProtected(cloud, record.name));
    if (shielded !== undefined) {
      witness.met('record protected');
      throw new Fault(
        'refused',
        'Route 53',
        'ChangeResourceRecordSets',
        `InvalidChangeBatch: The record ${shielded.record.name}. is protected`,
      );
    }
    return cloud.change(changes, { by: life.who, life }, asked);
  });
  return answered.then(
    (changeId) => ({ changeId }),
    (fault: unknown) => {
      if (fault instanceof Fault && fault.code !== 'lost') witness.refused(life);
      throw fault;
    },
  );
};

const isProtected = ({ active }: Cloud, name: string): boolean =>
  [...active].some(
    ({ trouble }) => trouble.kind === 'protected' && name.endsWith(`www${trouble.site}.${ZONE}`),
  );

const storeFor = (caller: Caller): VirtualStore => {
  const { store } = caller.cloud;
  return Object.fromEntries(
    Object.entries(store)
      .filter(([, member]) => typeof member === 'function')
      .map(([name, method]) => [
        name,
        (...args: unknown[]) =>
          via(caller, 'store', name, PATIENCE_MS.store, () =>
            (method as (...args: unknown[]) => Promise<unknown>)(...args).catch((error: unknown) => {
              if (error instanceof Fault) caller.witness.met(`store ${error.code}`);
              throw error;
            }),
          ),
      ]),
  ) as unknown as VirtualStore;
};

const ec2For = (caller: Caller): NonNullable<Parts['addresses']> => {
  const { cloud, life } = caller;
  return {
    find: (_, ids) => via(caller, 'addresses', 'find', PATIENCE_MS.find, () => cloud.addresses.find(ids)),
    disassociate: (id, asked) => {
      const take = cloud.addresses.taking(life, id, asked);
      return via(caller, 'addresses', 'disassociate', PATIENCE_MS.move, take);
    },
    associate: (allocationId, holder, asked) => {
      const give = cloud.addresses.giving(life, allocationId, holder, asked);
      return via(caller, 'addresses', 'associate', PATIENCE_MS.move, give);
    },
  };
};
