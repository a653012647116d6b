import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SiteStatus } from '../../../lambda/core/orders/status.ts';
import { widgetOfSite } from '../../../lambda/core/view/widget.ts';
import { sitePage } from '../../../page/site.ts';
import { massFailure, NOW_MS, siteOfNight } from '../../support/mass-failure.ts';

const REFUSED = { code: 'refused', phrase: 'the server refused the connection (ECONNREFUSED)' };
const HELD = { by: 'bo', reason: 'ticket 4711', untilMs: NOW_MS + 3_600_000 };
const SILENCE = {
  by: 'eve',
  reason: 'ticket 4712',
  since: '2026-11-22T20:00:00.000Z',
  until: '2026-11-22T22:00:00.000Z',
  suppressed: 0,
  end: 'unsilence www --reason "why"',
};

const shown = (site: SiteStatus): string => {
  const view = { explanation: undefined, history: [], minutes: 60, latency: undefined, demo: [], deeds: {} };
  return sitePage({ document: massFailure(3), ...view }, site).markup;
};
const widget = (site: SiteStatus): string => {
  const around = { theme: 'light', statusArn: 'arn:status', consoleArn: 'arn:console' } as const;
  return widgetOfSite(massFailure(3), site, [], { around, fromMs: NOW_MS - 60_000, toMs: NOW_MS });
};
const times = (markup: string, words: string): number => markup.split(words).length - 1;

describe('the view of one site', () => {
  test('says since when who serves serves', () => {
    const moved = siteOfNight('www', 1, { down: { primary: REFUSED }, serving: 'standby' });
    for (const markup of [shown(moved), widget(moved)])
      assert.match(markup, /standby serves since 21:10:04 UTC \(4 min\) · epoch 2 · auto/);
  });

  test('says nobody serves where that server is down: DNS names it', () => {
    const down = siteOfNight('www', 1, { down: { primary: REFUSED, standby: REFUSED } });
    for (const markup of [shown(down), widget(down)]) {
      assert.match(markup, /primary is named in DNS since 2026-11-10 21:14 UTC \(12 days\) and is down/);
      assert.match(markup, /NAMED IN DNS/);
      assert.doesNotMatch(markup, /primary serves|SERVES/);
    }
  });

  test('says once who holds it and who silenced it, with the reason', () => {
    for (const dead of [[], ['primary'], ['primary', 'standby']]) {
      const down = Object.fromEntries(dead.map((server) => [server, REFUSED]));
      const site = { ...siteOfNight('www', 1, { down, held: HELD }), silence: SILENCE };
      for (const markup of [shown(site), widget(site)])
        for (const words of ['held by bo until 22:14', 'ticket 4711', 'silenced by eve', 'ticket 4712'])
          assert.equal(times(markup, words), 1, `${words} of a site that is ${site.condition}`);
    }
  });

  test('says each note once', () => {
    const site = siteOfNight('www', 1, {});
    const notes = [{ code: 'write-refused' as const, text: 'the write was refused' }];
    for (const markup of [
      shown({ ...site, condition: 'notice', notes }),
      widget({ ...site, condition: 'notice', notes }),
    ])
      assert.equal(times(markup, 'the write was refused'), 1);
  });
});
