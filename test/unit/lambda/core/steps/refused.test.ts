import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reminders } from '../../../../../lambda/core/state/reminders.ts';
import { tellRefusal } from '../../../../../lambda/core/steps/refused.ts';

const HOUR_MS = 3_600_000;
const quoting = (epoch: number, why = 'but it already exists') =>
  `InvalidChangeBatch: Tried to create resource record set [name='_switchover.www.example.net.', type='TXT', ` +
  `values='"v=1 epoch=${epoch} serving=standby mode=auto set=${(epoch * 7919).toString(16)} since=${1_790_000_000 + epoch}"'] ${why}`;

test('the same refusal of another try is told again after an hour, not before', () => {
  const told = tellRefusal({}, quoting(41), 0) ?? {};
  assert.equal(Object.keys(told).length, 1);
  assert.equal(tellRefusal(told, quoting(42), HOUR_MS - 1), undefined);
  assert.deepEqual(Object.values(tellRefusal(told, quoting(43), HOUR_MS) ?? {}), [HOUR_MS]);
});

test('reasons that take turns are told once an hour each', () => {
  let told: Reminders = {};
  let mails = 0;
  for (let minute = 0; minute < 60; minute += 1) {
    const next = tellRefusal(told, quoting(minute, minute % 2 === 0 ? 'but it exists' : 'is denied'), minute);
    if (next !== undefined) mails += 1;
    told = next ?? told;
  }
  assert.equal(mails, 2);
});

test('refusals that are never in the same words are told a few times an hour, and little of them is kept', () => {
  let told: Reminders = {};
  let mails = 0;
  for (let minute = 0; minute < 60; minute += 1) {
    const next = tellRefusal(told, `${minute} ${'x'.repeat(10_000)}`, minute * 60_000);
    if (next !== undefined) mails += 1;
    told = next ?? told;
  }
  assert.equal(mails, 5);
  assert.ok(JSON.stringify(told).length < 2000);
  assert.notEqual(tellRefusal(told, 'another', HOUR_MS), undefined, 'the first of them is an hour ago');
});
