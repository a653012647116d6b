import { inTime } from '../async/deadline.ts';
import { eachOf } from '../async/pool.ts';
import { DOCUMENTS_AT_ONCE } from '../book/book.ts';
import type { Command } from '../core/orders/command.ts';
import type { Site } from '../core/site/site.ts';
import type { RecordSet } from '../core/zone/records.ts';
import { protectionOf } from '../core/zone/refusal.ts';
import { paced } from '../edge/pacer.ts';
import { endsOf, noteInZone } from './applied.ts';
import { IN_TIME_MS } from './in-time.ts';
import type { OrderPorts } from './ports.ts';
import type { Turn } from './turn.ts';

/** Orders that hold once they are saved: the controller repeats their write. */
export const MODES = ['hold', 'pin', 'release'];

export type Note = (site: Site, ok: boolean, message: string) => void;
/** Why an order is tried again, by site. */
export type Hindered = Map<Site, string>;
/** Where is noted what came of each site's order, or what hinders it. */
export type Notes = { note: Note; hindered: Hindered };

/**
 * A mode that is saved holds from the next round on, in the zone or not. `why`: what kept it from the zone, as it was
 * told.
 */
export const repeated = ({ saved, isSaid }: Pick<Turn['made'], 'saved' | 'isSaid'>, why: string): string =>
  `${saved}: ${why}; ${isSaid ? 'nothing is left to write' : 'the controller repeats the write until it is'}`;

/**
 * Writes one batch. After a refusal or a lost answer the listing tells which sites it reached; the rest is tried again
 * or left.
 */
export const writeBatch = async (
  ports: OrderPorts,
  command: Command,
  batch: Turn[],
  { note, hindered }: Notes,
): Promise<void> => {
  const zoneName = batch[0]?.site.zone ?? '';
  const zone = ports.zoneIds[zoneName] ?? '';
  const changes = batch.flatMap((turn) => turn.changes);
  const comment = `switchover ${ports.config.deployment}: ${command.action} by ${command.by}`;
  const { fault } = await paced(ports.pacerOf?.(zoneName), changes.length, () =>
    ports.zones.change(zone, changes, comment),
  );
  const listing = fault && (await inTime(ports.clock, IN_TIME_MS, ports.zones.list(zone)));
  const applied = batch.filter((turn) => fault === undefined || lists(listing, turn));
  await eachOf(applied, DOCUMENTS_AT_ONCE, async (turn) => {
    const { ok, message } = await noteInZone(ports, command, turn);
    note(turn.site, ok, message);
  });
  if (fault === undefined) return;
  const isMode = MODES.includes(command.action);
  const left = batch.filter((each) => !applied.includes(each));
  const ends = isMode
    ? await endsOf(
        ports,
        left.filter(({ saved }) => saved),
        listing,
      )
    : undefined;
  for (const turn of left) {
    const { site, made, saved } = turn;
    const protection = protectionOf(fault, turn.changes);
    if (['refused', 'busy'].includes(fault.code) && protection === undefined) {
      hindered.set(site, fault.message);
      continue;
    }
    const why = protection ?? fault.message;
    if (isMode && saved) note(site, true, ends?.get(site) ?? repeated(made, why));
    else if (!isMode || protection !== undefined) note(site, false, `${made.saved}: ${why}`);
    else hindered.set(site, why);
  }
};

const lists = (listing: RecordSet[] | undefined, { changes }: Turn): boolean => {
  const sent = changes.find((c) => c.action === 'CREATE' && c.record.type === 'TXT')?.record;
  return (listing ?? []).some(
    (r) => r.name === sent?.name && r.type === 'TXT' && r.values[0] === sent.values[0],
  );
};
