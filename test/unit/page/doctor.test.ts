import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../fixtures/virtual/world.ts';
import { type Diagnosis, diagnose, type Prognosis } from '../../../lambda/core/doctor/diagnosis.ts';
import type { Account } from '../../../lambda/core/doctor/facts.ts';
import { standbysKnown } from '../../../lambda/core/doctor/standby.ts';
import type { Finding } from '../../../lambda/core/state/finding.ts';
import { doctorPage } from '../../../page/doctor.ts';
import { massFailure, NOW_MS, siteOfNight } from '../../support/mass-failure.ts';

const FOUND: Finding = {
  code: 'one-server',
  severity: 'error',
  site: 'www.dyn.example.net',
  what: 'It has <one> server.',
  why: 'Nothing could take over.',
  mend: 'Add a second one.',
};
const would = (site: string, is: Prognosis['would'], because?: string): Prognosis => ({
  site,
  would: is,
  text: `${site} WOULD OR WOULD NOT FAIL OVER.`,
  ...(because !== undefined && { because }),
});
const shown = (diagnosis: Partial<Diagnosis>): string =>
  doctorPage({ findings: [], prognoses: [], ...diagnosis }, 'switchover').markup;

/** What the account tells of sites as they stand. */
const diagnosed = (statuses: Account['sites']): Diagnosis => {
  const { sites } = virtualConfig(statuses.map(({ site }) => virtualSite(site.split('.')[0] ?? '')));
  const nothing = { zones: [], topics: [], calls: [], blind: [], vantages: 3, unseen: [] };
  const account: Account = { nowMs: NOW_MS, sites: statuses, ...nothing };
  const servers = standbysKnown(account, sites);
  return diagnose({ zones: [], names: [], servers, account }, sites, NOW_MS);
};
const times = (markup: string, words: RegExp): number => markup.match(words)?.length ?? 0;

const REFUSED = { code: 'refused', phrase: 'x' };
const HELD = { by: 'ann', reason: 'ticket 4711', untilMs: NOW_MS + 3_600_000 };

describe('the view of the doctor', () => {
  test('has each finding with why it matters and its mend, escaped, and leads to its site', () => {
    const markup = shown({ findings: [FOUND] });
    assert.match(markup, /<li class="group bad">/);
    assert.match(markup, /It has &lt;one&gt; server\./);
    assert.match(markup, /<strong>Add a second one\.<\/strong>/);
    assert.match(markup, /<a class="name" href="\/site\/www\.dyn\.example\.net">/);
  });

  test('says of each site whether it would fail over, those that would not first, each name once', () => {
    const prognoses = [
      would('a.example', 'fail-over'),
      would('b.example', 'not', 'because there is one server (one-server).'),
      would('c.example', 'unknown', 'Route 53 did not answer (zone-unanswered).'),
    ];
    const markup = shown({ prognoses });
    assert.match(markup, /1 of 3 sites would fail over now\./);
    const order = [...markup.matchAll(/<a href="\/site\/(\w)\.example">/g)].map(([, name]) => name);
    assert.deepEqual(order, ['b', 'c', 'a']);
    assert.match(markup, /WOULD NOT<\/span> because there is one server/);
    assert.doesNotMatch(markup, /FAIL OVER\./);
  });

  test('counts the many that would', () => {
    const prognoses = Array.from({ length: 300 }, (_, at) => would(`s${at}.example`, 'fail-over'));
    assert.match(shown({ prognoses }), /and 240 more/);
  });

  test('tells one finding of many sites in one card, with the sites', () => {
    const { sites } = massFailure();
    const markup = shown(diagnosed(sites));
    assert.equal(times(markup, /no-standby<\/span>/g), 2, 'one for each server that is to be repaired');
    assert.match(markup, /<span class="name">50 sites<\/span> <span class="dim">no-standby/);
    assert.match(markup, /<span class="name">5 sites<\/span> <span class="dim">no-standby/);
    assert.match(
      markup,
      /A failover from standby would find nothing that is able to take over: primary is down\./,
    );
    assert.match(markup, /<a href="\/site\/a00\.dyn\.example\.net">a00<\/a>/);
    assert.equal(
      times(markup, /WOULD NOT</g),
      2,
      'a line for those without a standby, and one for the held one',
    );
  });

  test('asks to repair the server that is down, be it the standby or the primary', () => {
    const mend = (status: Account['sites'][number]) => diagnosed([status]).findings[0]?.mend ?? '';
    assert.match(
      mend(siteOfNight('a', 1, { down: { standby: REFUSED } })),
      /^Repair standby\. "npm run switchover -- status a\.dyn\.example\.net"/,
    );
    assert.match(
      mend(siteOfNight('b', 1, { down: { primary: REFUSED }, serving: 'standby' })),
      /^Repair primary\./,
    );
  });

  test('says whose hold it is, why and until when, and how it ends', () => {
    const { findings } = diagnosed([siteOfNight('a', 1, { held: HELD })]);
    const held = findings.find(({ code }) => code === 'held');
    assert.equal(held?.what, 'a.dyn.example.net is held by ann until 22:14: "ticket 4711".');
    assert.match(held?.mend ?? '', /npm run switchover -- release a\.dyn\.example\.net --reason "why"$/);
    const markup = shown(diagnosed(['a', 'b', 'c'].map((name) => siteOfNight(name, 1, { held: HELD }))));
    assert.match(markup, /Each of these is held by ann until 22:14: &quot;ticket 4711&quot;\./);
    assert.match(markup, /release SITE --reason/);
    const earlier = { ...siteOfNight('a', 1, { held: HELD }) } as Account['sites'][number];
    delete earlier.holder;
    assert.match(diagnosed([earlier]).findings[0]?.what ?? '', /is held until 22:14\.$/);
  });

  test('leaves a name alone that has the name of a site within it', () => {
    const of = (site: string, other: string): Finding => ({
      ...FOUND,
      site,
      what: `${site} leads to ${other}.`,
    });
    const markup = shown({ findings: [of('a.example', 'www.a.example'), of('b.example', 'www.a.example')] });
    assert.match(markup, /Each of these leads to www\.a\.example\./);
  });
});
