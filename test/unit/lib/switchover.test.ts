import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  App,
  Aspects,
  CfnParameter,
  CfnResource,
  NestedStack,
  Stack,
  Stage,
  Tags,
  Validations,
} from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { HostedZone, PrivateHostedZone, PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Construct } from 'constructs';
import cdkJson from '../../../cdk.json' with { type: 'json' };
import { ConfigError } from '../../../lib/config/index.ts';
import { Switchover, type SwitchoverProps } from '../../../lib/index.ts';
import { skipSchemaCheck, temporaryDirectory } from './fixture.ts';

const ENV = { region: 'eu-west-2', account: '123456789012' };
const SITE = {
  name: 'www.dyn.shop.test',
  servers: [
    { name: 'primary', ipv4: ['5.9.10.10'] },
    { name: 'standby', ipv4: ['5.9.20.20'] },
  ],
  probe: { url: 'https://www.shop.test/healthz' },
};
/** One that moves an Elastic IP: rights of another kind. */
const ELASTIC = {
  ...SITE,
  lever: 'readdress' as const,
  readdress: { address: '5.9.30.30', allocationId: 'eipalloc-0123456789abcdef0' },
  servers: [
    { name: 'primary', probeAddress: '5.9.10.10', holder: 'i-0123456789abcdef0' },
    { name: 'standby', probeAddress: '5.9.20.20', holder: 'eni-0123456789abcdef1' },
  ],
};
const PROPS: SwitchoverProps = {
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [{ name: 'dyn.shop.test', id: 'Z0DYN' }],
  alerts: { emails: ['ops@shop.test'] },
  sites: [SITE],
};

/** The same for a site of that name in another zone: one record is moved by one alone. */
const inZone = (id: string): SwitchoverProps => ({ ...PROPS, zones: [{ name: 'dyn.shop.test', id }] });

const newApp = (context: object = {}): App =>
  new App({ outdir: temporaryDirectory(), context: { ...context }, analyticsReporting: false });
const newHome = (scope: Construct, id = 'Shop'): Stack => new Stack(scope, id, { env: ENV });

/** The child stacks of a construct, by the end of their paths. */
const childrenOf = (own: Switchover): Record<string, Stack> =>
  Object.fromEntries(own.node.children.filter(Stack.isStack).map((stack) => [stack.node.id, stack]));

describe('in a stack of somebody else', () => {
  test('what decides is in that stack, the rest in children of the construct, in their own regions', () => {
    const home = newHome(newApp());
    const own = new Switchover(home, 'Failover', PROPS);
    const children = childrenOf(own);
    assert.deepEqual(
      Object.entries(children).map(([id, { region }]) => [id, region]),
      [
        ['Vantage-eu-west-1', 'eu-west-1'],
        ['Vantage-eu-central-1', 'eu-central-1'],
        ['StateStack', 'eu-west-2'],
        ['DeadManStack', 'eu-west-1'],
      ],
    );
    for (const { account } of Object.values(children)) assert.equal(account, ENV.account);
    const names = Object.values(Template.fromStack(home).findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.FunctionName,
    );
    assert.deepEqual(
      names.sort(),
      ['console', 'controller', 'prober', 'status'].map((name) => `${own.deployment}-${name}`),
    );
  });

  test('deploying that stack takes all the others along', () => {
    const app = newApp();
    const home = newHome(app);
    const own = new Switchover(home, 'Failover', { ...PROPS, zones: [{ name: 'dyn.shop.test' }] });
    const assembly = app.synth();
    const needed = assembly.getStackArtifact(home.artifactId).dependencies.map(({ id }) => id);
    for (const child of Object.values(childrenOf(own)))
      assert.ok(needed.includes(child.artifactId), child.node.path);
    assert.equal(Object.keys(childrenOf(own)).length, 5, 'a zone without an id has a stack, too');
  });

  test('tags, aspects and the properties that are wanted reach every stack', () => {
    const app = newApp();
    const home = newHome(app);
    const seen = new Set<string>();
    const own = new Switchover(home, 'Failover', {
      ...PROPS,
      vantageStackProps: () => ({ terminationProtection: true }),
    });
    Tags.of(home).add('team', 'shop');
    Aspects.of(home).add({
      visit: (node) => void (node instanceof CfnResource && seen.add(node.stack.node.id)),
    });
    const assembly = app.synth();
    for (const child of Object.values(childrenOf(own))) {
      assert.ok(seen.has(child.node.id), `${child.node.id} was visited by no aspect`);
      const artifact = assembly.getStackArtifact(child.artifactId);
      assert.deepEqual(artifact.tags, { team: 'shop' });
      assert.equal(artifact.terminationProtection, true);
    }
  });

  test('a name for these stacks is refused: two of one region would have it', () => {
    // @ts-expect-error: the types refuse it, too.
    const vantageStackProps: SwitchoverProps['vantageStackProps'] = (region) => ({
      stackName: `shop-${region}`,
    });
    assert.throws(
      () => new Switchover(newHome(newApp()), 'Failover', { ...PROPS, vantageStackProps }),
      /^Error: Expected no stackName from vantageStackProps of Shop\/Failover, received "shop-eu-west-/,
    );
  });

  test('twice in one stack, in a stage, and in a nested stack', () => {
    const app = newApp();
    const home = newHome(app);
    const one = new Switchover(home, 'One', PROPS);
    const two = new Switchover(home, 'Two', inZone('Z0TWO'));
    assert.notEqual(one.deployment, two.deployment);
    const stage = new Stage(app, 'Prod');
    new Switchover(newHome(stage), 'Failover', inZone('Z0PROD'));
    const outer = newHome(app, 'Outer');
    new Switchover(new NestedStack(outer, 'Inner'), 'Failover', inZone('Z0INNER'));
    const assembly = app.synth();
    const inStage = assembly.getNestedAssembly('assembly-Prod').stacks;
    assert.equal(inStage.length, 5);
    const needed = assembly.getStackArtifact(outer.artifactId).dependencies;
    assert.ok(
      needed.some(({ id }) => id.includes('Vantage')),
      needed.map(({ id }) => id).join(),
    );
  });
});

test('a pipeline deploys what a stage needs before its own stack, in every region', () => {
  const app = newApp();
  const stack = new Stack(app, 'Delivery', { env: ENV });
  const input = CodePipelineSource.connection('shop/web', 'main', {
    connectionArn: 'arn:aws:codeconnections:eu-west-2:123456789012:connection/1',
  });
  const pipeline = new CodePipeline(stack, 'Pipeline', {
    synth: new ShellStep('Synth', { input, commands: ['true'] }),
  });
  for (const id of ['Dev', 'Prod']) {
    const stage = new Stage(app, id);
    new Switchover(newHome(stage), 'Failover', inZone(`Z0${id.toUpperCase()}`));
    pipeline.addStage(stage);
  }
  pipeline.buildPipeline();
  const [{ Properties }] = Object.values(
    Template.fromStack(stack).findResources('AWS::CodePipeline::Pipeline'),
  ) as [
    {
      Properties: {
        Stages: { Name: string; Actions: { Name: string; RunOrder: number; Region?: string }[] }[];
      };
    },
  ];
  for (const id of ['Dev', 'Prod']) {
    const actions = Properties.Stages.find(({ Name }) => Name === id)?.Actions ?? [];
    const [home, ...others] = actions
      .filter(({ Name }) => Name.endsWith('Deploy'))
      .sort((a, b) => b.RunOrder - a.RunOrder);
    assert.equal(home?.Name, 'Shop.Deploy');
    assert.equal(others.length, 4);
    for (const other of others) assert.ok(other.RunOrder < (home?.RunOrder ?? 0), other.Name);
    // An action of the pipeline's own region names none.
    assert.deepEqual(
      new Set(others.map(({ Region }) => Region)),
      new Set(['eu-west-1', 'eu-central-1', undefined]),
    );
  }
});

const CHAT = 'arn:aws:sns:eu-west-2:123456789012:chat';

describe('a zone and a topic of the app', () => {
  test('are used by reference, and no id is written into the code', () => {
    const home = newHome(newApp());
    const zone = new PublicHostedZone(home, 'Zone', { zoneName: 'dyn.shop.test' });
    const topic = new Topic(home, 'Pager');
    const own = new Switchover(home, 'Failover', { ...PROPS, zones: [zone], alerts: { topic } });
    assert.equal(own.alerts, topic);
    const template = Template.fromStack(home);
    // That of events is always made.
    template.resourceCountIs('AWS::SNS::Topic', 2);
    template.hasResourceProperties('AWS::SNS::Topic', { TopicName: `${own.deployment}-events` });
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: `${own.deployment}-controller`,
      Environment: {
        Variables: Match.objectLike({
          SWITCHOVER_TOPIC_ARN: { Ref: home.getLogicalId(topic.node.defaultChild as CfnResource) },
          SWITCHOVER_ZONE_IDS: {
            'Fn::Join': [
              '',
              ['{"dyn.shop.test":"', { Ref: home.getLogicalId(zone.node.defaultChild as CfnResource) }, '"}'],
            ],
          },
        }),
      },
    });
    assert.doesNotMatch(JSON.stringify(template.toJSON()), /\$\{Token/);
  });

  test('mails whom `emails` names, and whom the app subscribed stays as subscribed', () => {
    const home = newHome(newApp());
    const topics = [new Topic(home, 'Pager'), Topic.fromTopicArn(home, 'Chat', CHAT)];
    topics[0]?.addSubscription(new EmailSubscription('ann@shop.test'));
    const emails = ['ops@shop.test', 'ann@shop.test'];
    for (const [index, topic] of topics.entries())
      new Switchover(home, `Failover${index}`, { ...inZone(`Z0${index}`), alerts: { topic, emails } });
    const mailed = Object.values(Template.fromStack(home).findResources('AWS::SNS::Subscription'));
    const addresses = (arn: unknown) =>
      mailed.flatMap(({ Properties }) =>
        JSON.stringify(Properties.TopicArn) === JSON.stringify(arn) ? Properties.Endpoint : [],
      );
    const pager = { Ref: home.getLogicalId(topics[0]?.node.defaultChild as CfnResource) };
    assert.deepEqual(addresses(pager).sort(), ['ann@shop.test', 'ops@shop.test']);
    assert.deepEqual(addresses(CHAT), emails);
  });

  test('a topic alone is somebody who is told; what it leaves untold is said', () => {
    const home = newHome(newApp());
    const own = new Switchover(home, 'Failover', { ...PROPS, alerts: { topic: new Topic(home, 'Pager') } });
    const said = own.node.metadata.map(({ data }) => String(data)).filter((text) => text.includes('`alerts'));
    assert.equal(said.length, 1);
    assert.match(
      said[0] ?? '',
      /the alarm on silence has a topic of its own in another region, which mails nobody/,
    );
  });

  test('may have ids that only a deployment knows', () => {
    const home = newHome(newApp());
    const id = new CfnParameter(home, 'ZoneId').valueAsString;
    const zone = HostedZone.fromHostedZoneAttributes(home, 'Zone', {
      hostedZoneId: id,
      zoneName: 'b.shop.test',
    });
    const site = { ...SITE, name: 'www.b.shop.test' };
    new Switchover(home, 'One', { ...PROPS, zones: [zone], sites: [site] });
    new Switchover(home, 'Two', { ...PROPS, zones: [{ name: 'dyn.shop.test', id }] });
    assert.match(JSON.stringify(Template.fromStack(home).toJSON()), /"Ref":"ZoneId"/);
  });
});

describe('what is not known at synthesis is refused in one sentence', () => {
  const refused = (props: Partial<SwitchoverProps>, says: RegExp, env: object = ENV) => {
    const home = new Stack(newApp(), 'Shop', { env });
    const parameter = new CfnParameter(home, 'Given').valueAsString;
    const given = JSON.parse(JSON.stringify(props).replaceAll('TOKEN', parameter.replaceAll('\\', '\\\\')));
    assert.throws(
      () => new Switchover(home, 'Failover', { ...PROPS, ...given }),
      (error: Error) => {
        assert.match(error.message, says);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  };

  test('a stack for any region', () =>
    refused({}, /^Expected the stack Shop to name its region, received one for any: /, {}));
  test('the name of a site', () =>
    refused(
      { sites: [{ ...SITE, name: 'TOKEN' }] },
      /^Expected sites\[0\]\.name of Shop\/Failover to be known at synthesis/,
    ));
  test('an address', () =>
    refused(
      { sites: [{ ...SITE, servers: [{ name: 'primary', ipv4: ['TOKEN'] }] }] },
      /^Expected sites\[0\]\.servers\[0\]\.ipv4\[0\] of/,
    ));
  test('the name of a zone', () => refused({ zones: [{ name: 'TOKEN' }] }, /^Expected zones\[0\]\.name of/));
  test('the name of the deployment', () => refused({ deployment: 'TOKEN' }, /^Expected deployment of/));
  test('an e-mail address', () =>
    refused({ alerts: { emails: ['TOKEN'] } }, /^Expected alerts\.emails\[0\] of/));
});

test('what is wrong in it is told as in a configuration', () => {
  const home = newHome(newApp());
  assert.throws(
    () => new Switchover(home, 'Failover', { ...PROPS, sites: [{ ...SITE, servers: [] }] }),
    (error: unknown) =>
      error instanceof ConfigError && /^Switchover Shop\/Failover has a problem:/.test(error.message),
  );
});

describe('what could be synthesized and not work is refused in one sentence', () => {
  const refuses = (says: RegExp, own: (home: Stack) => Partial<SwitchoverProps>) => {
    const home = newHome(newApp());
    assert.throws(
      () => new Switchover(home, 'Failover', { ...PROPS, ...own(home) }),
      (error: Error) => {
        assert.match(error.message, says);
        assert.ok(!error.message.includes('\n'));
        return true;
      },
    );
  };

  test('a FIFO topic', () => {
    const says = /^Expected a standard topic as alerts\.topic of Shop\/Failover, received one that is FIFO/;
    refuses(says, (home) => ({ alerts: { topic: new Topic(home, 'Pager', { fifo: true }) } }));
    refuses(says, (home) => ({ alerts: { topic: Topic.fromTopicArn(home, 'Pager', `${CHAT}.fifo`) } }));
  });

  test('a topic of another region', () =>
    refuses(/^Expected a topic in eu-west-2, .* received one in eu-west-1, to which/, (home) => ({
      alerts: { topic: Topic.fromTopicArn(home, 'Pager', CHAT.replace('eu-west-2', 'eu-west-1')) },
    })));

  test('a private zone', () => {
    const says =
      /^Expected a public hosted zone in zones of Shop\/Failover, received the private dyn\.shop\.test/;
    const privateIn = (home: Stack) =>
      Vpc.fromVpcAttributes(home, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['eu-west-2a'] });
    const zoneName = 'dyn.shop.test';
    refuses(says, (home) => ({
      zones: [new PrivateHostedZone(home, 'Zone', { zoneName, vpc: privateIn(home) })],
    }));
    refuses(says, (home) => ({
      zones: [new HostedZone(home, 'Zone', { zoneName, vpcs: [privateIn(home)] })],
    }));
  });

  test('an id that is none; what Route 53 answers before one is taken off', () => {
    const withId = (home: Stack, hostedZoneId: string) =>
      HostedZone.fromHostedZoneAttributes(home, 'Given', { hostedZoneId, zoneName: 'dyn.shop.test' });
    refuses(/^Expected a hosted zone id such as Z0123.* received "dyn\.shop\.test"/, (home) => ({
      zones: [withId(home, 'dyn.shop.test')],
    }));
    const home = newHome(newApp());
    new Switchover(home, 'Failover', { ...PROPS, zones: [withId(home, '/hostedzone/Z0DYN')] });
    const text = JSON.stringify(Template.fromStack(home).toJSON());
    assert.match(text, /hostedzone\/Z0DYN"/);
    assert.doesNotMatch(text, /hostedzone\/\/hostedzone/);
    assert.match(text, /\{\\"dyn\.shop\.test\\":\\"Z0DYN\\"\}/);
  });

  test('a field of a configuration that the stack has to say, which JavaScript lets through', () => {
    for (const [field, value] of Object.entries({ homeRegion: 'eu-west-1', local: true }))
      assert.throws(
        () => new Switchover(newHome(newApp()), 'Failover', { ...PROPS, [field]: value }),
        new RegExp(
          `^Error: Expected no ${field} from Shop/Failover, received "?${value}"?: [^\n]*, so leave it out\\.$`,
        ),
      );
  });

  test('a property that there is not, and only those that there are are named', () => {
    assert.throws(
      () =>
        new Switchover(newHome(newApp()), 'Failover', {
          ...PROPS,
          homeRegon: 'eu-west-1',
        } as SwitchoverProps),
      (error: ConfigError) => {
        assert.match(error.message, /received "homeRegon"; drop it; allowed here: deployment, vantages, /);
        assert.match(error.message, /, vantageStackProps\./);
        assert.doesNotMatch(error.message, /homeRegion|\blocal\b/);
        return true;
      },
    );
  });

  test('a record that another one moves', () => {
    const home = newHome(newApp());
    new Switchover(home, 'One', PROPS);
    assert.throws(
      () => new Switchover(home, 'Two', PROPS),
      /^Error: Expected www\.dyn\.shop\.test to be moved by one Switchover, received it in Shop\/Two and in Shop\/One/,
    );
  });

  test('one name of a deployment, where only one account is known', () => {
    const app = newApp();
    const { region } = ENV;
    new Switchover(new Stack(app, 'Any', { env: { region } }), 'Failover', { ...PROPS, deployment: 'shop' });
    assert.throws(
      () => new Switchover(newHome(app), 'Failover', { ...inZone('Z0TWO'), deployment: 'shop' }),
      /^Error: Expected a `deployment` of its own .* which Any\/Failover has in/,
    );
  });
});

describe('the name of a deployment', () => {
  const inStages = (deployment?: string) => {
    const app = newApp();
    return ['Dev', 'Prod'].map(
      (stage) =>
        new Switchover(newHome(new Stage(app, stage)), 'Failover', {
          ...inZone(`Z0${stage.toUpperCase()}`),
          deployment,
        }).deployment,
    );
  };

  test('is another one in each stage of one account, and the same at every synthesis', () => {
    const [dev = '', prod = ''] = inStages();
    assert.notEqual(dev, prod);
    for (const name of [dev, prod]) assert.match(name, /^[a-z][a-z0-9-]{0,31}$/);
    assert.deepEqual(inStages(), [dev, prod]);
  });

  test('is refused where another one of the app has it in the same account and region', () => {
    assert.throws(
      () => inStages('shop'),
      /^Error: Expected a `deployment` of its own for Prod\/Shop\/Failover, received "shop", which Dev\/Shop\/Failover has/,
    );
  });

  test('may be the same in another region', () => {
    const app = newApp();
    new Switchover(newHome(app), 'Failover', { ...PROPS, deployment: 'shop' });
    const west = new Stack(app, 'West', { env: { ...ENV, region: 'us-west-2' } });
    new Switchover(west, 'Failover', { ...inZone('Z0WEST'), deployment: 'shop', vantages: ['us-west-2'] });
  });
});

describe('grants and metrics', () => {
  test('somebody may give orders, or only look', () => {
    const home = newHome(newApp());
    const own = new Switchover(home, 'Failover', PROPS);
    const people = ['Operator', 'Watcher'].map(
      (id) => new Role(home, id, { assumedBy: new AccountPrincipal('123456789012') }),
    );
    own.grantConsole(people[0] as Role);
    own.grantStatus(people[1] as Role);
    const policies = Object.values(Template.fromStack(home).findResources('AWS::IAM::Policy'));
    const granted = policies.map(({ Properties }) => [
      Properties.PolicyDocument.Statement[0].Action,
      JSON.stringify(Properties.PolicyDocument.Statement[0].Resource).match(/Failover(Console|Status)/)?.[1],
    ]);
    assert.deepEqual(granted.sort(), [
      ['lambda:InvokeFunction', 'Console'],
      ['lambda:InvokeFunction', 'Status'],
    ]);
  });

  test('moves are counted once they are asked for, and not twice', () => {
    const home = newHome(newApp());
    const own = new Switchover(home, 'Failover', { ...PROPS, deployment: 'shop' });
    Template.fromStack(newHome(newApp())).resourceCountIs('AWS::Logs::MetricFilter', 0);
    const metric = own.metricMoves();
    own.metricMoves({ label: 'again' });
    Template.fromStack(home).resourceCountIs('AWS::Logs::MetricFilter', 1);
    Template.fromStack(home).hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '"\\"event\\":\\"switch\\""',
      MetricTransformations: [{ MetricNamespace: metric.namespace, MetricName: metric.metricName }],
    });
    assert.equal(own.metricHeartbeats().dimensions?.FunctionName, 'shop-heartbeat');
    assert.equal(own.metricHeartbeats().region, 'eu-west-1');
    assert.ok(own.metricErrors().toMetricConfig().metricStat);
  });

  test('what is made can be changed by whoever wants to', () => {
    const home = newHome(newApp());
    const own = new Switchover(home, 'Failover', { ...PROPS, deployment: 'shop' });
    (own.consoleFunction.node.defaultChild as CfnFunction).memorySize = 512;
    Template.fromStack(home).hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'shop-console',
      MemorySize: 512,
    });
  });
});

describe('whatever flags the app has', () => {
  for (const [name, context] of [
    ['ours', cdkJson.context],
    ['none', {}],
  ] as const)
    test(`${name}: the AWS Solutions rules find nothing, nor do the schemas of CloudFormation`, (t) => {
      skipSchemaCheck(false);
      t.after(() => skipSchemaCheck(true));
      const app = newApp(context);
      const home = newHome(app);
      new Switchover(home, 'Failover', PROPS);
      new Switchover(home, 'Moving', { ...inZone('Z0MOVING'), sites: [ELASTIC] });
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      app.synth();
    });
});

test('the page shows the example as it is', () => {
  const root = join(import.meta.dirname, '../../..');
  const example = readFileSync(join(root, 'examples/construct.ts'), 'utf8').replace(
    '../lib/index.ts',
    'switchover',
  );
  const page = readFileSync(join(root, 'docs/construct.md'), 'utf8');
  assert.ok(page.includes(`\`\`\`ts\n${example}\`\`\``));
});
