import { eachOf } from '../async/pool.ts';
import { stateOf } from '../book/book.ts';
import { isoTime } from '../core/base/time.ts';
import type { Site } from '../core/site/site.ts';
import { type Question, roleQuestion, setQuestions } from '../core/zone/dns-compare.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import { listAgain, listedOf } from '../zones/listing.ts';
import type { NameServers } from './name-servers.ts';
import type { Asking } from './ports.ts';

type Item = { site: Site; view: ZoneView & { kind: 'ours' }; question: Question };

/** Questions in one go, and side by side; what is over waits for the next second. */
const AT_A_TIME = 50;
const AT_ONCE = 10;
/** The zone is listed when a controller starts, so all sites are compared half a minute later. */
const FIRST_AFTER_MS = 30_000;
const EVERY_MS = 60_000;
/**
 * Questions a minute while all is well, at most: of more records each has its turn. They cost $0.40 a million, and the
 * zone is listed each minute anyway, when a controller starts.
 */
const MOST_A_MINUTE = 200;
/**
 * A name server may lag behind the listing for a minute: it is no reason to list the zone again before this time is
 * over.
 */
const LIST_AGAIN_MS = 30_000;
/** Route 53's name servers usually have a change after this time. */
const PUBLISHED_MS = 60_000;

/**
 * Compares what name servers answer with what the zone listed: every round for sites in trouble, every minute for all,
 * or for as many as are asked in one. One that
 * differs only causes a listing, and nothing is concluded from it otherwise.
 */
export const comparing = (asking: Asking, names: NameServers) => {
  const { clock, config, listings, log, rounds, work } = asking;
  const listedMs = new Map<string, number>();
  const comparedMs = new Map<Site, number>();
  /** By site and question: what is asked already is not asked twice. */
  const waiting = new Map<string, Item>();
  let nextMs = clock.steady() + FIRST_AFTER_MS;
  let turn = 0;

  const add = (items: Item[]): void => {
    for (const item of items) {
      const key = `${item.site.name} ${nameOf(item.question)}`;
      if (!waiting.has(key)) waiting.set(key, item);
    }
  };
  const due = (): void => {
    for (const site of config.sites.filter((one) => isInTrouble(asking, one))) {
      const { lastLaunchMs = 0 } = rounds.get(site) ?? {};
      if ((comparedMs.get(site) ?? 0) >= lastLaunchMs) continue;
      comparedMs.set(site, lastLaunchMs);
      add(itemsOf(asking, site));
    }
    if (clock.steady() < nextMs) return;
    nextMs = clock.steady() + EVERY_MS;
    add(chosen(asking, clock.now()));
  };

  const compare = async ({ site, view, question }: Item): Promise<void> => {
    const { zone, name } = site;
    const servers = await names.of(zone);
    if ('fault' in servers || work.over) return;
    const server = servers[turn++ % servers.length];
    if (server === undefined) return;
    const { word, said } = await names.ask(server.server, question, view);
    // What was listed or written in the meantime is newer than the question.
    if (word !== 'differs' || listedOf(listings, site).view !== view || !isSettled(asking, site)) return;
    const sinceMs = clock.steady() - (listedMs.get(zone) ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < LIST_AGAIN_MS || work.over) return;
    listedMs.set(zone, clock.steady());
    const message = `${server.name} answers ${said} for ${question.name}, which is not what the zone ${zone} listed for ${name}: it is listed again.`;
    log({ event: 'note', message, at: isoTime(clock.now()) });
    void work.begin(async () => void (await listAgain(listings, zone)));
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

const isInTrouble = ({ book, rounds }: Asking, site: Site): boolean =>
  rounds.get(site)?.pace.full === true ||
  Object.values(stateOf(book, site).targets).some((target) => target.health !== 'up');

/**
 * While a write is on its way to the name servers, a person's too, they differ for a while; and they are asked about it
 * anyway.
 */
const isSettled = ({ book, clock }: Asking, site: Site): boolean => {
  const { unpublished, propagation, intent, override } = stateOf(book, site);
  const isOpen = unpublished !== undefined || propagation !== undefined || intent !== undefined;
  return !isOpen && clock.now() - (override?.askedMs ?? 0) >= PUBLISHED_MS;
};

const itemsOf = (asking: Asking, site: Site): Item[] => {
  const { view } = listedOf(asking.listings, site);
  if (view?.kind !== 'ours' || !isSettled(asking, site)) return [];
  return [roleQuestion(site), ...setQuestions(view)].map((question) => ({ site, view, question }));
};

/** The questions of one minute: all of them, or those whose turn it is. */
export const chosen = (asking: Asking, nowMs: number): Item[] => {
  const all = asking.config.sites.flatMap((site) => itemsOf(asking, site));
  if (all.length <= MOST_A_MINUTE) return all;
  const first = (Math.floor(nowMs / EVERY_MS) * MOST_A_MINUTE) % all.length;
  return [...all, ...all].slice(first, first + MOST_A_MINUTE);
};
