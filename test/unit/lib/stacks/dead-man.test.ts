import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match } from 'aws-cdk-lib/assertions';
import { config, statementsOf, synthesize } from '../fixture.ts';

const made = synthesize(config());
const deadMan = made.template('main-dead-man-eu-west-1');

/** The alarm's properties as synthesized. */
const alarm = () => {
  const [found] = Object.values(deadMan.findResources('AWS::CloudWatch::Alarm'));
  assert.ok(found);
  return found.Properties;
};

test('five minutes without a decided round raise the alarm, and so does having no news at all', () => {
  deadMan.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'main-silence',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 5,
    DatapointsToAlarm: Match.absent(),
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'breaching',
  });
});

test('the alarm counts how often a function of its own is called, a metric that nothing but AWS writes', () => {
  const { Namespace, MetricName, Dimensions } = alarm();
  assert.deepEqual([Namespace, MetricName], ['AWS/Lambda', 'Invocations']);
  const [{ Name, Value }] = Dimensions;
  assert.equal(Name, 'FunctionName');
  const { Properties } = deadMan.toJSON().Resources[Value.Ref];
  assert.equal(Properties.FunctionName, 'main-heartbeat');
});

test('the controller may call it, and nobody else: least of all a prober, which meets hostile bytes', () => {
  const callers = Object.entries(made.templates).flatMap(([stack, template]) =>
    Object.values(template.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) => {
      const statements = statementsOf(template, Properties.FunctionName);
      const may = statements.filter(
        ({ Action, Resource }) =>
          /lambda:|\*/.test(String(Action)) && JSON.stringify(Resource).includes('main-heartbeat'),
      );
      return may.length === 0 ? [] : [`${Properties.FunctionName} in ${stack}`];
    }),
  );
  assert.deepEqual(callers, ['main-controller in main-control']);
  deadMan.resourceCountIs('AWS::Lambda::Permission', 0);
  assert.deepEqual(
    statementsOf(deadMan, 'main-heartbeat').map(({ Action }) => Action),
    [['logs:CreateLogStream', 'logs:PutLogEvents']],
  );
});

test('it tells people through a topic of its own, in its own region, when it goes off and when it is over', () => {
  const topic = { Ref: Match.stringLikeRegexp('^Silence') };
  deadMan.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'main-dead-man' });
  deadMan.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'ops@example.co.uk',
    TopicArn: topic,
  });
  deadMan.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [topic], OKActions: [topic] });
  assert.equal(made.assembly.getStackByName('main-dead-man-eu-west-1').environment.region, 'eu-west-1');
});

test('the topic lets this alarm publish, and nobody in the clear', () => {
  deadMan.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: [
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        {
          Sid: 'AlarmMayPublish',
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: { Ref: Match.stringLikeRegexp('^Silence') },
          Condition: {
            ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [Match.stringLikeRegexp('^Alarm'), 'Arn'] } },
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          },
        },
      ],
    },
  });
});

test('the text says what stopped, where to look and what to do meanwhile', () => {
  const { AlarmDescription } = alarm();
  assert.match(AlarmDescription, /main has decided nothing for 5 minutes/);
  assert.match(AlarmDescription, /main-controller in eu-west-2/);
  assert.match(AlarmDescription, /by hand in Route 53/);
  assert.ok(AlarmDescription.length <= 1024, 'CloudWatch takes no longer description');
});

test('without a vantage away from home it is at home, and that is warned about', () => {
  const { assembly } = synthesize(config({ vantages: ['eu-west-2'] }));
  const stack = assembly.getStackByName('main-dead-man-eu-west-2');
  assert.equal(stack.environment.region, 'eu-west-2');
  assert.match(String(stack.messages[0]?.entry.data), /if that region fails, nobody is told/);
  assert.deepEqual(
    made.assembly.stacks.flatMap(({ messages }) => messages),
    [],
  );
});
