import type { LogLine } from '../../../lambda/contract.ts';
import type { Ended } from '../../../lambda/controller/term.ts';
import type { Announcement } from '../../../lambda/core/messages/announcement.ts';
import type { AlertEvent } from '../../../lambda/core/messages/event.ts';
import type { Outcome } from '../../../lambda/core/probe/request.ts';
import type { Change, RecordSet } from '../../../lambda/core/zone/records.ts';
import type { Asked, Life } from '../world/life.ts';
import type { Trouble } from '../world/troubles.ts';

/** Who changed the zone: a process of ours, or a person in the Route 53 console. */
export type Author = { by: 'controller' | 'hand'; life: Life } | { by: 'person' };

/** Who has an address that moves: a server of its site, by index, something else, or nothing. */
export type Holder = number | 'stranger' | 'nobody';

/** A process asks EC2 to take a site's address from `from`, which has it then, or to give it to somebody. */
export type Step = { life: Life; asked: Asked; site: number; from: Holder; to: Holder };

/** An address that moved: by a process, a person, or a host that takes its own. */
export type Moved = {
  atMs: number;
  site: number;
  from: Holder;
  to: Holder;
  author: Author | { by: 'host' };
  /** The server that the role record names then. */
  named: string | undefined;
};

/** A batch that Route 53 took, with the whole zone before and after. */
export type Applied = {
  atMs: number;
  author: Author;
  /** When the process gave it to Route 53; for a person, when it was applied. */
  sent: Asked;
  changes: Change[];
  before: RecordSet[];
  after: RecordSet[];
};

/** A person's order to the console function. */
export type Order = Trouble & { kind: 'order' } & {
  life: Life;
  /** Name of the site. */
  name: string;
  /** Name of the server, with `pin` and `point`. */
  pin: string;
  askedMs: number;
  /** Its answer, once the person has it. */
  answer?: { atMs: number; ok: boolean; message: string };
  /** Its end was seen to. */
  expired?: true;
};

/** What a listing of one zone showed, and when that was. */
export type Listed = { zone: string; atMs: number; listing: RecordSet[] };

/** What truly happens, as it happens. Nothing here is what a controller believes. */
export type Witness = {
  /** A trouble took effect, an order was answered, an edit or a deployment was made: counted by name. */
  met(what: string): void;
  /** A process asked a vantage to look at some addresses; what is answered is told by what this returns. */
  asked(
    life: Life,
    asked: Asked,
    vantage: string,
    addresses: string[],
  ): (outcomes: Map<string, Outcome>) => void;
  heartbeat(life: Life, roundsDecided: number): void;
  sent(life: Life, asked: Asked, changes: Change[]): void;
  /** A process was told that its last batch was refused: nothing of it will ever be done. */
  refused(life: Life, zone: string): void;
  /** A process was answered whatever it asked of Route 53 last. */
  listed(life: Life, listed: Listed): void;
  moves(step: Step): void;
  moved(moved: Moved): void;
  applied(applied: Applied): void;
  mail(announcement: Announcement): void;
  event(event: AlertEvent): void;
  ordered(order: Order): void;
  /** The state table lost what it held, wholly or back to an earlier time. */
  tableLost(how: 'emptied' | 'restored', toMs: number): void;
  logged(life: Life, line: LogLine): void;
  ended(life: Life, ended: Ended | { threw: unknown }): void;
};
