import { type AlertChange, alertsAfter } from '../state/alerts.ts';
import { headlineOf, leavesAlarmed } from '../state/headline.ts';
import { noted } from '../state/history.ts';
import type { SiteNews } from '../state/news.ts';
import { type Notice, withoutTold } from '../state/notice.ts';
import { changesAcknowledged, type Silence, silenceNow } from '../state/silence.ts';
import type { SiteState } from '../state/site-state.ts';
import type { Step } from './step.ts';

type Incident = SiteState['incident'];

/** The incident without the acknowledgement that this notice changes, whether people get it or it is kept back. */
const afterChange = (incident: Incident, notice: Notice<SiteNews>): Incident => {
  if (incident?.acknowledged === undefined || incident.id !== notice.incident) return incident;
  const { acknowledged, ...open } = incident;
  return changesAcknowledged(acknowledged, notice) ? open : incident;
};

/** Whether people know of trouble by this notice, or by it know that the trouble is over. */
const afterNotice = (incident: Incident, notice: Notice<SiteNews>): Incident => {
  const { incident: id, news } = notice;
  const isAlarmed = leavesAlarmed(news);
  if (incident?.id !== id || isAlarmed === undefined) return incident;
  const { alarmed: _, ended: __, ...quiet } = incident;
  return afterChange({ ...quiet, ...(isAlarmed ? { alarmed: true } : { ended: true }) }, notice);
};

/**
 * These notices, by id with their subjects, were mailed: they stand in the history, and leave the outbox once events tell them, too. What was
 * told together with another one has no subject, and stands there with that one.
 */
export const mailed =
  (subjects: ReadonlyMap<string, string | undefined>, atMs: number): Step =>
  (state) => {
    const told = state.outbox.filter(({ id }) => subjects.has(id));
    const history = told.reduce((all, { id, kind }) => {
      const subject = subjects.get(id);
      return subject === undefined
        ? all
        : noted(all, { atMs, what: 'told', text: `${kind}: ${subject}`, detail: { notice: id } });
    }, state.history);
    const incident = told.reduce(afterNotice, state.incident);
    return {
      ...state,
      outbox: withoutTold(state.outbox, subjects, 'mail'),
      history,
      ...(incident !== undefined && { incident }),
    };
  };

/** These notices, by id, were told by events, which changed what pagers have open. */
export const evented =
  (ids: ReadonlySet<string>, change: AlertChange | undefined): Step =>
  (state) => {
    const { alerts: open, ...rest } = state;
    const alerts = change === undefined ? open : alertsAfter(open, change);
    return { ...rest, outbox: withoutTold(state.outbox, ids, 'event'), ...(alerts && { alerts }) };
  };

/** Why a notice is not told: a person silenced the site, has acknowledged the incident, or has ordered something else since. */
export type Suppression = 'acknowledged' | 'silenced' | 'overtaken';

const suppressedBy = ({ incident, override }: SiteState, why: Suppression, silence: Silence | undefined) =>
  ({ silenced: silence, acknowledged: incident?.acknowledged, overtaken: override })[why]?.by;

/**
 * These notices, by id with their subjects, are kept back, and people are not told: they leave the outbox, and the history has what
 * they would have said, and why nobody was told. What remembers that something was told remembers it all the same: it is not told later.
 * `ending`: those of them that end what pagers have open. Programs are told of these.
 */
export const suppressed =
  (
    subjects: ReadonlyMap<string, string>,
    why: Suppression,
    atMs: number,
    ending: ReadonlySet<string> = new Set(),
  ): Step =>
  (state) => {
    const kept = state.outbox.filter(({ id }) => subjects.has(id));
    if (kept.length === 0) return state;
    const silence = silenceNow(state, atMs);
    const by = suppressedBy(state, why, silence);
    const history = kept.reduce((all, { id, kind }) => {
      const text = `${kind}: ${subjects.get(id)}, ${why} by ${by}`;
      return noted(all, { atMs, what: 'suppressed', text, detail: { notice: id } });
    }, state.history);
    const outbox = state.outbox.flatMap((one) => {
      if (!subjects.has(one.id)) return [one];
      return ending.has(one.id) ? [{ ...one, told: 'mail' as const }] : [];
    });
    // What pagers were told to begin is told to end.
    const begun = kept.filter(({ told }) => told === 'event').reduce(afterNotice, state.incident);
    const next = { ...state, outbox, history, ...(begun && { incident: begun }) };
    if (why !== 'silenced' || silence === undefined) return next;
    const incident = kept.reduce(afterChange, state.incident);
    const counted = { ...silence, suppressed: silence.suppressed + kept.length };
    return { ...next, silence: counted, ...(incident && { incident }) };
  };

/**
 * The site was told of as one of many. From now on its trouble ends with that of the others, in one message; and that all name servers
 * have a change is told no more, where nothing is wrong with it: it stands in the history.
 */
export const grouped =
  (group: string): Step =>
  (state) => {
    if (state.incident === undefined) return state;
    const outbox = state.outbox.filter(({ news }) => headlineOf(news) !== 'VISIBLE');
    return { ...state, outbox, incident: { ...state.incident, group: state.incident.group ?? group } };
  };

/** These entries of the history, by id, have items of their own. */
export const recorded =
  (ids: ReadonlySet<string>): Step =>
  (state) => ({ ...state, history: state.history.filter(({ id }) => !ids.has(id)) });
