import { type Assessments, assessedOf } from '../assess/assess.ts';
import { OVER } from '../async/deadline.ts';
import type { Work } from '../async/work.ts';
import { mustGet } from '../core/base/must-get.ts';
import { type Look, verdictOn } from '../core/evidence/judge.ts';
import type { Observation } from '../core/probe/request.ts';
import type { Config, Site } from '../core/site/site.ts';
import type { Blind } from '../core/state/deployment-state.ts';
import { viewOf } from '../zones/listing.ts';
import {
  type Asked,
  combine,
  notSeen,
  type ObservePorts,
  type Planned,
  PROBES_PER_INVOKE,
  planned,
  probe,
  secretsFor,
} from './ask-vantages.ts';

/** Once a quorum agrees on every server the others have so much more time, so that people read what all of them saw. */
const GRACE_MS = 1000;
/** What a call takes on top of a probe's own timeout, a cold start included, when all is well. */
const CALL_MS = 1000;
/** A server that answers later than this, or never, keeps those that are asked in the same call waiting. */
const SLOW_MS = 1000;
/** Up to so many sites with such a server are asked about each in a call of its own; more are asked about together. */
const APART = 10;

/** The looks at the sites. */
export type Observer = ObservePorts & {
  work: Work;
  assessments: Assessments;
  /** How many calls of each vantage about a site are not answered yet. */
  unanswered: ReadonlyMap<Site, Map<string, number>>;
  /** Vantages that could not look when this controller called them last. */
  blindVantages: Map<string, Blind>;
  /** In how many calls in a row, those of its predecessors too. */
  blindRounds: Map<string, number>;
  /** Vantages that saw something when they were called last. */
  seeingVantages: Set<string>;
};

export const openObserver = (ports: ObservePorts, assessments: Assessments): Observer => ({
  ...ports,
  work: assessments.book.work,
  assessments,
  unanswered: new Map(ports.config.sites.map((site) => [site, new Map()])),
  blindVantages: new Map(),
  blindRounds: new Map(),
  seeingVantages: new Set(),
});

/** Goes on with the counts of the predecessor: it may have called each vantage but once. */
export const resumeCounts = (
  { blindRounds }: Observer,
  counts: Readonly<Record<string, number>> = {},
): void => {
  for (const [vantage, rounds] of Object.entries(counts)) blindRounds.set(vantage, rounds);
};

/** The look at one site, as far as it has come. */
type Gathering = {
  site: Site;
  look: Look;
  /** Vantages that were called and have not answered. */
  open: Set<string>;
  plans: Planned[];
  /** A quorum agrees on every target. */
  agreed: boolean;
  /** Aborted when the look is over. */
  over: AbortController;
  end(): void;
};

/**
 * One look at each site. It is over, site by site, when every vantage that was called has answered, or a moment after a
 * quorum agrees: a vantage that hangs keeps no site waiting. What comes later only tells that the vantage is there.
 */
export const observe = (observer: Observer, asked: Asked[], startMs: number): Map<Site, Promise<Look>> => {
  const looks = new Map<Site, Promise<Look>>();
  const gatherings = asked.map(({ site, full }): Gathering => {
    const look: Look = { startMs, full: full || observer.config.vantages.length === 1, sightings: {} };
    const open = new Set(vantagesFor(observer, look));
    const { promise, resolve } = Promise.withResolvers<Look>();
    looks.set(site, promise);
    const end = () => resolve(look);
    return { site, look, open, plans: [], agreed: false, over: new AbortController(), end };
  });
  void observer.work.begin(() => gather(observer, gatherings));
  return looks;
};

/**
 * All vantages, or the one whose turn it is: and the next one, too, if that one saw nothing when it was called last.
 */
const vantagesFor = ({ config, blindVantages }: Observer, { startMs, full }: Look): string[] => {
  const { vantages, intervalSeconds }: Config = config;
  if (full) return vantages;
  const turn = Math.floor(startMs / (intervalSeconds * 1000));
  const inTurn = vantages.map((_, index) => vantages[(turn + index) % vantages.length] as string);
  const first = inTurn.findIndex((vantage) => !blindVantages.has(vantage));
  return inTurn.slice(0, Math.max(0, first) + 1);
};

/** Sites whose probes have secrets may have to wait for these; the others do not. */
const gather = async (observer: Observer, gatherings: Gathering[]): Promise<void> => {
  const hasSecrets = ({ site }: Gathering) => site.probe.secretHeaders !== undefined;
  const groups = [...Map.groupBy(gatherings, hasSecrets).values()];
  const called = await Promise.all(groups.map((members) => ask(observer, members)));
  for (const vantage of observer.config.vantages) {
    const calls = called.flatMap((byVantage) => byVantage.get(vantage) ?? []);
    if (calls.length === 0) continue;
    void observer.work.begin(async () => noteVantage(observer, vantage, (await Promise.all(calls)).flat()));
  }
};

/** Calls the vantages; answers what each call will come to, by vantage. */
const ask = async (
  observer: Observer,
  gatherings: Gathering[],
): Promise<Map<string, Promise<Observation[]>[]>> => {
  const { assessments, config, work } = observer;
  const secrets = await secretsFor(
    observer,
    gatherings.map(({ site }) => site),
  );
  const calls = new Map<string, Promise<Observation[]>[]>();
  for (const gathering of gatherings) {
    const { site, look } = gathering;
    const view = viewOf(assessments.listings, site) ?? { kind: 'nothing' };
    gathering.plans = planned(site, view, secrets, { ...look, intervalMs: config.intervalSeconds * 1000 });
    void work.begin(() => endInTime(observer, gathering));
  }
  for (const vantage of config.vantages) {
    const asked = gatherings.filter((one) => one.open.has(vantage) && mayAsk(observer, one, vantage));
    const batches = batchesOf(assessments, asked).map((batch) => call(observer, vantage, batch));
    calls.set(vantage, batches);
  }
  return calls;
};

/** A look of one vantage ends soon after its probe must have ended: if it is late, all are called. */
const endInTime = async ({ clock }: Observer, gathering: Gathering): Promise<void> => {
  const { look, site } = gathering;
  if (look.full) return;
  await clock.sleep(site.probe.timeoutSeconds * 1000 + CALL_MS, gathering.over.signal);
  close(gathering);
};

/** Whether a vantage is asked about a site; where not, that is what came of it. */
const mayAsk = (observer: Observer, gathering: Gathering, vantage: string): boolean => {
  const { site, plans } = gathering;
  const lacking = plans.find((plan) => plan.lacking !== undefined);
  const unanswered = mustGet(observer.unanswered, site).get(vantage) ?? 0;
  // It has not answered as many calls as start within a probe's timeout: more would only wait behind them.
  const most = site.probe.timeoutSeconds / site.confirmEverySeconds;
  if (lacking === undefined && unanswered <= most) return true;
  take(observer, gathering, vantage, ({ request }) =>
    lacking === undefined
      ? notSeen(request.id, 'vantage-blind', `it has not answered ${unanswered} calls about this site`)
      : notSeen(request.id, 'secret-unavailable', lacking.lacking),
  );
  return false;
};

const isSlow = (assessments: Assessments, { site }: Gathering): boolean =>
  Object.values(assessedOf(assessments, site).lastLook?.sightings ?? {}).some((byTarget) =>
    Object.values(byTarget).some(({ totalMs }) => totalMs > SLOW_MS),
  );

/** The sites in as few calls as fit, but for some that would keep the others waiting. */
const batchesOf = (assessments: Assessments, gatherings: Gathering[]): Gathering[][] => {
  const slow = gatherings.filter((one) => isSlow(assessments, one));
  const apart = slow.length > APART ? [] : slow;
  const together = gatherings.filter((one) => !apart.includes(one));
  const batches: Gathering[][] = apart.map((one) => [one]);
  for (const sameTimeout of Map.groupBy(together, timeoutOf).values()) {
    let size = Number.POSITIVE_INFINITY;
    for (const one of sameTimeout) {
      if (size + one.plans.length > PROBES_PER_INVOKE) {
        batches.push([]);
        size = 0;
      }
      batches.at(-1)?.push(one);
      size += one.plans.length;
    }
  }
  return batches;
};

const timeoutOf = ({ site }: Gathering): number => site.probe.timeoutSeconds;

/** One call of one vantage, and what each of its sites learns from it. */
const call = async (observer: Observer, vantage: string, batch: Gathering[]): Promise<Observation[]> => {
  const count = (by: number) => {
    for (const { site } of batch) {
      const unanswered = mustGet(observer.unanswered, site);
      unanswered.set(vantage, (unanswered.get(vantage) ?? 0) + by);
    }
  };
  count(1);
  try {
    const plans = batch.flatMap((one) => one.plans);
    const { believed, seenOf } = await probe(observer, vantage, plans);
    for (const gathering of batch) take(observer, gathering, vantage, seenOf);
    return believed;
  } catch (error) {
    // A defect of ours that one vantage brings about must not keep the answers of the others.
    observer.work.noteDefect(error);
    const nothing = ({ request }: Planned) => notSeen(request.id, 'vantage-blind', 'a defect of our own');
    for (const gathering of batch) take(observer, gathering, vantage, nothing);
    return [];
  } finally {
    count(-1);
  }
};

/** Takes over what a vantage saw of a site, and sees whether the look is over. */
const take = (
  { clock, config }: Observer,
  gathering: Gathering,
  vantage: string,
  seenOf: (plan: Planned) => Observation,
): void => {
  const { look, open, plans } = gathering;
  if (gathering.over.signal.aborted) return;
  open.delete(vantage);
  const byTarget: Look['sightings'][string] = {};
  for (const plan of plans) byTarget[plan.key] = combine(byTarget[plan.key], seenOf(plan));
  look.sightings[vantage] = byTarget;
  const isSeen = Object.values(byTarget).every(({ outcome }) => outcome !== 'unknown');
  if (open.size === 0 || (!look.full && isSeen)) {
    close(gathering);
    return;
  }
  const agrees = (key: string) => verdictOn(look, key, config.vantages.length) !== 'none';
  if (gathering.agreed || !plans.every(({ key }) => agrees(key))) return;
  gathering.agreed = true;
  void clock.sleep(GRACE_MS, gathering.over.signal).then(() => close(gathering));
};

/** The look is over; who has not answered has seen nothing. */
const close = (gathering: Gathering): void => {
  const { look, open, plans } = gathering;
  if (gathering.over.signal.aborted) return;
  gathering.over.abort(OVER);
  for (const vantage of open) {
    const late = ({ request }: Planned) =>
      notSeen(request.id, 'vantage-blind', 'it has not answered in time');
    look.sightings[vantage] = Object.fromEntries(
      plans.map((plan) => [plan.key, combine(undefined, late(plan))]),
    );
  }
  gathering.end();
};

/**
 * A vantage that saw nothing at all was blind in this round; one that was answered something, be it by a firewall, was
 * not.
 */
const noteVantage = (
  { blindRounds, blindVantages, seeingVantages }: Observer,
  vantage: string,
  believed: Observation[],
): void => {
  if (believed.some(({ outcome, status }) => outcome !== 'unknown' || status !== undefined)) {
    blindVantages.delete(vantage);
    blindRounds.delete(vantage);
    seeingVantages.add(vantage);
    return;
  }
  const rounds = (blindRounds.get(vantage) ?? 0) + 1;
  const { code, detail: why } = believed[0] ?? { code: 'vantage-blind', detail: 'it answered nothing' };
  blindRounds.set(vantage, rounds);
  blindVantages.set(vantage, { rounds, code, why });
  seeingVantages.delete(vantage);
};
