/** A line through points, in the order of x. */
export type Curve = { label: string; points: [x: number, y: number][] };

const MARKS = ['o', 'x', '+', '*', '#', '@'];
const COLOURS = ['#1d4ed8', '#b91c1c', '#15803d', '#b45309', '#6d28d9', '#0f766e'];
const DASHES = ['', '6 4', '', '6 4', '', '6 4'];

const extent = (curves: Curve[]) => ({
  x: Math.max(1, ...curves.flatMap(({ points }) => points.map(([x]) => x))),
  y: Math.max(1, ...curves.flatMap(({ points }) => points.map(([, y]) => y))),
});

/** What stands at `x`: the last point at or before it, since what is counted stays until it grows. */
const at = ({ points }: Curve, x: number): number => points.findLast(([px]) => px <= x)?.[1] ?? 0;

/** The curves as text, `columns` by `rows` characters. */
export const textCurves = (curves: Curve[], title: string, columns = 72, rows = 16): string[] => {
  const { x: right, y: top } = extent(curves);
  const cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ' '));
  for (const [index, curve] of curves.entries())
    for (let column = 0; column < columns; column += 1) {
      const share = at(curve, ((column + 0.5) / columns) * right) / top;
      const line = cells[rows - 1 - Math.min(rows - 1, Math.floor(share * rows))];
      if (line !== undefined) line[column] = MARKS[index] ?? '?';
    }
  const label = (row: number) => (row === 0 ? String(top) : row === rows - 1 ? '0' : '').padStart(6);
  return [
    title,
    ...cells.map((line, row) => `${label(row)} |${line.join('')}`.trimEnd()),
    `       +${'-'.repeat(columns)}`,
    `        0${`${right.toFixed(0)} s`.padStart(columns - 1)}`,
    ...curves.map((curve, index) => `        ${MARKS[index]} ${curve.label}`),
  ];
};

const WIDTH = 900;
const PLOT = { left: 64, top: 64, width: 800, height: 300 };

/** Round steps so that there are at most ten of them. */
const ticks = (end: number): number[] => {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((one) => end / one <= 10) ?? end;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
};

/** The same as a drawing that stands alone: steps, no script, no font or style from elsewhere. */
export const svgCurves = (curves: Curve[], text: { title: string; subtitle: string; x: string }): string => {
  const { x: right, y: top } = extent(curves);
  const x = (value: number) => (PLOT.left + (value / right) * PLOT.width).toFixed(1);
  const y = (value: number) => (PLOT.top + (1 - value / top) * PLOT.height).toFixed(1);
  const bottom = PLOT.top + PLOT.height;
  const height = bottom + 64 + 22 * curves.length;
  const path = ({ points }: Curve) =>
    points
      .map(
        ([px, py], index) => `${index === 0 ? 'M' : 'H'}${x(px)}${index === 0 ? ` ${y(py)}` : `V${y(py)}`}`,
      )
      .join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif" font-size="13" fill="#111827">`,
    `<title>${text.title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${PLOT.left}" y="26" font-size="17" font-weight="bold">${text.title}</text>`,
    `<text x="${PLOT.left}" y="46" fill="#4b5563">${text.subtitle}</text>`,
    ...ticks(top).map(
      (value) =>
        `<line x1="${PLOT.left}" x2="${PLOT.left + PLOT.width}" y1="${y(value)}" y2="${y(value)}" stroke="#e5e7eb"/><text x="${PLOT.left - 8}" y="${y(value)}" dy="4" text-anchor="end">${value}</text>`,
    ),
    ...ticks(right).map(
      (value) => `<text x="${x(value)}" y="${bottom + 20}" text-anchor="middle">${value}</text>`,
    ),
    `<text x="${PLOT.left + PLOT.width / 2}" y="${bottom + 40}" text-anchor="middle">${text.x}</text>`,
    ...curves.flatMap((curve, index) => {
      const look = `fill="none" stroke="${COLOURS[index % COLOURS.length]}" stroke-width="2" stroke-dasharray="${DASHES[index % DASHES.length]}"`;
      const legend = bottom + 60 + 22 * index;
      return [
        `<path d="${path(curve)}" ${look}/>`,
        `<path d="M${PLOT.left} ${legend}h40" ${look}/>`,
        `<text x="${PLOT.left + 50}" y="${legend}" dy="4">${curve.label}</text>`,
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
};
