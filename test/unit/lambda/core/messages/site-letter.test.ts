import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { announcementOf } from '../../../../../lambda/core/messages/announcement.ts';
import type { NewsOf, SiteNews } from '../../../../../lambda/core/state/news.ts';
import { noticeOf } from '../../../../../lambda/core/state/notice.ts';

const SITE = virtualSite('www');
const CONFIG = virtualConfig([SITE]);
const AT_MS = Date.UTC(2026, 10, 30, 20, 30);
const EVIDENCE = { startMs: AT_MS, sightings: {} };

/** The mail of one site, its text as one line. */
const mailOf = (news: SiteNews) => {
  const notice = noticeOf({ site: SITE.name, incident: 'www-tpc0nv', kind: 'kind', atMs: AT_MS, news });
  const { subject, text, severity } = announcementOf(SITE, CONFIG, notice);
  return { subject, severity, text: text.replaceAll(/ \\\n */g, ' ').replaceAll(/\s+/g, ' ') };
};

const HOLD = {
  mode: 'held',
  by: 'oncall-b',
  reason: 'db migration',
  untilMs: AT_MS + 3_600_000,
} as const;

describe('the end of a silence', () => {
  const ended = (given: Partial<NewsOf<'silence-ended'>>): NewsOf<'silence-ended'> => ({
    type: 'silence-ended',
    by: 'ops',
    reason: 'works',
    sinceMs: AT_MS - 600_000,
    untilMs: AT_MS,
    suppressed: 2,
    serving: 'standby',
    down: [],
    unknown: [],
    flapping: [],
    blocked: [],
    evidence: EVIDENCE,
    ...given,
  });
  const DOWN = ended({ down: ['primary', 'standby'] });

  test('at a site without a working server offers repair, and no failback, which would be refused', () => {
    const { subject, text } = mailOf(DOWN);
    assert.equal(subject, 'SITE DOWN www.dyn.example.net: silence over, no server works [www-tpc0nv]');
    assert.match(text, /Repair any of its servers\./);
    assert.doesNotMatch(text, / failback | hold /);
  });

  test('calls nobody a second time for what was told in it, and still says it', () => {
    const { subject, severity, text } = mailOf({ ...DOWN, known: true });
    assert.equal(
      subject,
      'SILENCE ENDED www.dyn.example.net: silence over, no server works, as told [www-tpc0nv]',
    );
    assert.equal(severity, 'info');
    assert.match(text, /Repair any of its servers\./);
  });

  test('at a site without a working server that is held names who, and offers release', () => {
    const { subject, text } = mailOf({ ...DOWN, hold: HOLD });
    assert.match(subject, /^SITE DOWN www\.dyn.*: silence over, no server works, held by oncall-b \[/);
    assert.match(text, /Repair a server: none of them works now\..* release www/);
  });

  test('at a site that is held and well says who, and until when', () => {
    const { subject } = mailOf(ended({ serving: 'primary', hold: HOLD }));
    assert.match(subject, /^SILENCE ENDED www\S*: held by oncall-b until 2026-11-30 21:30:00 UTC \[/);
  });

  test('says of a primary that is up that it can be moved back to now', () => {
    const flapping = ended({ flapping: ['standby'] });
    assert.match(mailOf(flapping).text, /Move back to primary: npm run/);
    assert.match(mailOf({ ...flapping, unknown: ['primary'] }).text, /Move back to primary, once it is up:/);
  });
});

test('a move that a hold keeps from being made has the time for which its server is down', () => {
  const { text } = mailOf({
    type: 'stuck',
    decision: { row: 7, reason: 'held', act: 'leave' },
    serving: 'primary',
    stays: 'primary',
    forMs: 95_000,
    sinceMs: AT_MS - 10_000,
    next: 'standby',
    hold: HOLD,
    evidence: EVIDENCE,
  });
  assert.match(text, /primary is down since 20:29:50 UTC \(10 s\) and standby would take over, but/);
  assert.doesNotMatch(text, /This has lasted/);
});

describe('a server that turned', () => {
  const turned: NewsOf<'turned'> = {
    type: 'turned',
    server: 'primary',
    health: 'up',
    serves: false,
    serving: 'standby',
    decision: { row: 15, reason: 'fine', act: 'leave' },
    evidence: EVIDENCE,
  };

  test('up is not to be waited for', () => {
    assert.match(mailOf(turned).text, /Move back to primary: npm run/);
  });

  test('down, with a move that Route 53 would refuse, is no reason to promise or to advise that move', () => {
    const down = {
      ...turned,
      health: 'down',
      serves: true,
      serving: 'primary',
      decision: { row: 10, reason: 'failover', act: 'serve', server: 'standby' },
    } as const;
    const { text } = mailOf({ ...down, blocked: ['standby'] });
    assert.doesNotMatch(text, / pin |due to move to standby/);
    assert.match(text, /Route 53 would refuse the move: a record of the zone stands in its way\./);
    assert.match(mailOf(down).text, / pin www\S* standby /);
  });
});

test('a record that blocks the standby is no reason to advise a pin to it', () => {
  const { text } = mailOf({
    type: 'blocked',
    appeared: [{ server: 'standby', why: 'www has TXT records' }],
    all: ['standby'],
    serving: 'primary',
  });
  assert.match(text, /Orders to move there are refused as well\./);
  assert.doesNotMatch(text, / pin /);
});
