import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { announcementOf } from '../../../../../lambda/core/messages/announcement.ts';
import type { SiteNews } from '../../../../../lambda/core/state/news.ts';
import { bounded, incidentId, type Notice, noticeOf } from '../../../../../lambda/core/state/notice.ts';

const site = virtualSite('www');
const config = virtualConfig([site]);

test('an incident’s id: the first label, shortened, and the second it was opened in', () => {
  assert.match(incidentId('www.dyn.example.net', 1_795_341_600_000), /^www-[0-9a-z]{6}$/);
  assert.match(incidentId('a-label-far-longer-than-sixteen.example.net', 0), /^a-label-far-long-0$/);
  assert.match(incidentId('*.example.net', 1_795_341_600_000), /^site-/);
  assert.match(incidentId('', 1_795_341_600_000), /^site-/);
  assert.notEqual(
    incidentId('www.example.net', 1_795_341_600_000),
    incidentId('www.example.net', 1_795_341_601_000),
  );
  assert.equal(
    incidentId('www.example.net', 1_795_341_600_000),
    incidentId('www.example.net', 1_795_341_600_999),
  );
});

const noticeAt = (atMs: number, news: SiteNews): Notice<SiteNews> =>
  noticeOf({ site: site.name, incident: 'www-1', kind: 'hand', atMs, news });
const order = (n: number, reason = 'why'): SiteNews => ({
  type: 'ordered',
  what: `news ${n}`,
  by: 'alice',
  reason,
});

test('the id of a notice tells apart what differs, and not by how much was seen', () => {
  const evidence = { startMs: 0, sightings: {} };
  const unseen: SiteNews = { type: 'unseen', server: 'standby', evidence };
  const { id } = noticeAt(5, unseen);
  assert.equal(noticeAt(5, { ...unseen, evidence: { ...evidence, startMs: 4 } }).id, id);
  assert.notEqual(noticeAt(6, unseen).id, id);
  assert.notEqual(noticeAt(5, { ...unseen, server: 'third' }).id, id);
  assert.notEqual(noticeOf({ ...noticeAt(5, unseen), kind: 'server-unknown' }).id, id);
});

describe('what waits for long', () => {
  const outbox = (count: number, letter = 'x'): Notice<SiteNews>[] => {
    let waiting: Notice<SiteNews>[] = [];
    for (let n = 0; n < count; n++)
      waiting = bounded([...waiting, noticeAt(n, order(n, letter.repeat(3000)))]);
    return waiting;
  };

  test('is told as one for each way in which it is owed, so that no mail comes twice for the events', () => {
    const many = Array.from({ length: 100 }, (_, n) => ({
      ...noticeAt(n, order(n, 'x'.repeat(3000))),
      ...(n < 50 && { told: 'mail' as const }),
    }));
    const [mailed, untold, ...recent] = bounded(many);
    assert.deepEqual([mailed?.kind, mailed?.told], ['several', 'mail']);
    assert.deepEqual([untold?.kind, untold?.told], ['several', undefined]);
    assert.equal(mailed?.news.type === 'several' ? mailed.news.of.length : 0, 50);
    assert.ok(recent.every(({ told }) => told === undefined));
  });

  test('is kept whole up to a limit', () => assert.equal(outbox(40).length, 40));

  test('counts as the table counts it, not by letters', () => {
    for (const letter of ['x', 'ß', '網', '"', '\n']) {
      const bytes = Buffer.byteLength(JSON.stringify(outbox(400, letter)));
      assert.ok(bytes < 250_000, `${bytes} bytes of ${JSON.stringify(letter)}`);
    }
  });

  test('is told as one beyond it, a line for each, and fits a stored document and a message', () => {
    const all = outbox(400).map((notice) => announcementOf(site, config, notice));
    const text = all.map((a) => `${a.subject}\n${a.text}`).join('\n');
    for (let n = 0; n < 400; n++) assert.match(text, new RegExp(`news ${n}\\b`));
    assert.match(all[0]?.subject ?? '', /www\.dyn\.example\.net: what could not be told in time \[/);
    assert.ok((all[0]?.text.length ?? 0) < 250_000);
  });

  test('says how many are lost where even that is too much', () => {
    const waiting = outbox(1200);
    const [first] = waiting.map((notice) => announcementOf(site, config, notice));
    const [, lost] = /^ *(\d+) more before these, which are not kept$/m.exec(first?.text ?? '') ?? [];
    const lines = first?.text.match(/^.*: news \d+ by alice/gm) ?? [];
    assert.ok(Number(lost) > 0);
    assert.equal(Number(lost) + lines.length + waiting.length - 1, 1200);
  });
});
