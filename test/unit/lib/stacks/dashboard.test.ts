import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { METRIC } from '../../../../lambda/core/evidence/metrics.ts';
import type { Config } from '../../../../lambda/core/site/site.ts';
import { graphedSites, metricsOnDashboard } from '../../../../lib/stacks/graphed.ts';
import { config, site, synthesize } from '../fixture.ts';

const [zone = ''] = config().zones.map(({ name }) => name);
const measured = site(`measured.${zone}`, zone, { metrics: true });
const shown: Config = { ...config(), dashboard: true, sites: [...config().sites, measured] };
const template = synthesize(shown).template('main-control');

type Widget = {
  type: string;
  properties: { title: string; metrics: unknown[][]; alarms: string[]; region: string };
};
/** The names, dimensions and options of a graph's metrics: lists, of which the last member is an object. */
const linesOf = ({ properties }: Widget) =>
  properties.metrics.map((each) => ({
    names: each.slice(0, -1).join(' '),
    options: each.at(-1) as { label?: string; region?: string; stat?: string },
  }));

/** What CloudFormation will know stands as `<id of the resource>`. */
const filled = (body: unknown): string =>
  typeof body === 'string'
    ? body
    : (body as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1]
        .map((part) =>
          typeof part === 'string'
            ? part
            : `<${Object.values(part as Record<string, unknown>)
                .flat()
                .join('.')}>`,
        )
        .join('');

/** The ids of the functions that each policy lets somebody call. */
const callsOf = (id: RegExp): string[] =>
  Object.entries(template.findResources('AWS::IAM::ManagedPolicy'))
    .filter(([name]) => id.test(name))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .flatMap(({ Action, Resource }) => {
      assert.equal(Action, 'lambda:InvokeFunction');
      return [Resource].flat().map((one) => one['Fn::GetAtt'][0]);
    });

describe('the dashboard', () => {
  const [found] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const { widgets } = JSON.parse(filled(found?.Properties.DashboardBody));

  test('has its region in its name, since dashboards have one name in all regions', () => {
    assert.equal(found?.Properties.DashboardName, 'main-eu-west-2');
    template.hasOutput('DashboardUrl', {});
  });

  test('shows all sites by the function that only looks, and is not called for another size', () => {
    const custom = widgets.filter(({ type }: { type: string }) => type === 'custom');
    assert.equal(custom.length, 1);
    const { endpoint, params, updateOn } = custom[0].properties;
    assert.match(endpoint, /^<Status/);
    assert.deepEqual(
      [params, updateOn],
      [{ view: 'all' }, { refresh: true, resize: false, timeRange: true }],
    );
  });

  const graphs: Widget[] = widgets.filter(({ type }: Widget) => type === 'metric');
  const graph = (title: RegExp): Widget =>
    graphs.find(({ properties }) => title.test(properties.title)) as Widget;

  test('shows the alarms, each from its own region', () => {
    const alarmsOf = (body: unknown): string[] =>
      JSON.parse(filled(body)).widgets.find(({ type }: Widget) => type === 'alarm').properties.alarms;
    const silence = /^arn:[^:]+:cloudwatch:eu-west-1:<AWS::AccountId>:alarm:main-silence$/;
    const [alarm, ...others] = alarmsOf(found?.Properties.DashboardBody);
    assert.match(alarm ?? '', silence);
    assert.deepEqual(others, []);
    const secrets = { url: '/shop/url' };
    const channels = [{ kind: 'slack', name: 'alerts.slack', wanted: {}, secrets } as const];
    const posting = synthesize({ ...shown, alerts: { ...shown.alerts, channels } }).template('main-control');
    const [own] = Object.values(posting.findResources('AWS::CloudWatch::Dashboard'));
    const [first, second] = alarmsOf(own?.Properties.DashboardBody);
    assert.match(first ?? '', silence);
    assert.match(second ?? '', /:cloudwatch:eu-west-2:<AWS::AccountId>:alarm:main-undelivered$/);
  });

  test('draws looks in each region, controllers, moves, messages and heartbeats', () => {
    assert.deepEqual(
      linesOf(graph(/^Looks/)).map(({ names, options: { region = 'eu-west-2' } }) => [names, region]),
      ['Invocations', 'Errors'].flatMap((metric) =>
        shown.vantages.map((vantage) => [`AWS/Lambda ${metric} FunctionName main-prober`, vantage]),
      ),
    );
    assert.deepEqual(
      linesOf(graph(/^Moves/)).map(({ names }) => names),
      [METRIC.due, METRIC.made].map((name) => `Switchover ${name} deployment main`),
    );
    const [heartbeat] = linesOf(graph(/^Minutes/));
    assert.equal(heartbeat?.names, 'AWS/Lambda Invocations FunctionName main-heartbeat');
    assert.equal(heartbeat?.options.region, 'eu-west-1');
    assert.equal(linesOf(graph(/^Messages/)).length, 3);
  });

  test('draws the probes of those sites that ask for metrics, and of no others', () => {
    const own = graphs.filter(({ properties: { title } }) => /: (probes|how long)/.test(title));
    assert.deepEqual(
      own.map(({ properties: { title } }) => title),
      [`${measured.name}: probes that passed`, `${measured.name}: how long a probe took`],
    );
    assert.deepEqual(
      own.flatMap((one) => linesOf(one).map(({ names }) => names)),
      [METRIC.passed, METRIC.totalMs].flatMap((metric) =>
        ['primary', 'standby'].flatMap((server) =>
          shown.vantages.map(
            (vantage) =>
              `Switchover ${metric} deployment main server ${server} site ${measured.name} vantage ${vantage}`,
          ),
        ),
      ),
    );
    assert.equal(graphs.flatMap(linesOf).length, metricsOnDashboard(shown));
  });

  test('has as many graphs as CloudWatch draws', () => {
    const many = (count: number, servers: number): Config => ({
      ...shown,
      sites: Array.from({ length: count }, (_, number) => ({
        ...measured,
        name: `s${number}.${zone}`,
        servers: Array.from({ length: servers }, (__, at) => ({ name: `n${at}`, ipv4: [], ipv6: [] })),
      })),
    });
    assert.equal(graphedSites(many(1000, 2)).length, 30);
    const bounded = many(1000, 100);
    assert.ok(graphedSites(bounded).length > 0);
    assert.ok(metricsOnDashboard(bounded) <= 2500);
    assert.deepEqual(graphedSites(many(1, 501)), [], 'a graph has 500 metrics at most');
    const [body] = Object.values(
      synthesize(many(31, 2)).template('main-control').findResources('AWS::CloudWatch::Dashboard'),
    ).map(({ Properties }) => filled(Properties.DashboardBody));
    assert.match(body ?? '', /1 site more with metrics/);
  });

  test('comes with two policies that nobody has yet: to look, and to act as well', () => {
    const [status, ...others] = callsOf(/^Look/);
    assert.match(status ?? '', /^Status/);
    assert.deepEqual(others, []);
    assert.deepEqual(
      callsOf(/^Act/).map((id) => id.replace(/[0-9A-F]{8}$/, '')),
      ['Console', 'Status'],
    );
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::ManagedPolicy')))
      assert.deepEqual(
        [Properties.Roles, Properties.Users, Properties.Groups],
        [undefined, undefined, undefined],
      );
  });

  test('is left out where it is not wanted', () => {
    const without = synthesize({ ...config(), dashboard: false }).template('main-control');
    without.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    without.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });
});
