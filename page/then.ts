import { isoTime } from '../lambda/core/base/time.ts';
import type { Facts } from '../lambda/core/decision/decide.ts';
import { whyNotArmed } from '../lambda/core/decision/rows.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import { sitesCounted } from '../lambda/core/orders/status-document.ts';
import type { HistoryEntry } from '../lambda/core/state/history.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import type { Tone } from '../lambda/core/view/looks.ts';
import type { Explanation } from '../lambda/status/explain.ts';
import { type Latency, latencySection } from './latency.ts';
import { siteHref } from './looks.ts';
import { momentForm, shown, steps, thenHref } from './moment.ts';
import { entries, rowSection, spanOf, timeSection } from './site.ts';

const TONES: Record<string, Tone> = { up: 'fine', down: 'bad', unknown: 'warn' };

/** The worst that can be said of a site by the facts of its last decision. */
const fareOf = (facts: Facts | null): { tone: Tone; word: string } => {
  if (facts === null) return { tone: 'warn', word: 'not on record' };
  const { serving, healths, mode, servers } = facts;
  const health = serving === undefined ? 'unknown' : (healths[serving] ?? 'unknown');
  if (health === 'down') return { tone: 'bad', word: 'served by a dead server' };
  if (mode?.mode !== undefined && mode.mode !== 'auto') return { tone: 'hand', word: mode.mode };
  if (health !== 'up') return { tone: 'warn', word: 'not known' };
  return serving === servers[0] ? { tone: 'fine', word: 'fine' } : { tone: 'warn', word: 'failed over' };
};

export type SiteThen = {
  site: SiteStatus;
  explanation: Explanation | undefined;
  latency: Latency | undefined;
  /** Until that moment, newest first. */
  history: readonly HistoryEntry[];
  atMs: number;
  nowMs: number;
  minutes: number;
};

/** One site as it was: who served and why, each server as it was seen last before that, and what had happened. */
export const siteThen = (view: SiteThen): Html => {
  const { site, explanation, history, atMs, nowMs, minutes } = view;
  const facts = explanation?.facts ?? null;
  const { tone, word } = fareOf(facts && { ...facts, healths: healthsThen(facts, history) });
  const path = siteHref(site.site);
  const turns = history.map(({ at }) => Date.parse(at)).toReversed();
  return html`<div class="sitehead ${tone}">
<h1>${site.site}</h1>
<p class="what"><span class="badge ${tone}">${word.toUpperCase()}</span> <strong>as it was at ${shown(atMs)} UTC</strong></p>
<p class="why">${facts === null ? '' : `${facts.serving ?? 'Nothing'} served, mode ${facts.mode?.mode ?? 'not known'}.`}</p>
</div>
${steps(path, atMs, nowMs, turns)}
${momentForm(path, atMs)}
${
  facts !== null &&
  html`<section aria-labelledby="h-servers"><h2 id="h-servers">Servers</h2><div class="servers">${facts.servers.map((server) => serverThen(server, facts, history))}</div></section>`
}
${explanation && rowSection(explanation)}
${timeSection({ site: knownThen(site, facts), history, minutes, nowMs: atMs, windows: (each) => `?at=${isoTime(atMs)}&minutes=${each}` })}
${latencySection(view.latency, spanOf(history, minutes, atMs))}
${entries(history, path)}`;
};

/** The site without what is known of now: a picture of then must not begin with it. */
const knownThen = (site: SiteStatus, facts: Facts | null): SiteStatus => ({
  ...site,
  serving: facts?.serving ?? null,
  servers: site.servers.map((server) => ({ ...server, since: null })),
});

/** By server: as it was decided on, or as it turned since. */
const healthsThen = (facts: Facts, history: readonly HistoryEntry[]): Facts['healths'] =>
  Object.fromEntries(
    facts.servers.map((server) => [
      server,
      lastSeen(server, history)?.is ?? facts.healths[server] ?? 'unknown',
    ]),
  );

type Seen = { target?: string; is?: Facts['healths'][string]; sightings?: Record<string, string> };

const lastSeen = (server: string, history: readonly HistoryEntry[]): (Seen & { at: string }) | undefined =>
  history
    .filter(({ what }) => what === 'seen')
    .map(({ detail, at }) => ({ ...(detail as Seen | undefined), at }))
    .find(({ target }) => target === server);

const serverThen = (server: string, facts: Facts, history: readonly HistoryEntry[]): Html => {
  const seen = lastSeen(server, history);
  const health = healthsThen(facts, history)[server] ?? 'unknown';
  const why = whyNotArmed(facts, server);
  const role = server === facts.serving ? 'SERVED' : why === undefined ? 'ARMED' : 'NOT ARMED';
  return html`<article class="server h-${health}">
<h3>${server}</h3>
<p class="health"><span class="badge ${TONES[health] ?? 'warn'}">${health.toUpperCase()}</span>${seen && html` <a href="${`?at=${seen.at}`}">since ${shown(Date.parse(seen.at))}</a>`}</p>
<p class="role"><strong>${role}</strong>${role === 'NOT ARMED' && ` because ${why}`}</p>
${
  seen?.sightings &&
  html`<ul class="causes">${Object.entries(seen.sightings).map(
    ([vantage, said]) =>
      html`<li><span class="badge small ${said.startsWith('passed') ? 'fine' : said.startsWith('failed') ? 'bad' : 'warn'}">${vantage}</span> ${said}</li>`,
  )}</ul>`
}
</article>`;
};

/** All sites as they were: each with the row that held for it. */
export const overviewThen = (
  explanations: readonly Explanation[],
  { atMs, nowMs }: { atMs: number; nowMs: number },
): Html => {
  const rows = explanations.map((each) => ({ each, ...fareOf(each.facts) }));
  const order: Tone[] = ['bad', 'warn', 'hand', 'fine'];
  const worstFirst = rows.toSorted((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
  const count = (isOne: (row: (typeof rows)[number]) => boolean): number => rows.filter(isOne).length;
  const fine = count(({ tone }) => tone === 'fine');
  const unknown = count(({ each }) => each.facts === null);
  const wrong = rows.length - fine - unknown;
  return html`<h1>All sites as they were at ${shown(atMs)} UTC</h1>
<p class="counts"><span class="count fine">${fine} fine</span> <span class="count ${wrong === 0 ? 'plain' : 'bad'}">${wrong} not fine</span>${unknown > 0 && html` <span class="count warn">${unknown} not on record</span>`}</p>
${steps('/', atMs, nowMs, [])}
${momentForm('/', atMs)}
<section aria-labelledby="h-table"><h2 id="h-table">${sitesCounted(rows.length)}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Table of sites"><table>
<thead><tr><th scope="col">Site</th><th scope="col">State</th><th scope="col">Served</th><th scope="col">Why</th></tr></thead>
<tbody>${worstFirst.map(
    ({ each, tone, word }) =>
      html`<tr><th scope="row"><a href="${thenHref(siteHref(each.site), atMs)}">${each.site}</a></th><td><span class="badge ${tone}">${word.toUpperCase()}</span></td><td>${each.facts?.serving ?? '-'}</td><td>${each.row === null ? each.text : `row ${each.row}, ${each.reason}`}</td></tr>`,
  )}</tbody></table></div></section>`;
};
