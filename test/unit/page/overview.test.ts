import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StatusDocument } from '../../../lambda/core/orders/status-document.ts';
import { type Filter, overview } from '../../../page/overview.ts';
import { page } from '../../../page/shell.ts';
import { massFailure, NOW_MS, siteOfNight } from '../../support/mass-failure.ts';

const ALL: Filter = { search: '', tag: '', which: 'all', each: false };
const shown = (document: StatusDocument, filter: Partial<Filter> = {}): string =>
  overview(document, { ...ALL, ...filter }, 'switchover').markup;
const cellsIn = (markup: string): number => markup.match(/class="cell [a-z]+" href/g)?.length ?? 0;

describe('the page of all sites', () => {
  test('says what is not fine, the worst first, with the common cause of many', () => {
    const markup = shown(massFailure());
    const order = ['SITE DOWN', 'HELD, DOWN', 'FAILED OVER', 'NO STANDBY'].map((label) =>
      markup.indexOf(label),
    );
    // The counts name them, too: what counts is the list below.
    const list = markup.slice(markup.indexOf('class="groups"'));
    const inList = ['SITE DOWN', 'HELD, DOWN', 'FAILED OVER', 'NO STANDBY'].map((label) =>
      list.indexOf(label),
    );
    assert.ok(order.every((at) => at >= 0));
    assert.deepEqual(
      inList,
      inList.toSorted((a, b) => a - b),
    );
    assert.match(
      list,
      /primary refused 4 min, all at 198\.51\.100\.0\/24 · standby serves 4 min · no standby left/,
    );
    assert.match(list, /held by oncall-b: &quot;db migration, ticket 4711&quot; until 23:00/);
    assert.match(list, /href="\/site\/api\.dyn\.example\.net\/release"/);
  });

  test('has a cell for each site, that says by a sign and in words what its colour says', () => {
    const markup = shown(massFailure());
    assert.equal(cellsIn(markup), 200);
    assert.match(markup, /title="shop\.dyn\.example\.net: SITE DOWN" aria-label="[^"]+">✕<\/a>/);
  });

  test('shows what is searched for, by name and by tag, and only what is not fine', () => {
    assert.equal(cellsIn(shown(massFailure(), { search: 'SHOP' })), 1);
    assert.equal(cellsIn(shown(massFailure(), { which: 'not-fine' })), 56);
    const tagged = massFailure().sites.filter(({ tags }) => tags.includes('blog')).length;
    assert.equal(cellsIn(shown(massFailure(), { tag: 'blog' })), tagged);
    assert.match(shown(massFailure(), { search: 'nobody' }), /Nothing among these/);
    assert.match(shown(massFailure(), { search: '"><script>' }), /value="&quot;&gt;&lt;script&gt;"/);
  });

  test('has each site in a table where that is asked for, and where they are few', () => {
    assert.doesNotMatch(shown(massFailure()), /<table>/);
    assert.match(shown(massFailure(), { each: true }), /The first 200 of|<table>/);
    const few = { ...massFailure(), sites: [siteOfNight('www', 1, {})] };
    assert.match(shown(few), /<th scope="row"><a href="\/site\/www\.dyn\.example\.net">/);
    const moved = { ...massFailure(), sites: [siteOfNight('www', 1, { serving: 'standby' })] };
    assert.match(shown(moved), /<td>standby<\/td><td>2026-11-22 21:10:04<\/td>/, 'since when it serves');
  });

  test('is calm when all is well', () => {
    const sites = [siteOfNight('www', 1, {})];
    const well: StatusDocument = { ...massFailure(), ok: true, sites };
    assert.match(shown(well), /Nothing\. Every site is served, and something would take over\./);
  });

  test('of 1,000 sites is drawn in well under a second, and of 5,000 in a few', () => {
    const limits: [count: number, mostMs: number][] = [
      [1000, 1000],
      [5000, 4000],
    ];
    for (const [count, mostMs] of limits) {
      const document = massFailure(count);
      const sinceMs = performance.now();
      const text = page(
        { title: 't', deployment: 'main', where: 'here', called: 's' },
        overview(document, ALL, 's'),
      );
      const tookMs = performance.now() - sinceMs;
      assert.equal(cellsIn(text), count);
      assert.ok(tookMs < mostMs, `${count} sites took ${tookMs} ms`);
    }
  });

  test('counts what was decided how long ago', () => {
    assert.match(
      shown({ ...massFailure(), at: new Date(NOW_MS + 10_000).toISOString() }),
      /decided at most 13 s ago/,
    );
  });
});
