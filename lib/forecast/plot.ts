import { escapeXml } from '../escape-xml.ts';
import type { Cause, Forecast } from './model.ts';

/** How each cause is shown, from the ground up: the first to give way lies lowest. */
export const LAYERS: Record<Cause, { glyph: string; colour: string; label: string }> = {
  undetected: { glyph: '█', colour: '#7f1d1d', label: 'the failure is not detected yet' },
  undecided: { glyph: '▌', colour: '#b91c1c', label: 'the switch is being decided and written' },
  unpublished: { glyph: '▓', colour: '#ea580c', label: 'the switch is not in effect yet' },
  resolvers: { glyph: '▒', colour: '#f59e0b', label: 'resolvers keep the old answer for its TTL' },
  clients: { glyph: '░', colour: '#fde68a', label: 'browsers hold it for 60 s, or a connection' },
  stretched: { glyph: '·', colour: '#94a3b8', label: 'resolvers keep it longer than they may' },
};
const CAUSES = Object.keys(LAYERS) as Cause[];

/** Seconds after the failure that are worth a picture: until only those behind stretching resolvers are still misled. */
export const spanOf = ({ share, causes }: Forecast): number => {
  const end = share.findIndex((all, i) => all - causes.stretched[i]! <= 0.01);
  return Math.max(30, 10 * Math.ceil(end / 10));
};

/** The share up to the top of each layer, in the order of `LAYERS`, at one second. */
const topsAt = ({ causes }: Forecast, second: number): number[] => {
  let top = 0;
  return CAUSES.map((cause) => {
    top += causes[cause][Math.floor(second)] ?? 0;
    return top;
  });
};

const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400];
/** Seconds at which the time axis is labelled: at most `count` of them after 0. */
const ticksOf = (span: number, count: number): number[] => {
  const step = STEPS.find((one) => span / one <= count) ?? span;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => i * step);
};

const ROWS = 12;
const AXIS = '  100 % '.length;

/** The course as an area of text, `width` characters wide: the share of visitors over seconds, by cause. */
export const textPlot = (forecast: Forecast, width: number): string[] => {
  const columns = Math.min(100, Math.max(30, width - AXIS - 6));
  const span = spanOf(forecast);
  const tops = Array.from({ length: columns }, (_, column) =>
    topsAt(forecast, ((column + 0.5) / columns) * span),
  );
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const level = (ROWS - row - 0.5) / ROWS;
    const label = row === 0 ? '100 %' : row === ROWS / 2 ? ' 50 %' : '';
    const cells = tops.map((column) => {
      const layer = column.findIndex((top) => top >= level);
      return layer === -1 ? ' ' : LAYERS[CAUSES[layer]!].glyph;
    });
    return `${label.padStart(AXIS - 1)} │${cells.join('')}`.trimEnd();
  });
  let times = '';
  for (const tick of ticksOf(span, 6)) {
    times = `${times.padEnd(AXIS + 1 + Math.round((tick / span) * columns))}${tick}${tick === 0 ? ' s' : ''}`;
  }
  return [...rows, `${' '.repeat(AXIS)}└${'─'.repeat(columns)}`, times];
};

/** Another course, drawn as a line over the areas. */
export type Other = { label: string; share: number[] };

const WIDTH = 900;
const PLOT = { left: 64, top: 64, width: 800, height: 300 };
const LEGEND_TOP = PLOT.top + PLOT.height + 64;
const HEIGHT = LEGEND_TOP + 3 * 22 + 12;

/** The same as a drawing that stands alone: no script, no font or style from elsewhere. */
export const svgPlot = (forecast: Forecast, title: string, subtitle: string, others: Other[]): string => {
  const span = spanOf(forecast);
  const x = (second: number): string => (PLOT.left + (second / span) * PLOT.width).toFixed(1);
  const y = (share: number): string => (PLOT.top + (1 - share) * PLOT.height).toFixed(1);
  const seconds = Array.from({ length: span + 1 }, (_, second) => second);
  const tops = seconds.map((second) => topsAt(forecast, second));
  const areas = CAUSES.map((cause, layer) => {
    const upper = seconds.map((second) => `${x(second)},${y(tops[second]![layer]!)}`);
    const lower = seconds.map((second) => `${x(second)},${y(layer === 0 ? 0 : tops[second]![layer - 1]!)}`);
    return `<polygon fill="${LAYERS[cause].colour}" points="${[...upper, ...lower.reverse()].join(' ')}"/>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="sans-serif" font-size="13" fill="#111827">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${PLOT.left}" y="26" font-size="17" font-weight="bold">${escapeXml(title)}</text>`,
    `<text x="${PLOT.left}" y="46" fill="#4b5563">${escapeXml(subtitle)}</text>`,
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => axisLine(PLOT.left, y(share), `${100 * share} %`)),
    ...areas,
    ...ticksOf(span, 10).map(
      (tick) => `<text x="${x(tick)}" y="${PLOT.top + PLOT.height + 20}" text-anchor="middle">${tick}</text>`,
    ),
    `<text x="${PLOT.left + PLOT.width / 2}" y="${PLOT.top + PLOT.height + 40}" text-anchor="middle">seconds after the failure</text>`,
    ...others.map(({ label, share }, i) =>
      otherLine(
        seconds.map((s) => `${x(s)},${y(share[s] ?? 0)}`),
        label,
        i,
      ),
    ),
    ...CAUSES.map((cause, i) => legend(cause, i)),
    '</svg>',
    '',
  ].join('\n');
};

const axisLine = (left: number, y: string, label: string): string =>
  `<line x1="${left}" x2="${left + PLOT.width}" y1="${y}" y2="${y}" stroke="#e5e7eb"/><text x="${left - 8}" y="${y}" dy="4" text-anchor="end">${label}</text>`;

/** Told apart by their dashes, and by a label in the upper right corner, where no area is high. */
const otherLine = (points: string[], label: string, number: number): string => {
  const dashes = [6 + 6 * number, 4].join(' ');
  const y = PLOT.top + 16 + 18 * number;
  const right = PLOT.left + PLOT.width;
  return [
    `<polyline fill="none" stroke="#1d4ed8" stroke-width="1.5" stroke-dasharray="${dashes}" points="${points.join(' ')}"/>`,
    `<line x1="${right - 44}" x2="${right}" y1="${y}" y2="${y}" stroke="#1d4ed8" stroke-width="1.5" stroke-dasharray="${dashes}"/>`,
    `<text x="${right - 52}" y="${y}" dy="4" text-anchor="end">${escapeXml(label)}</text>`,
  ].join('');
};

const legend = (cause: Cause, number: number): string => {
  const left = PLOT.left + 400 * (number % 2);
  const top = LEGEND_TOP + 22 * Math.floor(number / 2);
  const { colour, label } = LAYERS[cause];
  return `<rect x="${left}" y="${top}" width="14" height="14" fill="${colour}"/><text x="${left + 22}" y="${top + 12}">${escapeXml(label)}</text>`;
};
