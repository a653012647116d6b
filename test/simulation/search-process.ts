import { gateOf } from '../../lambda/apply/gate.ts';
import { entryOf } from '../../lambda/book/book.ts';
import { reload } from '../../lambda/book/table.ts';
import { type OrderResult, orderZone } from '../../lambda/console/orders.ts';
import { openRooms } from '../../lambda/controller/rooms.ts';
import { round } from '../../lambda/controller/round.ts';
import { Fault, type FaultCode } from '../../lambda/core/base/fault.ts';
import type { Command } from '../../lambda/core/orders/command.ts';
import type { Outcome as Seen } from '../../lambda/core/probe/request.ts';
import type { Config, Site } from '../../lambda/core/site/site.ts';
import { DEPLOYMENT, emptyDeployment } from '../../lambda/core/state/deployment-state.ts';
import type { SiteNews } from '../../lambda/core/state/news.ts';
import type { SiteState } from '../../lambda/core/state/site-state.ts';
import type { Change, RecordSet } from '../../lambda/core/zone/records.ts';
import { tellDue } from '../../lambda/notify/teller.ts';
import type { Stored, World } from '../../lambda/ports.ts';
import { editOf, listAgain, listedOf } from '../../lambda/zones/listing.ts';
import { flowing } from '../support/in-words.ts';

/*
 * What a controller or a hand does between two of its calls to the outside is the product's own code: `round` (judge, decide, act,
 * announce), `orderZone`, `tellDue`, and what a term begins with (`reload`, `listAgain`). It is run anew from where it
 * began, with the answers that it has had, up to the first call that has none; that call is its next step. So the order of
 * calls is never written down twice, and what is between them cannot differ from what is deployed.
 */

export type Verdict = 'passed' | 'failed' | 'none';
export type Verdicts = { primary: Verdict; standby: Verdict };

type Rooms = ReturnType<typeof openRooms>;

/** A call that waits for its answer. */
export type Request =
  | { op: 'load' }
  | { op: 'list' }
  | { op: 'save'; text: string; version: number }
  | { op: 'change'; changes: Change[]; comment: string };

/** An answer, with the time at which it came. */
export type Answer = { nowMs: number; value?: unknown; fault?: FaultCode };

/** A piece of work under way: everything that its course depends on. */
export type Work = {
  what: 'start' | 'round' | 'tell' | 'hand';
  /** A digest of all that follows. */
  key: string;
  /** Unique to the work: what `nonce` answers. */
  nonce: string;
  nowMs: number;
  /** The controller's memory when it began: see `remembered`. */
  memory?: string;
  verdicts: Verdicts;
  order?: Command['action'];
  answers: Answer[];
};

/** The next call, or what came of it. */
export type Turn =
  | { request: Request }
  | { memory?: string; outcome?: OrderResult; told: { kind: string; subject: string; text: string }[] };

export const ZONE = 'example.test';
/** Thresholds of one: a verdict is a health at once, so that the search is about who writes what when. */
export const site: Site = {
  name: 'www.example.test',
  names: ['www.example.test'],
  zone: ZONE,
  host: 'www.example.test',
  tags: [],
  ttlSeconds: 60,
  lever: 'record',
  servers: [
    { name: 'primary', ipv4: ['192.0.2.1'], ipv6: ['2001:db8::1'] },
    { name: 'standby', ipv4: ['192.0.2.2'], ipv6: ['2001:db8::2'] },
  ],
  probe: { method: 'GET', headers: {}, expectStatus: ['200'], timeoutSeconds: 5 } as never,
  failuresToDown: 1,
  successesToUp: 1,
  downForSeconds: 0,
  confirmEverySeconds: 2,
  failback: { afterSeconds: 0 },
};
const VANTAGES = ['eu-west-1', 'us-east-1', 'ap-south-1'];
export const config: Config = {
  deployment: 'search',
  local: true,
  homeRegion: 'eu-west-1',
  vantages: VANTAGES,
  zones: [{ name: ZONE }],
  alerts: { emails: [] },
  references: [],
  intervalSeconds: 10,
  sites: [site],
};

/** What the three vantages see when that is the verdict: never all the same, so that half of them is never enough. */
const SEEN: Record<Verdict, Seen[]> = {
  passed: ['passed', 'failed', 'passed'],
  failed: ['failed', 'passed', 'failed'],
  none: ['passed', 'failed', 'unknown'],
};

/** Announcements that the search follows; of the others there is nothing to check here. */
const FOLLOWED =
  /^(created|adopted|failover|failback|recovered|nowhere-better|pinned|refresh|held|fine|found|hand)$/;

/** The server and the epoch that it is about, and nothing else. */
const shortened = (news: SiteNews): SiteNews => {
  if (news.type === 'worded') return news;
  const server = 'to' in news ? news.to : 'serving' in news ? news.serving : undefined;
  return {
    type: 'worded',
    subject: server ?? '',
    text: 'epoch' in news ? `epoch ${news.epoch}` : '',
  };
};

/** What tells worlds apart without mattering is left out: the history, sentences, the facts behind an earlier decision. */
const plain = (state: SiteState): SiteState => {
  state.history = [];
  delete state.unpublished;
  delete state.propagation;
  if (state.decided !== undefined) state.decided.facts = { nowMs: state.decided.facts.nowMs } as never;
  state.outbox = state.outbox.filter((a) => FOLLOWED.test(a.kind));
  for (const notice of state.outbox) notice.news = shortened(notice.news);
  if (state.intent !== undefined) state.intent.notice.news = shortened(state.intent.notice.news);
  return state;
};
/** What a controller knows from one piece of work to the next. */
const remembered = ({ book, rounds: { apply } }: Rooms): string => {
  const { state, version, stored, stateLost, unstored, appliedEpoch } = entryOf(book, site);
  const { failedWrites, failedAfter, holdWritesUntilMs } = gateOf(apply, site);
  const edit = editOf(apply.listings, site);
  const known = stored && { stored: plain(structuredClone(stored)) };
  return JSON.stringify({
    entry: { state: plain(structuredClone(state)), version, ...known, stateLost, unstored },
    listed: {
      view: listedOf(apply.listings, site).view,
      ...(edit && { editSeen: { ...edit, othersWrites: 0 } }),
    },
    gate: { failedWrites: failedAfter === appliedEpoch ? failedWrites : 0, holdWritesUntilMs },
  });
};

/** Each piece of work begins with a table that is not known to be away, as it is once that was tried. */
const roomsOf = (world: World, memory: string | undefined): Rooms => {
  const known = memory === undefined ? {} : JSON.parse(memory);
  const rooms = openRooms(world, new AbortController().signal);
  const { book, schedule, rounds } = rooms;
  const { apply, observer } = rounds;
  Object.assign(entryOf(book, site), known.entry);
  Object.assign(listedOf(apply.listings, site), known.listed);
  // Nothing is late here, since no time passes that nobody says.
  Object.assign(gateOf(apply, site), known.gate, { dueWatched: true });
  const state = emptyDeployment();
  Object.assign(book, { deploymentRead: true, deployment: { state, version: 0, stored: state } });
  schedule.clockOffsetMs = 0;
  for (const vantage of VANTAGES) observer.seeingVantages.add(vantage);
  return rooms;
};

export const commandOf = (action: Command['action']): Command => ({
  action,
  sites: [site],
  by: 'ops',
  reason: 'search',
  ...(action === 'pin' ? { server: 'standby' } : {}),
  forMs: 86_400_000,
  force: true,
  limit: 1,
});

/** Runs `work` up to its next unanswered call, or to its end. */
export const replay = (work: Work): Promise<Turn> =>
  new Promise((resolve, reject) => {
    const left = [...work.answers];
    let nowMs = work.nowMs;
    const ask = async <T>(request: Request): Promise<T> => {
      const answer = left.shift();
      if (answer === undefined) {
        resolve({ request });
        return new Promise<never>(() => {});
      }
      nowMs = answer.nowMs;
      if (answer.fault !== undefined) throw new Fault(answer.fault, 'search', request.op, answer.fault);
      return structuredClone(answer.value) as T;
    };
    const told: { kind: string; subject: string; text: string }[] = [];
    const world = worldOf(work, ask, () => nowMs, told);
    const rooms = roomsOf(world, work.memory);
    doWork(work, world, rooms).then((outcome) => {
      const memory = work.what === 'hand' ? {} : { memory: remembered(rooms) };
      if (rooms.work.defect !== undefined) reject(new Error(rooms.work.defect));
      resolve({ ...memory, ...(outcome === undefined ? {} : { outcome }), told });
    }, reject);
  });

type Ask = <T>(request: Request) => Promise<T>;

const worldOf = (
  work: Work,
  ask: Ask,
  now: () => number,
  told: { kind: string; subject: string; text: string }[],
): World => {
  const nowhere = () => Promise.reject(new Error('The search knows no such call.'));
  return {
    config,
    zoneIds: { [ZONE]: 'Z1' },
    memory: new Map(),
    log: () => {},
    nonce: () => work.nonce,
    clock: {
      now,
      steady: now,
      // A pause is over at once; what waits beside it for something that may be late is never late.
      sleep: (_, signal) =>
        new Promise((resolve) => {
          if (signal === undefined || signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve(), { once: true });
        }),
    },
    probers: {
      probe: async (vantage, { probes }) =>
        probes.map(({ id }) => {
          const server = id.split(' ')[1]?.replace('+next', '') as keyof Verdicts;
          const outcome = SEEN[work.verdicts[server]][VANTAGES.indexOf(vantage)] as Seen;
          return { id, outcome, code: outcome, detail: outcome, phases: { totalMs: 1 } } as never;
        }),
    },
    zones: {
      list: () => ask<RecordSet[]>({ op: 'list' }),
      change: (_, changes, comment) => ask({ op: 'change', changes, comment }),
      changeStatus: nowhere,
    },
    store: {
      load: async () => {
        const stored = await ask<Partial<Stored>>({ op: 'load' });
        return new Map(stored.text === undefined ? [] : [[site.name, stored as Stored]]);
      },
      save: async (name, text, version) =>
        name === DEPLOYMENT
          ? version + 1
          : (await ask<Stored>({ op: 'save', text: JSON.stringify(plain(JSON.parse(text))), version }))
              .version,
      takeBaton: nowhere,
      keepBaton: nowhere,
      readBaton: async () => ({ term: 1, scheduledMs: 0, lastRoundMs: now(), wake: 0 }) as never,
      record: async () => {},
      history: nowhere,
      wake: async () => {},
    },
    topic: {
      publish: async ({ kind, subject, text }) => void told.push({ kind, subject, text: flowing(text) }),
    },
    events: { publish: async () => {} },
  };
};

const allOf = async ({ work: { underWay } }: Rooms): Promise<void> => {
  while (underWay.size > 0) await Promise.all(underWay);
};

const doWork = async (work: Work, world: World, rooms: Rooms): Promise<OrderResult | undefined> => {
  switch (work.what) {
    case 'start':
      await reload(rooms.book);
      await listAgain(rooms.rounds.apply.listings, ZONE);
      return;
    case 'round':
      await round(rooms.rounds, [site], work.nowMs);
      await allOf(rooms);
      return;
    case 'tell':
      for (const teller of rooms.tellers) tellDue(teller);
      await allOf(rooms);
      return;
    case 'hand':
      return (await orderZone(world, commandOf(work.order ?? 'hold'), [site]))[0];
  }
};
