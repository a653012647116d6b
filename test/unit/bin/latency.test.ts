import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Console } from '../../../bin/console.ts';
import { latencySource } from '../../../bin/latency.ts';
import { virtualConfig, virtualSite } from '../../../fixtures/virtual/world.ts';
import type { Sighting } from '../../../lambda/core/evidence/judge.ts';
import { probeMetrics } from '../../../lambda/core/evidence/metrics.ts';
import type { Config } from '../../../lambda/core/site/site.ts';
import { OPERATOR } from '../../../local/credentials.ts';
import type { Gateway } from '../../../local/gateway.ts';
import type { Metrics } from '../../../local/metric-data.ts';
import { metricsGateway } from '../../support/metrics-gateway.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const WINDOW = { fromMs: NOW - 900_000, toMs: NOW, periodMs: 10_000 };
const site = virtualSite('www', { metrics: true });
const config = virtualConfig([site]);
const REGION = config.homeRegion;
const [vantage = ''] = config.vantages;

let gateway: Gateway;
let metrics: Metrics;
let calls = 0;

before(async () => {
  const onCall = () => {
    calls += 1;
  };
  ({ gateway, metrics } = await metricsGateway(NOW, { onFlaw: (flaw) => assert.fail(flaw), onCall }));
});
after(() => gateway.close());

/** What asks for this configuration, on this machine or as if in AWS. */
const asking = (own: Config, more: Partial<Console> = {}) =>
  latencySource({
    name: 'main-status',
    region: REGION,
    local: '/somewhere',
    aws: { region: REGION, endpoint: gateway.url, credentials: OPERATOR },
    ask: async ({ site: name }: { action: string; site?: string }) => ({
      ok: true,
      message: '',
      config: { ...own, sites: own.sites.filter((each) => each.name === name) },
    }),
    widget: async () => '',
    ...more,
  });

const print = (seen: Partial<Sighting>, atMs: number) => {
  const sighting = { outcome: 'passed', code: 'ok', detail: '', totalMs: 9, ...seen } as const;
  const look = { startMs: atMs, full: false, sightings: { [vantage]: { primary: sighting } } };
  for (const one of probeMetrics(config.deployment, site, look)) {
    const line = JSON.stringify({ level: 'INFO', event: 'probe', ...one });
    metrics.printed({ function: 'main-controller', region: REGION, line });
  }
};

describe('what CloudWatch keeps of probes', () => {
  test('is read by server, vantage and part, as the operator', async () => {
    print({ totalMs: 20, phases: { connectMs: 5, tlsMs: 6, firstByteMs: 7 } }, NOW - 100_000);
    print({ totalMs: 3000, outcome: 'failed', phases: { connectMs: 4 } }, NOW - 50_000);
    const latency = await asking(config)(site.name, WINDOW);
    assert.ok(latency !== undefined && 'series' in latency, JSON.stringify(latency));
    const known = latency.series.filter(({ points }) => points.length > 0);
    assert.deepEqual(
      known.map(({ server, vantage: from, part, points }) => [
        `${server} ${from} ${part}`,
        points.map(([atMs, value]) => [(atMs - NOW) / 1000, value]),
      ]),
      [
        ['connectMs', [-100, 5], [-50, 4]],
        ['tlsMs', [-100, 6]],
        ['firstByteMs', [-100, 7]],
        ['totalMs', [-100, 20], [-50, 3000]],
        ['passed', [-100, 1], [-50, 0]],
      ].map(([part, ...points]) => [`primary ${vantage} ${part}`, points]),
    );
    assert.equal(latency.series.length, 2 * config.vantages.length * 6);
  });

  test('is not asked for where the site keeps nothing', async () => {
    calls = 0;
    assert.equal(await asking(virtualConfig([virtualSite('www')]))(site.name, WINDOW), undefined);
    assert.equal(calls, 0);
  });

  test('costs in AWS, and is asked for once a minute', async () => {
    calls = 0;
    const ask = asking(config, { local: undefined } as unknown as Partial<Console>);
    for (const seconds of [1, 11, 59]) await ask(site.name, { ...WINDOW, toMs: NOW + seconds * 1000 - 900 });
    assert.equal(calls, 1);
    await ask(site.name, { ...WINDOW, toMs: NOW + 61_000 });
    assert.equal(calls, 2);
  });

  test('is asked for in parts where there is much of it', async () => {
    calls = 0;
    const servers = Array.from({ length: 50 }, (_, at) => ({ name: `n${at}`, ipv4: [], ipv6: [] }));
    const latency = await asking({ ...config, sites: [{ ...site, servers }] })(site.name, WINDOW);
    assert.ok(latency !== undefined && 'series' in latency);
    assert.equal(latency.series.length, 50 * config.vantages.length * 6);
    assert.equal(calls, Math.ceil(latency.series.length / 500));
  });

  test('is not known where CloudWatch refuses, in its own words, or does not answer', async () => {
    const stranger = { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'none' };
    const refused = asking(config, { aws: { region: REGION, endpoint: gateway.url, credentials: stranger } });
    const told = await refused(site.name, WINDOW);
    assert.match(JSON.stringify(told), /not known now.*CloudWatch in eu-west-2: UnrecognizedClientException/);
    const away = asking(config, {
      aws: { region: REGION, endpoint: 'http://127.0.0.1:1', credentials: OPERATOR },
    });
    assert.match(JSON.stringify(await away(site.name, WINDOW)), /not known now/);
  });

  test('is refused by a service that sees another signature', async () => {
    const forged = { accessKeyId: OPERATOR.accessKeyId, secretAccessKey: 'guessed' };
    const ask = asking(config, { aws: { region: REGION, endpoint: gateway.url, credentials: forged } });
    assert.match(JSON.stringify(await ask(site.name, WINDOW)), /InvalidSignatureException/);
  });
});
