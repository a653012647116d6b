import { inTime, soon } from '../async/deadline.ts';
import { type Draft, saveOnTop } from '../book/save-on-top.ts';
import { Fault } from '../core/base/fault.ts';
import { clockTime } from '../core/base/time.ts';
import { announcementOf } from '../core/messages/announcement.ts';
import { eventOf } from '../core/messages/event-of.ts';
import type { Command } from '../core/orders/command.ts';
import { endedByEdit, endedByOrder, orderText } from '../core/orders/overtaken.ts';
import type { Site } from '../core/site/site.ts';
import { isSameOrder } from '../core/state/asked.ts';
import { merge } from '../core/state/merge.ts';
import {
  emptyState,
  modeInForce,
  parseState,
  type SiteState,
  withWritten,
} from '../core/state/site-state.ts';
import { zoneViewWith } from '../core/zone/moved-address.ts';
import type { RecordSet } from '../core/zone/records.ts';
import { logFault } from '../log/lines.ts';
import type { Stored } from '../ports.ts';
import { IN_TIME_MS, inTimeStore } from './in-time.ts';
import type { OrderPorts } from './ports.ts';
import type { Turn } from './turn.ts';

/** Notes an order that the zone has taken, and answers what the person is told of it. */
export const noteInZone = async (
  ports: OrderPorts,
  command: Command,
  turn: Turn,
): Promise<{ ok: boolean; message: string }> => {
  const { site, made, saved } = turn;
  const after = await saveAfter(ports, turn);
  if (after !== undefined) return { ok: true, message: `${made.done}${overtaken(turn, after)}` };
  if (!saved && command.action === 'release' && mayBeHeldInTable(turn))
    return { ok: false, message: notStored(site.name) };
  if (saved) return { ok: true, message: made.done };
  await tellDirectly(ports, turn);
  const kept = keptInTable(turn);
  return { ok: kept === undefined, message: `${made.done}${kept ?? ''}` };
};

/**
 * Notes what the zone holds since it took the order, and the order itself where that was not saved before, on whatever
 * is stored by now: whoever meets the site next knows an edit from what the order left. Answers what is stored then, if
 * it could be.
 */
const saveAfter = async (ports: OrderPorts, turn: Turn): Promise<SiteState | undefined> => {
  const { site, stored, made, saved, version } = turn;
  const own = withWritten(made.state, made.written);
  let sent = own;
  const onTopOf = (document: Stored | undefined): Draft | undefined => {
    const found = document === undefined ? emptyState() : parseState(document.text);
    if (found === undefined) return undefined;
    sent = merge(stored, own, found);
    return { text: JSON.stringify(sent), version: document?.version ?? 0 };
  };
  const first = saved && version !== undefined ? { text: JSON.stringify(own), version } : undefined;
  try {
    const kept = await saveOnTop(inTimeStore(ports), site.name, first, onTopOf);
    return kept === undefined ? undefined : sent;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return undefined;
  }
};

/** What another person ordered while this was written stays, whichever of the two was asked for first. */
const overtaken = ({ made }: Turn, { override }: SiteState): string =>
  override === undefined || made.state.override === undefined || isSameOrder(override, made.state.override)
    ? ''
    : `; ${override.by} ordered at ${clockTime(override.askedMs)} that it ${orderText(override)}, and that stays`;

/**
 * What ended orders that are stored and whose write did not land, as the person is told of it: another order that is
 * stored in its place by now, or an edit of the records. An order that stands is not among them, and the controller
 * repeats its write.
 */
export const endsOf = async (
  ports: OrderPorts,
  turns: Turn[],
  listing?: RecordSet[],
): Promise<Map<Site, string>> => {
  if (turns.length === 0) return new Map();
  const names = turns.map(({ site }) => site.name);
  const documents = await inTime(ports.clock, IN_TIME_MS, ports.store.load(names));
  const seenMs = ports.clock.now();
  return new Map(
    turns.flatMap((turn) => {
      const state = parseState(documents?.get(turn.site.name)?.text ?? '');
      const end = state && endOf(turn, state, listing, seenMs);
      return end === undefined ? [] : [[turn.site, end]];
    }),
  );
};

const endOf = (
  { site, made }: Turn,
  state: SiteState,
  listing: RecordSet[] | undefined,
  seenMs: number,
): string | undefined => {
  const own = made.state.override;
  if (own === undefined) return undefined;
  if (state.override !== undefined && !isSameOrder(state.override, own))
    return endedByOrder(made.done, own.askedMs, state.override);
  const isEdited = listing !== undefined && zoneViewWith(site, listing, state).kind === 'edited';
  return isEdited ? endedByEdit(site, made.done, own.askedMs, seenMs) : undefined;
};

/** With a put-back that could not be stored: the hold or pin that the table keeps, which beats what DNS says. */
const keptInTable = ({ site, made, met }: Turn): string | undefined => {
  const { mode } = modeInForce(undefined, met.state.override, met.nowMs);
  if (made.state.override?.mode.mode !== 'auto' || mode === 'auto') return undefined;
  return `, but the state table is away, and by what is stored there ${site.name} stays ${mode}. "release" ends that when the table is back.`;
};

/** Whether the table holds or pins the site, or could not be read. */
const mayBeHeldInTable = ({ met: { state, nowMs, unread } }: Turn): boolean =>
  unread === true || modeInForce(undefined, state.override, nowMs).mode !== 'auto';

/** A hold that the table keeps beats a release that stands in DNS alone. */
const notStored = (name: string): string =>
  `Not done: ${name} is released in DNS, but the state table is away, and what is stored there holds it. Repeat it when the table is back.`;

/** What could not be saved nobody else tells. The order stands in DNS, whatever becomes of the mail and the event. */
const tellDirectly = async (ports: OrderPorts, { site, made }: Turn): Promise<void> => {
  const { clock, config, events, topic } = ports;
  const { state } = made;
  const tell = async (publishing: Promise<void>): Promise<void> => {
    try {
      await soon(clock, IN_TIME_MS, publishing);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      logFault(ports, 'announce', error, site.name);
    }
  };
  const nobody = new Set<string>();
  const open = { of: () => state.alerts ?? {}, elsewhere: nobody, untaken: nobody };
  for (const notice of state.outbox) {
    const announcement = announcementOf(site, config, notice);
    const { event } = eventOf(config, { site, state }, { notice, announcement }, open);
    await Promise.all([tell(topic.publish(announcement)), tell(events.publish(event))]);
  }
};
