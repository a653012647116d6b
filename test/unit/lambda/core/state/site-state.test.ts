import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  emptyState,
  modeInForce,
  parseState,
  type SiteState,
} from '../../../../../lambda/core/state/site-state.ts';
import type { Mode, Role } from '../../../../../lambda/core/zone/role-record.ts';

const NOW_MS = 1_795_341_600_000;
const untilMs = NOW_MS + 3_600_000;
const untilSeconds = untilMs / 1000;

const role = (epoch: number, given: Partial<Role> = {}): Role => ({
  epoch,
  serving: 'primary',
  mode: 'auto',
  set: '1a2b3c4d',
  sinceSeconds: 0,
  ...given,
});
const override = (epoch: number, mode: Mode): SiteState['override'] => ({
  by: 'ops',
  reason: 'drill',
  askedMs: NOW_MS - 1000,
  mode,
  epoch,
});

const auto: Mode = { mode: 'auto' };
const held: Mode = { mode: 'held', untilMs };
const pinned: Mode = { mode: 'pinned', pin: 'standby', untilMs };
const past: Mode = { mode: 'held', untilMs: NOW_MS };
const heldRole = (epoch: number) => role(epoch, { mode: 'held', untilSeconds });
const pinnedRole = (epoch: number) => role(epoch, { mode: 'pinned', pin: 'standby', untilSeconds });
const pastRole = (epoch: number) => role(epoch, { mode: 'held', untilSeconds: NOW_MS / 1000 });

describe('the mode in force: a hold or pin in either beats auto; of two, the higher epoch wins', () => {
  const cases: [title: string, role: Role | undefined, override: SiteState['override'], mode: Mode][] = [
    ['neither', undefined, undefined, auto],
    ['a role record that says auto', role(5), undefined, auto],
    ['the role record alone: a lost table loses no hold', heldRole(5), undefined, held],
    ['the role record alone: nor a pin', pinnedRole(5), undefined, pinned],
    ['the state alone: not yet in DNS', role(5), override(6, held), held],
    ['the state alone: nothing in DNS at all', undefined, override(1, pinned), pinned],
    ['both the same', heldRole(6), override(6, held), held],
    ['a newer pin in the state', heldRole(5), override(6, pinned), pinned],
    ['a newer pin in the role record', pinnedRole(6), override(5, held), pinned],
    ['a release that is not yet in DNS', pinnedRole(5), override(6, auto), auto],
    ['a release of before the pin, as a restored table has it', pinnedRole(6), override(5, auto), pinned],
    ['a release that the role record does not show, of the same epoch', heldRole(6), override(6, auto), held],
    ['the state has expired', role(5), override(6, past), auto],
    ['the role record has expired', pastRole(5), undefined, auto],
    ['both have expired', pastRole(6), override(6, past), auto],
    ['an expired newer one does not hide an older one', heldRole(5), override(6, past), held],
    ['nor the other way round', pastRole(6), override(5, pinned), pinned],
  ];
  for (const [title, fromZone, fromState, mode] of cases) {
    test(title, () => {
      assert.deepEqual(modeInForce(fromZone, fromState, NOW_MS), mode);
    });
  }

  test('it ends at its end, not before', () => {
    assert.deepEqual(modeInForce(heldRole(6), override(6, held), untilMs - 1), held);
    assert.deepEqual(modeInForce(heldRole(6), override(6, held), untilMs), auto);
  });
});

describe('a stored state is read whole or not at all', () => {
  const whole: SiteState = {
    ...emptyState(),
    told: {
      down: ['primary'],
      hellos: { standby: 'eu-west-2' },
      flaps: { standby: { turnsMs: [4], flapping: { sinceMs: 1, turns: 6 } }, third: { turnsMs: [1, 2] } },
    },
    reminders: { 'stuck blind': 5 },
    damping: { movesMs: [1], waits: 2, lastDueMs: 3 },
    targets: { primary: { health: 'down', sinceMs: 1, address: '203.0.113.10', freshMs: 2 } },
  };

  test('what is written is read back', () => {
    assert.deepEqual(parseState(JSON.stringify(whole)), whole);
    assert.deepEqual(parseState(JSON.stringify(emptyState())), emptyState());
  });

  test('what a newer version adds is kept', () => {
    const added = { ...whole, later: { added: 1 } };
    assert.deepEqual(parseState(JSON.stringify(added)), added);
  });

  const broken: [title: string, text: string][] = [
    ['nothing', ''],
    ['no JSON', '{schema:1}'],
    ['cut short', JSON.stringify(whole).slice(0, -5)],
    ['null', 'null'],
    ['a number', '1'],
    ['a text', '"state"'],
    ['a list', '[]'],
    ['an empty object', '{}'],
    ['another schema', JSON.stringify({ ...whole, schema: 3 })],
    ['the schema as a text', JSON.stringify({ ...whole, schema: '1' })],
    ['no targets', JSON.stringify({ ...whole, targets: undefined })],
    ['targets that are a text', JSON.stringify({ ...whole, targets: 'primary' })],
    ['no owed', JSON.stringify({ ...whole, outbox: undefined })],
    ['owed that is no list', JSON.stringify({ ...whole, outbox: {} })],
    ['no told', JSON.stringify({ ...whole, told: undefined })],
    ['told of a hello by nobody', JSON.stringify({ ...whole, told: { down: [], hellos: { standby: 1 } } })],
    ['told without down', JSON.stringify({ ...whole, told: {} })],
    ['flaps without turns', JSON.stringify({ ...whole, told: { down: [], flaps: { standby: {} } } })],
    ['no damping', JSON.stringify({ ...whole, damping: undefined })],
    ['damping without moves', JSON.stringify({ ...whole, damping: {} })],
  ];
  for (const [title, text] of broken) {
    test(title, () => {
      assert.equal(parseState(text), undefined);
    });
  }

  test('two states never share what is in them', () => {
    emptyState().told.down.push('primary');
    assert.deepEqual(emptyState().told.down, []);
  });
});
