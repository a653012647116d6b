import { eachOf } from '../async/pool.ts';
import { begin, sitesOf, type Watch, type Watched } from '../book/watch.ts';
import { isoTime } from '../core/base/time.ts';
import { type Question, roleQuestion, setQuestions } from '../core/zone/dns-compare.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import type { World } from '../ports.ts';
import { listAgain } from '../zones/listing.ts';
import type { NameServers } from './name-servers.ts';

type Item = { watched: Watched; view: ZoneView & { kind: 'ours' }; question: Question };

/** Questions in one go, and side by side; what is over waits for the next second. */
const AT_A_TIME = 50;
const AT_ONCE = 10;
/** The zone is listed when a controller starts, so all sites are compared half a minute later. */
const FIRST_AFTER_MS = 30_000;
const EVERY_MS = 60_000;
/**
 * Questions a minute while all is well, at most: of more records each has its turn. They cost $0.40 a million, and the zone is
 * listed each minute anyway, when a controller starts.
 */
const MOST_A_MINUTE = 200;
/** A name server may lag behind the listing for a minute: it is no reason to list the zone again before this time is over. */
const LIST_AGAIN_MS = 30_000;
/** Route 53's name servers usually have a change after this time. */
const PUBLISHED_MS = 60_000;

/**
 * Compares what name servers answer with what the zone listed: every round for sites in trouble, every minute for all,
 * or for as many as are asked in one. One that
 * differs only causes a listing, and nothing is concluded from it otherwise.
 */
export const comparing = (world: World, watch: Watch, names: NameServers) => {
  const { clock } = world;
  const listedMs = new Map<string, number>();
  const comparedMs = new Map<Watched, number>();
  /** By site and question: what is asked already is not asked twice. */
  const waiting = new Map<string, Item>();
  let nextMs = clock.steady() + FIRST_AFTER_MS;
  let turn = 0;

  const add = (items: Item[]): void => {
    for (const item of items) {
      const key = `${item.watched.site.name} ${nameOf(item.question)}`;
      if (!waiting.has(key)) waiting.set(key, item);
    }
  };
  const due = (): void => {
    for (const watched of watch.sites.filter(isInTrouble)) {
      if ((comparedMs.get(watched) ?? 0) >= watched.lastLaunchMs) continue;
      comparedMs.set(watched, watched.lastLaunchMs);
      add(itemsOf(watched, clock.now()));
    }
    if (clock.steady() < nextMs) return;
    nextMs = clock.steady() + EVERY_MS;
    add(chosen(watch.sites, clock.now()));
  };

  const compare = async ({ watched, view, question }: Item): Promise<void> => {
    const { zone, name } = watched.site;
    const servers = await names.of(zone);
    if ('fault' in servers || watch.over) return;
    const server = servers[turn++ % servers.length];
    if (server === undefined) return;
    const { word, said } = await names.ask(server.server, question, view);
    // What was listed or written in the meantime is newer than the question.
    if (word !== 'differs' || watched.view !== view || !isSettled(watched, clock.now())) return;
    const sinceMs = clock.steady() - (listedMs.get(zone) ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < LIST_AGAIN_MS || watch.over) return;
    listedMs.set(zone, clock.steady());
    const message = `${server.name} answers ${said} for ${question.name}, which is not what the zone ${zone} listed for ${name}: it is listed again.`;
    world.log({ event: 'note', message, at: isoTime(clock.now()) });
    void begin(world, watch, async () => void (await listAgain(world, zone, sitesOf(watch, zone))));
  };

  return {
    step: async (): Promise<void> => {
      due();
      const items = [...waiting].slice(0, AT_A_TIME);
      for (const [key] of items) waiting.delete(key);
      await eachOf(items, AT_ONCE, ([, item]) => compare(item));
    },
  };
};

const nameOf = ({ name, type }: Question): string => `${name} ${type}`;

const isInTrouble = ({ state, pace }: Watched): boolean =>
  pace.full || Object.values(state.targets).some((target) => target.health !== 'up');

/** While a write is on its way to the name servers, a person's too, they differ for a while; and the proof asks them anyway. */
const isSettled = ({ state }: Watched, nowMs: number): boolean =>
  state.unpublished === undefined &&
  state.propagation === undefined &&
  state.intent === undefined &&
  nowMs - (state.override?.askedMs ?? 0) >= PUBLISHED_MS;

const itemsOf = (watched: Watched, nowMs: number): Item[] => {
  const { view, site } = watched;
  if (view?.kind !== 'ours' || !isSettled(watched, nowMs)) return [];
  return [roleQuestion(site), ...setQuestions(view)].map((question) => ({ watched, view, question }));
};

/** The questions of one minute: all of them, or those whose turn it is. */
export const chosen = (sites: Watched[], nowMs: number): Item[] => {
  const all = sites.flatMap((watched) => itemsOf(watched, nowMs));
  if (all.length <= MOST_A_MINUTE) return all;
  const first = (Math.floor(nowMs / EVERY_MS) * MOST_A_MINUTE) % all.length;
  return [...all, ...all].slice(first, first + MOST_A_MINUTE);
};
