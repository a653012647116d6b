import type { Decision, Facts } from '../../../../../lambda/core/decision/decide.ts';
import type { Verdict } from '../../../../../lambda/core/evidence/judge.ts';
import type { Health } from '../../../../../lambda/core/site/health.ts';

export const NOW_MS = 1_800_000_000_000;
const LATER_MS = NOW_MS + 300_000;
const AFTER_SECONDS = 600;
const LONG_AGO_MS = NOW_MS - AFTER_SECONDS * 1000;

/** Facts with nothing left out: `serving` is null where DNS names no server. */
export type Situation = Omit<Facts, 'serving' | 'lastResort'> & {
  serving: string | null;
  lastResort: string | null;
};

export const factsOf = ({ serving, lastResort, ...rest }: Situation): Facts => ({
  ...rest,
  ...(serving === null ? {} : { serving }),
  ...(lastResort === null ? {} : { lastResort }),
});

const SERVERS = ['primary', 'standby', 'sorry'];
const HEALTHS: Health[] = ['up', 'down', 'unknown'];
const VERDICTS: Verdict[] = ['passed', 'failed', 'none'];

const triples = <T>(values: T[]): Record<string, T>[] =>
  values.flatMap((primary) =>
    values.flatMap((standby) => values.map((sorry) => ({ primary, standby, sorry }))),
  );

/** Failback by itself, with the time each server has been up, or by hand. */
const FAILBACKS: Pick<Situation, 'failback' | 'sinceMs'>[] = [
  { failback: 'manual', sinceMs: {} },
  ...[LONG_AGO_MS, LONG_AGO_MS + 1].flatMap((primary) =>
    [LONG_AGO_MS, LONG_AGO_MS + 1].map((standby) => ({
      failback: { afterSeconds: AFTER_SECONDS },
      sinceMs: { primary, standby, sorry: LONG_AGO_MS },
    })),
  ),
];

const MODES: Facts['mode'][] = [
  { mode: 'auto' },
  { mode: 'held', untilMs: LATER_MS },
  { mode: 'pinned', pin: 'standby', untilMs: LATER_MS },
  { mode: 'pinned', pin: 'gone', untilMs: LATER_MS },
];

/** Every combination of facts that a zone as we left it can meet in mode auto, for three servers. */
function* autoSituations(): Generator<Situation> {
  for (const healths of triples(HEALTHS))
    for (const verdicts of triples(VERDICTS))
      for (const serving of [...SERVERS, 'gone'])
        for (const lastResort of [null, 'sorry'])
          for (const sighted of [true, false])
            for (const mayMoveAtMs of [NOW_MS, LATER_MS])
              for (const failback of FAILBACKS)
                for (const failbackAskedUntilMs of [NOW_MS - 1, NOW_MS])
                  for (const configured of ['same', 'differs', 'differs-up'] as const) {
                    // Blindness outranks all the rest: a few of its combinations are enough.
                    if (!sighted && (configured !== 'same' || mayMoveAtMs !== NOW_MS)) continue;
                    yield {
                      nowMs: NOW_MS,
                      servers: SERVERS,
                      zone: 'ours',
                      remembered: true,
                      mode: { mode: 'auto' },
                      serving,
                      lastResort,
                      healths,
                      verdicts,
                      sighted,
                      mayMoveAtMs,
                      ...failback,
                      failbackAskedUntilMs,
                      configured,
                    };
                  }
}

const POINTS: NonNullable<Facts['point']>[] = [
  { to: 'standby', due: true },
  { to: 'standby', due: false },
  { to: 'sorry', due: true },
];

/** A person's `point` command beside everything that it may meet. */
function* pointedSituations(): Generator<Situation> {
  for (const situation of autoSituations()) {
    const { configured, sighted, sinceMs } = situation;
    if (configured !== 'same' || !sighted || sinceMs.primary === LONG_AGO_MS + 1) continue;
    if (sinceMs.standby === LONG_AGO_MS + 1) continue;
    for (const point of POINTS) yield { ...situation, point };
  }
}

const BLOCKED = [['primary'], ['standby'], ['primary', 'standby']];

/** Servers that Route 53 would refuse, where that may matter. */
function* blockedSituations(): Generator<Situation> {
  for (const situation of autoSituations()) {
    const { configured, sighted, sinceMs } = situation;
    if (configured !== 'same' || !sighted || sinceMs.primary === LONG_AGO_MS + 1) continue;
    if (sinceMs.standby === LONG_AGO_MS + 1) continue;
    for (const blocked of BLOCKED) yield { ...situation, blocked };
  }
  for (const situation of otherSituations())
    if (situation.zone === 'nothing') for (const blocked of BLOCKED) yield { ...situation, blocked };
}

/** Zones that are not ours and modes that are not auto, with everything that must not matter there. */
function* otherSituations(): Generator<Situation> {
  for (const healths of triples(HEALTHS))
    for (const verdicts of triples(VERDICTS))
      for (const zone of ['nothing', 'adoptable', 'edited', 'ours'] as const)
        for (const remembered of [true, false])
          for (const mode of MODES)
            for (const serving of zone === 'nothing' ? [null] : ['primary', 'standby', 'gone', null])
              for (const lastResort of [null, 'sorry']) {
                if (zone === 'ours' && mode.mode === 'auto') continue;
                const busy = (healths.primary === 'down') === remembered;
                yield {
                  nowMs: NOW_MS,
                  servers: SERVERS,
                  zone,
                  remembered,
                  mode,
                  serving,
                  lastResort,
                  healths,
                  verdicts,
                  sighted: !busy,
                  mayMoveAtMs: busy ? LATER_MS : NOW_MS,
                  failback: { afterSeconds: AFTER_SECONDS },
                  sinceMs: { primary: LONG_AGO_MS, standby: LONG_AGO_MS },
                  failbackAskedUntilMs: busy ? NOW_MS : NOW_MS - 1,
                  configured: busy ? 'differs-up' : 'same',
                };
              }
}

export function* situations(): Generator<Situation> {
  yield* autoSituations();
  yield* pointedSituations();
  yield* blockedSituations();
  yield* otherSituations();
}

const first = (servers: string[], holds: (server: string) => boolean): string | null =>
  servers.find(holds) ?? null;

const isUp = (s: Situation, server: string) => s.healths[server] === 'up';
const passed = (s: Situation, server: string) => s.verdicts[server] === 'passed';
/** The last resort stands in for nobody: it is named in row 11 alone. */
const isStandby = (s: Situation, server: string) => server !== s.lastResort;
const takes = (s: Situation, server: string) => s.blocked === undefined || !s.blocked.includes(server);
const armed = (s: Situation) => {
  const is = (n: string) => n !== s.serving && isStandby(s, n) && isUp(s, n) && passed(s, n);
  return first(s.servers, (n) => is(n) && takes(s, n)) ?? first(s.servers, is);
};

const blank = (s: Situation) => s.zone === 'nothing' && !s.remembered;
const ours = (s: Situation) => s.zone === 'ours';
const pin = (s: Situation) =>
  s.mode.mode === 'pinned' && s.servers.includes(s.mode.pin) ? s.mode.pin : null;
const auto = (s: Situation) => s.mode.mode === 'auto';
const known = (s: Situation) => s.serving !== null && s.servers.includes(s.serving);
const onSorry = (s: Situation) => s.serving !== null && s.serving === s.lastResort;
const troubled = (s: Situation) => known(s) && (s.healths[s.serving ?? ''] === 'down' || onSorry(s));
const asked = (s: Situation) => (s.failbackAskedUntilMs ?? 0) >= s.nowMs;

/** Nothing moves back by itself while a person moves the site elsewhere. */
const upFor = (s: Situation, server: string) =>
  s.failback !== 'manual' &&
  s.point === undefined &&
  s.nowMs - (s.sinceMs[server] ?? s.nowMs) >= s.failback.afterSeconds * 1000;
/** The most preferred armed server to which a failback is due. */
const dueBack = (s: Situation) =>
  first(
    s.servers.slice(0, s.servers.indexOf(s.serving ?? '')),
    (n) => isStandby(s, n) && takes(s, n) && isUp(s, n) && passed(s, n) && (asked(s) || upFor(s, n)),
  );
const back = (s: Situation) => (isUp(s, s.serving ?? '') && known(s) && !troubled(s) ? dueBack(s) : null);
/** The server that a person pointed to, when it is armed and its time has come. */
const pointedTo = (s: Situation) => {
  const to = s.point?.due ? s.point.to : null;
  const may = known(s) && s.healths[s.serving ?? ''] === 'up' && !troubled(s);
  return may && to !== null && to !== s.serving && isStandby(s, to) && isUp(s, to) && passed(s, to)
    ? to
    : null;
};
const sorryPassed = (s: Situation) =>
  s.lastResort !== null && !onSorry(s) && passed(s, s.lastResort) ? s.lastResort : null;

type Row = {
  row: number;
  reason: (s: Situation) => Decision['reason'];
  /** Whether the row matches, those before it left aside. */
  when: (s: Situation) => boolean;
  /** The server to serve; null leaves everything as it is. */
  serve: (s: Situation) => string | null;
};

const nobody = () => null;

/** The decision table of design.md once more, each row on its own. */
const TABLE: Row[] = [
  { row: 1, reason: () => 'pinned', when: (s) => blank(s) && pin(s) !== null, serve: pin },
  {
    row: 2,
    reason: () => 'created',
    when: (s) => blank(s) && auto(s) && s.servers.some((n) => isUp(s, n)),
    serve: (s) =>
      first(s.servers, (n) => isStandby(s, n) && isUp(s, n) && takes(s, n)) ??
      first(s.servers, (n) => isStandby(s, n) && isUp(s, n)) ??
      first(s.servers, (n) => isUp(s, n)),
  },
  { row: 3, reason: () => 'waiting', when: blank, serve: nobody },
  { row: 4, reason: () => 'adopted', when: (s) => s.zone === 'adoptable' && !s.remembered, serve: nobody },
  { row: 5, reason: () => 'edited-by-hand', when: (s) => !ours(s), serve: nobody },
  {
    row: 6,
    reason: () => 'pinned',
    when: (s) => pin(s) !== null,
    serve: (s) => (pin(s) === s.serving ? null : pin(s)),
  },
  { row: 7, reason: () => 'held', when: (s) => !auto(s), serve: nobody },
  { row: 8, reason: () => 'blind', when: (s) => !s.sighted, serve: nobody },
  {
    row: 9,
    reason: () => 'flapping',
    // What a person asks for is no move by itself.
    when: (s) =>
      s.mayMoveAtMs > s.nowMs &&
      ((troubled(s) && (armed(s) ?? sorryPassed(s)) !== null) ||
        (back(s) !== null && !asked(s) && pointedTo(s) === null)),
    serve: nobody,
  },
  {
    row: 10,
    reason: (s) => (onSorry(s) ? 'recovered' : 'failover'),
    when: (s) => troubled(s) && armed(s) !== null,
    serve: armed,
  },
  { row: 11, reason: () => 'nowhere-better', when: troubled, serve: sorryPassed },
  {
    row: 12,
    reason: () => 'unsure',
    when: (s) => !known(s) || s.healths[s.serving ?? ''] === 'unknown',
    serve: nobody,
  },
  {
    row: 13,
    reason: (s) => (pointedTo(s) === null ? 'failback' : 'pointed'),
    when: (s) => (pointedTo(s) ?? back(s)) !== null,
    serve: (s) => pointedTo(s) ?? back(s),
  },
  { row: 14, reason: () => 'refresh', when: (s) => s.configured === 'differs-up', serve: (s) => s.serving },
  { row: 15, reason: () => 'fine', when: () => true, serve: nobody },
];

/** What the table says: row, reason, and the server to serve or null. */
export const tableSays = (s: Situation): { row: number; reason: string; serve: string | null } => {
  const match = TABLE.find((row) => row.when(s));
  if (match === undefined) throw new Error('The last row matches everything.');
  return { row: match.row, reason: match.reason(s), serve: match.serve(s) };
};
