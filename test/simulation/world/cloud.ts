import { Fault } from '../../../lambda/core/fault.ts';
import type { Observation, ProbeRequest, ProberEvent } from '../../../lambda/core/probe.ts';
import type { Change, RecordSet } from '../../../lambda/core/records.ts';
import type { DnsEdge } from '../../../lambda/edge/dns.ts';
import { changeZone, createZone, findChange, publish, type Zone } from '../../../local/zone.ts';
import { toRecordSet } from '../../../local/zone-records.ts';
import type { VirtualClock } from '../../virtual/clock.ts';
import { type NameServersModel, nameServersModel } from '../../virtual/name-servers.ts';
import { type VirtualStore, virtualStore } from '../../virtual/store.ts';
import type { Author, Witness } from '../observer/truth.ts';
import { answerAt } from './answers.ts';
import { carry } from './calls.ts';
import type { Asked, Life, Parts } from './life.ts';
import { type Plan, START_MS, ZONE, ZONE_ID } from './plan.ts';
import type { Episode } from './troubles.ts';

/** How long the product's clients wait in all before they give a call up, milliseconds: lambda/edge. */
const PATIENCE_MS = { list: 15_000, change: 10_000, changeStatus: 9000, store: 8000, topic: 8000 };
const INVOKE_OVERHEAD_MS = 3000;

/** Everything outside the processes: servers, vantages, the hosted zone, the state table and the topic, with their troubles. */
export type Cloud = {
  zone: Zone;
  nameServers: NameServersModel;
  store: VirtualStore;
  /** Episodes that are there now. */
  active: Set<Episode>;
  listing(): RecordSet[];
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
    active: new Set(),
    listing: () => {
      if (listed?.zone !== cloud.zone) {
        listed = { zone: cloud.zone, records: cloud.zone.entries.map(({ record }) => toRecordSet(record)) };
      }
      return listed.records;
    },
    change: (changes, author, sent) => {
      const before = cloud.listing();
      const outcome = changeZone(cloud.zone, { changes }, changeOptions(cloud, clock.now(), author));
      if ('refusal' in outcome) {
        const { code, messages } = outcome.refusal;
        const words = `${code}: ${messages.join('; ')}`;
        throw new Fault(
          code === 'PriorRequestNotComplete' ? 'busy' : 'refused',
          'Route 53',
          'ChangeResourceRecordSets',
          words,
        );
      }
      cloud.zone = outcome.zone;
      cloud.nameServers.changed(cloud.zone);
      witness.applied({ atMs: clock.now(), author, sent, changes, before, after: cloud.listing() });
      return outcome.change.id;
    },
    parts: (life) => ({
      probe: (vantage, event, asked) => probe(plan, cloud, clock, witness, { life, vantage, event, asked }),
      change: (_, changes, asked) => sendChange(cloud, clock, witness, life, changes, asked),
      dns: { ...cloud.nameServers.edge, ask: (...args) => askNames(cloud, args) },
      zones: zonesFor(cloud, clock, witness, life),
      store: storeFor(cloud, clock, life),
      topic: {
        publish: (announcement) =>
          via(cloud, clock, life, 'topic', 'publish', PATIENCE_MS.topic, () => witness.mail(announcement)),
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

const SYSTEMS = { zone: 'Route 53', store: 'DynamoDB', topic: 'SNS' };

/** A call to one of the edges, as its troubles let it go. */
const via = <T>(
  { active }: Cloud,
  clock: VirtualClock,
  life: Life,
  edge: 'zone' | 'store' | 'topic',
  operation: string,
  patienceMs: number,
  arrive: () => T | Promise<T>,
): Promise<T> => {
  const call = { system: SYSTEMS[edge], operation, patienceMs, arrive };
  for (const { trouble } of active) {
    if (trouble.kind === 'table' && edge === 'store') return carry(clock, life.random, call, 'gone', 0);
    if (trouble.kind !== 'edge' || trouble.edge !== edge) continue;
    if (trouble.calls !== undefined && !trouble.calls.includes(operation)) continue;
    if (life.random.chance(trouble.chance)) {
      return carry(clock, life.random, call, trouble.fate, life.random.between(0, trouble.lateMs));
    }
  }
  return carry(clock, life.random, call, undefined, 0);
};

const zonesFor = (cloud: Cloud, clock: VirtualClock, witness: Witness, life: Life): Parts['zones'] => ({
  list: async () => {
    let snapshotMs = 0;
    const records = await via(cloud, clock, life, 'zone', 'list', PATIENCE_MS.list, () => {
      snapshotMs = clock.now();
      return cloud.listing();
    });
    witness.listed(life, snapshotMs);
    return records;
  },
  changeStatus: (changeId) =>
    via(cloud, clock, life, 'zone', 'changeStatus', PATIENCE_MS.changeStatus, () => {
      const stranded = [...cloud.active].some(
        (e) => e.trouble.kind === 'changes' && e.trouble.how === 'stranded',
      );
      cloud.zone = publish(cloud.zone, clock.now());
      const change = stranded ? undefined : findChange(cloud.zone, changeId);
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
  const answered = via(cloud, clock, life, 'zone', 'change', PATIENCE_MS.change, () => {
    const shielded = changes.find(({ record }) => isProtected(cloud, record.name));
    if (shielded !== undefined) {
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

const storeFor = (cloud: Cloud, clock: VirtualClock, life: Life): VirtualStore => {
  const { store } = cloud;
  return Object.fromEntries(
    Object.entries(store)
      .filter(([, member]) => typeof member === 'function')
      .map(([name, method]) => [
        name,
        (...args: unknown[]) =>
          via(cloud, clock, life, 'store', name, PATIENCE_MS.store, () =>
            (method as (...args: unknown[]) => Promise<unknown>)(...args),
          ),
      ]),
  ) as unknown as VirtualStore;
};

type Probing = { life: Life; vantage: string; event: ProberEvent; asked: Asked };

/** One Invoke of a prober. What it answers is what the servers truly answer there and then, unless the vantage is in trouble. */
const probe = async (
  plan: Plan,
  cloud: Cloud,
  clock: VirtualClock,
  witness: Witness,
  { life, vantage, event, asked }: Probing,
): Promise<Observation[]> => {
  const { random } = life;
  const fault = (code: 'denied' | 'lost' | 'throttled') =>
    new Fault(code, 'Lambda', 'Invoke', `the simulated ${vantage} says ${code}`);
  const how = troubleOf(cloud, vantage, life);
  const addresses = event.probes.map(({ address }) => address);
  const seen = addresses.length > 0 ? witness.asked(life, asked, vantage, addresses) : undefined;
  await clock.sleep(random.between(5, 80));
  if (how === 'denied' || how === 'throttled') throw fault(how);
  const slowMs = how === 'slow' ? random.between(0, event.deadlineMs + INVOKE_OVERHEAD_MS) : 0;
  const answerable = how === 'lost' ? [] : event.probes;
  const answers = answerable.map((request) => answerFor(plan, cloud, clock, vantage, request));
  const totalMs = Math.max(0, ...answers.map((a) => a.afterMs)) + slowMs;
  if (how === 'lost' || totalMs > event.deadlineMs + INVOKE_OVERHEAD_MS) {
    await clock.sleep(event.deadlineMs + INVOKE_OVERHEAD_MS);
    throw fault('lost');
  }
  await clock.sleep(totalMs);
  if (event.heartbeat !== undefined) witness.heartbeat(life, event.heartbeat.roundsDecided);
  const observations = answers.flatMap((answer, index): Observation[] => {
    if (how === 'partial' && random.chance(0.5)) return [];
    const { outcome, code, afterMs } = answer;
    const request = event.probes[index] as ProbeRequest;
    return how === 'no-network'
      ? [
          {
            id: request.id,
            outcome: 'unknown',
            code: 'no-network',
            detail: 'simulated',
            phases: { totalMs: 1 },
          },
        ]
      : [{ id: request.id, outcome, code, detail: 'simulated', phases: { totalMs: afterMs } }];
  });
  const addressOf = new Map(event.probes.map(({ id, address }) => [id, address]));
  seen?.(new Map(observations.map(({ id, outcome }) => [addressOf.get(id) ?? '', outcome])));
  return observations;
};

const troubleOf = ({ active }: Cloud, vantage: string, life: Life) => {
  for (const { trouble } of active) {
    if (
      trouble.kind === 'vantage' &&
      trouble.vantages.includes(vantage) &&
      life.random.chance(trouble.chance)
    ) {
      return trouble.how;
    }
  }
  return undefined;
};

const answerFor = (
  plan: Plan,
  { active }: Cloud,
  clock: VirtualClock,
  vantage: string,
  request: ProbeRequest,
) => answerAt(plan, active, request.address, vantage, clock.now() - START_MS, request.timeoutMs);
