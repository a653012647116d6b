import fc from 'fast-check';
import type { DeploymentState } from '../../../../../lambda/core/state/deployment-state.ts';
import { noted } from '../../../../../lambda/core/state/history.ts';
import type { SiteNews, Worded } from '../../../../../lambda/core/state/news.ts';
import { type Notice, noticeOf } from '../../../../../lambda/core/state/notice.ts';
import { reminderKey } from '../../../../../lambda/core/state/reminders.ts';
import { emptyState, type Intent, type SiteState } from '../../../../../lambda/core/state/site-state.ts';

/*
 * States as writers make them: each begins with a stored state and takes steps of its own, at moments of its own. Both writers and
 * all steps share a few servers, epochs and reasons, so that they meet in the same fields.
 */

export const NOW_MS = Date.UTC(2026, 10, 22, 20, 0, 0);
const SITE = 'www.example.net';
const SERVERS = ['primary', 'standby', 'third'];

/** A step of a writer. `who` keeps what two writers make apart: each has an order, an intent and a moment of its own. */
type Step = (state: SiteState, who: string, atMs: number) => SiteState;

/** A notice with these words, of a site or of the deployment. */
export const wordedNews = (kind: string, words: string, atMs: number): Notice<Worded> =>
  noticeOf({
    site: SITE,
    incident: 'www-1',
    kind,
    atMs,
    news: { type: 'worded', subject: words, text: words },
  });

/** A notice of this kind; with an epoch it tells of the write of that epoch. */
export const news = (kind: string, words: string, atMs: number, epoch?: number): Notice<SiteNews> => {
  const known = { site: SITE, incident: 'www-1', kind, atMs };
  if (epoch === undefined) return wordedNews(kind, words, atMs);
  const wrote = { from: 'primary', epoch, serving: words, mode: 'auto' } as const;
  if (kind === 'found') return noticeOf({ ...known, news: { type: 'found', ...wrote } });
  const move = { reason: 'failover', row: 10, from: 'primary', to: words, epoch, members: [] } as const;
  const evidence = { startMs: atMs, sightings: {} };
  return noticeOf({ ...known, news: { type: 'moved', ...move, members: [], evidence } });
};

const owing = (state: SiteState, one: Notice<SiteNews>): SiteState => ({
  ...state,
  outbox: [...state.outbox, one],
});

const epochOf = ({ written }: SiteState): number => written?.epoch ?? 0;

export const intentOf = (who: string, epoch: number, to: string, atMs: number): Intent => ({
  nonce: `${who}-${atMs}`,
  epoch,
  from: 'primary',
  to,
  reason: 'failover',
  row: 10,
  act: 'serve',
  evidenceMs: atMs,
  decidedMs: atMs,
  role: `v=1 epoch=${epoch} serving=${to}`,
  records: [],
  notice: news('failover', `${to} serves, by ${who}`, atMs, epoch),
});

const server = fc.constantFrom(...SERVERS);

const seesTarget = server.map(
  (name): Step =>
    (state, _who, atMs) => ({
      ...state,
      targets: { ...state.targets, [name]: { health: 'up', sinceMs: NOW_MS, address: name, freshMs: atMs } },
    }),
);

const tellsDown = server.map(
  (name): Step =>
    (state, who, atMs) =>
      state.told.down.includes(name)
        ? state
        : owing(
            { ...state, told: { ...state.told, down: [...state.told.down, name] } },
            news('server-down', `${name} is down, says ${who}`, atMs),
          ),
);

const tellsStuck = fc.constantFrom('held', 'unsure').map(
  (reason): Step =>
    (state, who, atMs) =>
      state.reminders[reminderKey('stuck', reason)] !== undefined
        ? state
        : owing(
            { ...state, reminders: { ...state.reminders, [reminderKey('stuck', reason)]: atMs } },
            news(reason, `${reason}, says ${who}`, atMs),
          ),
);

/** People were told the oldest thing that is owed. */
const acknowledges = fc.constant<Step>((state) => ({ ...state, outbox: state.outbox.slice(1) }));

const intends = server.map(
  (to): Step =>
    (state, who, atMs) => ({ ...state, intent: intentOf(who, epochOf(state) + 1, to, atMs) }),
);

/** The zone lists what was intended. */
const lands = fc.constant<Step>((state, _who, atMs) => {
  const { intent, ...rest } = state;
  if (intent === undefined) return state;
  const { epoch, role, records, from, to } = intent;
  const propagation = { epoch, from, to, incident: 'www-1', acceptedMs: atMs };
  return owing({ ...rest, written: { epoch, role, records }, propagation }, intent.notice);
});

const orders = fc.constantFrom('held', 'auto').map(
  (mode): Step =>
    (state, who, atMs) => {
      const { point: _, failbackAsked: __, ...rest } = state;
      const given = mode === 'held' ? { mode, untilMs: NOW_MS * 2 } : { mode: 'auto' as const };
      const override = { by: who, reason: 'drill', askedMs: atMs, epoch: epochOf(state) + 1, mode: given };
      return owing(
        { ...rest, override: override as NonNullable<SiteState['override']> },
        news('hand', `${mode} by ${who}`, atMs),
      );
    },
);

const points = server.map(
  (to): Step =>
    (state, who, atMs) => ({
      ...state,
      point: { by: who, reason: 'move', askedMs: atMs, from: 'primary', to, untilMs: NOW_MS * 2 },
    }),
);

const isRefused = fc.constant<Step>((state, who, atMs) => ({
  ...state,
  writeRefused: { why: `refused to ${who}`, atMs, passes: false },
}));

/** Something opens an incident, of which everything is that the writer tells until it is over. */
const opens = fc.constant<Step>((state, who, atMs) => {
  const incident = state.incident ?? { id: `www-${who}`, openedMs: atMs };
  return owing(
    { ...state, incident },
    { ...news('created', `opened by ${who}`, atMs), incident: incident.id },
  );
});

/** A person silences the site, or ends that. */
const silences = fc.boolean().map(
  (begins): Step =>
    (state, who, atMs) => {
      const { silence } = state;
      const suppressed = silence?.suppressed ?? 0;
      if (begins)
        return {
          ...state,
          silence: { by: who, reason: 'works', askedMs: atMs, untilMs: NOW_MS * 2, suppressed },
        };
      return silence === undefined
        ? state
        : { ...state, silence: { ...silence, untilMs: atMs, ended: { by: who, reason: 'done' } } };
    },
);

/** The oldest thing that is owed is kept back. */
const suppresses = fc.constant<Step>((state) => {
  const { silence, outbox } = state;
  if (silence === undefined || outbox.length === 0) return state;
  return { ...state, outbox: outbox.slice(1), silence: { ...silence, suppressed: silence.suppressed + 1 } };
});

/** A person acknowledges the incident; or people are told of it. */
const knows = fc.boolean().map(
  (alarms): Step =>
    (state, who, atMs) => {
      const { incident } = state;
      if (incident === undefined) return state;
      const acknowledged = { by: who, reason: 'on it', askedMs: atMs };
      return {
        ...state,
        incident: { ...incident, ...(alarms ? { alarmed: true as const } : { acknowledged }) },
      };
    },
);

const notes = fc.constant<Step>((state, who, atMs) => ({
  ...state,
  history: noted(state.history, { atMs, what: 'seen', text: `by ${who}` }),
}));

const records = fc.constant<Step>((state) => ({ ...state, history: state.history.slice(1) }));

const step = fc.oneof(
  ...[
    seesTarget,
    tellsDown,
    tellsStuck,
    acknowledges,
    intends,
    lands,
    orders,
    points,
    isRefused,
    opens,
    silences,
    suppresses,
    knows,
    notes,
    records,
  ],
);

/** What a writer makes of a state in a few steps. */
export type Course = (from: SiteState) => SiteState;
const courseOf = (who: string, offsetMs: number): fc.Arbitrary<Course> =>
  fc
    .array(step, { maxLength: 8 })
    .map(
      (steps) => (from) =>
        steps.reduce((state, take, index) => take(state, who, NOW_MS + offsetMs + 10 * index), from),
    );

export type Writers = { base: SiteState; ours: SiteState; theirs: SiteState };

/** Two writers that began with the same stored state. */
export const writers: fc.Arbitrary<Writers> = fc
  .tuple(courseOf('before', -1000), courseOf('ours', 3), courseOf('theirs', 5))
  .map(([before, ours, theirs]) => {
    const base = before(emptyState());
    return { base, ours: ours(base), theirs: theirs(base) };
  });

/** A third writer, that meets what the two have come to. */
export const thirdCourse = courseOf('third', 7);

const deploymentNotice = fc
  .tuple(fc.constantFrom('vantage-blind', 'zone-unreadable', 'moves-wait', 'doctor'), fc.nat(5))
  .map(([kind, index]) => wordedNews(kind, `${kind} ${index}`, NOW_MS + index));

/** States of a deployment, each with some notices, vantages and zones of a few. */
export const deployments: fc.Arbitrary<DeploymentState> = fc.record(
  {
    schema: fc.constant(2 as const),
    sites: fc.subarray(['www', 'shop']),
    controllers: fc.nat(3),
    blind: fc.subarray(['eu-west-1', 'us-east-1', 'ap-south-1']),
    blindFor: fc.dictionary(fc.constantFrom('eu-west-1', 'us-east-1'), fc.constantFrom('denied', 'away')),
    unreadable: fc.dictionary(fc.constantFrom('a.example', 'b.example'), fc.nat(9)),
    reminders: fc.dictionary(
      fc.constantFrom('unreadable a.example', 'unreadable b.example', 'waiting', 'checkup a', 'checkup b'),
      fc.nat(9),
    ),
    checked: fc.record({
      atMs: fc.nat(9),
      kept: fc.constant([]),
    }),
    outbox: fc.uniqueArray(deploymentNotice, { selector: ({ id }) => id, maxLength: 4 }),
  },
  { requiredKeys: ['schema', 'blind', 'unreadable', 'reminders', 'outbox'] },
);
