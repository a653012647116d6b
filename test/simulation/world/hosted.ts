import type { VirtualClock } from '../../../fixtures/virtual/clock.ts';
import { type NameServersModel, nameServersModel } from '../../../fixtures/virtual/name-servers.ts';
import type { DnsEdge } from '../../../lambda/ports.ts';
import { createZone, type Zone } from '../../../local/zone.ts';

/** A hosted zone, and the name servers that answer for it. */
export type Hosted = { zone: Zone; nameServers: NameServersModel };

/** Names of the zones that a world may have. Sites are dealt out to them in turn. */
export const ZONES = ['dyn.example.net', 'dyn2.example.net', 'dyn3.example.net'] as const;

export const zoneIdOf = (name: string): string =>
  `ZSIMULATED${ZONES.indexOf(name as (typeof ZONES)[number])}`;

export const newHosted = (name: string, clock: VirtualClock): Hosted => {
  const zone = createZone(name, zoneIdOf(name));
  const nameServers = nameServersModel(name, clock);
  nameServers.changed(zone);
  return { zone, nameServers };
};

/** Whether a record of this name belongs to the zone. */
export const isIn = (zone: string, name: string): boolean => name === zone || name.endsWith(`.${zone}`);

/** The zone that a record of this name is in. */
export const hostedAt = (all: readonly Hosted[], name: string): Hosted | undefined =>
  all.find(({ zone }) => isIn(zone.name, name));

/** Name servers of all zones, as one process asks them. What no zone is asked about, its parent and the resolver know. */
export const askEdge = (all: readonly Hosted[], ask: DnsEdge['ask']): DnsEdge => ({
  ...(all[0] as Hosted).nameServers.edge,
  ask,
});
