import type { VirtualClock } from '../../../fixtures/virtual/clock.ts';
import { virtualStore } from '../../../fixtures/virtual/store.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Change, RecordSet } from '../../../lambda/core/zone/records.ts';
import { changeZone, createZone, type Zone } from '../../../local/zone.ts';
import { toRecordSet } from '../../../local/zone-records.ts';
import type { Author, Witness } from '../observer/truth.ts';
import { newAddresses } from './addresses.ts';
import type { Cloud } from './cloud-shape.ts';
import { type Hosted, hostedAt, isIn, newHosted } from './hosted.ts';
import type { Plan } from './plan-shape.ts';
import { concerns } from './troubles.ts';

export const newCloud = (plan: Plan, clock: VirtualClock, witness: Witness): Cloud => {
  const store = virtualStore();
  const hosted = plan.config.zones.map(({ name }) => newHosted(name, clock));
  const known = new WeakMap<Zone, RecordSet[]>();
  const recordsOf = (zone: Zone): RecordSet[] => {
    const records = known.get(zone) ?? zone.entries.map((e) => toRecordSet(e.record));
    known.set(zone, records);
    return records;
  };
  let listed: { zones: Zone[]; records: RecordSet[] } = { zones: [], records: [] };
  const cloud: Cloud = {
    hosted,
    store,
    addresses: newAddresses(plan, clock, witness, () => cloud),
    active: new Set(),
    listing: () => {
      if (hosted.some(({ zone }, index) => zone !== listed.zones[index])) {
        const zones = hosted.map(({ zone }) => zone);
        listed = { zones, records: zones.flatMap(recordsOf) };
      }
      return listed.records;
    },
    recordsOf: (zone) => recordsOf((hosted[zone] as Hosted).zone),
    emptyZone: (index) => {
      const emptied = hosted[index] as Hosted;
      const before = cloud.listing();
      const { id, name } = emptied.zone;
      replace(emptied, createZone(name, id));
      cloud.addresses.follow();
      const atMs = clock.now();
      const changes = before
        .filter((r) => isIn(name, r.name) && r.type !== 'NS' && r.type !== 'SOA')
        .map((record): Change => ({ action: 'DELETE', record }));
      witness.met('zone made anew and empty');
      const sent = { atMs, clockMs: atMs };
      witness.applied({ atMs, author: { by: 'person' }, sent, changes, before, after: cloud.listing() });
    },
    change: (changes, author, sent) => {
      const before = cloud.listing();
      const target = hostedAt(hosted, changes[0]?.record.name ?? '') as Hosted;
      const options = changeOptions(cloud, hosted.indexOf(target), clock.now(), author);
      const outcome = changeZone(target.zone, { changes }, options);
      if ('refusal' in outcome) {
        const { code, messages } = outcome.refusal;
        witness.met(`change of a ${author.by} refused: ${code}`);
        const words = `${code}: ${messages.join('; ')}`;
        const kind = code === 'PriorRequestNotComplete' ? 'busy' : 'refused';
        throw new Fault(kind, 'Route 53', 'ChangeResourceRecordSets', words);
      }
      replace(target, outcome.zone);
      if (options.held) witness.met('change stuck PENDING');
      witness.applied({ atMs: clock.now(), author, sent, changes, before, after: cloud.listing() });
      cloud.addresses.follow();
      return outcome.change.id;
    },
  };
  return cloud;
};

const replace = (hosted: Hosted, zone: Zone): void => {
  hosted.zone = zone;
  hosted.nameServers.changed(zone);
};

const changeOptions = ({ active }: Cloud, zone: number, now: number, author: Author) => {
  const hows = [...active].map(
    ({ trouble: t }) => t.kind === 'changes' && concerns(t.only, { zone }) && t.how,
  );
  return {
    now,
    insyncAfterMs: 20_000,
    held: hows.includes('held'),
    busyMs: hows.includes('busy') && author.by !== 'person' ? 4000 : 0,
  };
};
