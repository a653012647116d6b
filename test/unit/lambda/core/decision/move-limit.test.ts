import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Mover, mayGo, movesAllowed } from '../../../../../lambda/core/decision/move-limit.ts';

const NOW_MS = 1_800_000_000_000;
const WINDOW_MS = 10_000;

test('a share of all sites may move, and always one', () => {
  const table: [sites: number, share: number | undefined, allowed: number][] = [
    [1, 0.25, 1],
    [1, 0.001, 1],
    [4, 0.25, 1],
    [5, 0.25, 2],
    [1000, 0.25, 250],
    [1000, 1, 1000],
    [1000, undefined, 1000],
  ];
  for (const [sites, share, allowed] of table) assert.equal(movesAllowed(sites, share), allowed);
});

/** `a due`, `b due urgent`, `c moved=3` (three seconds ago), in any combination. */
const mover = (text: string): Mover => {
  const [site = '', ...words] = text.split(' ');
  const seconds = words.find((word) => word.startsWith('moved='))?.slice(6);
  const lastMs = seconds === undefined ? 0 : NOW_MS - Number(seconds) * 1000;
  return { site, lastMs, due: words.includes('due'), urgent: words.includes('urgent') };
};

describe('who may go', () => {
  const table: [what: string, allowed: number, movers: string[], going: string[]][] = [
    ['nobody is due', 2, ['a', 'b'], []],
    ['fewer than may', 2, ['a due', 'b'], ['a']],
    ['no more than may, in their order', 2, ['a due', 'b due', 'c due'], ['a', 'b']],
    ['visitors who wait go first', 1, ['a due', 'b due urgent'], ['b']],
    ['who moved a moment ago counts', 2, ['a moved=3', 'b due', 'c due'], ['b']],
    ['the last interval does not', 2, ['a moved=10', 'b due', 'c due'], ['b', 'c']],
    ['who went may try again, and takes no second place', 1, ['a due moved=3', 'b due'], ['a']],
    ['and then waits behind those who never went', 1, ['a due moved=10', 'b due'], ['b']],
    ['all may', 3, ['a due', 'b due', 'c due'], ['a', 'b', 'c']],
  ];
  for (const [what, allowed, movers, going] of table) {
    test(what, () => {
      const rule = { allowed, windowMs: WINDOW_MS, nowMs: NOW_MS };
      assert.deepEqual([...mayGo(movers.map(mover), rule)].sort(), going);
    });
  }
});

test('in every interval of a long outage of all sites no more than the share goes', () => {
  const sites = Array.from({ length: 40 }, (_, index) => ({ ...mover(`s${index} due urgent`), moved: 0 }));
  for (let second = 0; second < 40; second += 2) {
    const nowMs = NOW_MS + second * 1000;
    const going = mayGo(sites, { allowed: movesAllowed(40, 0.25), windowMs: WINDOW_MS, nowMs });
    for (const site of sites.filter((s) => going.has(s.site) && s.due)) {
      Object.assign(site, { due: false, lastMs: nowMs, moved: site.moved + 1 });
    }
    const recent = sites.filter((s) => s.lastMs > nowMs - WINDOW_MS).length;
    assert.ok(recent <= 10, `${recent} moved within one interval`);
  }
  assert.ok(sites.every(({ moved }) => moved === 1));
});
