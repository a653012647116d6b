import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { config, site, synthesize } from '../fixture.ts';

const zones = synthesize(config()).template('main-zones');

test('a zone without an id is made and outlives the stack', () => {
  zones.hasResource('AWS::Route53::HostedZone', {
    Properties: {
      Name: 'dyn.example.co.uk.',
      HostedZoneFeatures: { EnableAcceleratedRecovery: true },
    },
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
  });
});

test('its name servers are an output that says what they are for', () => {
  zones.hasOutput('NameServersDynExampleCoUk', {
    Description: Match.stringLikeRegexp('Delegate dyn\\.example\\.co\\.uk to these name servers'),
    Value: { 'Fn::Join': [' ', { 'Fn::GetAtt': [Match.anyValue(), 'NameServers'] }] },
  });
});

test('a zone with an id is not made; where all have one there is no stack for them', () => {
  const existing = { name: 'dyn.example.co.uk', id: 'Z0ABC' };
  const { assembly } = synthesize(config({ zones: [existing] }));
  assert.ok(!assembly.stacks.some(({ stackName }) => stackName === 'main-zones'));
  const both = synthesize(config({ zones: [existing, { name: 'a.example.org' }] }));
  both.template('main-zones').resourceCountIs('AWS::Route53::HostedZone', 1);
  both.template('main-control').resourceCountIs('AWS::Route53::HostedZone', 0);
});

test('the order of the configuration does not matter to a zone that exists', () => {
  const both = [{ name: 'a.example.org' }, { name: 'b.example.org' }];
  const ids = (order: typeof both) =>
    Object.keys(
      synthesize(config({ zones: order, sites: [site('www.a.example.org', 'a.example.org')] }))
        .template('main-zones')
        .findResources('AWS::Route53::HostedZone'),
    ).sort();
  assert.deepEqual(ids(both), ids(both.toReversed()));
});

test('zones whose names differ in a hyphen, and those with the longest names, have an output each', () => {
  const long = (start: string) => `${start}${['b', 'c', 'd', 'e'].map((l) => l.repeat(61)).join('.')}`;
  const names = ['my-shop.example', 'my.shop.example', long('a'), long('f')];
  const sites = names.map((name) => site(name, name));
  const template = synthesize(config({ zones: names.map((name) => ({ name })), sites })).template(
    'main-zones',
  );
  const outputs = Object.entries(template.findOutputs('*')).filter(([id]) => id.startsWith('NameServers'));
  assert.equal(outputs.length, 4);
  for (const [id] of outputs) assert.ok(id.length <= 255, id);
  for (const { Export } of Object.values(template.findOutputs('*')))
    assert.ok((Export?.Name ?? '').length <= 255, Export?.Name);
});
