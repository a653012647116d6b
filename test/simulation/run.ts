import { overdueAddress } from './observer/addresses-overdue.ts';
import { lateAnswer } from './observer/answers-in-time.ts';
import { roleIn } from './observer/chronicle.ts';
import type { Violation } from './observer/observer-shape.ts';
import { delayedElsewhere } from './observer/other-sites.ts';
import { overdueMove, untoldTrouble } from './observer/overdue.ts';
import { owePromises } from './observer/promises.ts';
import { settledProblem, untoldProblem } from './observer/settled.ts';
import { type Action, actionsOf, letGo } from './world/episodes.ts';
import { START_MS } from './world/plan.ts';
import type { Plan } from './world/plan-shape.ts';
import { fire, look, MINUTE, newStage, order, person, type Stage, startController } from './world/stage.ts';

/** What came of one world. Times and counts are of the simulated world. */
export type Result = {
  seed: number;
  violations: Violation[];
  simulatedMs: number;
  rounds: number;
  /** Episodes of trouble, orders and edits among them. */
  faults: number;
  switches: number;
  mails: number;
  /** Time with one or more troubles in the part of the world that has any, milliseconds; and that part's length. */
  inTroubleMs: number;
  troubledMs: number;
  /** What took effect, and how often. */
  effects: Record<string, number>;
  /** What happened, a line each, with seconds from the start of the world. */
  trace: string[];
};

/** When what should have happened by now is looked for, seconds of each minute. */
const LOOKS_AT_SECONDS = [15, 45];
/**
 * From the end of the last trouble until everything must be as it should: eleven minutes in which a stopped process may wake and
 * a late request arrive, ten for the longest wait of a failback, and three for a new controller to settle all servers.
 */
const SETTLED_AFTER_MS = 24 * MINUTE;
/** The longest wait of a site that moved too often, and some. */
const LONGEST_WAIT_MS = 250 * MINUTE;
/** What is settled stays settled, which is watched for so long. */
const STAYS_MINUTES = 3;

/** Runs the world of one plan to its end, or to its first violation. */
export const run = async (plan: Plan): Promise<Result> => {
  const stage = newStage(plan);
  const { clock, observer } = stage;
  person(
    stage,
    plan.before.map((record) => ({ action: 'CREATE', record })),
  );
  const isSound = () => observer.violations.length === 0;
  for (const action of actionsIn(stage)) {
    await clock.runUntil(START_MS + action.atMs);
    if (isSound()) action.run();
    if (!isSound()) break;
  }
  if (isSound()) await settle(stage);
  return {
    seed: plan.seed,
    violations: observer.violations,
    simulatedMs: clock.now() - START_MS,
    rounds: observer.counts.rounds,
    faults: plan.episodes.length,
    switches: observer.counts.switches,
    mails: observer.counts.mails,
    inTroubleMs: timeInTrouble(plan),
    troubledMs: plan.troubledMs,
    effects: observer.effects,
    trace: observer.trace,
  };
};

/** How long at least one episode was there. */
const timeInTrouble = ({ episodes }: Plan): number => {
  let untilMs = 0;
  let sumMs = 0;
  for (const { fromMs, toMs } of episodes.toSorted((a, b) => a.fromMs - b.fromMs)) {
    sumMs += Math.max(0, toMs - Math.max(fromMs, untilMs));
    untilMs = Math.max(untilMs, toMs);
  }
  return sumMs;
};

/** Everything that is to happen while there is trouble, in order of time. */
const actionsIn = (stage: Stage): Action[] => {
  const { plan } = stage;
  const actions = plan.episodes.flatMap((episode) => actionsOf(stage, episode));
  for (let minute = 0; minute * MINUTE < plan.troubledMs; minute++) {
    actions.push({ atMs: minute * MINUTE + plan.scheduleMs, run: () => fire(stage, minute) });
    for (const second of LOOKS_AT_SECONDS) {
      actions.push({ atMs: minute * MINUTE + second * 1000, run: () => lookForOverdue(stage) });
    }
  }
  return actions.sort((a, b) => a.atMs - b.atMs);
};

const lookForOverdue = ({ plan, clock, observer, cloud, config }: Stage): void => {
  const { chronicle } = observer;
  const seen = { chronicle, plan, sites: config.sites, listing: cloud.listing(), nowMs: clock.now() };
  const overdue = overdueMove(seen) ?? untoldTrouble(seen) ?? overdueAddress(seen);
  if (overdue !== undefined) observer.violate('6', overdue);
  const late = delayedElsewhere(seen, observer.deathsAsked, observer.met);
  const unanswered = late ?? lateAnswer(chronicle, observer.holdsAsked, clock.now());
  if (unanswered !== undefined) observer.violate('9', unanswered.text, unanswered.site);
  owePromises(observer, clock.now());
};

/** No trouble any more: people put right what they left, and within the stated time everything is as it must be, and stays so. */
const settle = async (stage: Stage): Promise<void> => {
  const { plan, clock, observer, cloud } = stage;
  cloud.active.clear();
  letGo(cloud);
  observer.note('no trouble any more');
  const movedOften = [...observer.chronicle.sites.values()].some((site) => site.moves.length >= 3);
  const deadlineMs = plan.troubledMs + SETTLED_AFTER_MS + (movedOften ? LONGEST_WAIT_MS : 0);
  let settledFor = 0;
  for (let minute = Math.ceil(plan.troubledMs / MINUTE); settledFor < STAYS_MINUTES; minute++) {
    await clock.runUntil(START_MS + minute * MINUTE + plan.scheduleMs);
    startController(stage, START_MS + minute * MINUTE);
    if (minute * MINUTE < plan.troubledMs + 14 * MINUTE) void putRight(stage);
    await clock.runUntil(START_MS + (minute + 1) * MINUTE - 1);
    if (observer.violations.length > 0) return;
    const problem = settledProblem(stage) ?? untoldProblem(stage);
    settledFor = problem === undefined ? settledFor + 1 : 0;
    if (problem !== undefined && minute * MINUTE > deadlineMs) return observer.violate('settled', problem);
  }
};

/** The sites whose address something has that is no server of theirs: nobody takes it from there unasked. */
const strangersIn = ({ config, cloud }: Stage): number[] =>
  config.sites.flatMap(({ readdress, servers }, index) => {
    const holder = readdress === undefined ? 'nobody' : cloud.addresses.holder(index);
    return holder === 'stranger' || Number(holder) >= servers.length ? [index] : [];
  });

/** People look, and put back what is said to be edited; where that cannot be done, they take it as it is. */
const putRight = async (stage: Stage): Promise<void> => {
  for (const { site, zone } of await look(stage)) {
    if (zone !== 'edited') continue;
    const index = stage.config.sites.findIndex(({ name }) => name === site);
    const given = { kind: 'order', site: index, server: 0, forSeconds: 60, force: true } as const;
    const { answer } = await order(stage, { ...given, action: 'put-back' });
    if (answer?.ok !== true) await order(stage, { ...given, action: 'adopt' });
  }
  for (const index of strangersIn(stage)) {
    const { name = '' } = stage.config.sites[index] ?? {};
    const serving = roleIn(name, stage.cloud.listing())?.serving;
    const server = stage.config.sites[index]?.servers.findIndex((s) => s.name === serving) ?? -1;
    if (server >= 0)
      await order(stage, { kind: 'order', site: index, action: 'pin', server, forSeconds: 60, force: true });
  }
};
