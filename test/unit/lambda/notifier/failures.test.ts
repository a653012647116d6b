import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '../../../../fixtures/virtual/clock.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { ChannelKind } from '../../../../lambda/core/site/alerts.ts';
import { newMemory, notify } from '../../../../lambda/notifier/notify.ts';
import type { NotifierPorts } from '../../../../lambda/ports.ts';
import { event } from '../core/channels/events.ts';
import { channelOf, notifierOf } from './fixture.ts';

const START_MS = 1_795_341_600_000;
const HOUR_MS = 3_600_000;
type Kind = 'slack' | 'teams' | 'discord';
type Way = 'takes' | 'refuses' | 'hangs';
/** How a service behaves, by its address. */
const SAYS: Record<Way, (clock: NotifierPorts['clock']) => ReturnType<NotifierPorts['post']>> = {
  takes: async () => ({ status: 200, body: '' }),
  refuses: async () => ({ status: 403, body: 'gone' }),
  hangs: async (clock) => {
    await clock.sleep(15_000);
    return { trouble: 'did not answer in time' };
  },
};

/** Three channels in virtual time, and the mails: when after the start, seconds, and which channels each one names. */
const channels = (ways: Record<Kind, Way>) => {
  const clock = virtualClock(START_MS);
  const kinds = Object.keys(ways) as Kind[];
  const topicFault: { fault?: Fault | undefined } = {};
  const { ports, mails } = notifierOf(
    kinds.map((kind: ChannelKind) => channelOf(kind)),
    Object.fromEntries(kinds.map((kind) => [`/${kind}/url`, `https://${kind}.test/`])),
    { topicFault },
  );
  const post: NotifierPorts['post'] = ({ url }) =>
    SAYS[ways[new URL(url).hostname.split('.')[0] as Kind]](clock);
  const memory = newMemory();
  let events = 0;
  return {
    mails,
    topicFault,
    clock,
    told: () => mails.map(({ atMs, subject }) => [(atMs - START_MS) / 1000, subject.split(':')[0]]),
    async send(atMs: number, severity: 'critical' | 'warning' = 'warning') {
      await clock.runUntil(START_MS + atMs);
      events += 1;
      const one = event({ id: `event-${events}`, severity });
      const sent = notify({ ...ports, clock, post }, one, memory).catch((error: Error) => error);
      await clock.runUntil(START_MS + atMs + 300_000);
      return sent;
    },
  };
};

test('a channel that refuses is mailed about within seconds, though another still hangs', async () => {
  const { send, told } = channels({ slack: 'refuses', teams: 'hangs', discord: 'takes' });
  await send(0);
  // Six tries of 15 s each, and 105 s between them: another wait of 90 s would end too late.
  assert.deepEqual(told(), [
    [5, 'NOT POSTED to alerts.slack'],
    [195, 'NOT POSTED to alerts.teams'],
  ]);
});

test('what has one cause is one mail', async () => {
  const { send, told } = channels({ slack: 'refuses', teams: 'refuses', discord: 'refuses' });
  await send(0);
  assert.deepEqual(told(), [[0, 'NOT POSTED to alerts.slack, alerts.teams, alerts.discord']]);
});

test('a channel that stays broken is one mail an hour, which counts the others', async () => {
  const { send, told, mails } = channels({ slack: 'refuses', teams: 'takes', discord: 'takes' });
  for (let minutes = 0; minutes < 60; minutes += 6) await send(minutes * 60_000);
  assert.deepEqual(told(), [[0, 'NOT POSTED to alerts.slack']]);
  await send(HOUR_MS + 60_000);
  assert.equal(mails.length, 2);
  assert.match(
    mails[1]?.text.replace(/\s+/g, ' ') ?? '',
    /others that it did not take since the last mail: 9\b/,
  );
});

test('who is mailed only what is critical hears of it, too', async () => {
  const { send, mails } = channels({ slack: 'refuses', teams: 'takes', discord: 'takes' });
  await send(0, 'warning');
  await send(600_000, 'critical');
  await send(1_200_000, 'critical');
  assert.deepEqual(
    mails.map(({ severity }) => severity),
    ['warning', 'critical'],
  );
  assert.equal(new Set(mails.map(({ id }) => id)).size, 2);
});

test('what could not be mailed is not forgotten', async () => {
  const { send, topicFault, told } = channels({ slack: 'refuses', teams: 'takes', discord: 'takes' });
  topicFault.fault = new Fault('lost', 'SNS', 'Publish', 'no answer');
  assert.match(String(await send(0)), /SNS Publish/);
  topicFault.fault = undefined;
  assert.equal(await send(600_000), undefined);
  assert.deepEqual(told(), [[600, 'NOT POSTED to alerts.slack']]);
});
