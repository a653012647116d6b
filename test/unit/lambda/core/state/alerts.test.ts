import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { endedAlerts } from '../../../../../lambda/core/state/alerts.ts';
import type { NewsOf } from '../../../../../lambda/core/state/news.ts';

const SITE = virtualSite('www');
const OPEN = {
  down: 'site-down',
  alone: 'no-standby',
  standby: 'standby-down-standby',
  other: 'standby-down-other',
};
const UP: NewsOf<'turned'> = {
  type: 'turned',
  server: 'primary',
  health: 'up',
  serves: true,
  decision: { row: 15, reason: 'fine', act: 'leave' },
  evidence: { startMs: 0, sightings: {} },
};

test('a message on servers that are up again ends what was open about each of them', () => {
  assert.deepEqual(endedAlerts(UP, SITE, OPEN), ['down']);
  assert.deepEqual(endedAlerts({ ...UP, also: ['standby'] }, SITE, OPEN), ['down', 'alone', 'standby']);
  const neither = { ...UP, server: 'standby', serves: false, also: ['other'] };
  assert.deepEqual(endedAlerts(neither, SITE, OPEN), ['alone', 'standby', 'other']);
});
