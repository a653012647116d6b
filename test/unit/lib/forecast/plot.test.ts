import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { forecast, type Plan } from '../../../../lib/forecast/model.ts';
import { LAYERS, spanOf, svgPlot, textPlot } from '../../../../lib/forecast/plot.ts';

const PLAN: Plan = {
  ttlSeconds: 60,
  failuresToDown: 3,
  downForSeconds: 10,
  confirmEverySeconds: 2,
  intervalSeconds: 10,
  timeoutSeconds: 3,
  vantageCount: 3,
  lever: 'record',
  failure: 'refused',
};
const COURSE = forecast(PLAN);

describe('the plot of text', () => {
  test('fits the width that there is', () => {
    for (const width of [60, 80, 120, Number.POSITIVE_INFINITY]) {
      for (const line of textPlot(COURSE, width))
        assert.ok(line.length <= Math.min(width, 115), `${width}: "${line}"`);
    }
  });

  test('is as high as the share, in the glyphs of its causes', () => {
    const lines = textPlot(COURSE, 100);
    const rows = lines.filter((line) => line.includes('│')).map((line) => line.slice(line.indexOf('│') + 1));
    const columns = lines.find((line) => line.includes('└'))!.length - 9;
    const glyphs = Object.values(LAYERS).map(({ glyph }) => glyph);
    for (let column = 0; column < columns; column += 1) {
      const cells = rows.map((row) => row[column] ?? ' ');
      const filled = cells.filter((cell) => cell !== ' ').length;
      const second = Math.floor(((column + 0.5) / columns) * spanOf(COURSE));
      assert.ok(Math.abs(filled - 12 * COURSE.share[second]!) <= 1, `second ${second}: ${filled} of 12 rows`);
      // From the ground up the causes come in their order.
      const order = cells
        .filter((cell) => cell !== ' ')
        .reverse()
        .map((cell) => glyphs.indexOf(cell));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
        `second ${second}`,
      );
    }
  });

  test('shows the time until only those behind stretching resolvers are left', () => {
    const span = spanOf(COURSE);
    assert.ok(span > 120 && span < 200, String(span));
    assert.ok(spanOf(forecast({ ...PLAN, lever: 'readdress' })) <= 40);
  });
});

describe('the drawing', () => {
  const svg = svgPlot(COURSE, 'a < b & "c"', 'subtitle', [
    { label: 'TTL 10 s', share: forecast({ ...PLAN, ttlSeconds: 10 }).share },
  ]);

  test('is one XML document that needs nothing else', () => {
    const [title] = parseXml(svg).root?.children.filter((child) => child instanceof XmlElement) ?? [];
    assert.equal(title?.name, 'title');
    assert.equal(title.text, 'a < b & "c"');
    assert.doesNotMatch(svg, /<script|href|url\(|@import/);
  });

  test('has an area for each cause and a line for each other course, inside its frame', () => {
    assert.equal(svg.match(/<polygon /g)?.length, Object.keys(LAYERS).length);
    assert.equal(svg.match(/<polyline /g)?.length, 1);
    const points = [...svg.matchAll(/points="([^"]*)"/g)].flatMap(([, list]) => list!.split(' '));
    assert.ok(points.length > 1000);
    for (const point of points) {
      const [x, y] = point.split(',').map(Number);
      assert.ok(x! >= 64 && x! <= 864 && y! >= 63.9 && y! <= 364.1, point);
    }
  });
});
