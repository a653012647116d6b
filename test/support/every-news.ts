import type { Evidence } from '../../lambda/core/evidence/evidence.ts';
import type { News, NewsOf } from '../../lambda/core/state/news.ts';

const EVIDENCE: Evidence = {
  startMs: 1_795_982_804_000,
  sightings: Object.fromEntries(
    ['eu-west-2', 'eu-west-1', 'eu-central-1'].map((vantage) => [
      vantage,
      {
        primary: { outcome: 'failed', code: 'refused', detail: 'refused (ECONNREFUSED)', totalMs: 3 },
        standby: { outcome: 'passed', code: 'ok', detail: 'as expected', status: 200, totalMs: 14 },
      },
    ]),
  ),
};
const SINCE_MS = 1_795_982_804_000;
const leave = (row: number, reason: NewsOf<'stuck'>['decision']['reason']) =>
  ({ row, reason, act: 'leave' }) as const;
const moved = (reason: NewsOf<'moved'>['reason'], given: Partial<NewsOf<'moved'>> = {}): NewsOf<'moved'> => ({
  type: 'moved',
  ...{ reason, row: 10, from: 'primary', to: 'standby', epoch: 2, members: [], evidence: EVIDENCE },
  ...given,
});
const turned = (given: Partial<NewsOf<'turned'>>): NewsOf<'turned'> => ({
  type: 'turned',
  ...{ server: 'standby', health: 'down', serves: false, serving: 'primary' },
  ...{ decision: leave(15, 'fine'), evidence: EVIDENCE, sinceMs: SINCE_MS },
  ...given,
});
const stuck = (
  decision: NewsOf<'stuck'>['decision'],
  given: Partial<NewsOf<'stuck'>> = {},
): NewsOf<'stuck'> => ({
  type: 'stuck',
  ...{ decision, serving: 'primary', stays: 'primary', forMs: 240_000, evidence: EVIDENCE },
  ...given,
});
const HOLD = { mode: 'held', by: 'oncall-b', reason: 'db migration', untilMs: SINCE_MS + 3_600_000 } as const;
const flapping = {
  ...({ server: 'standby', health: 'up', serves: false, serving: 'primary', next: 'standby' } as const),
  ...{ sinceMs: SINCE_MS, turns: 7, evidence: EVIDENCE },
};
const silenceEnded = (given: Partial<NewsOf<'silence-ended'>>): NewsOf<'silence-ended'> => ({
  type: 'silence-ended',
  ...{ by: 'amy', reason: 'maintenance', sinceMs: SINCE_MS, untilMs: SINCE_MS + 60_000, suppressed: 3 },
  ...{ serving: 'primary', next: 'standby', down: [], unknown: [], flapping: [], blocked: [] },
  evidence: EVIDENCE,
  ...given,
});
const GIVEN = { by: 'amy', reason: 'maintenance' };
const write = { from: 'primary', to: 'standby', reason: 'failover' };
const propagation = { epoch: 2, from: 'primary', to: 'standby', incident: 'i', acceptedMs: SINCE_MS };
const heard = { saying: { 'ns-1.example.net': '192.0.2.1' } };

/** News of every type, and of each as many as it has headlines: a type that is added has to be added here. */
export const EVERY_NEWS: { [T in News['type']]: [NewsOf<T>, ...NewsOf<T>[]] } = {
  moved: [
    moved('failover', { sinceMs: SINCE_MS }),
    moved('nowhere-better'),
    moved('recovered', { from: 'standby', to: 'primary' }),
    moved('failback', { from: 'standby', to: 'primary', over: true }),
    moved('pointed'),
    moved('created', { from: null, to: 'primary' }),
    moved('pinned'),
    moved('members'),
    moved('refresh', { to: 'primary' }),
    moved('adopted', { to: 'primary' }),
    moved('refresh', { to: 'primary', lowered: { to: 'standby', by: 'amy' } }),
  ],
  turned: [
    turned({ server: 'primary', serves: true }),
    turned({ server: 'primary', movedTo: 'standby' }),
    turned({}),
    turned({ next: 'third' }),
    turned({ health: 'up' }),
    turned({ server: 'primary', serves: true, health: 'up' }),
    turned({ health: 'up', over: true }),
  ],
  stuck: [
    stuck(leave(11, 'nowhere-better'), { sinceMs: SINCE_MS }),
    stuck(leave(7, 'held'), { hold: HOLD, next: 'standby' }),
    stuck(leave(6, 'pinned'), { hold: { ...HOLD, mode: 'pinned', server: 'primary' }, next: 'standby' }),
    stuck(leave(9, 'flapping'), { next: 'standby' }),
    stuck(leave(8, 'blind')),
    stuck(leave(12, 'unsure')),
    stuck(leave(3, 'waiting'), { serving: undefined }),
  ],
  over: [{ type: 'over', sinceMs: SINCE_MS, serving: 'primary' }],
  found: [{ type: 'found', from: 'primary', epoch: 3, serving: 'standby', mode: 'auto' }],
  unread: [{ type: 'unread', epoch: 3, row: 10, ...write }],
  'rolled-back': [{ type: 'rolled-back', epoch: 2, lostEpoch: 3 }],
  'state-lost': [{ type: 'state-lost', epoch: 2, serving: 'primary', mode: 'auto' }],
  'address-answers': [{ type: 'address-answers', serving: 'standby', epoch: 2, sinceSeconds: 1_795_982_804 }],
  'address-late': [{ type: 'address-late', serving: 'standby', why: 'EC2 is slow', evidence: EVIDENCE }],
  flapping: [{ type: 'flapping', ...flapping }],
  steady: [
    { type: 'steady', ...flapping },
    { type: 'steady', ...flapping, health: 'down', next: undefined },
  ],
  unseen: [{ type: 'unseen', server: 'standby', evidence: EVIDENCE }],
  'large-hello': [{ type: 'large-hello', server: 'standby', vantage: 'eu-west-1', detail: 'reset' }],
  certificate: [{ type: 'certificate', server: 'standby', expiresMs: SINCE_MS + 864_000_000 }],
  refused: [
    { type: 'refused', message: 'denied', passes: false, ...write },
    { type: 'refused', message: 'denied', passes: false, from: 'standby', to: 'primary', reason: 'failback' },
    { type: 'refused', message: 'denied', passes: false, from: 'primary', to: 'primary' },
  ],
  late: [{ type: 'late', sinceMs: SINCE_MS, waitsFor: 'Route 53', evidence: EVIDENCE, ...write }],
  protected: [{ type: 'protected', message: 'protected', ...write }],
  unwritten: [{ type: 'unwritten', ...write }],
  'failback-not-done': [{ type: 'failback-not-done', decision: leave(12, 'unsure'), ...GIVEN }],
  ordered: [
    { type: 'ordered', what: 'holds it', ...GIVEN },
    { type: 'ordered', what: 'incident www-tpa57a acknowledged', about: 'acknowledgement', ...GIVEN },
  ],
  'silence-ended': [
    silenceEnded({}),
    silenceEnded({ down: ['primary'], next: undefined }),
    silenceEnded({ down: ['standby'] }),
  ],
  edited: [{ type: 'edited', detail: 'A 192.0.2.1' }],
  'held-elsewhere': [{ type: 'held-elsewhere', owner: 'other' }],
  'switch-ended': [
    { type: 'switch-ended', planned: true, done: true, why: 'it answers', to: 'standby', ...GIVEN },
    { type: 'switch-ended', planned: true, done: false, why: 'it is down', to: 'standby', ...GIVEN },
  ],
  expired: [
    { type: 'expired', mode: 'held', untilMs: SINCE_MS, serving: 'primary' },
    { type: 'expired', mode: 'pinned', untilMs: SINCE_MS, serving: 'primary' },
  ],
  blocked: [{ type: 'blocked', appeared: [{ server: 'standby', why: 'a CNAME' }], all: ['standby'] }],
  unblocked: [{ type: 'unblocked', servers: ['standby'] }],
  visible: [
    {
      type: 'visible',
      propagation,
      done: { lastMs: SINCE_MS, fetchedMs: SINCE_MS, fetchedBy: ['eu-west-1'] },
    },
    { type: 'visible', propagation, done: { lastMs: SINCE_MS, fetchedBy: [], hostLeads: true } },
  ],
  lagging: [
    { type: 'lagging', propagation: { ...propagation, servers: { 'ns-1.example.net': null } }, heard },
    { type: 'lagging', propagation: { ...propagation, servers: { 'ns-1.example.net': SINCE_MS } }, heard },
  ],
  'vantage-blind': [
    { type: 'vantage-blind', vantage: 'eu-west-1', code: 'denied', why: 'not authorized', left: 2 },
  ],
  'zone-unreadable': [{ type: 'zone-unreadable', zone: 'dyn.example.net', sinceMs: SINCE_MS }],
  'moves-wait': [{ type: 'moves-wait', sites: ['www.dyn.example.net'], count: 1, allowed: 1 }],
  'sites-removed': [{ type: 'sites-removed', sites: [{ site: 'www.dyn.example.net' }], count: 1 }],
  checkup: [
    {
      type: 'checkup',
      ...{ findings: [], count: 0, sites: 1 },
      ...{ not: { first: [], count: 0 }, open: { first: [], count: 0 } },
    },
  ],
  'mass-over': [
    { type: 'mass-over', group: 'main-tk3e', sinceMs: SINCE_MS, count: 50 },
    {
      ...{ type: 'mass-over', group: 'main-tk3e', sinceMs: SINCE_MS, count: 50 },
      but: { first: ['www.dyn.example.net'], count: 1 },
    },
  ],
  'weekly-test': [{ type: 'weekly-test', nextMs: SINCE_MS + 604_800_000 }],
  'store-away': [{ type: 'store-away' }],
  'states-unreadable': [{ type: 'states-unreadable', sites: ['www.dyn.example.net'] }],
  'deployment-unreadable': [{ type: 'deployment-unreadable' }],
  defect: [{ type: 'defect', message: 'TypeError: x is undefined' }],
  several: [
    {
      type: 'several',
      of: [{ kind: 'failover', incident: 'i', atMs: SINCE_MS, news: moved('failover') }],
      more: 2,
    },
  ],
  worded: [{ type: 'worded', subject: 'what an earlier version said', text: 'in its own words' }],
};

/** Those that tell of the deployment as a whole. */
export const OF_DEPLOYMENT: readonly News['type'][] = [
  ...([
    'vantage-blind',
    'zone-unreadable',
    'moves-wait',
    'sites-removed',
    'checkup',
    'mass-over',
    'weekly-test',
  ] as const),
  ...(['store-away', 'states-unreadable', 'deployment-unreadable', 'defect'] as const),
];
