import { changesAnswers, troubled, type Write } from '../chronicle.ts';
import type { Order } from '../truth.ts';
import { type Invariant, movedByItself, onTable } from './invariant.ts';

const SECOND = 1000;

const clockAtSending = ({ applied }: Write): number => applied.sent.clockMs;

/** An order's mode as a role record would say it, had it been written when it was asked: `held`, `pinned NAME` or `auto`. */
const modeOf = (order: Order): string | undefined => {
  if (order.action === 'hold') return 'held';
  if (order.action === 'pin') return `pinned ${order.pin}`;
  return order.action === 'release' || order.action === 'put-back' ? 'auto' : undefined;
};

/**
 * 2. While the role record that stands in the zone says held or pinned, and has not expired by the clock of the process when
 * it sent the batch, no controller changes what visitors are told, except to the pinned server.
 */
export const holdsHold: Invariant = {
  number: 2,
  says: 'a hold or pin in the role record wins until it expires',
  broken: (_, siteChronicle, write) => {
    const { roleBefore, to } = write;
    if (write.by !== 'controller' || !changesAnswers(write)) return undefined;
    if (roleBefore === undefined || roleBefore.mode === 'auto') return undefined;
    if (roleBefore.untilMs <= clockAtSending(write)) return undefined;
    if (roleBefore.mode === 'pinned' && roleBefore.pin === to) return undefined;
    // A person may have pinned it since, and that may be saved and not yet in the zone.
    if (
      siteChronicle.orders.some((o) => modeOf(o) === `pinned ${to}` && o.askedMs <= write.applied.sent.atMs)
    ) {
      if (write.roleAfter?.pin === to) return undefined;
    }
    return `visitors were moved to ${to} although the role record says ${roleBefore.mode} ${roleBefore.pin ?? ''}`;
  },
};

/**
 * 2. A hold or pin that was answered as accepted, and stands in the table alone, wins in the next round: no batch that is sent
 * 15 s after the answer or later moves visitors elsewhere before it expires (by the writer's clock), or an order or edit came
 * after it, or the table was in trouble.
 */
export const savedHoldsHold: Invariant = {
  number: 2,
  says: 'a hold or pin that was accepted wins, even before it is in the role record',
  broken: (chronicle, siteChronicle, write) => {
    if (!movedByItself(chronicle, siteChronicle, write)) return undefined;
    const { sent } = write.applied;
    const last = siteChronicle.orders.findLast((o) => modeOf(o) !== undefined || o.action === 'adopt');
    if (last?.answer?.ok !== true || (last.action !== 'hold' && last.action !== 'pin')) return undefined;
    const fromMs = last.answer.atMs;
    const untilMs = last.askedMs - last.life.mostSkewMs + last.forSeconds * SECOND;
    if (sent.atMs < fromMs + 15 * SECOND || untilMs <= sent.clockMs || siteChronicle.editedMs > last.askedMs)
      return undefined;
    const lost = chronicle.tableLosses.some(({ atMs }) => atMs > last.askedMs);
    if (lost || troubled(chronicle, onTable, last.askedMs, sent.atMs)) return undefined;
    return `visitors were moved to ${write.to} although ${last.action} ${last.pin} was answered: ${last.answer.message}`;
  },
};

/**
 * 2. A mode in a role record that we write is the one it had before (or auto once that has expired by the writer's clock), or one
 * that a person ordered and that no order answered before the batch was sent has replaced. After the table was restored, an
 * older order may come back: a hold in either place beats auto.
 */
export const modesAreOrdered: Invariant = {
  number: 2,
  says: 'the mode of a role record is what a person ordered last, or auto',
  broken: (chronicle, siteChronicle, write) => {
    const { roleBefore, roleAfter, applied } = write;
    if (roleAfter === undefined) return 'the role record that was written cannot be read';
    const textOf = (role: typeof roleAfter) => [role.mode, role.pin].filter(Boolean).join(' ');
    const now = textOf(roleAfter);
    if (roleBefore !== undefined && now === textOf(roleBefore) && roleAfter.untilMs === roleBefore.untilMs)
      return undefined;
    const expired = (role: typeof roleBefore) => role === undefined || role.untilMs <= clockAtSending(write);
    if (now === 'auto' && expired(roleBefore)) return undefined;
    const orders = siteChronicle.orders.filter((o) => o.askedMs <= applied.atMs);
    if (orders.some((o) => o.life === write.life && (modeOf(o) === now || o.action === 'adopt')))
      return undefined;
    const source = orders.findLast((o) => modeOf(o) === now || (o.action === 'adopt' && now !== 'auto'));
    if (source === undefined) return `the role record says ${now}, which nobody ordered`;
    // Of two orders at one time, either may be the last.
    const overMs = source.answer?.atMs ?? source.askedMs;
    if (chronicle.tableLosses.some((loss) => loss.how === 'restored')) return undefined;
    const newer = orders.find(
      (o) =>
        o.askedMs > overMs &&
        modeOf(o) !== undefined &&
        o.answer?.ok === true &&
        o.answer.atMs < applied.sent.atMs &&
        // What the table could not be told ends with the role record's own, and what is stored beats auto again.
        !troubled(chronicle, onTable, o.askedMs, o.answer.atMs),
    );
    return newer === undefined || modeOf(newer) === now
      ? undefined
      : `the role record says ${now}, but ${newer.action} was ordered since, and answered: ${newer.answer?.message}`;
  },
};
