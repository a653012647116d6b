import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';
import { noticeOf } from '../../../../../lambda/core/state/notice.ts';
import { emptyState } from '../../../../../lambda/core/state/site-state.ts';
import { evented, mailed, recorded, suppressed } from '../../../../../lambda/core/steps/told.ts';
import { worded } from '../../../../support/in-words.ts';

const outbox = ['server-down', 'failover'].map((kind, atMs) => worded(kind, { atMs }));
const subjects = new Map(outbox.map(({ id, kind }) => [id, `about ${kind}`]));
const state = { ...emptyState(), outbox };

test('what was mailed stands in the history, and leaves the outbox once events tell it, too', () => {
  const first = mailed(new Map([...subjects].slice(0, 1)), 100)(state);
  assert.deepEqual(first.outbox, [{ ...outbox[0], told: 'mail' }, outbox[1]]);
  assert.deepEqual(
    first.history.map(({ what, text }) => [what, text]),
    [['told', 'server-down: about server-down']],
  );
  const ids = new Set(subjects.keys());
  assert.deepEqual(evented(ids, undefined)(first).outbox, [{ ...outbox[1], told: 'event' }]);
  assert.deepEqual(mailed(subjects, 100)(evented(ids, undefined)(state)).outbox, []);
  assert.deepEqual(evented(ids, undefined)(mailed(subjects, 100)(state)).outbox, []);
});

test('what is mailed twice waits for its event all the same', () => {
  const twice = mailed(subjects, 200)(mailed(subjects, 100)(state));
  assert.deepEqual(
    twice.outbox.map(({ told }) => told),
    ['mail', 'mail'],
  );
});

test('an event changes what pagers have open', () => {
  const opened = evented(new Set(), { opens: { 'www-1-failover': 'failover' }, ends: [] })(state);
  assert.deepEqual(opened.alerts, { 'www-1-failover': 'failover' });
  const ended = evented(new Set(), { opens: {}, ends: ['www-1-failover'] })(opened);
  assert.equal('alerts' in ended, false);
});

test('what a silence keeps back changes what was acknowledged, as if it were told', () => {
  const asked = { by: 'ann', reason: 'on it', askedMs: 50 };
  const silence = { ...asked, untilMs: 900, suppressed: 0 };
  const incident = { id: 'www-1', openedMs: 1, acknowledged: asked };
  const after = (news: SiteNews, atMs: number, why: 'silenced' | 'acknowledged' = 'silenced') => {
    const notice = noticeOf({ site: 'www', incident: 'www-1', kind: 'x', atMs, news });
    const kept = suppressed(new Map([[notice.id, 'words']]), why, 100);
    return kept({ ...state, silence, incident, outbox: [notice] }).incident;
  };
  const evidence = { startMs: 0, sightings: {} };
  const down = { type: 'turned', server: 'standby', health: 'down', serves: false, evidence } as const;
  assert.deepEqual(after(down as SiteNews, 60), { id: 'www-1', openedMs: 1 });
  assert.deepEqual(after(down as SiteNews, 40), incident, 'it was there before');
  assert.deepEqual(after({ type: 'edited', detail: 'x' }, 60, 'acknowledged'), incident);
});

test('entries that have items of their own leave the state, and no others', () => {
  const { history } = mailed(subjects, 100)(state);
  const [one, two] = history;
  const left = recorded(new Set([one?.id ?? '']))({ ...state, history });
  assert.deepEqual(left.history, [two]);
});
