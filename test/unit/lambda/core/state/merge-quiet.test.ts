import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { merge } from '../../../../../lambda/core/state/merge.ts';
import type { Silence } from '../../../../../lambda/core/state/silence.ts';
import { emptyState, parseState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';

const first: Silence = { by: 'ann', reason: 'disks', askedMs: 1000, untilMs: 9000, suppressed: 2 };
const second: Silence = { by: 'bo', reason: 'network', askedMs: 2000, untilMs: 5000, suppressed: 2 };
const having = (silence?: Silence): SiteState => ({ ...emptyState(), ...(silence && { silence }) });
const merged = (base?: Silence, ours?: Silence, theirs?: Silence) =>
  merge(having(base), having(ours), having(theirs)).silence;

describe('two writers of a silence', () => {
  test('the last one that was asked for counts, whichever was saved first', () => {
    assert.deepEqual(merged(undefined, first, second), { ...second, suppressed: 4 });
    assert.deepEqual(merged(undefined, second, first), { ...second, suppressed: 4 });
  });

  test('what each kept back is counted once', () => {
    const [ours, theirs] = [
      { ...first, suppressed: 5 },
      { ...first, suppressed: 3 },
    ];
    assert.equal(merged(first, ours, theirs)?.suppressed, 6);
    assert.equal(merged(first, ours, second)?.suppressed, 5, 'it goes over to the one that takes its place');
  });

  test('one that a person ended is over, although a controller counted on', () => {
    const ended = { ...first, untilMs: 4000, ended: { by: 'bo', reason: 'done' } };
    const counted = { ...first, suppressed: 3 };
    assert.deepEqual(merged(first, ended, counted), { ...ended, suppressed: 3 });
    assert.deepEqual(merged(first, counted, ended), { ...ended, suppressed: 3 });
  });

  test('one whose end was told does not come back, and a new one stays', () => {
    assert.equal(merged(first, undefined, { ...first, suppressed: 3 }), undefined);
    assert.equal(merged(first, { ...first, suppressed: 3 }, undefined), undefined);
    assert.deepEqual(merged(first, undefined, second), second);
    assert.deepEqual(merged(first, second, undefined), second);
  });
});

describe('two writers of an incident', () => {
  const incident = { id: 'www-1', openedMs: 1 };
  const acknowledged = { by: 'ann', reason: 'on it', askedMs: 5 };
  const of = (own: SiteState['incident']): SiteState => ({ ...emptyState(), ...(own && { incident: own }) });

  test('a person acknowledges it while a controller tells of it', () => {
    const [alarmed, known] = [
      of({ ...incident, alarmed: true, group: 'main-1' }),
      of({ ...incident, acknowledged }),
    ];
    const both = { ...incident, alarmed: true as const, group: 'main-1', acknowledged };
    assert.deepEqual(merge(of(incident), alarmed, known).incident, both);
    assert.deepEqual(merge(of(incident), known, alarmed).incident, both);
  });

  test('what has changed it ends that, although the other side noted something else', () => {
    const before = of({ ...incident, acknowledged });
    const after = merge(
      before,
      of({ ...incident, alarmed: true }),
      of({ ...incident, acknowledged, group: 'main-1' }),
    );
    assert.deepEqual(after.incident, { ...incident, alarmed: true, group: 'main-1' });
  });

  test('an acknowledgement of one that has ended keeps the next one from nobody', () => {
    const next = { id: 'www-2', openedMs: 9 };
    assert.deepEqual(merge(of(incident), of(next), of({ ...incident, acknowledged })).incident, next);
    const alarmed = { ...incident, acknowledged, alarmed: true as const };
    assert.deepEqual(merge(of(incident), of(next), of(alarmed)).incident, alarmed, 'whose end is to be told');
  });

  test('of one that either side has closed counts what is stored', () => {
    assert.equal(merge(of(incident), of(undefined), of({ ...incident, acknowledged })).incident?.id, 'www-1');
    assert.equal(merge(of(incident), of({ ...incident, acknowledged }), of(undefined)).incident, undefined);
  });
});

describe('a stored state', () => {
  const read = (state: object) => parseState(JSON.stringify({ ...emptyState(), ...state }));

  test('of before silences is read, and so is one with a silence and an acknowledged incident', () => {
    const known = {
      silence: first,
      incident: { id: 'www-1', openedMs: 1, acknowledged: { by: 'a', reason: 'b', askedMs: 2 } },
    };
    assert.deepEqual(read({}), emptyState());
    assert.deepEqual(read(known), { ...emptyState(), ...known });
  });

  for (const [name, state] of [
    ['without an end', { silence: { ...first, untilMs: undefined } }],
    ['without a name', { silence: { ...first, by: undefined } }],
    ['whose count is a word', { silence: { ...first, suppressed: 'many' } }],
    ['that was ended by nobody', { silence: { ...first, ended: {} } }],
    ['acknowledged by nobody', { incident: { id: 'www-1', openedMs: 1, acknowledged: {} } }],
  ] as const)
    test(`${name} is not understood whole`, () => {
      assert.equal(read(state), undefined);
    });
});
