import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { muteAlarms, muteRuleFor } from '../../../bin/alarm-mutes.ts';
import { ownAlarms } from '../../../lambda/console/own-alarms.ts';
import type { Config } from '../../../lambda/core/site/site.ts';
import { awsRequest } from '../../../lambda/edge/aws-request.ts';
import { cloudwatchService } from '../../../local/cloudwatch.ts';
import { accessKeyFor, OPERATOR } from '../../../local/credentials.ts';
import { startGateway } from '../../../local/gateway.ts';
import { config } from '../lib/fixture.ts';

const ACCOUNT = '000000000000';
const SILENCE = { region: 'eu-west-1', rule: 'main-silence-all', names: ['main-silence'] };
const UNDELIVERED = { region: 'eu-west-2', rule: 'main-silence-all', names: ['main-undelivered'] };
const NOW_MS = Date.parse('2026-11-22T20:00:30.500Z');
const muting = (forSeconds: number | undefined) => ({ forSeconds, reason: 'move of the racks', by: 'alice' });

test('a rule begins with the next minute and ends with the silence, after 15 days at most', () => {
  const rows: [forSeconds: number, schedule: object | undefined, until: string][] = [
    [29, undefined, ''],
    [30, { Expression: 'at(2026-11-22T20:01)', Duration: 'PT1M' }, '20:02'],
    [7200, { Expression: 'at(2026-11-22T20:01)', Duration: 'PT120M' }, '22:01'],
    [30 * 86_400, { Expression: 'at(2026-11-22T20:01)', Duration: 'PT21600M' }, '20:01'],
  ];
  for (const [forSeconds, schedule, until] of rows) {
    const made = muteRuleFor(SILENCE, muting(forSeconds), NOW_MS);
    assert.deepEqual(made?.input.Rule.Schedule, schedule, String(forSeconds));
    if (made !== undefined) assert.equal(new Date(made.untilMs).toISOString().slice(11, 16), until);
  }
  const { input } = muteRuleFor(SILENCE, { ...muting(60), reason: 'x'.repeat(2000) }, NOW_MS) ?? {};
  assert.ok((input?.Description.length ?? 0) <= 1024);
});

test('the alarms of a deployment are those that its template has, region by region', () => {
  const plain = config();
  assert.deepEqual(ownAlarms(plain), [SILENCE]);
  const channels = [{ kind: 'slack', name: 'alerts.slack', wanted: {}, secrets: {} }] as const;
  const posting = { ...plain, alerts: { emails: [], channels } } as unknown as Config;
  assert.deepEqual(ownAlarms(posting), [SILENCE, UNDELIVERED]);
  assert.deepEqual(ownAlarms({ ...posting, vantages: ['eu-west-2'] }), [
    { ...UNDELIVERED, names: ['main-silence', 'main-undelivered'] },
  ]);
});

/** The local CloudWatch behind its gateway, at a time that is set. */
const cloudwatchOf = async (t: TestContext) => {
  let nowMs = Date.now();
  const service = cloudwatchService({
    accountId: ACCOUNT,
    alarms: [SILENCE, UNDELIVERED].map(({ region, names: [name = ''] }) => ({ region, name })),
    now: () => nowMs,
  });
  const allowed = `arn:aws:cloudwatch:eu-west-1:${ACCOUNT}:alarm-mute-rule:*`;
  const gateway = await startGateway({
    port: 0,
    accountId: ACCOUNT,
    functions: [{ name: 'main-console', region: 'eu-west-1', role: 'half' }],
    policies: { half: [{ Effect: 'Allow', Action: 'cloudwatch:PutAlarmMuteRule', Resource: allowed }] },
    resourcePolicies: {},
    services: [service],
  });
  t.after(() => gateway.close());
  const aws = { region: 'eu-west-2', endpoint: gateway.url, credentials: OPERATOR };
  const isMuted = (afterMinutes: number): boolean[] => {
    nowMs = Date.now() + afterMinutes * 60_000;
    return [SILENCE, UNDELIVERED].map(({ region, names: [name = ''] }) => service.isMuted({ region, name }));
  };
  return { gateway, aws, isMuted };
};

test('alarms of two regions are muted over the wire, and ring again by themselves', async (t) => {
  const { aws, isMuted } = await cloudwatchOf(t);
  const muted = await muteAlarms(aws, [SILENCE, UNDELIVERED], muting(3600));
  assert.deepEqual(
    muted.map(({ ok }) => ok),
    [true, true],
  );
  assert.match(
    muted[0]?.message ?? '',
    /^Muted until \d{4}-\d\d-\d\d \d\d:\d\d UTC: main-silence in eu-west-1\. Until then nobody is told if Switchover itself stops\.$/,
  );
  assert.deepEqual(
    [isMuted(2), isMuted(62)],
    [
      [true, true],
      [false, false],
    ],
  );
});

test('what was muted is ended, and what was not is none the worse for it', async (t) => {
  const { aws, isMuted } = await cloudwatchOf(t);
  await muteAlarms(aws, [SILENCE], muting(3600));
  assert.deepEqual(isMuted(2), [true, false]);
  const ended = await muteAlarms(aws, [SILENCE, UNDELIVERED], muting(undefined));
  assert.deepEqual(
    ended.map(({ ok, message }) => [ok, message]),
    [
      [true, 'No longer muted: main-silence in eu-west-1.'],
      [true, 'No longer muted: main-undelivered in eu-west-2.'],
    ],
  );
  assert.deepEqual(isMuted(2), [false, false]);
});

test('a second silence takes the place of the first', async (t) => {
  const { aws, isMuted } = await cloudwatchOf(t);
  await muteAlarms(aws, [SILENCE], muting(36_000));
  await muteAlarms(aws, [SILENCE], muting(600));
  assert.deepEqual(
    [isMuted(5), isMuted(20)],
    [
      [true, false],
      [false, false],
    ],
  );
});

test('what CloudWatch refuses is told with the right that it takes, and the other region goes on', async (t) => {
  const { aws, gateway, isMuted } = await cloudwatchOf(t);
  gateway.faults.add({
    ...{ service: 'monitoring', operation: 'PutAlarmMuteRule', region: 'eu-west-1', fault: 'deny' },
  });
  const [silence, undelivered] = await muteAlarms(aws, [SILENCE, UNDELIVERED], muting(600));
  assert.equal(silence?.ok, false);
  assert.match(
    silence?.message ?? '',
    /^Not muted: main-silence in eu-west-1: AccessDeniedException: .* \(cloudwatch:PutAlarmMuteRule on the rule main-silence-all and on each alarm\)\.$/,
  );
  assert.equal(undelivered?.ok, true);
  assert.deepEqual(isMuted(2), [false, true]);
  const gone = await muteAlarms(aws, [{ ...SILENCE, names: ['no-such-alarm'] }], muting(600));
  assert.match(gone[0]?.message ?? '', /^Not muted: no-such-alarm .*: (AccessDenied|ValidationError)/);
});

test('a rule needs the right on itself and on each alarm', async (t) => {
  const { gateway } = await cloudwatchOf(t);
  const keys = accessKeyFor('main-console', 'eu-west-1');
  const put = async (AlarmNames: string[]) => {
    const Schedule = { Expression: 'at(2026-11-22T20:01)', Duration: 'PT1M' };
    const body = JSON.stringify({ Name: 'r', Rule: { Schedule }, MuteTargets: { AlarmNames } });
    const headers = { 'x-amz-target': 'GraniteServiceVersion20100801.PutAlarmMuteRule' };
    const signer = { region: 'eu-west-1', keys, endpoint: gateway.url };
    const { url, headers: signed } = await awsRequest('monitoring', { headers, body }, Date.now(), signer);
    return (await fetch(url, { method: 'POST', headers: signed, body })).status;
  };
  assert.deepEqual([await put([]), await put(['main-silence'])], [200, 400]);
});
