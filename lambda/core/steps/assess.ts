import { mayMoveAt } from '../decision/damping.ts';
import { type Decision, decide, type Facts, failbackDueTo } from '../decision/decide.ts';
import { type Causes, causesAfter, causeText, changedCause } from '../evidence/causes.ts';
import {
  judgeTarget,
  type Look,
  seenOf,
  sightedVantages,
  verdictOn,
  withDeciding,
} from '../evidence/judge.ts';
import { alignHealths, healthsOf, nextKey, servingOf, targetsOf } from '../evidence/targets.ts';
import type { Health } from '../site/health.ts';
import { type Config, quorum, type Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { plannedTtl, stageOf } from '../state/planned-switch.ts';
import { modeInForce, type SiteState } from '../state/site-state.ts';
import { obstaclesOf } from '../zone/obstacle.ts';
import { dueRecords, keptRecords, sameRecords, type ZoneView } from '../zone/zone-view.ts';

/** What is known about one site when a round's look at it has come in. */
export type Known = { site: Site; state: SiteState; view: ZoneView };

/** The state after judging one look: every target of the site, kept, turned, or begun again. */
export const judge = (known: Known, look: Look, config: Config): SiteState => {
  const { site, state, view } = known;
  const rules = { site, vantageCount: config.vantages.length, intervalSeconds: config.intervalSeconds };
  const before = alignHealths(targetsOf(site, view), state.targets, look.startMs);
  const targets = Object.fromEntries(
    Object.entries(before).map(([key, health]) => [key, judgeTarget(health, key, look, rules)]),
  );
  const causes = Object.fromEntries(
    Object.entries(targets).map(([key, { health }]) => {
      // What was seen at another address says nothing of this one.
      const isSame = state.targets[key]?.address === before[key]?.address;
      const known = isSame ? state.causes?.[key] : undefined;
      return [key, causesAfter(known, key, look, { health, vantageCount: rules.vantageCount })];
    }),
  );
  let history = state.history;
  for (const [key, { health }] of Object.entries(targets)) {
    const text = seenText(key, [before[key]?.health, health], [state.causes?.[key], causes[key]]);
    if (text === undefined) continue;
    history = noted(history, {
      atMs: look.startMs,
      what: 'seen',
      text,
      detail: { target: key, was: before[key]?.health, is: health, sightings: seenOf(look, key) },
    });
  }
  return { ...state, targets, causes, history };
};

/** What the history notes of one target after a look: that it turned, and why; or that it is down for another cause. */
const seenText = (
  key: string,
  [was, is]: [Health | undefined, Health],
  [before, after]: [Causes | undefined, Causes | undefined],
): string | undefined => {
  const code = after?.failing?.at(-1);
  const why = is === 'down' && after !== undefined && code !== undefined ? `: ${causeText(after, code)}` : '';
  if (was !== is) return `${key} was ${was} and is ${is}${why}`;
  const changed = after && changedCause(before, after);
  return changed === undefined ? undefined : `${key} is still down, for another cause: ${changed}`;
};

const configuredNow = (known: Known, nowMs: number): Facts['configured'] => {
  const { site, state, view } = known;
  const server = site.servers.find((s) => s.name === servingOf(view));
  if (view.kind !== 'ours' || server === undefined) return 'same';
  const ttlSeconds = plannedTtl(site, state.point, server.name);
  const due = dueRecords(site, server, view.records, { targets: state.targets, nowMs, ttlSeconds });
  if (sameRecords(view.records, due)) return 'same';
  if (sameRecords(view.records, keptRecords(site, server, view.records, ttlSeconds))) return 'members';
  const there = state.targets[nextKey(server.name)] ?? state.targets[server.name];
  return there?.health === 'up' ? 'differs-up' : 'differs';
};

const pointFact = ({ point }: SiteState, nowMs: number): Pick<Facts, 'point'> => {
  if (point === undefined) return {};
  const due = stageOf(point, nowMs) === 'switching' && nowMs <= point.untilMs;
  return { point: { to: point.to, due } };
};

const blockedFact = ({ site, view }: Known): Pick<Facts, 'blocked'> => {
  const blocked = obstaclesOf(site, view.others ?? []).map(({ server }) => server);
  return blocked.length === 0 ? {} : { blocked };
};

/** The facts that a decision rests on, from what was judged and how the site stands in the zone. */
export const factsOf = (known: Known, look: Look, nowMs: number, config: Config): Facts => {
  const count = config.vantages.length;
  const keys = Object.keys(known.state.targets);
  return factsFrom(
    known,
    {
      verdicts: Object.fromEntries(keys.map((key) => [key, verdictOn(look, key, count)])),
      sighted: !look.full || sightedVantages(look).length >= quorum(count),
    },
    nowMs,
  );
};

/**
 * The same for who has no look of his own: `view` as it is listed, and the verdicts of the last round as they are
 * known.
 */
export const factsFrom = (
  known: Known,
  { verdicts, sighted }: Pick<Facts, 'verdicts' | 'sighted'>,
  nowMs: number,
): Facts => {
  const { site, state, view } = known;
  const role = view.kind === 'ours' ? view.role : undefined;
  const serving = servingOf(view);
  const keys = Object.keys(state.targets);
  return {
    nowMs,
    servers: site.servers.map((s) => s.name),
    ...(site.lastResort === undefined ? {} : { lastResort: site.lastResort }),
    zone: view.kind,
    remembered: state.written !== undefined,
    mode: modeInForce(role, state.override, nowMs),
    ...(serving === undefined ? {} : { serving }),
    healths: healthsOf(state.targets),
    verdicts,
    ...blockedFact(known),
    sighted,
    mayMoveAtMs: mayMoveAt(state.damping, nowMs),
    failback: site.failback,
    sinceMs: Object.fromEntries(keys.map((key) => [key, state.targets[key]?.sinceMs ?? nowMs])),
    ...(state.failbackAsked === undefined ? {} : { failbackAskedUntilMs: state.failbackAsked.untilMs }),
    ...pointFact(state, nowMs),
    configured: configuredNow(known, nowMs),
  };
};

/**
 * The facts, the decision, whether a move back waits only for a round in which all vantages look, and the look to tell
 * people where this one lacks what decided.
 */
export const assess = (
  known: Known,
  look: Look,
  nowMs: number,
  config: Config,
): { facts: Facts; decision: Decision; moveWaits: boolean; look?: Look } => {
  const facts = factsOf(known, look, nowMs, config);
  const ours = facts.zone === 'ours' && facts.mode.mode === 'auto';
  const leavesLastResort =
    facts.serving !== undefined &&
    facts.serving === facts.lastResort &&
    facts.servers.some((s) => s !== facts.serving && facts.healths[s] === 'up');
  const pointed = facts.point?.due === true && facts.point.to !== facts.serving;
  const moveWaits = ours && (leavesLastResort || pointed || failbackDueTo(facts).length > 0);
  const told = withDeciding(look, known.state.targets, config.vantages.length);
  return { facts, decision: decide(facts), moveWaits, ...(told && { look: told }) };
};
