import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { config, synthesize } from '../fixture.ts';

const template = synthesize({ ...config(), dashboard: true }).template('main-control');

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

  test('shows the alarm of each controller from its own region, and graphs of ours alone', () => {
    const [alarms] = widgets.filter(({ type }: { type: string }) => type === 'alarm');
    assert.match(
      alarms.properties.alarms.join(),
      /^arn:[^:]+:cloudwatch:eu-west-1:<AWS::AccountId>:alarm:main-silence/,
    );
    const metrics = widgets.filter(({ type }: { type: string }) => type === 'metric');
    assert.equal(metrics.length, 3);
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
