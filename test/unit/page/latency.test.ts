import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { latencySection, type ProbeSeries, periodSeconds } from '../../../page/latency.ts';

const FROM = Date.parse('2026-11-22T12:00:00Z');
const SPAN = { fromMs: FROM, toMs: FROM + 120_000 };
const PERIOD = 10_000;

const series = (
  part: ProbeSeries['part'],
  points: [seconds: number, value: number][],
  { server = 'primary', vantage = 'eu-west-1' } = {},
): ProbeSeries => ({
  server,
  vantage,
  part,
  points: points.map(([seconds, value]) => [FROM + seconds * 1000, value]),
});
const drawn = (...all: ProbeSeries[]): string =>
  latencySection({ periodMs: PERIOD, series: all }, SPAN).markup;
/** The bars of a part: where each begins, its foot and its top. */
const barsIn = (markup: string, part: string): number[][] =>
  [
    ...(new RegExp(`class="p-${part}" d="([^"]*)"`).exec(markup)?.[1] ?? '').matchAll(
      /M(\S+) (\S+)V([\d.]+)h/g,
    ),
  ].map(([, x, foot, top]) => [Number(x), Number(foot), Number(top)]);
const cellsOf = (markup: string): string[][] =>
  [...(/<tbody>(.*)<\/tbody>/s.exec(markup)?.[1] ?? '').matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell),
  );

describe('the picture of how long probes took', () => {
  test('has a bar for each period: the parts on top of one another, what is left over uppermost', () => {
    const markup = drawn(
      series('connectMs', [[0, 10]]),
      series('firstByteMs', [[0, 30]]),
      series('totalMs', [
        [0, 50],
        [60, 100],
      ]),
    );
    // 110 high up to 100 ms, on a ground at 136.
    const x = 110;
    assert.deepEqual(barsIn(markup, 'connectMs'), [[x, 136, 125]]);
    assert.deepEqual(barsIn(markup, 'firstByteMs'), [[x, 125, 92]]);
    assert.deepEqual(barsIn(markup, 'rest'), [
      [x, 92, 81],
      [551, 136, 26],
    ]);
    assert.deepEqual(barsIn(markup, 'tlsMs'), []);
    assert.match(markup, />100 ms</);
    assert.doesNotMatch(markup, /TLS/, 'a part that nobody measured is not in the legend');
  });

  test('is high enough where probes that failed early have pulled the whole down', () => {
    const markup = drawn(series('firstByteMs', [[0, 30]]), series('totalMs', [[0, 16]]));
    assert.deepEqual(barsIn(markup, 'firstByteMs'), [[110, 136, 70]]);
    assert.match(markup, />50 ms</);
  });

  test('takes the vantages together, and tells in words what it shows', () => {
    const markup = drawn(
      series('totalMs', [[0, 10]]),
      series('totalMs', [[0, 30]], { vantage: 'us-east-1' }),
      series('passed', [[0, 1]]),
      series('passed', [[0, 0.5]], { vantage: 'us-east-1' }),
    );
    assert.match(
      markup,
      /aria-label="How long probes of primary took: 20 ms on average, 20 ms at most; some failed in 1 of 1 periods\."/,
    );
    assert.match(markup, /class="failed" d="M110 138/);
  });

  test('has a picture for each server, and a row for each of its vantages', () => {
    const markup = drawn(
      series('connectMs', [
        [0, 4],
        [10, 6],
      ]),
      series('totalMs', [
        [0, 20],
        [10, 40],
      ]),
      series('totalMs', [[0, 8.25]], { vantage: 'us-east-1' }),
      series('totalMs', [[0, 200]], { server: 'standby' }),
      series('totalMs', [], { server: 'spare' }),
    );
    assert.equal(markup.match(/<svg/g)?.length, 2);
    assert.deepEqual(cellsOf(markup), [
      ['primary', 'eu-west-1', '5.0', '25', '30'],
      ['primary', 'us-east-1', '-', '8.3', '8.3'],
      ['standby', 'eu-west-1', '-', '200', '200'],
    ]);
    for (const heading of ['Server', 'From', 'connect', 'the rest', 'Whole'])
      assert.match(markup, new RegExp(`<th scope="col">${heading}</th>`));
  });

  test('leaves out what is beyond the time that is shown', () => {
    const markup = drawn(
      series('totalMs', [
        [-60, 5000],
        [0, 10],
        [120, 5000],
      ]),
    );
    assert.deepEqual(barsIn(markup, 'rest'), [[110, 136, 26]]);
    assert.deepEqual(cellsOf(markup), [['primary', 'eu-west-1', '10', '10']]);
  });

  test('escapes what it was told', () => {
    const markup = drawn(series('totalMs', [[0, 1]], { server: '<i>', vantage: '"&' }));
    assert.doesNotMatch(markup, /<i>/);
    assert.match(markup, /&lt;i&gt;/);
    assert.match(markup, /&quot;&amp;/);
  });
});

test('what is not kept has no section; what is not known, or not there yet, a sentence', () => {
  assert.equal(latencySection(undefined, SPAN).markup, '');
  assert.match(
    latencySection({ trouble: 'CloudWatch said <no>.' }, SPAN).markup,
    /CloudWatch said &lt;no&gt;\./,
  );
  assert.match(drawn(series('totalMs', [])), /Nothing was measured in this time/);
});

test('a period is as long as CloudWatch keeps it, and there are some hundred', () => {
  const HOUR = 3_600_000;
  const CASES: [minutes: number, ageMs: number, seconds: number][] = [
    [15, 0, 10],
    [60, 0, 10],
    [60, 2.5 * HOUR, 60],
    [360, 0, 60],
    [1440, 0, 300],
    [10_080, 0, 3600],
    [15, 20 * 24 * HOUR, 300],
    [15, 70 * 24 * HOUR, 3600],
  ];
  for (const [minutes, ageMs, seconds] of CASES)
    assert.equal(periodSeconds(minutes, ageMs), seconds, `${minutes} minutes, ${ageMs / HOUR} hours ago`);
});
