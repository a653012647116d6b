import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../fixtures/virtual/world.ts';
import { isoTime } from '../../../../lambda/core/base/time.ts';
import { probeMetrics } from '../../../../lambda/core/evidence/metrics.ts';
import type { Config } from '../../../../lambda/core/site/site.ts';
import { type Bill, billOf, looksOf, quantitiesOf, visitorsOf } from '../../../../lib/cost/model.ts';
import type { Priced } from '../../../../lib/cost/prices.ts';

const sites = (count: number, more = {}) =>
  Array.from({ length: count }, (_, number) => virtualSite(`www${number}`, more));
const config = ({ sites: all = sites(1), ...more }: Partial<Config> = {}) => virtualConfig(all, more);
const cents = (amount: number): number => Math.round(amount * 100);
const dollarsFor = (what: Priced, { lines }: Bill): number =>
  lines.find((line) => line.what === what)?.dollars ?? 0;

describe('the bill', () => {
  test('one site, by hand', () => {
    const quantities = quantitiesOf(config());
    // 2,628,000 s / 10 s, each look 0.95 intervals after the one before.
    assert.equal(Math.round(looksOf(config())), 276_632);
    assert.equal(Math.round(quantities.requests), 276_632 + 2 * 43_800);
    assert.equal(Math.round(quantities.internet * 1e9), Math.round((262_800 / 0.95) * 2 * 1_070));
    // A controller of 128 MB, and a prober of 128 MB: 0.3 s and two probes of 1.5 ms at 128/1,769 of a core; heartbeats.
    const proberSeconds = (262_800 / 0.95) * (0.3 + 0.003 * (1_769 / 128)) + 43_800 * 0.01;
    assert.equal(Math.round(quantities.compute), Math.round((2_628_000 * 1.04 + proberSeconds) / 8));
    const { dollars, lines } = billOf(config());
    assert.equal(cents(dollars), cents(lines.reduce((sum, line) => sum + line.dollars, 0)));
  });

  test('what is free is taken off, and never more than there is', () => {
    const { lines, dollarsBeyondFree } = billOf(config());
    assert.equal(lines.find(({ what }) => what === 'compute')?.dollarsBeyondFree, 0);
    assert.equal(lines.find(({ what }) => what === 'zones')?.dollarsBeyondFree, 0.5);
    assert.ok(dollarsBeyondFree < 1);
  });

  test('a thousand sites are batches of 150, and stay below a hundred dollars with what is free', () => {
    const many = config({ sites: sites(1000) });
    assert.equal(Math.round((quantitiesOf(many).requests - 87_600) / looksOf(many)), 14);
    assert.ok(billOf(many).dollarsBeyondFree < 100, `${billOf(many).dollarsBeyondFree}`);
  });

  test('what is asked decides what it costs', () => {
    const usual = billOf(config({ sites: sites(100) }));
    const probed = (probe: object) => {
      const [one] = sites(1);
      return billOf(config({ sites: sites(100, { probe: { ...one?.probe, ...probe } }) }));
    };
    const internet = (bill: Bill) => dollarsFor('internet', bill);
    assert.ok(internet(probed({ url: 'tcp://www0.dyn.example.net:443' })) < internet(usual) / 4);
    assert.ok(internet(probed({ headers: { 'x-long': 'x'.repeat(1_000) } })) > 1.8 * internet(usual));
    const six = [
      { name: 'primary', ipv4: ['203.0.113.10'], ipv6: ['2001:db8::1'] },
      { name: 'standby', ipv4: ['198.51.100.20'], ipv6: [] },
    ];
    assert.equal(internet(billOf(config({ sites: sites(100, { servers: six }) }))), internet(usual));
    const secret = probed({ secretHeaders: { 'x-key': '/shop/key' } });
    assert.equal(secret.lines.find(({ what }) => what === 'decryptions')?.quantity, 8_760);
    const references = billOf(config({ references: ['https://www.example.org/'] }));
    assert.equal(Math.round((internet(references) / internet(billOf(config()))) * 2), 3);
  });

  test('a channel costs one alarm more, and next to nothing for what is posted', () => {
    const secrets = { url: '/shop/url', key: '/shop/key' };
    const channels = [{ kind: 'webhook', name: 'alerts.webhook', wanted: {}, secrets } as const];
    const [without, posting] = [[], channels].map((own) =>
      billOf(config({ alerts: { emails: ['ops@example.net'], ...(own.length > 0 && { channels: own }) } })),
    ) as [Bill, Bill];
    assert.equal(cents(posting.dollars) - cents(without.dollars), 10);
    assert.equal(posting.lines.find(({ what }) => what === 'decryptions')?.quantity, 60);
    const { compute = 0, requests = 0 } = quantitiesOf(config({ alerts: { emails: [], channels } }));
    const before = quantitiesOf(config());
    assert.deepEqual([compute - before.compute, requests - before.requests], [30 * 2 * (128 / 1024), 30]);
  });

  test('metrics cost by server, vantage and part of a probe, where a site asks for them', () => {
    const none = quantitiesOf(config());
    assert.deepEqual([none.metrics, none.moreMetrics], [0, 0]);
    const asking = config({ sites: [...sites(1, { metrics: true }), virtualSite('plain')] });
    const { metrics, logs } = quantitiesOf(asking);
    // Two servers by address over HTTPS, from three vantages: passed, connect, tls, first byte, whole.
    assert.equal(metrics, 2 * 3 * 5);
    assert.equal(cents(dollarsFor('metrics', billOf(asking))), 900);
    const without = quantitiesOf(config({ sites: [virtualSite('www0'), virtualSite('plain')] })).logs;
    assert.equal(Math.round((logs - without) * 1e9), Math.round(looksOf(asking) * 2 * 950));
    const many = quantitiesOf(config({ sites: sites(400, { metrics: true }) }));
    assert.deepEqual([many.metrics, many.moreMetrics], [10_000, 2_000]);
  });

  test('the bytes of a probe in the log are those of its line', () => {
    const [site] = sites(1, { metrics: true });
    const phases = { connectMs: 22.3, tlsMs: 30.4, firstByteMs: 60.7 };
    const seen = { outcome: 'passed', code: 'ok', detail: '', totalMs: 123.4, phases } as const;
    const look = { startMs: 1_795_341_600_000, full: false, sightings: { 'eu-west-2': { primary: seen } } };
    const [made] = probeMetrics('main', site!, look);
    const line = JSON.stringify({ level: 'INFO', ...made, event: 'probe', at: isoTime(look.startMs) });
    assert.ok(Math.abs(line.length - 950) < 50, `${line.length} bytes`);
  });

  test('a dashboard is among those that cost nothing while it has fifty metrics', () => {
    const paid = (own: Config['sites']) => {
      const { dashboards, largeDashboards } = quantitiesOf(config({ dashboard: true, sites: own }));
      return [dashboards, largeDashboards];
    };
    assert.deepEqual(paid(sites(2, { metrics: true })), [1, 0]);
    assert.deepEqual(paid(sites(4, { metrics: true })), [0, 1]);
    assert.deepEqual(paid(sites(4)), [1, 0]);
  });

  test('vantages at home send nothing to another region, and no vantage more than a look', () => {
    assert.equal(quantitiesOf(config({ vantages: ['eu-west-2'] })).regions, 0);
    assert.equal(quantitiesOf(config({ vantages: ['eu-west-2'] })).requests, quantitiesOf(config()).requests);
  });

  test('records of few sites are all asked each minute, those of many in turn', () => {
    assert.equal(quantitiesOf(config()).queries, 3 * 43_800);
    assert.equal(quantitiesOf(config({ sites: sites(100) })).queries, 200 * 43_800);
    assert.equal(quantitiesOf(config({ sites: sites(1000) })).queries, 200 * 43_800);
    // Each controller asks about sites of its own.
    const shared = config({ sites: sites(1000), sitesPerController: 250 });
    assert.equal(quantitiesOf(shared).queries, 4 * 200 * 43_800);
  });

  test("visitors' queries go by the TTL and the audience", () => {
    const at = (ttlSeconds: number) => visitorsOf(config({ sites: sites(2, { ttlSeconds }) }));
    const [small, , large] = at(60);
    assert.ok((small?.dollars ?? 0) > 0.4 && (small?.dollars ?? 0) < 0.8, `${small?.dollars}`);
    assert.ok((large?.dollars ?? 0) > 4 * (at(300).at(-1)?.dollars ?? 0));
  });
});
