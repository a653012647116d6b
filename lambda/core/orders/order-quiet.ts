import { clockTime } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import { type Asked, isSameOrder } from '../state/asked.ts';
import { noted } from '../state/history.ts';
import { enqueue } from '../state/outbox.ts';
import { type Silence, silenceNow } from '../state/silence.ts';
import type { SiteState } from '../state/site-state.ts';
import type { Command } from './command.ts';

/** The orders about what people are told. They are written in the state alone, and ask nothing of the zone. */
export const QUIET = ['silence', 'unsilence', 'acknowledge'] as const;

/** One site as such an order meets it. */
export type QuietOrdered = { site: Site; state: SiteState; nowMs: number };

/** The state to save and the answer; the answer alone where it is so already; or a refusal that says the way out. */
export type QuietOrder = { refused: string } | { already: string } | { state: SiteState; done: string };

/** What a command about messages comes to for one site. */
export const quietOrder = (command: Command, now: QuietOrdered): QuietOrder => {
  switch (command.action) {
    case 'silence':
      return silence(command, now);
    case 'unsilence':
      return unsilence(command, now);
    case 'acknowledge':
      return acknowledge(command, now);
    default:
      throw new Error(`${command.action} is no order about messages.`);
  }
};

type Given = { by: string; reason: string; what: string; ended: string };

/** The state with the order noted in the history, and enqueued for everybody. */
const withOrder = (
  { site, nowMs }: QuietOrdered,
  state: SiteState,
  about: 'silence' | 'acknowledgement',
  given: Given,
): QuietOrder & { state: SiteState } => {
  const { by, reason, what, ended } = given;
  const news = { type: 'ordered', what, ended, by, reason, about } as const;
  const queued = enqueue(site, state, { kind: 'hand', news }, nowMs);
  const said = ended === '' ? what : `${what}, ${ended}`;
  const text = `${by}: ${said} (${reason})`;
  const history = noted(queued.history, { atMs: nowMs, what: 'hand', text });
  return { state: { ...queued, history }, done: `${site.name}: ${said}` };
};

const silence = ({ by, reason, forMs }: Command, now: QuietOrdered): QuietOrder => {
  const { state, nowMs } = now;
  const untilMs = Math.ceil((nowMs + forMs) / 1000) * 1000;
  const before = silenceNow(state, nowMs);
  // What was kept back before is told at the end of this one.
  const suppressed = state.silence?.suppressed ?? 0;
  const made: Silence = { by, reason, askedMs: nowMs, untilMs, suppressed };
  const what = `silenced until ${clockTime(untilMs)}`;
  const ended = before === undefined ? endedJustNow(state) : insteadOf(before);
  return withOrder(now, { ...state, silence: made }, 'silence', { by, reason, what, ended });
};

const insteadOf = ({ by, untilMs }: Silence): string =>
  `in place of the silence by ${by} until ${clockTime(untilMs)}`;

/** Somebody ended a silence, and nobody has heard of that yet: the message on this order tells it, too. */
const endedJustNow = ({ silence }: SiteState): string =>
  silence?.ended === undefined ? '' : `after ${silence.ended.by} ended the silence by ${silence.by}`;

/** The controller tells of the end, with what still holds: one event is one message. */
const unsilence = ({ by, reason }: Command, { site, state, nowMs }: QuietOrdered): QuietOrder => {
  const before = silenceNow(state, nowMs);
  if (before === undefined)
    return { refused: `Refused: ${site.name} is not silenced; there is nothing to end.` };
  const whose = `silence by ${before.by} ended`;
  const history = noted(state.history, { atMs: nowMs, what: 'hand', text: `${by}: ${whose} (${reason})` });
  const ended: Silence = { ...before, untilMs: nowMs, ended: { by, reason } };
  return { state: { ...state, silence: ended, history }, done: `${site.name}: ${whose}` };
};

const acknowledge = ({ by, reason, incident: id }: Command, now: QuietOrdered): QuietOrder => {
  const { site, state, nowMs } = now;
  const { incident } = state;
  if (incident === undefined || !isOf(state, id))
    return { refused: `Refused: the incident ${id} of ${site.name} is over.` };
  const before = incident.acknowledged;
  const done = `${site.name}: incident ${incident.id} acknowledged`;
  // Its save may have been done without an answer: then it finds itself.
  if (before && isSameOrder(before, { by, reason, askedMs: nowMs })) return { already: done };
  if (before?.by === by)
    return {
      already: `${site.name}: incident ${incident.id} already ${acknowledgedText(before)}; nothing changed, and nobody is told`,
    };
  const next = { ...state, incident: { ...incident, acknowledged: { by, reason, askedMs: nowMs } } };
  const what = `incident ${incident.id} acknowledged`;
  const ended = before === undefined ? '' : `as ${before.by} did before`;
  return withOrder(now, next, 'acknowledgement', { by, reason, what, ended });
};

const acknowledgedText = ({ by, reason, askedMs }: Asked): string =>
  `acknowledged by ${by} at ${clockTime(askedMs)} (${reason})`;

/** Whether the state is of an open incident of this id: its own, or that of the mass failure that it was told of with. */
export const isOf = ({ incident }: SiteState, id: string | undefined): boolean =>
  incident !== undefined && (incident.id === id || incident.group === id);
