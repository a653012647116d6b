import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StatusDocument } from '../../../../../lambda/core/orders/status-document.ts';
import { widgetOfAll, widgetOfSite } from '../../../../../lambda/core/view/widget.ts';
import { massFailure, NOW_MS } from '../../../../support/mass-failure.ts';

const AROUND = { theme: 'dark', statusArn: 'arn:status', consoleArn: 'arn:console' } as const;
/** Our own bound: CloudWatch names none. */
const MOST_BYTES = 500_000;

/** What CloudWatch strips, and what facts do not confirm. */
const STRIPPED = /<script|<iframe|<use|<button|<details|javascript:| on[a-z]+=|url\(|@import/i;

/** As long as they are in AWS. */
const ARNS = {
  ...AROUND,
  statusArn: 'arn:aws:lambda:ap-southeast-1:111122223333:function:production-status',
};
const isOpened = (markup: string, site: string): boolean =>
  markup.includes(`&quot;site&quot;:&quot;${site}&quot;`);

describe('a widget of many sites', () => {
  test('opens each of 500 sites with a click, and each of 5,000 by a search', () => {
    for (const count of [31, 200, 500]) {
      const document = massFailure(count) as StatusDocument;
      const markup = widgetOfAll(document, ARNS);
      const shut = document.sites.filter(({ site }) => !isOpened(markup, site));
      assert.deepEqual(shut, [], `${count}`);
      assert.doesNotMatch(markup, /name="search"/);
    }
    const given = massFailure(5000) as StatusDocument;
    const sites = given.sites.map((one, at) => ({ ...one, site: `s${at}.dyn.example.test` }));
    const document = { ...given, sites };
    const all = widgetOfAll(document, ARNS);
    assert.match(all, /name="search"/);
    assert.match(all, /The first \d{3,4} of 5000 are drawn/);
    for (const { site } of [0, 499, 4999].flatMap((at) => sites[at] ?? [])) {
      const found = widgetOfAll(document, ARNS, site);
      assert.ok(isOpened(found, site), site);
      assert.ok(Buffer.byteLength(found) < MOST_BYTES);
    }
    // The one that is named so comes first, however many have it in their names.
    assert.match(widgetOfAll(document, ARNS, 's'), /search/);
    const named = { ...document, sites: sites.map((one, at) => (at === 4999 ? { ...one, site: 's' } : one)) };
    assert.ok(isOpened(widgetOfAll(named, ARNS, 's'), 's'));
    assert.match(widgetOfAll(document, ARNS, 'shop'), /found for shop/);
    assert.match(widgetOfAll(document, ARNS, 'nobody<'), /No site has nobody&lt; in its name/);
  });

  test('stays within its bound, with a night in which every site fails', () => {
    for (const count of [200, 1000, 5000]) {
      const markup = widgetOfAll(massFailure(count) as StatusDocument, ARNS);
      assert.ok(Buffer.byteLength(markup) < MOST_BYTES, `${count}: ${markup.length}`);
      assert.doesNotMatch(markup, STRIPPED);
    }
  });

  test('puts in nothing unescaped, whoever named it', () => {
    const document = massFailure(3) as StatusDocument;
    const [site] = document.sites;
    assert.ok(site);
    const evil = '"><img src=x onerror=alert(1)></cwdb-action>';
    const named = { ...site, site: evil, servers: site.servers.map((one) => ({ ...one, server: evil })) };
    const markup =
      widgetOfAll({ ...document, sites: [named] }, AROUND) +
      widgetOfSite(document, named, [], { around: AROUND, fromMs: NOW_MS - 1000, toMs: NOW_MS });
    assert.doesNotMatch(markup, /<img/);
    // Within the JSON of a button, too, which CloudWatch reads as text.
    for (const [, json = ''] of markup.matchAll(/<cwdb-action [^>]*>([^<]*)<\/cwdb-action>/g))
      JSON.parse(
        json
          .replaceAll('&quot;', '"')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&#39;', "'")
          .replaceAll('&amp;', '&'),
      );
  });
});
