import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  armedServer,
  type Decision,
  decide,
  type Facts,
  failbackDueTo,
} from '../../../../../lambda/core/decision/decide.ts';
import { NOW_MS } from './decide-table.ts';

/** All is well: primary serves and is up, standby is armed. */
const well: Facts = {
  nowMs: NOW_MS,
  servers: ['primary', 'standby', 'third'],
  zone: 'ours',
  remembered: true,
  mode: { mode: 'auto' },
  serving: 'primary',
  healths: { primary: 'up', standby: 'up', third: 'up' },
  verdicts: { primary: 'passed', standby: 'passed', third: 'passed' },
  sighted: true,
  mayMoveAtMs: NOW_MS,
  failback: 'manual',
  sinceMs: { primary: 0, standby: 0, third: 0 },
  configured: 'same',
};
const later = NOW_MS + 60_000;
const held: Facts['mode'] = { mode: 'held', untilMs: later };
const pinned = (pin: string): Facts['mode'] => ({ mode: 'pinned', pin, untilMs: later });
const primaryDown: Partial<Facts> = {
  healths: { primary: 'down', standby: 'up', third: 'up' },
  verdicts: { primary: 'failed', standby: 'passed', third: 'passed' },
};
const onSorry: Partial<Facts> = { lastResort: 'third', serving: 'third' };
const onStandby: Partial<Facts> = { serving: 'standby' };
const nothing: Partial<Facts> = { zone: 'nothing', remembered: false };
const withoutServing = ({ serving: _, ...facts }: Facts): Facts => facts;

const serve = (row: number, reason: Decision['reason'], server: string): Decision => ({
  row,
  reason,
  act: 'serve',
  server,
});
const leave = (row: number, reason: Decision['reason']): Decision => ({ row, reason, act: 'leave' });

/** The decision table of design.md, row by row: what is different from `well`, and what it says then. */
const ROWS: [title: string, facts: Partial<Facts>, decision: Decision][] = [
  ['1: nothing there, pinned', { ...nothing, mode: pinned('standby') }, serve(1, 'pinned', 'standby')],
  [
    '1: the pinned server need not be up',
    { ...nothing, mode: pinned('standby'), healths: { standby: 'down' } },
    serve(1, 'pinned', 'standby'),
  ],
  [
    '1 not: pinned to nobody we know, though one is up',
    { ...nothing, mode: pinned('gone') },
    leave(3, 'waiting'),
  ],
  ['2: nothing there, one is up', { ...nothing, healths: { third: 'up' } }, serve(2, 'created', 'third')],
  ['2: the most preferred that is up', nothing, serve(2, 'created', 'primary')],
  [
    '2: the last resort only when it alone is up',
    { ...nothing, lastResort: 'primary' },
    serve(2, 'created', 'standby'),
  ],
  ['3: nothing is up', { ...nothing, healths: { primary: 'down' } }, leave(3, 'waiting')],
  ['3: held', { ...nothing, mode: held }, leave(3, 'waiting')],
  [
    '4: one of ours without a role record',
    { zone: 'adoptable', remembered: false },
    { row: 4, reason: 'adopted', act: 'adopt', server: 'primary' },
  ],
  [
    '4: whatever the mode and health',
    { ...primaryDown, zone: 'adoptable', remembered: false, mode: pinned('standby') },
    { row: 4, reason: 'adopted', act: 'adopt', server: 'primary' },
  ],
  ['5: edited', { zone: 'edited' }, leave(5, 'edited-by-hand')],
  [
    '5: edited, although the server is down and pinned elsewhere',
    { ...primaryDown, zone: 'edited', mode: pinned('standby') },
    leave(5, 'edited-by-hand'),
  ],
  ['5: all gone, and ours is remembered', { zone: 'nothing' }, leave(5, 'edited-by-hand')],
  ['5: the role record gone, and ours is remembered', { zone: 'adoptable' }, leave(5, 'edited-by-hand')],
  ['6: pinned elsewhere', { mode: pinned('standby') }, serve(6, 'pinned', 'standby')],
  [
    '6: pinned to a server that is down, while blind and moving too often',
    {
      mode: pinned('standby'),
      healths: { primary: 'up', standby: 'down' },
      sighted: false,
      mayMoveAtMs: later,
    },
    serve(6, 'pinned', 'standby'),
  ],
  ['6: already there', { mode: pinned('primary') }, leave(6, 'pinned')],
  ['7: held while the server is down', { ...primaryDown, mode: held }, leave(7, 'held')],
  ['7: pinned to nobody we know', { ...primaryDown, mode: pinned('gone') }, leave(7, 'held')],
  ['8: blind', { ...primaryDown, sighted: false }, leave(8, 'blind')],
  ['8: blind and all seemed well', { sighted: false }, leave(8, 'blind')],
  [
    '9: a failover too often',
    { ...primaryDown, mayMoveAtMs: later },
    { ...leave(9, 'flapping'), waitUntilMs: later },
  ],
  [
    '9: the last resort too often',
    {
      lastResort: 'third',
      mayMoveAtMs: later,
      healths: { primary: 'down', standby: 'down', third: 'up' },
      verdicts: { third: 'passed' },
    },
    { ...leave(9, 'flapping'), waitUntilMs: later },
  ],
  [
    '9: a failback by itself too often',
    { ...onStandby, failback: { afterSeconds: 60 }, mayMoveAtMs: later },
    { ...leave(9, 'flapping'), waitUntilMs: later },
  ],
  ['9 not: nothing would move it', { mayMoveAtMs: later }, leave(15, 'fine')],
  [
    '9 not: it would not move anyway',
    { mayMoveAtMs: later, healths: { primary: 'down' } },
    leave(11, 'nowhere-better'),
  ],
  ['9 not: the wait is over', { ...primaryDown, mayMoveAtMs: NOW_MS }, serve(10, 'failover', 'standby')],
  [
    '9 not: a person asks',
    { ...onStandby, failbackAskedUntilMs: later, mayMoveAtMs: later },
    serve(13, 'failback', 'primary'),
  ],
  [
    '9 not: configured anew is no move',
    { configured: 'differs-up', mayMoveAtMs: later },
    serve(14, 'refresh', 'primary'),
  ],
  ['10: down, the next is armed', primaryDown, serve(10, 'failover', 'standby')],
  [
    '10: the standby is up but did not pass in this round',
    { ...primaryDown, verdicts: { primary: 'failed', standby: 'none', third: 'passed' } },
    serve(10, 'failover', 'third'),
  ],
  [
    '10: the standby passed but is not up yet',
    { ...primaryDown, healths: { primary: 'down', standby: 'unknown', third: 'up' } },
    serve(10, 'failover', 'third'),
  ],
  [
    '10: not to one that Route 53 would refuse, while another is armed',
    { ...primaryDown, blocked: ['standby'] },
    serve(10, 'failover', 'third'),
  ],
  [
    '10: to one that Route 53 would refuse, when no other is armed',
    { ...primaryDown, verdicts: { primary: 'failed', standby: 'passed' }, blocked: ['standby'] },
    serve(10, 'failover', 'standby'),
  ],
  [
    '10: towards the preferred one when the standby dies',
    { ...onStandby, healths: { primary: 'up', standby: 'down', third: 'up' } },
    serve(10, 'failover', 'primary'),
  ],
  ['10: from the last resort, though it is up', onSorry, serve(10, 'recovered', 'primary')],
  [
    '10: from the last resort, whose health nobody knows',
    { ...onSorry, healths: { primary: 'up' } },
    serve(10, 'recovered', 'primary'),
  ],
  [
    '10: not to the last resort, even if it is the next that is armed',
    { ...primaryDown, lastResort: 'standby' },
    serve(10, 'failover', 'third'),
  ],
  [
    '11: nothing is armed, the last resort passed',
    {
      lastResort: 'third',
      healths: { primary: 'down', standby: 'down', third: 'unknown' },
      verdicts: { third: 'passed' },
    },
    serve(11, 'nowhere-better', 'third'),
  ],
  [
    '11: the last resort is up but did not pass in this round',
    {
      lastResort: 'third',
      healths: { primary: 'down', standby: 'down', third: 'up' },
      verdicts: { third: 'none' },
    },
    leave(11, 'nowhere-better'),
  ],
  ['11: nothing is armed, no last resort', { healths: { primary: 'down' } }, leave(11, 'nowhere-better')],
  [
    '11: on the last resort, and nothing is armed',
    { ...onSorry, healths: { third: 'up' } },
    leave(11, 'nowhere-better'),
  ],
  [
    '12: unknown is not down',
    { healths: { primary: 'unknown', standby: 'up', third: 'up' } },
    leave(12, 'unsure'),
  ],
  ['12: no health at all is unknown', { healths: {}, verdicts: { standby: 'passed' } }, leave(12, 'unsure')],
  ['12: no longer configured', { serving: 'gone' }, leave(12, 'unsure')],
  [
    '12: no longer configured, although health is remembered',
    { serving: 'gone', healths: { gone: 'down', primary: 'up' } },
    leave(12, 'unsure'),
  ],
  ['13: a person asks', { ...onStandby, failbackAskedUntilMs: NOW_MS }, serve(13, 'failback', 'primary')],
  [
    '13 not: the command is no longer alive',
    { ...onStandby, failbackAskedUntilMs: NOW_MS - 1 },
    leave(15, 'fine'),
  ],
  [
    '13: up for long enough',
    { ...onStandby, failback: { afterSeconds: 60 }, sinceMs: { primary: NOW_MS - 60_000 } },
    serve(13, 'failback', 'primary'),
  ],
  [
    '13 not: a moment too early',
    { ...onStandby, failback: { afterSeconds: 60 }, sinceMs: { primary: NOW_MS - 59_999 } },
    leave(15, 'fine'),
  ],
  [
    '13 not: the preferred one is not up',
    { ...onStandby, failbackAskedUntilMs: later, healths: { primary: 'unknown', standby: 'up' } },
    leave(15, 'fine'),
  ],
  [
    '13 not: it did not pass in this round',
    { ...onStandby, failbackAskedUntilMs: later, verdicts: { primary: 'none', standby: 'passed' } },
    leave(15, 'fine'),
  ],
  [
    '13: the most preferred that passed, though a more preferred one is due',
    { serving: 'third', failbackAskedUntilMs: later, verdicts: { primary: 'none', standby: 'passed' } },
    serve(13, 'failback', 'standby'),
  ],
  ['13 not: nothing is preferred to the primary', { failbackAskedUntilMs: later }, leave(15, 'fine')],
  ['14: configured anew and up there', { configured: 'differs-up' }, serve(14, 'refresh', 'primary')],
  ['14 not: configured anew and not up there', { configured: 'differs' }, leave(15, 'fine')],
  ['15: fine', {}, leave(15, 'fine')],
  ['15: a standby is down', { healths: { primary: 'up', standby: 'down' } }, leave(15, 'fine')],
  ['15: manual failback waits for a person', onStandby, leave(15, 'fine')],
];

describe('decide, row by row', () => {
  for (const [title, facts, expected] of ROWS) {
    test(title, () => {
      const all = { ...well, ...facts };
      assert.deepEqual(decide(facts.zone === 'nothing' ? withoutServing(all) : all), expected);
    });
  }
});

test('the armed server is the most preferred of those that could take over now', () => {
  assert.equal(armedServer({ ...well, ...primaryDown }), 'standby');
  assert.equal(armedServer({ ...well, serving: 'standby' }), 'primary');
  assert.equal(armedServer({ ...well, lastResort: 'standby' }), 'third');
  assert.equal(armedServer({ ...well, verdicts: {} }), undefined);
  assert.equal(armedServer({ ...well, healths: {} }), undefined);
});

test('a failback is due before the round in which the preferred server passes', () => {
  const asked = { ...well, serving: 'third', failbackAskedUntilMs: later };
  assert.deepEqual(failbackDueTo({ ...asked, verdicts: {} }), ['primary', 'standby']);
  assert.deepEqual(failbackDueTo({ ...well, serving: 'third' }), []);
  assert.deepEqual(failbackDueTo({ ...asked, serving: 'gone' }), []);
  assert.deepEqual(failbackDueTo({ ...asked, lastResort: 'primary' }), ['standby']);
});
