import type { VirtualStore } from '../../../fixtures/virtual/store.ts';
import type { Association } from '../../../lambda/core/zone/moved-address.ts';
import type { Change, RecordSet } from '../../../lambda/core/zone/records.ts';
import type { Author, Holder } from '../observer/truth.ts';
import type { Hosted } from './hosted.ts';
import type { Asked, Life } from './life.ts';
import type { Episode } from './troubles.ts';

/** Everything outside the processes: servers, vantages, the hosted zones, the state table and the topic, with their troubles. */
export type Cloud = {
  /** In the order of the configuration. */
  hosted: Hosted[];
  store: VirtualStore;
  /** Who has the addresses that move. */
  addresses: SharedAddresses;
  /** Episodes that are there now. */
  active: Set<Episode>;
  /** The records of all zones; names tell which one they are in. */
  listing(): RecordSet[];
  recordsOf(zone: number): RecordSet[];
  /** A zone is made anew, with nothing in it that anybody wrote. */
  emptyZone(index: number): void;
  /** Applies a batch at once; throws Route 53's refusal as a `Fault`. */
  change(changes: Change[], author: Author, sent: Asked): string;
};

/** Who has the addresses that move: EC2, which moves Elastic IPs as it is told, and hosts that take theirs by themselves. */
export type SharedAddresses = {
  /** What EC2 tells of Elastic IPs. */
  find(allocationIds: string[]): Map<string, Association>;
  /** A process asks EC2 to give an association up, or to make one; what that does once it arrives. */
  taking(life: Life, associationId: string, asked: Asked): () => void;
  giving(life: Life, allocationId: string, instance: string, asked: Asked): () => void;
  /** A person gives a site's Elastic IP to an instance, or takes it from whatever has it. */
  byPerson(site: number, instance: string | undefined): void;
  holder(site: number): Holder;
  /** The index of the site whose address an association is of. */
  siteOf(associationId: string): number | undefined;
  /** The address of the server that answers at `address`; no server's where nothing or a stranger has it. */
  metAt(address: string): string;
  /** Hosts ask for their role every two seconds, and take or give up the address a moment later. */
  follow(): void;
};
