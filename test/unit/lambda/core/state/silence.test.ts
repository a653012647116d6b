import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';
import { changesAcknowledged, type Quieted, quietBy } from '../../../../../lambda/core/state/silence.ts';

const evidence = { startMs: 0, sightings: {} };
const asked = { by: 'ann', reason: 'disks', askedMs: 1000 };
const silence = { ...asked, untilMs: 9000, suppressed: 0 };
const hold = { mode: 'held', by: 'bo', untilMs: 9000 } as const;
const left = (reason: 'held' | 'nowhere-better' | 'flapping' | 'unsure') =>
  ({ row: 11, reason, act: 'leave' }) as const;
const stuck = { type: 'stuck', serving: 'primary', stays: 'primary', forMs: 0, evidence } as const;
const write = { from: 'primary', to: 'standby', reason: 'failover' };
const move = { ...write, row: 10, epoch: 3, members: [], evidence };
const turn = { server: 'standby', serves: false, decision: left('unsure'), evidence } as const;
const given = { by: 'bo', reason: 'x' };

/** What a silence lets through, and what it keeps back. */
const CASES: [name: string, told: boolean, news: SiteNews][] = [
  ['no server works', true, { ...stuck, decision: left('nowhere-better') }],
  ['no server works, and it is held', true, { ...stuck, decision: left('held'), hold }],
  ['it stays, for it moved too often', true, { ...stuck, decision: left('flapping'), next: 'standby' }],
  ['it stays, as a person wants', false, { ...stuck, decision: left('held'), next: 'standby', hold }],
  ['nobody can tell how it fares', false, { ...stuck, decision: left('unsure') }],
  ['a failover', true, { type: 'moved', ...move, reason: 'failover' }],
  ['a rewrite of what serves', false, { type: 'moved', ...move, reason: 'refresh', from: 'standby' }],
  [
    'a move that was found',
    true,
    { type: 'found', from: 'primary', epoch: 3, serving: 'standby', mode: 'auto' },
  ],
  [
    'a rewrite that was found',
    false,
    { type: 'found', from: 'primary', epoch: 3, serving: 'primary', mode: 'auto' },
  ],
  ['a move that Route 53 refuses', true, { type: 'refused', ...write, message: 'no', passes: false }],
  [
    'a role record that Route 53 refuses',
    false,
    { type: 'refused', ...write, to: 'primary', message: 'no', passes: false },
  ],
  ['a move that is late', true, { type: 'late', ...write, sinceMs: 0, waitsFor: '', evidence }],
  ['a move that is forbidden', true, { type: 'protected', ...write, message: 'no' }],
  ['a failback that was not made', true, { type: 'failback-not-done', ...given, decision: left('unsure') }],
  [
    'a planned switch that was not made',
    true,
    { type: 'switch-ended', planned: true, done: false, why: '', to: 'standby', ...given },
  ],
  [
    'a planned switch that is complete',
    false,
    { type: 'switch-ended', planned: true, done: true, why: '', to: 'standby', ...given },
  ],
  [
    'what serves is down',
    false,
    { type: 'turned', ...turn, server: 'primary', serves: true, health: 'down' },
  ],
  ['a standby is down', false, { type: 'turned', ...turn, health: 'down' }],
  ['a standby is up', false, { type: 'turned', ...turn, health: 'up' }],
  ['all is well again', false, { type: 'over', sinceMs: 0 }],
  ['a hold', false, { type: 'ordered', what: 'held', ...given }],
  ['a silence', true, { type: 'ordered', what: 'silenced', about: 'silence', ...given }],
  ['an edit', false, { type: 'edited', detail: 'x' }],
  ['the end of a hold', false, { type: 'expired', mode: 'held', untilMs: 0 }],
  ['a certificate', false, { type: 'certificate', server: 'standby', expiresMs: 0 }],
  ['what an earlier version worded', true, { type: 'worded', subject: 'x', text: 'y' }],
  [
    'what could not be told in time, a move among it',
    true,
    {
      type: 'several',
      more: 0,
      of: [{ kind: 'x', incident: 'www-1', atMs: 0, news: { type: 'moved', ...move, reason: 'failover' } }],
    },
  ],
  [
    'what could not be told in time, no move among it',
    false,
    {
      type: 'several',
      more: 0,
      of: [{ kind: 'x', incident: 'www-1', atMs: 0, news: { type: 'edited', detail: 'x' } }],
    },
  ],
];

describe('a silence', () => {
  for (const [name, told, news] of CASES)
    test(`${told ? 'lets through' : 'keeps back'}: ${name}`, () => {
      const why = quietBy({ silence }, { news, incident: 'www-1' }, 8999);
      assert.equal(why, told ? undefined : 'silenced');
    });

  test('keeps nothing back from its end on', () => {
    const [, , news] = CASES.find(([name]) => name === 'a standby is down') ?? assert.fail();
    assert.equal(quietBy({ silence }, { news, incident: 'www-1' }, 9000), undefined);
    assert.equal(quietBy({}, { news, incident: 'www-1' }, 1), undefined);
  });

  test('lets the end of an incident through that people were told of, and of no other', () => {
    const known: Quieted = { silence, incident: { id: 'www-1', alarmed: true } };
    const over = { type: 'over', sinceMs: 0 } as const;
    const back = { type: 'turned', ...turn, health: 'up', over: true } as const;
    for (const news of [over, back]) {
      assert.equal(quietBy(known, { news, incident: 'www-1' }, 8000), undefined);
      assert.equal(quietBy(known, { news, incident: 'www-2' }, 8000), 'silenced');
      assert.equal(
        quietBy({ silence, incident: { id: 'www-1' } }, { news, incident: 'www-1' }, 8000),
        'silenced',
      );
    }
  });
});

describe('an acknowledged incident', () => {
  const known: Quieted = { incident: { id: 'www-1', alarmed: true, acknowledged: asked } };
  const down: SiteNews = { ...stuck, decision: left('nowhere-better') };

  test('is not told again, not even that no server works', () => {
    assert.equal(quietBy(known, { news: { ...down, again: true }, incident: 'www-1' }, 8000), 'acknowledged');
  });

  test('tells what is new, and what is told again of another incident', () => {
    assert.equal(quietBy(known, { news: down, incident: 'www-1' }, 8000), undefined);
    assert.equal(quietBy(known, { news: { ...down, again: true }, incident: 'www-2' }, 8000), undefined);
    assert.equal(
      quietBy(
        { incident: { id: 'www-1', alarmed: true } },
        { news: { ...down, again: true }, incident: 'www-1' },
        8000,
      ),
      undefined,
    );
  });

  test('has changed with new trouble, and with nothing else', () => {
    const at = (news: SiteNews, atMs = 2000) => changesAcknowledged(asked, { news, atMs });
    assert.equal(at(down), true);
    assert.equal(at(down, 1000), false, 'it was known when somebody acknowledged it');
    assert.equal(at({ ...down, again: true }), false);
    assert.equal(at({ type: 'turned', ...turn, health: 'up' }), false);
    assert.equal(at({ type: 'ordered', what: 'held', ...given }), false);
    assert.equal(at({ type: 'moved', ...move, reason: 'failover' }), true);
    const none = { unknown: [], flapping: [], blocked: [] };
    const ended = {
      ...given,
      sinceMs: 500,
      untilMs: 900,
      suppressed: 1,
      down: ['primary'],
      evidence: { startMs: 0, sightings: {} },
      ...none,
    };
    assert.equal(at({ type: 'silence-ended', ...ended }), false, 'it sums up what somebody may know');
  });
});
