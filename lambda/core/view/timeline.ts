import { isoTime } from '../base/time.ts';
import type { Facts } from '../decision/decide.ts';
import type { SiteStatus } from '../orders/status.ts';
import type { Health } from '../site/health.ts';
import type { HistoryEntry } from '../state/history.ts';
import { parseRole } from '../zone/role-record.ts';
import { type Html, html } from './html.ts';

/** A stretch of time in which something was so, milliseconds. */
export type Span = { fromMs: number; toMs: number; is: string };
export type Mark = { atMs: number; text: string };

/** What a site went through, as lanes. */
export type Lanes = {
  fromMs: number;
  toMs: number;
  health: { server: string; spans: Span[]; votes: (Mark & { passed: boolean })[] }[];
  serving: Span[];
  hands: Span[];
  moves: (Mark & { untilMs: number })[];
  told: Mark[];
};

/** Route 53 usually has a change everywhere within this time; answers given out before live on for the TTL. */
const PUBLISHED_SECONDS = 60;

type Turn = { target?: string; was?: Health; is?: Health; sightings?: Record<string, string> };

const turnOf = ({ detail }: HistoryEntry): Turn => (detail ?? {}) as Turn;
const factsIn = ({ detail }: HistoryEntry): Partial<Facts> => (detail?.facts ?? {}) as Partial<Facts>;
const roleIn = ({ detail }: HistoryEntry) => parseRole(typeof detail?.role === 'string' ? detail.role : '');

/** Spans from moments at which something became so. Before the first one it was `before`, if anybody knows. */
const spansOf = (
  changes: { atMs: number; is: string }[],
  { fromMs, toMs, before }: { fromMs: number; toMs: number; before: string | undefined },
): Span[] => {
  const all = before === undefined ? changes : [{ atMs: fromMs, is: before }, ...changes];
  return all
    .map(({ atMs, is }, at) => ({
      fromMs: Math.max(fromMs, atMs),
      toMs: Math.min(toMs, all[at + 1]?.atMs ?? toMs),
      is,
    }))
    .filter((span) => span.toMs > span.fromMs);
};

/** The lanes of `site` between two moments, from its history (newest first, as it is answered). */
export const lanesOf = (
  site: SiteStatus,
  newestFirst: readonly HistoryEntry[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Lanes => {
  const entries = newestFirst.toReversed().map((entry) => ({ ...entry, atMs: Date.parse(entry.at) }));
  const within = { fromMs, toMs };
  const decided = entries.filter(({ what }) => what === 'decided');
  const health = site.servers.map(({ server, health: now, since }) => {
    const turns = entries.filter((entry) => entry.what === 'seen' && turnOf(entry).target === server);
    const changes = turns.flatMap((entry) => {
      const { is } = turnOf(entry);
      return is === undefined ? [] : [{ atMs: entry.atMs, is }];
    });
    const early = decided.find((entry) => factsIn(entry).healths?.[server] !== undefined);
    const first = turns.find((entry) => turnOf(entry).was !== undefined);
    const untilNow = since !== null && Date.parse(since) <= fromMs ? now : undefined;
    const before =
      first === undefined ? (untilNow ?? (early && factsIn(early).healths?.[server])) : turnOf(first).was;
    const votes = turns.flatMap((entry) =>
      Object.entries(turnOf(entry).sightings ?? {}).map(([vantage, said]) => ({
        atMs: entry.atMs,
        text: `${vantage}: ${said}`,
        passed: said.startsWith('passed'),
      })),
    );
    return { server, spans: spansOf(changes, { ...within, before }), votes };
  });
  const written = entries.flatMap((entry) => {
    const role = entry.what === 'written' ? roleIn(entry) : undefined;
    return role === undefined ? [] : [{ atMs: entry.atMs, role }];
  });
  const firstMs = written[0]?.atMs;
  const early = decided.findLast((entry) => firstMs !== undefined && entry.atMs <= firstMs);
  const servedBefore = firstMs === undefined ? (site.serving ?? undefined) : early && factsIn(early).serving;
  const serves = written.map(({ atMs, role }) => ({ atMs, is: role.serving }));
  const moves = serves.filter(({ is }, at) => is !== (serves[at - 1]?.is ?? servedBefore));
  const modes = decided.flatMap((entry) => {
    const mode = factsIn(entry).mode?.mode;
    return mode === undefined ? [] : [{ atMs: entry.atMs, is: mode }];
  });
  return {
    ...within,
    health,
    serving: spansOf(serves, { ...within, before: servedBefore }),
    hands: spansOf(modes, { ...within, before: undefined }).filter(({ is }) => is !== 'auto'),
    moves: moves.map(({ atMs, is }) => ({
      atMs,
      text: `${is} serves`,
      untilMs: atMs + (PUBLISHED_SECONDS + site.ttlSeconds) * 1000,
    })),
    told: entries.filter(({ what }) => what === 'told').map(({ atMs, text }) => ({ atMs, text })),
  };
};

const WIDTH = 1000;
const LEFT = 110;
const LANE = 30;
const TOP = 26;

/** For another picture of the same time below this one: how wide they are, and where time begins. */
export const PICTURE = { width: WIDTH, left: LEFT };
export const HEIGHT_OF_AXIS = TOP;

/** Where a moment is in a picture of the time between two. */
export const xOf =
  ({ fromMs, toMs }: { fromMs: number; toMs: number }) =>
  (ms: number): number =>
    Math.round(
      (LEFT + ((Math.min(toMs, Math.max(fromMs, ms)) - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - 8)) * 10,
    ) / 10;

/** A picture of the lanes. It is described in words, too, for who cannot see it: the history beside it has all of them. */
export const timeline = (lanes: Lanes): Html => {
  const { fromMs, health, serving, hands, moves, told } = lanes;
  const x = xOf(lanes);
  const y = (lane: number): number => TOP + lane * LANE;
  const count = health.length + 2;
  const height = y(count) + 6;
  const bar = (span: Span, lane: number, look: string, thin = 0): Html =>
    html`<rect class="${look}" x="${x(span.fromMs)}" y="${y(lane) + 5 + thin}" width="${Math.max(1.5, x(span.toMs) - x(span.fromMs))}" height="${LANE - 10 - 2 * thin}" rx="3"><title>${span.is}, ${clock(span.fromMs)} to ${clock(span.toMs)}</title></rect>`;
  const visitors = health.length;
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${described(lanes)}">
${timeTicks(lanes, height - 4)}
${health.map(
  ({ server, spans, votes }, lane) => html`<text class="lane" x="0" y="${y(lane) + 20}">${server}</text>
${spans.map((span) => bar(span, lane, `h-${span.is}`))}${votes
  .filter(({ atMs }) => atMs >= fromMs)
  .map(
    ({ atMs, text, passed }, at) =>
      html`<circle class="vote ${passed ? 'ok' : 'no'}" cx="${Math.min(WIDTH - 24, x(atMs)) + 5 + (at % 3) * 8}" cy="${y(lane) + LANE / 2}" r="2.5"><title>${text}</title></circle>`,
  )}${endLabel(server, y(lane) + 20)}`,
)}
<text class="lane" x="0" y="${y(visitors) + 20}">visitors</text>
${serving.map((span) => html`${bar(span, visitors, 's-on', 4)}<text class="who" x="${x(span.fromMs) + 6}" y="${y(visitors) + 19}">${x(span.toMs) - x(span.fromMs) > 60 && span.is}</text>`)}
${moves
  .filter(({ atMs }) => atMs >= fromMs)
  .map(
    ({ atMs, untilMs, text }) =>
      html`<rect class="caches" x="${x(atMs)}" y="${y(visitors) + 5}" width="${Math.max(1, x(untilMs) - x(atMs))}" height="4"><title>caches run out by ${clock(untilMs)}</title></rect><line class="move" x1="${x(atMs)}" x2="${x(atMs)}" y1="18" y2="${height - 4}"><title>${text} since ${clock(atMs)}</title></line>`,
  )}
<text class="lane" x="0" y="${y(visitors + 1) + 20}">hands, mails</text>
${hands.map((span) => bar(span, visitors + 1, 'hand', 6))}
${told
  .filter(({ atMs }) => atMs >= fromMs)
  .map(
    ({ atMs, text }) =>
      html`<path class="mail" d="M${x(atMs) - 6} ${y(visitors + 1) + 10}h12v9h-12zl6 5 6-5"><title>${clock(atMs)} ${text}</title></path>`,
  )}
${['visitors', 'hands, mails'].map((text, at) => endLabel(text, y(visitors + at) + 20))}
</svg>`;
};

/** Half the width of a tick's label, and some room. */
const LABEL = 20;

/** Lines at whole minutes or hours, down to `bottom`; a label at the end of the picture stands within it. */
export const timeTicks = (span: { fromMs: number; toMs: number }, bottom: number): Html => {
  const x = xOf(span);
  return html`${ticks(span.fromMs, span.toMs).map((ms) => {
    const at = x(ms);
    const isLast = at > WIDTH - LABEL;
    return html`<line class="tick" x1="${at}" x2="${at}" y1="18" y2="${bottom}"/><text class="time" x="${isLast ? WIDTH : at}" y="12" text-anchor="${isLast ? 'end' : 'middle'}">${clock(ms).slice(0, 5)}</text>`;
  })}`;
};

/** What a lane is, where a narrow screen shows its newest end and not its beginning. */
export const endLabel = (text: string, y: number): Html =>
  html`<text class="end" x="${WIDTH - 6}" y="${y}" text-anchor="end" aria-hidden="true">${text}</text>`;

const clock = (ms: number): string => isoTime(ms).slice(11, 19);

/** Whole minutes or hours, six or so. */
const STEPS_MS = [60, 300, 600, 900, 1800, 3600, 10_800, 21_600, 86_400].map((seconds) => seconds * 1000);
const ticks = (fromMs: number, toMs: number): number[] => {
  const step = STEPS_MS.find((each) => (toMs - fromMs) / each <= 7) ?? 86_400_000;
  const first = Math.ceil(fromMs / step) * step;
  return Array.from({ length: Math.floor((toMs - first) / step) + 1 }, (_, at) => first + at * step);
};

const described = ({ health, moves, told, fromMs, toMs }: Lanes): string => {
  const turns = health.map(
    ({ server, spans }) => `${server} ${spans.map(({ is }) => is).join(', then ') || 'not known'}`,
  );
  return `From ${clock(fromMs)} to ${clock(toMs)}: ${turns.join('; ')}; ${moves.length} moves, ${told.length} messages.`;
};
