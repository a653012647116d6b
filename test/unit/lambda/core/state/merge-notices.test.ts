import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { merge } from '../../../../../lambda/core/state/merge.ts';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';
import { noticeOf } from '../../../../../lambda/core/state/notice.ts';
import { emptyState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import { NOW_MS, news } from './arbitrary.ts';

const OPEN = { id: 'www-1', openedMs: NOW_MS };
const ALARMED = { ...OPEN, alarmed: true as const };

const state = (given: Partial<SiteState>): SiteState => ({ ...emptyState(), ...given });
const told = (kind: string, said: SiteNews, atMs: number) =>
  noticeOf({ site: 'www.example.net', incident: OPEN.id, kind, atMs, news: said });
const endAt = (atMs: number) => told('over', { type: 'over', sinceMs: NOW_MS, serving: 'primary' }, atMs);

describe('the end of an incident, which two controllers see at their own moment', () => {
  const base = state({ incident: ALARMED });
  const ours = state({ incident: ALARMED, outbox: [endAt(NOW_MS + 182)] });
  const ends = (merged: SiteState) =>
    merged.outbox.filter(({ kind }) => kind === 'over').map(({ atMs }) => atMs);

  test('is told by who stored it first', () => {
    const theirs = state({ incident: ALARMED, outbox: [endAt(NOW_MS)] });
    assert.deepEqual(ends(merge(base, ours, theirs)), [NOW_MS]);
  });

  test('is not told again once it was told, whether the incident is closed by then or not', () => {
    assert.deepEqual(ends(merge(base, ours, state({ incident: OPEN }))), []);
    assert.deepEqual(ends(merge(base, ours, state({}))), []);
  });

  test('is not told by itself where the message of a move back tells it', () => {
    const moved = news('failback', 'primary', NOW_MS, 3);
    const back = { ...moved, news: { ...moved.news, over: true } as SiteNews };
    assert.deepEqual(ends(merge(base, ours, state({ incident: ALARMED, outbox: [back] }))), []);
  });

  test('is told where theirs tells something else, or knows nothing of that incident', () => {
    const theirs = state({ incident: ALARMED, outbox: [news('visible', 'visible', NOW_MS)] });
    assert.deepEqual(ends(merge(base, ours, theirs)), [NOW_MS + 182]);
    const alone = merge(emptyState(), ours, state({ outbox: [news('visible', 'visible', NOW_MS)] }));
    assert.deepEqual(ends(alone), [NOW_MS + 182]);
  });
});
