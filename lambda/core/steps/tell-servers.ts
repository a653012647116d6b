import { afterTurn, isSteady } from '../decision/flaps.ts';
import { evidenceOf } from '../evidence/evidence.ts';
import { turnedMs } from '../site/health.ts';
import type { NewsOf, SiteNews } from '../state/news.ts';
import type { Notice } from '../state/notice.ts';
import { enqueue } from '../state/outbox.ts';
import { type Reminders, remindersOf, withReminders } from '../state/reminders.ts';
import type { SiteState } from '../state/site-state.ts';
import type { Telling } from './assessment.ts';
import { heirBut, movedTo, servingNow, unsureMs } from './heir.ts';
import { isOver } from './incident.ts';
import { isToldAsStuck } from './stuck.ts';

/**
 * The move that was made tells itself that what served is down, and that what serves now is up: one event is one
 * message.
 */
const isToldByMove = (seen: Telling, server: string): boolean => {
  const { facts, decision } = seen;
  const isMade = decision.act === 'serve' && movedTo(seen) === decision.server;
  if (!isMade) return false;
  if (facts.healths[server] === 'up') return decision.row === 10 && server === decision.server;
  return server === facts.serving && (decision.reason === 'failover' || decision.reason === 'nowhere-better');
};

const turnOf = (seen: Telling, server: string) => {
  const { facts } = seen;
  const health = facts.healths[server] ?? 'unknown';
  const moved = facts.serving === server ? movedTo(seen) : undefined;
  return {
    server,
    health,
    serves: moved !== undefined || servingNow(seen) === server,
    serving: servingNow(seen),
    ...(moved !== undefined && { movedTo: moved }),
    next: heirBut(seen, server),
  };
};

/**
 * Tells the news of a server that turned. Of one that does not serve, and comes and goes, it is told once that it does.
 */
const tellTurn = (
  seen: Telling,
  state: SiteState,
  server: string,
  told: { kind: string; news: SiteNews },
): SiteState => {
  const { site, facts, look, nowMs } = seen;
  const before = state.told.flaps?.[server];
  const serves = facts.serving === server;
  if (serves && before?.flapping === undefined) return enqueue(site, state, told, nowMs);
  const after = afterTurn(before, nowMs);
  const next = { ...state, told: { ...state.told, flaps: { ...state.told.flaps, [server]: after } } };
  if (serves || after.flapping === undefined) return enqueue(site, next, told, nowMs);
  if (before?.flapping !== undefined) return next;
  const evidence = evidenceOf(site, look);
  const news = { type: 'flapping', ...turnOf(seen, server), ...after.flapping, evidence } as const;
  return enqueue(site, next, { kind: 'server-flapping', news }, nowMs);
};

/**
 * The reminders without refused writes from before the serving server turned: the next outage is told again, however
 * soon it comes, and a failback that could not be made says nothing of a failover that cannot be.
 */
const remindersSince = (
  { facts }: Telling,
  { reminders }: SiteState,
  { server, serves, health }: ReturnType<typeof turnOf>,
): Reminders => {
  const fromMs = health === 'up' ? Number.POSITIVE_INFINITY : (facts.sinceMs[server] ?? 0);
  const kept = Object.entries(remindersOf(reminders, 'refused')).filter(
    ([, atMs]) => !serves || atMs >= fromMs,
  );
  return withReminders(reminders, 'refused', Object.fromEntries(kept));
};

type TurnedUp = Notice<SiteNews> & { news: NewsOf<'turned'> };

const isTurnedUp = (one: Notice<SiteNews>): one is TurnedUp =>
  one.news.type === 'turned' && one.news.health === 'up';

/** Servers that turned up in one look are one event, so one message: that of the one that serves, if it is among them. */
const upTogether = (before: SiteState, after: SiteState): SiteState => {
  const known = new Set(before.outbox.map(({ id }) => id));
  const ups = after.outbox.filter(isTurnedUp).filter(({ id }) => !known.has(id));
  const first = ups.find(({ news }) => news.serves) ?? ups[0];
  if (first === undefined || ups.length === 1) return after;
  const others = ups.filter((one) => one !== first);
  const also = others.map(({ news }) => news.server);
  const outbox = after.outbox.flatMap((one) => {
    if (one === first) return [{ ...first, news: { ...first.news, also } }];
    return others.includes(one as TurnedUp) ? [] : [one];
  });
  return { ...after, outbox };
};

/** Tells of each server that turned since people were told last. */
export const tellTurns = (seen: Telling, state: SiteState): SiteState =>
  upTogether(state, tellEach(seen, state));

const tellEach = (seen: Telling, state: SiteState): SiteState => {
  const { site, look, decision } = seen;
  if (!seen.stateKnown) return state;
  let next = state;
  for (const { name } of site.servers) {
    const turn = turnOf(seen, name);
    const { health } = turn;
    const toldDown = next.told.down.includes(name);
    if (health === 'unknown' || toldDown === (health === 'down')) continue;
    const down = health === 'down' ? [...next.told.down, name] : next.told.down.filter((s) => s !== name);
    const target = next.targets[name];
    const news = {
      type: 'turned',
      ...turn,
      decision,
      evidence: evidenceOf(site, look),
      sinceMs: target && turnedMs(target),
      ...(health === 'up' && isOver(seen, next) && { over: true as const }),
      ...(seen.facts.blocked !== undefined && { blocked: seen.facts.blocked }),
    } as const;
    if (!isToldByMove(seen, name) && !isToldAsStuck(seen, next, name))
      next = tellTurn(seen, next, name, { kind: `server-${health}`, news });
    next = { ...next, reminders: remindersSince(seen, next, turn), told: { ...next.told, down } };
  }
  return next;
};

/** A server that came and went, and has stayed as it is for a while: told once. */
export const tellSteady = (seen: Telling, state: SiteState): SiteState => {
  const { site, facts, look, nowMs, stateKnown } = seen;
  const before = state.told.flaps;
  if (!stateKnown || before === undefined) return state;
  const over = Object.keys(before).filter((server) => isSteady(before[server] ?? { turnsMs: [] }, nowMs));
  if (over.length === 0) return state;
  const left = Object.entries(before).filter(([server]) => !over.includes(server));
  const { flaps: _, ...told } = state.told;
  const kept = left.length === 0 ? told : { ...told, flaps: Object.fromEntries(left) };
  return over.reduce(
    (next, server) => {
      const flapping = before[server]?.flapping;
      if (flapping === undefined || !facts.servers.includes(server)) return next;
      const evidence = evidenceOf(site, look);
      const over = isOver(seen, next) && { over: true as const };
      const news = { type: 'steady', ...turnOf(seen, server), ...flapping, evidence, ...over } as const;
      return enqueue(site, next, { kind: 'server-flapping', news }, nowMs);
    },
    { ...state, told: kept },
  );
};

/**
 * A standby that nobody can tell to be up is no standby. Health is unknown for a moment after every start; longer is
 * told.
 */
export const tellUnknown = (seen: Telling, state: SiteState): SiteState => {
  const { site, facts, look, nowMs, config, stateKnown } = seen;
  if (!stateKnown || !facts.sighted) return state;
  const longMs = unsureMs(site, config);
  const isUnknown = (server: string) => (facts.healths[server] ?? 'unknown') === 'unknown';
  const isLong = (server: string) => nowMs - (facts.sinceMs[server] ?? nowMs) > longMs;
  const told = (state.told.unknown ?? []).filter(isUnknown);
  const due = facts.servers.filter(
    (s) => s !== facts.serving && isUnknown(s) && isLong(s) && !told.includes(s),
  );
  const unknown = [...told, ...due];
  if (unknown.join() === (state.told.unknown ?? []).join()) return state;
  const queued = due.reduce(
    (next, server) =>
      tellTurn(seen, next, server, {
        kind: 'server-unknown',
        news: { type: 'unseen', server, evidence: evidenceOf(site, look) },
      }),
    state,
  );
  return { ...queued, told: { ...queued.told, unknown } };
};

/** Days before its end at which a certificate is warned of: once at each. */
const CERTIFICATE_DAYS = [21, 7, 3, 1, 0];
/**
 * But not while more than this share of its time is left: those that live for six weeks are renewed with a third of it
 * left.
 */
const LEFT_SHARE = 1 / 4;
const DAY_MS = 86_400_000;

export const tellCertificates = (seen: Telling, state: SiteState): SiteState => {
  const { site, look, nowMs, stateKnown } = seen;
  if (!stateKnown) return state;
  let next = state;
  for (const { name } of site.servers) {
    const shown = Object.values(look.sightings).flatMap(({ [name]: seen }) =>
      seen?.certificateExpiresMs === undefined ? [] : [{ ...seen, endMs: seen.certificateExpiresMs }],
    );
    const [first] = shown.sort((a, b) => a.endMs - b.endMs);
    if (first === undefined) continue;
    const { endMs: expiresMs, certificateStartsMs: startMs = Number.NEGATIVE_INFINITY } = first;
    const leftMs = expiresMs - nowMs;
    const isNear = leftMs <= LEFT_SHARE * (expiresMs - startMs);
    const days = CERTIFICATE_DAYS.findLast((limit) => isNear && leftMs <= limit * DAY_MS);
    const before = next.told.certificates?.[name];
    // Behind one address there may be two certificates, seen by turns: the one that was warned of is not forgotten for
    // the other.
    const isNew = before === undefined || (expiresMs > before.expiresMs && before.expiresMs <= nowMs);
    if (days === undefined || !(isNew || days < before.days)) continue;
    const { certificateAuthority: authority } = first;
    const news = { type: 'certificate', server: name, expiresMs, authority } as const;
    const queued = enqueue(site, next, { kind: 'certificate-expires', news }, nowMs);
    const certificates = { ...queued.told.certificates, [name]: { expiresMs, days } };
    next = { ...queued, told: { ...queued.told, certificates } };
  }
  return next;
};
