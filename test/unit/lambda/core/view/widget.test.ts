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

describe('a widget of many sites', () => {
  test('stays within its bound, with a night in which every site fails', () => {
    for (const count of [200, 1000, 5000]) {
      const markup = widgetOfAll(massFailure(count) as StatusDocument, AROUND);
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
