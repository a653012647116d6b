import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { moveMetric } from '../../../lambda/core/evidence/metrics.ts';
import type { Gateway } from '../../../local/gateway.ts';
import type { Metrics } from '../../../local/metric-data.ts';
import { metricsGateway } from '../../support/metrics-gateway.ts';
import { signedByOperator } from './signed.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const flaws: string[] = [];
let gateway: Gateway;
let metrics: Metrics;

before(async () => {
  ({ gateway, metrics } = await metricsGateway(NOW, { onFlaw: (flaw) => flaws.push(flaw) }));
});
after(() => gateway.close());

const print = (said: object, region = 'eu-west-2') =>
  metrics.printed({ function: 'main-controller', region, line: JSON.stringify(said) });

const query = (MetricName: string, more: object = {}) => ({
  Id: 'q0',
  MetricStat: {
    Metric: {
      Namespace: 'Test',
      MetricName,
      Dimensions: [
        { Name: 'b', Value: '2' },
        { Name: 'a', Value: '1' },
      ],
    },
    Period: 60,
    Stat: 'Average',
    ...more,
  },
});

const ask = async (queries: object[], more: object = {}, region = 'eu-west-2') => {
  const body = JSON.stringify({
    MetricDataQueries: queries,
    StartTime: (NOW - 600_000) / 1000,
    EndTime: NOW / 1000,
    ...more,
  });
  const url = `${gateway.url}/`;
  const headers = signedByOperator('monitoring', url, { body, region });
  const target = { 'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData' };
  const response = await fetch(url, { method: 'POST', body, headers: { ...headers, ...target } });
  type Said = {
    MetricDataResults: { Timestamps: number[]; Values: number[] }[];
    __type: string;
    message: string;
  };
  return { status: response.status, said: (await response.json()) as Said };
};
const valuesOf = ({ said }: Awaited<ReturnType<typeof ask>>) =>
  said.MetricDataResults.map(({ Timestamps, Values }) =>
    Timestamps.map((second, at) => [second - NOW / 1000, Values[at]]),
  );

/** A line in the format, at so many seconds from now. */
const line = (seconds: number, values: Record<string, number | number[]>, resolution?: number) => ({
  _aws: {
    Timestamp: NOW + seconds * 1000,
    CloudWatchMetrics: [
      {
        Namespace: 'Test',
        Dimensions: [['a', 'b']],
        Metrics: Object.keys(values).map((Name) => ({ Name, StorageResolution: resolution ?? 60 })),
      },
    ],
  },
  a: '1',
  b: '2',
  ...values,
});

describe('metrics in the log', () => {
  test('are answered by period, the newest first or the oldest, in their own region', async () => {
    for (const [seconds, value] of [
      [-130, 1],
      [-125, 3],
      [-59, 10],
    ] as const)
      print(line(seconds, { plain: value }));
    const answer = await ask([query('plain'), query('plain', { Stat: 'Maximum' }), query('other')]);
    assert.deepEqual(valuesOf(answer), [
      [
        [-60, 10],
        [-180, 2],
      ],
      [
        [-60, 10],
        [-180, 3],
      ],
      [],
    ]);
    const oldest = await ask([query('plain')], { ScanBy: 'TimestampAscending' });
    assert.deepEqual(valuesOf(oldest)[0]?.[0], [-180, 2]);
    assert.deepEqual(valuesOf(await ask([query('plain')], {}, 'eu-west-1')), [[]]);
  });

  test('are finer than a minute where they were printed so, and for three hours', async () => {
    for (const seconds of [-40, -25, -15]) {
      print(line(seconds, { fine: seconds }, 1));
      print(line(seconds, { coarse: seconds }));
    }
    print(line(-4 * 3600, { fine: 1 }, 1));
    const since = { StartTime: NOW / 1000 - 5 * 3600 };
    const answer = await ask([query('fine', { Period: 10 }), query('coarse', { Period: 10 })], since);
    assert.deepEqual(valuesOf(answer), [
      [
        [-20, -15],
        [-30, -25],
        [-40, -40],
      ],
      [[-60, -80 / 3]],
    ]);
    assert.equal(valuesOf(await ask([query('fine')], since))[0]?.length, 2);
  });

  test('may have several values at once, and count the moves of a deployment', async () => {
    print(line(-90, { many: [1, 2, 6] }));
    print({ event: 'switch', ...moveMetric('made', 'main', NOW - 90_000) });
    const made = {
      Id: 'moves',
      MetricStat: {
        Metric: {
          Namespace: 'Switchover',
          MetricName: 'switchover.moves.made',
          Dimensions: [{ Name: 'deployment', Value: 'main' }],
        },
        Period: 300,
        Stat: 'Sum',
      },
    };
    const answer = await ask([query('many', { Stat: 'SampleCount' }), made]);
    assert.deepEqual(valuesOf(answer), [[[-120, 3]], [[-300, 1]]]);
  });
});

describe('what CloudWatch would drop is told', () => {
  const good = line(0, { plain: 1 });
  const [directive] = good._aws.CloudWatchMetrics;
  const head = (more: object) => ({ ...good, _aws: { ...good._aws, ...more } });
  const having = (more: object) => head({ CloudWatchMetrics: [{ ...directive, ...more }] });
  const names = (count: number) => Array.from({ length: count }, (_, number) => `n${number}`);
  const CASES: [title: string, said: object, flaw: RegExp][] = [
    ['a time of three hours ahead', head({ Timestamp: NOW + 3 * 3_600_000 }), /Timestamp/],
    ['a time of fifteen days ago', head({ Timestamp: NOW - 15 * 86_400_000 }), /Timestamp/],
    ['no time', head({ Timestamp: undefined }), /Timestamp/],
    ['no namespace', having({ Namespace: '' }), /Namespace/],
    ['101 metrics', having({ Metrics: names(101).map((Name) => ({ Name })) }), /at most 100 metrics/],
    ['31 dimensions', having({ Dimensions: [names(31)] }), /at most 30 dimensions/],
    ['a dimension without a value', having({ Dimensions: [['c']] }), /as c\.$/],
    ['a dimension that is too long', { ...good, a: 'x'.repeat(1025) }, /as a\.$/],
    ['a metric without a number', { ...good, plain: 'fast' }, /as plain\.$/],
    ['101 values', { ...good, plain: names(101).map(() => 1) }, /as plain\.$/],
    ['no list of metrics', having({ Metrics: undefined }), /Metrics/],
  ];
  for (const [title, said, flaw] of CASES)
    test(title, () => {
      flaws.length = 0;
      print(said);
      assert.equal(flaws.length, 1);
      assert.match(flaws[0] ?? '', flaw);
      assert.match(flaws[0] ?? '', /^main-controller in eu-west-2: Expected /);
    });

  test('a line that is none of them is no news', () => {
    flaws.length = 0;
    for (const text of ['plain words', '{"event":"round"}', '{"_aws', '"_aws"'])
      metrics.printed({ function: 'main-controller', region: 'eu-west-2', line: text });
    assert.deepEqual(flaws, []);
  });
});

test('what AWS refuses is refused', async () => {
  const refused: [object[], object?][] = [
    [[]],
    [Array.from({ length: 501 }, () => query('plain'))],
    [[query('plain', { Period: 45 })]],
    [[query('plain', { Stat: 'Mean' })]],
    [[{ ...query('plain'), Id: '1' }]],
    [[query('plain')], { StartTime: NOW / 1000, EndTime: NOW / 1000 - 1 }],
  ];
  for (const [queries, more] of refused) {
    const { status, said } = await ask(queries, more);
    assert.deepEqual([status, said.__type], [400, 'com.amazonaws.cloudwatch#InvalidParameterValueException']);
    assert.ok(said.message.length > 10, JSON.stringify(said));
  }
});
