import { OVER } from '../async/deadline.ts';
import { begin, noteDefect, type Watch, type Watched } from '../book/watch.ts';
import { type Look, verdictOn } from '../core/evidence/judge.ts';
import type { Observation } from '../core/probe/request.ts';
import type { Config } from '../core/site/site.ts';
import type { World } from '../ports.ts';
import {
  type Asked,
  combine,
  notSeen,
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

/** The look at one site, as far as it has come. */
type Gathering = {
  watched: Watched;
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
 * One look at each site. It is over, site by site, when every vantage that was called has answered, or a moment after a quorum agrees:
 * a vantage that hangs keeps no site waiting. What comes later only tells that the vantage is there.
 */
export const observe = (
  world: World,
  watch: Watch,
  asked: Asked[],
  startMs: number,
): Map<string, Promise<Look>> => {
  const looks = new Map<string, Promise<Look>>();
  const gatherings = asked.map(({ watched, full }): Gathering => {
    const look: Look = { startMs, full: full || world.config.vantages.length === 1, sightings: {} };
    const open = new Set(vantagesFor(world.config, watch, look));
    const { promise, resolve } = Promise.withResolvers<Look>();
    looks.set(watched.site.name, promise);
    const end = () => resolve(look);
    return { watched, look, open, plans: [], agreed: false, over: new AbortController(), end };
  });
  void begin(world, watch, () => gather(world, watch, gatherings));
  return looks;
};

/** All vantages, or the one whose turn it is: with the next one beside it if it saw nothing when it was called last. */
const vantagesFor = (
  { vantages, intervalSeconds }: Config,
  { blindVantages }: Watch,
  { startMs, full }: Look,
): string[] => {
  if (full) return vantages;
  const turn = Math.floor(startMs / (intervalSeconds * 1000));
  const inTurn = vantages.map((_, index) => vantages[(turn + index) % vantages.length] as string);
  const first = inTurn.findIndex((vantage) => !blindVantages.has(vantage));
  return inTurn.slice(0, Math.max(0, first) + 1);
};

/** Sites whose probes have secrets may have to wait for these; the others do not. */
const gather = async (world: World, watch: Watch, gatherings: Gathering[]): Promise<void> => {
  const hasSecrets = ({ watched }: Gathering) => watched.site.probe.secretHeaders !== undefined;
  const groups = [...Map.groupBy(gatherings, hasSecrets).values()];
  const called = await Promise.all(groups.map((members) => ask(world, watch, members)));
  for (const vantage of world.config.vantages) {
    const calls = called.flatMap((byVantage) => byVantage.get(vantage) ?? []);
    if (calls.length === 0) continue;
    void begin(world, watch, async () => noteVantage(watch, vantage, (await Promise.all(calls)).flat()));
  }
};

/** Calls the vantages; answers what each call will come to, by vantage. */
const ask = async (
  world: World,
  watch: Watch,
  gatherings: Gathering[],
): Promise<Map<string, Promise<Observation[]>[]>> => {
  const secrets = await secretsFor(
    world,
    gatherings.map(({ watched }) => watched),
  );
  const calls = new Map<string, Promise<Observation[]>[]>();
  for (const gathering of gatherings) {
    const intervalMs = world.config.intervalSeconds * 1000;
    gathering.plans = planned(gathering.watched, secrets, gathering.look, intervalMs);
    void begin(world, watch, () => endInTime(world, gathering));
  }
  for (const vantage of world.config.vantages) {
    const asked = gatherings.filter((one) => one.open.has(vantage) && mayAsk(world, one, vantage));
    const batches = batchesOf(asked).map((batch) => call(world, watch, vantage, batch));
    calls.set(vantage, batches);
  }
  return calls;
};

/** A look of one vantage ends soon after its probe must have ended: if it is late, all are called. */
const endInTime = async (world: World, gathering: Gathering): Promise<void> => {
  const { look, watched } = gathering;
  if (look.full) return;
  await world.clock.sleep(watched.site.probe.timeoutSeconds * 1000 + CALL_MS, gathering.over.signal);
  close(gathering);
};

/** Whether a vantage is asked about a site; where not, that is what came of it. */
const mayAsk = (world: World, gathering: Gathering, vantage: string): boolean => {
  const { watched, plans } = gathering;
  const lacking = plans.find((plan) => plan.lacking !== undefined);
  const unanswered = watched.unanswered.get(vantage) ?? 0;
  // It has not answered as many calls as start within a probe's timeout: more would only wait behind them.
  const most = watched.site.probe.timeoutSeconds / watched.site.confirmEverySeconds;
  if (lacking === undefined && unanswered <= most) return true;
  take(world, gathering, vantage, ({ request }) =>
    lacking === undefined
      ? notSeen(request.id, 'vantage-blind', `it has not answered ${unanswered} calls about this site`)
      : notSeen(request.id, 'secret-unavailable', lacking.lacking),
  );
  return false;
};

const isSlow = ({ watched }: Gathering): boolean =>
  Object.values(watched.lastLook?.sightings ?? {}).some((byTarget) =>
    Object.values(byTarget).some(({ totalMs }) => totalMs > SLOW_MS),
  );

/** The sites in as few calls as fit, but for some that would keep the others waiting. */
const batchesOf = (gatherings: Gathering[]): Gathering[][] => {
  const slow = gatherings.filter(isSlow);
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

const timeoutOf = ({ watched }: Gathering): number => watched.site.probe.timeoutSeconds;

/** One call of one vantage, and what each of its sites learns from it. */
const call = async (
  world: World,
  watch: Watch,
  vantage: string,
  batch: Gathering[],
): Promise<Observation[]> => {
  const count = (by: number) => {
    for (const { watched } of batch)
      watched.unanswered.set(vantage, (watched.unanswered.get(vantage) ?? 0) + by);
  };
  count(1);
  try {
    const plans = batch.flatMap((one) => one.plans);
    const { believed, seenOf } = await probe(world, vantage, plans);
    for (const gathering of batch) take(world, gathering, vantage, seenOf);
    return believed;
  } catch (error) {
    // A defect of ours that one vantage brings about must not keep the answers of the others.
    noteDefect(world, watch, error);
    const nothing = ({ request }: Planned) => notSeen(request.id, 'vantage-blind', 'a defect of our own');
    for (const gathering of batch) take(world, gathering, vantage, nothing);
    return [];
  } finally {
    count(-1);
  }
};

/** Takes over what a vantage saw of a site, and sees whether the look is over. */
const take = (
  world: World,
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
  const agrees = (key: string) => verdictOn(look, key, world.config.vantages.length) !== 'none';
  if (gathering.agreed || !plans.every(({ key }) => agrees(key))) return;
  gathering.agreed = true;
  void world.clock.sleep(GRACE_MS, gathering.over.signal).then(() => close(gathering));
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

/** A vantage that saw nothing at all was blind in this round; one that was answered something, be it by a firewall, was not. */
const noteVantage = (watch: Watch, vantage: string, believed: Observation[]): void => {
  if (believed.some(({ outcome, status }) => outcome !== 'unknown' || status !== undefined)) {
    watch.blindVantages.delete(vantage);
    watch.seeingVantages.add(vantage);
    return;
  }
  const rounds = (watch.blindVantages.get(vantage)?.rounds ?? 0) + 1;
  const { code, detail: why } = believed[0] ?? { code: 'vantage-blind', detail: 'it answered nothing' };
  watch.blindVantages.set(vantage, { rounds, code, why });
  watch.seeingVantages.delete(vantage);
};
