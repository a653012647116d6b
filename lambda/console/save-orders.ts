import { eachOf } from '../async/pool.ts';
import { DOCUMENTS_AT_ONCE } from '../book/book.ts';
import { type Draft, saveOnTop } from '../book/save-on-top.ts';
import { Fault } from '../core/base/fault.ts';
import { same } from '../core/base/same.ts';
import { merge } from '../core/state/merge.ts';
import { emptyState, parseState, type SiteState } from '../core/state/site-state.ts';
import type { Stored } from '../ports.ts';
import { inTimeStore } from './in-time.ts';
import type { OrderPorts } from './ports.ts';
import type { Turn } from './turn.ts';
import type { Notes } from './write-orders.ts';

/**
 * Saves before anything is written: nothing that was decided before can land after it. Answers what may be written now.
 * Where the table takes no writes, or does not answer in time, the role record alone carries the order.
 */
export const saveAll = async (
  ports: OrderPorts,
  turns: Turn[],
  { note, hindered }: Notes,
): Promise<Turn[]> => {
  const ready: Turn[] = [];
  await eachOf(turns, DOCUMENTS_AT_ONCE, async (turn) => {
    const { site, made, changes } = turn;
    try {
      if (turn.version !== undefined && !(await saveOrder(ports, turn)))
        return void hindered.set(site, 'somebody else wrote its state meanwhile');
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (changes.length === 0) return void note(site, false, notStored(error));
      turn.version = undefined;
    }
    if (turn.saved && turn.applied !== undefined) ports.log(turn.applied);
    if (changes.length === 0) note(site, true, made.done);
    else ready.push(turn);
  });
  return ready;
};

/** What an order is made on. Where another writer has changed any of it, the order is made again. */
const madeOn = ({ override, point, failbackAsked, written, intent }: SiteState) => [
  override,
  point,
  failbackAsked,
  written,
  intent,
];

/**
 * Answers whether the order is stored: on top of what another writer stored meanwhile, where that leaves it what it is.
 */
const saveOrder = async (ports: OrderPorts, turn: Turn): Promise<boolean> => {
  const { site, stored, made, version = 0 } = turn;
  let sent = made.state;
  const onTopOf = (document: Stored | undefined): Draft | undefined => {
    const found = document === undefined ? emptyState() : parseState(document.text);
    if (found === undefined || !same(madeOn(found), madeOn(stored))) return undefined;
    sent = merge(stored, made.state, found);
    return { text: JSON.stringify(sent), version: document?.version ?? 0 };
  };
  const first = { text: JSON.stringify(sent), version };
  const kept = await saveOnTop(inTimeStore(ports), site.name, first, onTopOf);
  if (kept === undefined) return false;
  turn.version = kept;
  turn.made = { ...made, state: sent };
  turn.stored = sent;
  turn.saved = true;
  return true;
};

/** What is written in the state alone may be stored although no answer came. */
export const notStored = ({ code, message }: Fault): string =>
  code === 'lost'
    ? `Nobody knows whether it is done: ${message}. Look with "status" before you repeat it.`
    : `Not done: ${message}`;
