import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { type OneOfMany, together } from '../../../../../lambda/core/messages/together.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import { incidentId, noticeOf } from '../../../../../lambda/core/state/notice.ts';

const AT_MS = Date.UTC(2026, 10, 30, 20, 40);
const NAMES = ['api', 'blog', 'shop', 'x1', 'x2', 'xn--bcher-kva'];
const SITES = NAMES.map((name) => ({ ...virtualSite(name), tags: name.startsWith('x') ? ['extra'] : [] }));
const CONFIG = virtualConfig(SITES);

type Order = { what: string; about?: 'silence' };
const HELD: Order = { what: 'held until 2026-12-01 00:15:35 UTC' };
const PINNED: Order = { what: 'pinned to standby until 2026-12-01 00:15:35 UTC' };
const SILENCED: Order = { what: 'silenced until 2026-12-01 00:15:35 UTC', about: 'silence' };

const one = (site: Site, order: Order): OneOfMany => ({
  site,
  before: [],
  notice: noticeOf({
    site: site.name,
    incident: incidentId(site.name, AT_MS),
    kind: 'hand',
    atMs: AT_MS,
    news: { type: 'ordered', ...order, by: 'oncall-b', reason: 'the rack is moved' },
  }),
});

const mailOf = (sites: readonly Site[], order: Order) => {
  const [first, ...others] = sites.map((site) => one(site, order));
  assert.ok(first);
  return together([first, ...others], CONFIG);
};

/** The lines of a mail as one, so that a sentence is found wherever it was broken. */
const flowing = (text: string): string => text.replaceAll(/ \\\n */g, ' ').replaceAll(/\n */g, ' ');

const CASES: [Order, end: string][] = [
  [HELD, 'release'],
  [PINNED, 'release'],
  [SILENCED, 'unsilence'],
];

describe('an order for many sites is told as it is for one', () => {
  for (const [order, end] of CASES)
    test(order.what, () => {
      const { subject, text } = mailOf(SITES, order);
      assert.ok(subject.startsWith(`ORDER 6 sites: ${order.what} by oncall-b [main-`), subject);
      const preview = flowing(text.split('\n').slice(0, 3).join('\n'));
      assert.ok(preview.includes(`6 of 6 sites of main: ${order.what}`), preview);
      assert.ok(
        flowing(text).includes(`by oncall-b for 6 sites: ${order.what}. Reason: the rack is moved`),
        text,
      );
      assert.ok(flowing(text).includes(`npm run switchover -- ${end} --all --reason "why"`), text);
      assert.equal(/Only SITE DOWN, moves/.test(text), order === SILENCED);
    });

  test('it ends for the sites of a tag, or for each of them', () => {
    const tagged = SITES.filter(({ tags }) => tags.includes('extra'));
    assert.match(flowing(mailOf(tagged, HELD).text), / release --tag extra --reason "why"/);
    const { text } = mailOf(SITES.slice(0, 4), SILENCED);
    for (const { name } of SITES.slice(0, 4))
      assert.ok(flowing(text).includes(` unsilence ${name} --reason "why"`), text);
    assert.doesNotMatch(text, /--all --reason|--tag/);
  });

  test('of more than ten that are no tag, the first ten are offered, and it says how many are left', () => {
    const sites = Array.from({ length: 14 }, (_, at) => virtualSite(`a${at}`));
    const [first, ...others] = sites.slice(0, 13).map((site) => one(site, HELD));
    assert.ok(first);
    const { text } = together([first, ...others], virtualConfig(sites));
    assert.equal(flowing(text).match(/ release a\d+\.dyn\.example\.net --reason "why"/g)?.length, 10);
    assert.match(text, /\n {2}and 3 more of these sites, each by its name\n/);
  });
});
