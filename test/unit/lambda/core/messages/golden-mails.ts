import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Evidence, Seen } from '../../../../../lambda/core/evidence/evidence.ts';
import { announcementOf, announcementOfAll } from '../../../../../lambda/core/messages/announcement.ts';
import { quietNote } from '../../../../../lambda/core/messages/silence.ts';
import { together } from '../../../../../lambda/core/messages/together.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import type { OrderNotice } from '../../../../../lambda/core/state/answered-order.ts';
import { noticeOfAll } from '../../../../../lambda/core/state/deployment-state.ts';
import type { Asks, SiteNews } from '../../../../../lambda/core/state/news.ts';
import { type Notice, noticeOf } from '../../../../../lambda/core/state/notice.ts';

/** 22 November 2026, 21:14:02 UTC: four minutes after a rack died. */
const AT_MS = Date.UTC(2026, 10, 22, 21, 14, 2);
const DIED_MS = AT_MS - 240_000;

const REFUSED: Seen = {
  outcome: 'failed',
  code: 'refused',
  detail: 'the server refused the connection (ECONNREFUSED)',
  totalMs: 3,
};
const TIMED_OUT: Seen = {
  outcome: 'failed',
  code: 'timeout-connect',
  detail: 'the server did not accept a connection in time (5 s)',
  totalMs: 5000,
};
const passed = (totalMs: number): Seen => ({
  outcome: 'passed',
  code: 'ok',
  detail: 'as expected',
  status: 200,
  totalMs,
});

const evidence = (primary: Seen[], standby: Seen[]): Evidence => ({
  startMs: AT_MS,
  sightings: Object.fromEntries(
    ['eu-west-2', 'eu-west-1', 'eu-central-1'].map((vantage, at) => [
      vantage,
      { primary: primary[at] ?? REFUSED, standby: standby[at] ?? REFUSED },
    ]),
  ),
});

const UP = [passed(14), passed(31), passed(22)];
const DEAD = [REFUSED, REFUSED, REFUSED];

const site = (name: string, given: Partial<Site> = {}): Site => virtualSite(name, given);
const notice = (of: Site, kind: string, news: SiteNews, atMs = AT_MS): Notice<SiteNews> =>
  noticeOf({ site: of.name, incident: `${of.name.split('.')[0]}-tk3f`, kind, atMs, news });

const [SHOP, WWW, API] = [site('shop'), site('www'), site('api')];
/** The deployment that they are about. */
export const CONFIG = virtualConfig([SHOP, WWW, API], { dashboard: true });
const LEFT = (row: number, reason: 'held' | 'nowhere-better' | 'pinned') =>
  ({ row, reason, act: 'leave' }) as const;
const HOLD = {
  mode: 'held',
  by: 'oncall-b',
  reason: 'db migration, ticket 4711',
  untilMs: Date.UTC(2026, 10, 22, 23),
} as const;

const ASKED = { by: 'oncall-b', reason: 'standby gets new disks' };
const SILENCE = { ...ASKED, askedMs: AT_MS - 7_200_000, untilMs: Date.UTC(2026, 10, 22, 23), suppressed: 3 };

const failover = (of: Site, atMs = DIED_MS + 22_000): Notice<SiteNews> =>
  notice(
    of,
    'failover',
    {
      type: 'moved',
      reason: 'failover',
      row: 10,
      from: 'primary',
      to: 'standby',
      epoch: 2,
      members: [],
      sinceMs: DIED_MS,
      evidence: evidence(DEAD, UP),
    },
    atMs,
  );

const failedBack = (of: Site): Notice<SiteNews> =>
  notice(of, 'failback', {
    type: 'moved',
    reason: 'failback',
    row: 13,
    from: 'standby',
    to: 'primary',
    epoch: 3,
    members: [],
    over: true,
    evidence: evidence(UP, UP),
  });

const siteDown = (of: Site): Notice<SiteNews> =>
  notice(of, 'nowhere-better', {
    type: 'stuck',
    decision: LEFT(11, 'nowhere-better'),
    serving: 'primary',
    stays: 'primary',
    forMs: 0,
    sinceMs: DIED_MS,
    evidence: evidence(DEAD, [TIMED_OUT, TIMED_OUT, TIMED_OUT]),
  });

const held = (of: Site): Notice<SiteNews> =>
  notice(of, 'held', {
    type: 'stuck',
    decision: LEFT(7, 'held'),
    serving: 'primary',
    stays: 'primary',
    forMs: 0,
    sinceMs: DIED_MS,
    next: 'standby',
    hold: HOLD,
    evidence: evidence(DEAD, UP),
  });

/** What oncall-b asked for twelve seconds before. */
const order = (of: Site, what: string, asks: Asks): OrderNotice =>
  noticeOf({
    site: of.name,
    incident: `${of.name.split('.')[0]}-tk3f`,
    kind: 'hand',
    atMs: AT_MS - 12_000,
    news: { type: 'ordered', what, asks, by: 'oncall-b', reason: 'primary has new disks' },
  });

const alone = (of: Site, news: SiteNews, kind: string) => announcementOf(of, CONFIG, notice(of, kind, news));

/** Sites of a rack that died: some fail over, two have no server, one is held. */
const rack = (count: number): Site[] =>
  Array.from({ length: count }, (_, at) =>
    site(`a${String(at).padStart(2, '0')}`, {
      tags: [at % 3 === 0 ? 'shop' : 'blog'],
      servers: [
        { name: 'primary', ipv4: [`198.51.100.${at + 1}`], ipv6: [] },
        { name: 'standby', ipv4: [`203.0.113.${at + 1}`], ipv6: [] },
      ],
    }),
  );

/** `but`: sites that are not well by then. */
const massOver = (but?: { first: string[]; count: number }) =>
  announcementOfAll(
    CONFIG,
    noticeOfAll(
      {
        kind: 'over',
        news: { type: 'mass-over', group: 'main-tk3e', sinceMs: DIED_MS, count: 52, but },
        atMs: AT_MS + 3_600_000,
        incident: 'main-tk3e',
      },
      CONFIG,
    ),
  );

const massFailure = () => {
  const sites = rack(52);
  const [first, second, third, ...others] = sites as [Site, Site, Site, ...Site[]];
  const all = [
    { site: first, notice: siteDown(first), before: [] },
    ...[second, ...others].map((one) => ({ site: one, notice: failover(one), before: [] })),
    { site: third, notice: held(third), before: [] },
  ] as const;
  const [head, ...tail] = all;
  return together([head, ...tail], virtualConfig(rack(200), { dashboard: true }), {});
};

const turn = { decision: { row: 15, reason: 'fine', act: 'leave' }, evidence: evidence(UP, DEAD) } as const;

/** What people get on such a night, by the name of the file that holds it. */
export const goldenMails = () => ({
  'site-down': announcementOf(SHOP, CONFIG, siteDown(SHOP)),
  failover: announcementOf(WWW, CONFIG, failover(WWW)),
  'not-moved-held': announcementOf(API, CONFIG, held(API)),
  'site-down-held': alone(
    API,
    {
      type: 'stuck',
      decision: LEFT(7, 'held'),
      serving: 'primary',
      stays: 'primary',
      forMs: 3_600_000,
      sinceMs: DIED_MS,
      hold: HOLD,
      evidence: evidence(DEAD, DEAD),
    },
    'held',
  ),
  'not-moved-refused': alone(
    WWW,
    {
      type: 'refused',
      from: 'primary',
      to: 'standby',
      reason: 'failover',
      passes: false,
      message:
        'Route 53 ChangeResourceRecordSets: User is not authorized to perform: route53:ChangeResourceRecordSets',
    },
    'write-refused',
  ),
  'no-standby': alone(
    WWW,
    {
      type: 'turned',
      server: 'standby',
      health: 'down',
      serves: false,
      serving: 'primary',
      sinceMs: DIED_MS,
      ...turn,
    },
    'server-down',
  ),
  'back-server': alone(
    WWW,
    {
      type: 'turned',
      server: 'standby',
      health: 'up',
      serves: false,
      serving: 'primary',
      sinceMs: DIED_MS,
      over: true,
      ...turn,
      evidence: evidence(UP, UP),
    },
    'server-up',
  ),
  'back-failback': announcementOf(WWW, CONFIG, failedBack(WWW)),
  'back-ordered': announcementOf(WWW, CONFIG, failedBack(WWW), {
    orders: [order(WWW, 'failback to primary asked for', { order: 'failback', to: 'primary' })],
  }),
  'not-done': announcementOf(
    WWW,
    CONFIG,
    notice(WWW, 'failback', {
      type: 'failback-not-done',
      by: 'oncall-b',
      reason: 'primary has new disks',
      serving: 'standby',
      decision: { row: 15, reason: 'fine', act: 'leave' },
      unwritten: 'it was due, and Route 53 did not take the change: Rate exceeded',
    }),
    { orders: [order(WWW, 'failback to primary asked for', { order: 'failback', to: 'primary' })] },
  ),
  edited: alone(
    WWW,
    { type: 'edited', detail: 'www.dyn.example.net A was 203.0.113.10 and is 192.0.2.99' },
    'edited-by-hand',
  ),
  over: alone(WWW, { type: 'over', sinceMs: DIED_MS, serving: 'primary' }, 'over'),
  silenced: alone(
    WWW,
    {
      type: 'ordered',
      what: 'silenced until 2026-11-22 23:00:00 UTC',
      by: 'oncall-b',
      reason: 'standby gets new disks',
      about: 'silence',
    },
    'hand',
  ),
  acknowledged: alone(
    WWW,
    {
      type: 'ordered',
      what: 'incident www-tk3f acknowledged',
      by: 'oncall-b',
      reason: 'on it, disk is on its way',
      about: 'acknowledgement',
    },
    'hand',
  ),
  'site-down-silenced': announcementOf(SHOP, CONFIG, siteDown(SHOP), {
    note: quietNote(SHOP.name, { silence: SILENCE }),
  }),
  'site-down-reminder': announcementOf(SHOP, CONFIG, siteDown(SHOP), {
    note: quietNote(SHOP.name, { again: 'shop-tk3f' }),
  }),
  'silence-over': alone(
    WWW,
    {
      type: 'silence-ended',
      ...ASKED,
      sinceMs: SILENCE.askedMs,
      untilMs: AT_MS,
      suppressed: 3,
      serving: 'primary',
      down: ['standby'],
      unknown: [],
      flapping: [],
      blocked: [],
      evidence: evidence(UP, DEAD),
    },
    'silence',
  ),
  'mass-failure': massFailure(),
  'mass-over': massOver(),
  'mass-over-and-pinned': massOver({ first: ['www.dyn.example.net', 'shop.dyn.example.net'], count: 7 }),
});
