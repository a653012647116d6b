import { PHASES, type Phase } from '../lambda/core/evidence/metrics.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import { endLabel, HEIGHT_OF_AXIS, PICTURE, timeTicks, xOf } from '../lambda/core/view/timeline.ts';

/** What CloudWatch keeps of the probes of one server by one vantage, of one part of their time or of all of it. */
export type ProbeSeries = {
  server: string;
  vantage: string;
  /** `passed`: the share of those that passed. */
  part: Phase | 'totalMs' | 'passed';
  /** Start of a period, milliseconds, and the average in it. The oldest first. */
  points: readonly (readonly [atMs: number, value: number])[];
};

/** What was measured of a site's probes, or why that cannot be shown. */
export type Latency = { periodMs: number; series: readonly ProbeSeries[] } | { trouble: string };

/** Each part of a probe's time, from the ground up. What is left over is the body, or what was waited for in vain. */
const PARTS: readonly [part: Phase | 'rest', words: string][] = [
  ['dnsMs', 'name lookup'],
  ['connectMs', 'connect'],
  ['tlsMs', 'TLS'],
  ['firstByteMs', 'first byte'],
  ['rest', 'the rest'],
];
type Part = (typeof PARTS)[number][0];
type Times = Partial<Record<Part, number>> & { totalMs: number };

const SECONDS_BY_MINUTES: readonly [minutes: number, seconds: number][] = [
  [60, 10],
  [360, 60],
  [1440, 300],
];

/**
 * The length of a period, seconds: some hundred of them in a window of so many minutes, as long as CloudWatch keeps them. It keeps those of
 * less than a minute for 3 hours, of a minute for 15 days, of five minutes for 63 days.
 */
export const periodSeconds = (minutes: number, ageMs: number): number => {
  const wanted = SECONDS_BY_MINUTES.find(([most]) => minutes <= most)?.[1] ?? 3600;
  const hours = ageMs / 3_600_000 + minutes / 60;
  const kept = hours < 3 ? 1 : hours < 15 * 24 ? 60 : hours < 63 * 24 ? 300 : 3600;
  return Math.max(wanted, kept);
};

const mean = (values: readonly number[]): number =>
  values.reduce((all, each) => all + each, 0) / values.length;

/** The averages of some series together, by part. */
const timesOf = (valuesOf: (part: ProbeSeries['part']) => number[]): Times | undefined => {
  const totals = valuesOf('totalMs');
  if (totals.length === 0) return undefined;
  const known = PHASES.flatMap((part) => {
    const values = valuesOf(part);
    return values.length === 0 ? [] : [[part, mean(values)] as const];
  });
  const totalMs = mean(totals);
  const rest = Math.max(0, totalMs - known.reduce((all, [, ms]) => all + ms, 0));
  return { ...Object.fromEntries(known), rest, totalMs };
};

type Bar = Times & { atMs: number; failed: boolean };

/** What all vantages measured of a server, by period. */
const barsOf = (series: readonly ProbeSeries[]): Bar[] => {
  const byTime = new Map<number, Map<ProbeSeries['part'], number[]>>();
  for (const { part, points } of series)
    for (const [atMs, value] of points) {
      const at = byTime.get(atMs) ?? new Map<ProbeSeries['part'], number[]>();
      byTime.set(atMs, at.set(part, [...(at.get(part) ?? []), value]));
    }
  return [...byTime]
    .toSorted(([one], [other]) => one - other)
    .flatMap(([atMs, values]) => {
      const times = timesOf((part) => values.get(part) ?? []);
      const failed = (values.get('passed') ?? []).some((share) => share < 1);
      return times === undefined ? [] : [{ ...times, atMs, failed }];
    });
};

/** A round number that is not less: 1, 2 or 5 times a power of ten. */
const roundedUp = (value: number): number => {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((each) => each >= value) ?? value;
};

const ms = (value: number): string => (value < 9.95 ? value.toFixed(1) : String(Math.round(value)));
const msOf = (times: Times, part: Part): number => times[part] ?? 0;
/** Probes that failed early have no later parts, so that the averages of the parts may be more than that of the whole. */
const heightMs = (times: Times): number => PARTS.reduce((all, [part]) => all + msOf(times, part), 0);

type Span = { fromMs: number; toMs: number };

/** How much of the picture is time; above and below it are its axis and the marks of probes that failed. */
const PLOT = 110;
const GROUND = HEIGHT_OF_AXIS + PLOT;

/** The bars of one server: of each period the parts of the time that a probe took, one on top of the other. */
const picture = (server: string, bars: readonly Bar[], periodMs: number, span: Span): Html => {
  const x = xOf(span);
  const shown = bars.filter(({ atMs }) => atMs + periodMs > span.fromMs && atMs < span.toMs);
  const mostMs = roundedUp(Math.max(...shown.map(heightMs)));
  const y = (value: number): number => Math.round((GROUND - (value / mostMs) * PLOT) * 10) / 10;
  const width = (atMs: number): number => Math.max(1, x(atMs + periodMs) - x(atMs) - 0.5);
  const pathOf = (part: Part): string => {
    const below = PARTS.slice(
      0,
      PARTS.findIndex(([each]) => each === part),
    );
    return shown
      .filter((bar) => msOf(bar, part) > 0)
      .map((bar) => {
        const bottom = below.reduce((all, [each]) => all + msOf(bar, each), 0);
        const top = y(bottom + msOf(bar, part));
        return `M${x(bar.atMs)} ${y(bottom)}V${top}h${width(bar.atMs)}V${y(bottom)}z`;
      })
      .join('');
  };
  const failed = shown.filter((bar) => bar.failed);
  const words = `How long probes of ${server} took: ${ms(mean(shown.map(({ totalMs }) => totalMs)))} ms on average, ${ms(Math.max(...shown.map(({ totalMs }) => totalMs)))} ms at most${failed.length > 0 ? `; some failed in ${failed.length} of ${shown.length} periods` : ''}.`;
  return html`<svg class="timeline latency" viewBox="0 0 ${PICTURE.width} ${GROUND + 12}" role="img" aria-label="${words}">
${timeTicks(span, GROUND)}
<text class="lane" x="0" y="${GROUND - PLOT / 2}">${server}</text>
${[mostMs, 0].map((value) => html`<line class="tick" x1="${PICTURE.left}" x2="${PICTURE.width}" y1="${y(value)}" y2="${y(value)}"/><text class="time" x="${PICTURE.left - 6}" y="${y(value) + 4}" text-anchor="end">${value} ms</text>`)}
${PARTS.map(([part]) => html`<path class="p-${part}" d="${pathOf(part)}"/>`)}
<path class="failed" d="${failed.map(({ atMs }) => `M${x(atMs)} ${GROUND + 2}h${width(atMs)}v6h-${width(atMs)}z`).join('')}"/>
${endLabel(`${server}, up to ${mostMs} ms`, y(mostMs) + 16)}
</svg>`;
};

/** What each vantage measured on average, in numbers. */
const table = (series: readonly ProbeSeries[], parts: readonly Part[]): Html => {
  const rows = [...Map.groupBy(series, ({ server, vantage }) => `${server} ${vantage}`).values()].flatMap(
    (own) => {
      const times = timesOf((part) =>
        own.flatMap((each) => (each.part === part ? each.points.map(([, value]) => value) : [])),
      );
      const [first] = own;
      return times === undefined || first === undefined ? [] : [{ ...first, times }];
    },
  );
  const words = new Map<Part, string>(PARTS);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of how long probes took"><table>
<caption>Average, milliseconds; of each part over the probes that got to it</caption>
<thead><tr><th scope="col">Server</th><th scope="col">From</th>${parts.map((part) => html`<th scope="col">${words.get(part)}</th>`)}<th scope="col">Whole</th></tr></thead>
<tbody>${rows.map(
    ({ server, vantage, times }) =>
      html`<tr><th scope="row">${server}</th><td>${vantage}</td>${parts.map((part) => html`<td>${times[part] === undefined ? '-' : ms(msOf(times, part))}</td>`)}<td>${ms(times.totalMs)}</td></tr>`,
  )}</tbody></table></div>`;
};

/** How long a site's probes took, by server and part, as pictures and in numbers. */
export const latencySection = (latency: Latency | undefined, span: Span): Html => {
  if (latency === undefined) return html``;
  const titled = (content: Html): Html =>
    html`<section aria-labelledby="h-latency" id="latency" data-live><h2 id="h-latency">How long probes took</h2>${content}</section>`;
  if ('trouble' in latency) return titled(html`<p class="why">${latency.trouble}</p>`);
  const { periodMs, series } = latency;
  const inSpan = ([atMs]: readonly [number, number]): boolean =>
    atMs + periodMs > span.fromMs && atMs < span.toMs;
  const shown = series.map((each) => ({ ...each, points: each.points.filter(inSpan) }));
  const pictures = [...Map.groupBy(shown, ({ server }) => server)].flatMap(([server, own]) => {
    const bars = barsOf(own);
    return bars.length === 0 ? [] : [picture(server, bars, periodMs, span)];
  });
  if (pictures.length === 0)
    return titled(
      html`<p class="why">Nothing was measured in this time, or CloudWatch does not have it yet.</p>`,
    );
  const parts = PARTS.map(([part]) => part).filter(
    (part) => part === 'rest' || shown.some((each) => each.part === part && each.points.length > 0),
  );
  return titled(html`<div class="scroll newest" tabindex="0" role="region" aria-label="How long probes took, by server">${pictures}</div>
<p class="legend">${PARTS.filter(([part]) => parts.includes(part)).map(([part, words]) => html`<span><i class="p-${part}"></i> ${words}</span> `)}<span><i class="failed"></i> a probe failed</span></p>
${table(shown, parts)}`);
};
