import { isoMs } from '../lambda/core/base/moment.ts';
import { isoTime } from '../lambda/core/base/time.ts';
import { type Html, html } from '../lambda/core/view/html.ts';

/** The moment in an address, as a form or a link has it: ISO 8601, in UTC where it says nothing of a zone. */
export const momentIn = (text: string | null): number | undefined =>
  text === null || text === '' ? undefined : (isoMs(text) ?? isoMs(`${text}Z`));

/** `2026-11-22 03:14:00`. */
export const shown = (atMs: number): string => isoTime(atMs).slice(0, 19).replace('T', ' ');

/** Where a moment is shown. */
export const thenHref = (path: string, atMs: number): string => `${path}?at=${isoTime(atMs)}`;

/** Asks for a moment; a form, so that it works without JavaScript. */
export const momentForm = (path: string, atMs?: number): Html =>
  html`<form class="moment" action="${path}" method="get"><label for="at">Back in time (UTC)</label> <input id="at" name="at" type="datetime-local" step="1"${atMs !== undefined && html` value="${isoTime(atMs).slice(0, 19)}"`} required> <button type="submit">Show</button></form>`;

const STEPS: [label: string, ms: number][] = [
  ['an hour earlier', -3_600_000],
  ['a minute earlier', -60_000],
  ['a minute later', 60_000],
  ['an hour later', 3_600_000],
];

/** Leads to other moments; `turns` are those of the entries, oldest first. */
export const steps = (path: string, atMs: number, nowMs: number, turns: readonly number[]): Html => {
  const before = turns.filter((ms) => ms < atMs).at(-1);
  return html`<nav class="hours" aria-label="Other moments">${
    before !== undefined && html`<a href="${thenHref(path, before)}">the entry before</a> `
  }${STEPS.filter(([, ms]) => atMs + ms < nowMs).map(
    ([label, ms]) => html`<a href="${thenHref(path, atMs + ms)}">${label}</a> `,
  )}<a href="${path}">now</a></nav>`;
};
