import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Sighting } from '../../../../../lambda/core/evidence/judge.ts';
import {
  METRIC,
  moveMetric,
  probeMetricNames,
  probeMetrics,
} from '../../../../../lambda/core/evidence/metrics.ts';
import { combine } from '../../../../../lambda/observe/ask-vantages.ts';
import { type Measured, readEmbedded } from '../../../../../local/embedded.ts';

const AT = Date.parse('2026-11-22T03:14:00Z');
const site = virtualSite('www', { metrics: true });
const [primary = '', standby = ''] = site.servers.map(({ name }) => name);
const phases = { dnsMs: 1, connectMs: 2, tlsMs: 3.5, firstByteMs: 4 };

/** What CloudWatch makes of what is said, by the rules of the format; a line that breaks one makes nothing. */
const metricsIn = (said: object): readonly Measured[] => {
  const read = readEmbedded(JSON.stringify({ level: 'INFO', event: 'probe', ...said }), AT);
  assert.ok(!('flaw' in read), JSON.stringify(read));
  return read;
};
const valuesIn = (said: object) =>
  Object.fromEntries(metricsIn(said).map(({ name, values }) => [name, values[0]]));

type Case = { title: string; seen: Partial<Sighting>; values: Record<string, number> | undefined };

const CASES: Case[] = [
  {
    title: 'a probe that passed has every part of its time',
    seen: { outcome: 'passed', code: 'ok', totalMs: 12, phases },
    values: {
      [METRIC.passed]: 1,
      [METRIC.dnsMs]: 1,
      [METRIC.connectMs]: 2,
      [METRIC.tlsMs]: 3.5,
      [METRIC.firstByteMs]: 4,
      [METRIC.totalMs]: 12,
    },
  },
  {
    title: 'one that failed has the parts that it got to',
    seen: { outcome: 'failed', code: 'timeout-tls', totalMs: 3000, phases: { connectMs: 2 } },
    values: { [METRIC.passed]: 0, [METRIC.connectMs]: 2, [METRIC.totalMs]: 3000 },
  },
  {
    title: 'one that was refused has its whole time alone',
    seen: { outcome: 'failed', code: 'refused', totalMs: 0.4 },
    values: { [METRIC.passed]: 0, [METRIC.totalMs]: 0.4 },
  },
  {
    title: 'what a vantage could not see is not measured',
    seen: { outcome: 'unknown', code: 'vantage-blind', totalMs: 0 },
    values: undefined,
  },
];

const lookOf = (seen: Partial<Sighting>) => ({
  startMs: AT,
  full: true,
  sightings: { 'eu-west-1': { [primary]: { detail: '', ...seen } as Sighting } },
});

describe('the metrics of a probe', () => {
  for (const { title, seen, values } of CASES)
    test(title, () => {
      const made = probeMetrics('main', site, lookOf(seen));
      assert.deepEqual(made.map(valuesIn), values === undefined ? [] : [values]);
      for (const one of made) {
        assert.equal(one.code, seen.code);
        const dimensions = { deployment: 'main', site: site.name, server: primary, vantage: 'eu-west-1' };
        for (const metric of metricsIn(one))
          assert.deepEqual(
            [metric.namespace, metric.dimensions, metric.atMs],
            ['Switchover', dimensions, AT],
          );
      }
    });

  test('there is a line for each server and vantage, and none of what is no server of the site', () => {
    const good = { outcome: 'passed', code: 'ok', detail: '', totalMs: 1 } as const;
    const byTarget = { [primary]: good, [standby]: good, [`${primary}+next`]: good, served: good };
    const look = { startMs: AT, full: true, sightings: { a: byTarget, b: byTarget } };
    assert.deepEqual(
      probeMetrics('main', site, look).map(({ server, vantage }) => [vantage, server]),
      [
        ['a', primary],
        ['a', standby],
        ['b', primary],
        ['b', standby],
      ],
    );
    assert.deepEqual(probeMetrics('main', virtualSite('www'), look), [], 'nobody asked for them');
  });

  test('each set of dimensions is paid for, so there is one', () => {
    const [one] = probeMetrics('main', site, lookOf({ outcome: 'passed', code: 'ok', totalMs: 1 }));
    assert.deepEqual(
      one?._aws.CloudWatchMetrics.map(({ Dimensions }) => Dimensions),
      [[['deployment', 'site', 'server', 'vantage']]],
    );
  });

  test('a name of 253 characters is within the limits of the format', () => {
    const long = { ...site, name: `${'a'.repeat(249)}.com` };
    assert.equal(metricsIn(probeMetrics('main', long, lookOf(CASES[0]!.seen))[0]!).length, 6);
  });

  test('of several addresses of a server, the one that fares worst is measured', () => {
    const seen = (id: string, outcome: 'passed' | 'failed', connectMs: number) =>
      ({ id, outcome, code: outcome, detail: '', phases: { connectMs, totalMs: 2 * connectMs } }) as const;
    const worst = combine(combine(undefined, seen('a', 'passed', 1)), seen('b', 'failed', 5));
    assert.deepEqual(valuesIn(probeMetrics('main', site, lookOf(worst))[0]!), {
      [METRIC.passed]: 0,
      [METRIC.connectMs]: 5,
      [METRIC.totalMs]: 10,
    });
  });
});

test('a move is one count of the deployment, whichever site it is', () => {
  for (const name of ['due', 'made'] as const)
    assert.deepEqual(metricsIn(moveMetric(name, 'main', AT)), [
      {
        namespace: 'Switchover',
        name: METRIC[name],
        dimensions: { deployment: 'main' },
        atMs: AT,
        values: [1],
      },
    ]);
});

test('what a server is asked decides which metrics it has, and so what they cost', () => {
  const counted = (url: string, isNamed: boolean) => probeMetricNames(url, isNamed).length;
  assert.deepEqual(
    ['https://a.test/', 'http://a.test/', 'tls://a.test:443', 'tcp://a.test:25'].map((url) => [
      counted(url, false),
      counted(url, true),
    ]),
    [
      [5, 6],
      [4, 5],
      [4, 5],
      [3, 4],
    ],
  );
});
