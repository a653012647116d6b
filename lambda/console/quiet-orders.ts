import { eachOf } from '../async/pool.ts';
import { DOCUMENTS_AT_ONCE } from '../book/book.ts';
import { saveOnTop } from '../book/save-on-top.ts';
import { Fault } from '../core/base/fault.ts';
import type { Command } from '../core/orders/command.ts';
import { isOf, quietOrder } from '../core/orders/order-quiet.ts';
import type { Config, Site } from '../core/site/site.ts';
import { emptyState, parseState, type SiteState } from '../core/state/site-state.ts';
import type { Stored } from '../ports.ts';
import { inTimeStore } from './in-time.ts';
import type { OrderResult } from './orders.ts';
import type { OrderPorts } from './ports.ts';
import { notStored } from './save-orders.ts';

type QuietPorts = Pick<OrderPorts, 'clock' | 'store'>;

/**
 * Carries out an order about messages. It is saved in the states alone, each on top of what its controller stored meanwhile: the zone
 * is neither asked nor written, so it can neither move a site nor keep one from moving.
 */
export const orderQuiet = async (
  ports: QuietPorts,
  command: Command,
  documents: ReadonlyMap<string, Stored>,
): Promise<OrderResult[]> => {
  // One moment for all tries, so that what is enqueued and noted twice is one notice and one entry.
  const nowMs = ports.clock.now();
  const outcomes = new Map<Site, OrderResult>();
  await eachOf(command.sites, DOCUMENTS_AT_ONCE, async (site) => {
    outcomes.set(site, { site: site.name, ...(await orderOne(ports, command, { site, nowMs, documents })) });
  });
  return command.sites.map((site) => outcomes.get(site) as OrderResult);
};

const OVERTAKEN = { ok: false, message: 'Not done: somebody else wrote its state at each try. Repeat it.' };

const orderOne = async (
  ports: QuietPorts,
  command: Command,
  { site, nowMs, documents }: { site: Site; nowMs: number; documents: ReadonlyMap<string, Stored> },
): Promise<Omit<OrderResult, 'site'>> => {
  let said: Omit<OrderResult, 'site'> = OVERTAKEN;
  const onTopOf = (document: Stored | undefined) => {
    const state = stateIn(document);
    const made =
      state === undefined
        ? { refused: `Refused: the stored state of ${site.name} is not one that this version understands.` }
        : quietOrder(command, { site, state, nowMs });
    if ('refused' in made || 'already' in made) {
      said =
        'refused' in made
          ? { ok: false, message: made.refused }
          : { ok: true, message: made.already, already: true };
      return undefined;
    }
    said = { ok: true, message: made.done };
    return { text: JSON.stringify(made.state), version: document?.version ?? 0 };
  };
  const first = onTopOf(documents.get(site.name));
  if (first === undefined) return said;
  try {
    const version = await saveOnTop(inTimeStore(ports), site.name, first, onTopOf);
    return version !== undefined || !said.ok || said.already ? said : OVERTAKEN;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, message: notStored(error) };
  }
};

const stateIn = (document: Stored | undefined): SiteState | undefined =>
  document === undefined ? emptyState() : parseState(document.text);

/** Incidents that are named to who asked for one that is not open. */
const MOST_NAMED = 20;

/** The sites of an incident; refused, with those that are open, where there is none. */
export const sitesOfIncident = (
  { sites }: Config,
  documents: ReadonlyMap<string, Stored>,
  incident: string,
): Site[] | { refused: string } => {
  const known = sites.map((site) => ({ site, state: stateIn(documents.get(site.name)) }));
  const found = known.filter(({ state }) => state !== undefined && isOf(state, incident));
  if (found.length > 0) return found.map(({ site }) => site);
  const open = [
    ...new Set(known.flatMap(({ state }) => state?.incident?.group ?? state?.incident?.id ?? [])),
  ];
  const others =
    open.length === 0
      ? 'No incident is open at any site.'
      : `Open are ${open.slice(0, MOST_NAMED).join(', ')}${open.length > MOST_NAMED ? ` and ${open.length - MOST_NAMED} more` : ''}.`;
  return { refused: `Expected an incident of a site that is open, received "${incident}". ${others}` };
};
