import { duration } from '../lambda/core/base/time.ts';
import { ROWS } from '../lambda/core/decision/row-words.ts';
import { rowsTogether } from '../lambda/core/decision/rows.ts';
import type { ServerStatus } from '../lambda/core/orders/site-now.ts';
import { roleText, sinceText, standingText } from '../lambda/core/orders/standing.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import {
  holderText,
  quietTexts,
  type StatusDocument,
  timeOfDay,
} from '../lambda/core/orders/status-document.ts';
import { siteText } from '../lambda/core/orders/status-groups.ts';
import type { HistoryEntry } from '../lambda/core/state/history.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import { badge, toneOf } from '../lambda/core/view/looks.ts';
import { lanesOf, timeline } from '../lambda/core/view/timeline.ts';
import type { Explanation } from '../lambda/status/explain.ts';
import { handsOf } from './hands.ts';
import { type Latency, latencySection } from './latency.ts';
import { siteHref } from './looks.ts';
import { momentForm } from './moment.ts';

/** What the view of one site is made of. */
export type SiteView = {
  document: StatusDocument;
  explanation: Explanation | undefined;
  /** Newest first. */
  history: readonly HistoryEntry[];
  /** How far back the timeline reaches. */
  minutes: number;
  latency: Latency | undefined;
  /** The servers of a demo, which may be made to fail. */
  demo: readonly string[];
  deeds: Readonly<Record<string, string>>;
  /** What came of the order before. */
  done?: { ok: boolean; text: string };
};

/** What a timeline can show, minutes. */
export const WINDOWS = [15, 60, 360, 1440, 10_080] as const;
export const USUAL_MINUTES = 60;
const ENTRIES_SHOWN = 30;

/** One site: who serves and why, each server, what happened, and the hands. */
export const sitePage = (view: SiteView, site: SiteStatus): Html => {
  const { document, explanation, history, done } = view;
  const nowMs = Date.parse(document.at);
  return html`${siteHead(site, nowMs, { id: 'head', isNow: true })}
${doneText(done)}
<nav class="hands" aria-label="Take it in hand" id="hands" data-live>${handsOf(site).map(
    ({ action, label, hint }) =>
      html`<a class="button" href="${siteHref(site.site)}/${action}" title="${hint}">${label}…</a> `,
  )}<a class="button" href="${siteHref(site.site)}/forecast" title="what a failure costs visitors, by TTL">Forecast</a></nav>
<section aria-labelledby="h-servers" id="servers" data-live>
<h2 id="h-servers">Servers</h2>
${serverCards(site, nowMs)}
${site.notes.length > 0 && html`<ul class="notes">${site.notes.map(({ text }) => html`<li>${text}</li>`)}</ul>`}
</section>
${view.demo.length > 0 && demoForms(view, site)}
${explanation && rowSection(explanation)}
${timeSection({ site, history, minutes: view.minutes, nowMs, windows: (minutes) => `?minutes=${minutes}` })}
${latencySection(view.latency, spanOf(history, view.minutes, nowMs))}
${entries(history, siteHref(site.site))}
${momentForm(siteHref(site.site))}`;
};

/** What there is to know at once; of a site as it was nothing can be ordered. */
export const siteHead = (site: SiteStatus, nowMs: number, { id, isNow, when }: Head): Html => {
  const { holder } = site;
  return html`<div${id !== undefined && html` id="${id}" data-live`} class="sitehead ${toneOf(site.condition)}">
<h1>${site.site}</h1>
${when !== undefined && html`<p><strong>${when}</strong></p>`}
<p class="what">${badge(site.condition)} <strong>${standingText(site, nowMs)}</strong></p>
<p class="why">${siteText(site, nowMs)}</p>
${holder && html`<p class="held">${holderText(holder, nowMs)}${holder.reason && html`: “${holder.reason}”`}.${isNow && html` <a class="act" href="${siteHref(site.site)}/release">release…</a>`}</p>`}
${quietTexts(site, nowMs).map((text) => html`<p class="held">${text}</p>`)}
</div>`;
};

type Head = { isNow: boolean; id?: string; when?: string };

export const serverCards = ({ servers }: SiteStatus, nowMs: number): Html =>
  html`<div class="servers">${servers.map((server) => serverCard(server, nowMs))}</div>`;

type Time = {
  site: SiteStatus;
  history: readonly HistoryEntry[];
  minutes: number;
  /** Where the picture ends. */
  nowMs: number;
  /** The address of another window. */
  windows: (minutes: number) => string;
};

/** What happened up to a moment, as a picture. */
export const timeSection = ({ site, history, minutes, nowMs, windows }: Time): Html =>
  html`<section aria-labelledby="h-time" id="time" data-live>
<h2 id="h-time">What happened</h2>
<p class="hours">${WINDOWS.map((each) => html`<a href="${windows(each)}"${each === minutes && html` aria-current="true"`}>${duration(each * 60_000)}</a> `)}</p>
<div class="scroll newest" tabindex="0" role="region" aria-label="Timeline">${timeline(lanesOf(site, history, spanOf(history, minutes, nowMs)))}</div>
<p class="legend"><span><i class="h-up"></i> up</span> <span><i class="h-down"></i> down</span> <span><i class="h-unknown"></i> not known</span> <span><i class="vote"></i> a vantage's vote</span> <span><i class="caches"></i> until caches have run out</span></p>
</section>`;

/** What came of the order before, said once. */
export const doneText = (done: { ok: boolean; text: string } | undefined): Html =>
  html`${done && html`<p class="done ${done.ok ? 'fine' : 'bad'}" role="status" id="done"><strong>${done.ok ? 'Done.' : 'Not done.'}</strong> ${done.text}</p>`}`;

/** A site that is younger than the window is shown from its first entry on, and never less than two minutes. */
const SHORTEST_MS = 120_000;
export const spanOf = (
  history: readonly HistoryEntry[],
  minutes: number,
  nowMs: number,
): { fromMs: number; toMs: number } => {
  const windowMs = nowMs - minutes * 60_000;
  const oldest = history.at(-1)?.at;
  if (oldest === undefined) return { fromMs: windowMs, toMs: nowMs };
  const fromMs = Math.max(windowMs, Math.min(Date.parse(oldest) - 5000, nowMs - SHORTEST_MS));
  return { fromMs, toMs: nowMs };
};

const serverCard = (server: ServerStatus, nowMs: number): Html => {
  const { health, serves, armed, notArmed, certificateEnds } = server;
  const role = roleText(server).toUpperCase();
  return html`<article class="server h-${health}">
<h3>${server.server}</h3>
<p class="addresses">${server.addresses.join(', ')}</p>
<p class="health"><span class="badge ${health === 'up' ? 'fine' : health === 'down' ? 'bad' : 'warn'}">${health.toUpperCase()}</span> ${sinceText(server.since, nowMs)}</p>
<p class="role"><strong>${role}</strong>${!serves && (armed ? ': it would take over' : ` because ${notArmed}`)}</p>
<ul class="causes">${server.causes.map(
    ({ vantages, outcome, code, phrase, since }) =>
      html`<li><span class="badge small ${outcome === 'passed' ? 'fine' : outcome === 'failed' ? 'bad' : 'warn'}">${code}</span> ${phrase} <span class="dim">${vantages.join(', ')}, ${sinceText(since, nowMs)}</span></li>`,
  )}</ul>
${certificateEnds && certificate(certificateEnds, nowMs)}
</article>`;
};

const NEAR_DAYS = 14;
const certificate = (ends: string, nowMs: number): Html => {
  const days = Math.floor((Date.parse(ends) - nowMs) / 86_400_000);
  const text = days < 0 ? 'certificate has ended' : `certificate: ${days} days left`;
  return html`<p class="certificate${days < NEAR_DAYS && ' near'}">${text}</p>`;
};

const demoForms = ({ demo, deeds }: SiteView, site: SiteStatus): Html =>
  html`<section aria-labelledby="h-play" class="play">
<h2 id="h-play">Play an outage</h2>
<p>These are the web servers of <code>npm start</code>. Make one fail, and watch.</p>
${demo.map(
  (server) =>
    html`<form method="post" action="/demo" class="deeds"><input type="hidden" name="server" value="${server}"><input type="hidden" name="site" value="${site.site}"><span class="lead">${server}</span>${Object.entries(
      deeds,
    ).map(
      ([deed, means]) => html`<button name="do" value="${deed}" title="${means}">${deed}</button>`,
    )}</form>`,
)}
</section>`;

/** The newest entries; the time of each leads to how the site was then. */
export const entries = (history: readonly HistoryEntry[], path: string): Html =>
  html`<details open id="entries" data-live><summary>The last entries</summary><ol class="entries">${history
    .slice(0, ENTRIES_SHOWN)
    .map(
      ({ at, what, text }) =>
        html`<li><a href="${path}?at=${at}"><time datetime="${at}">${timeOfDay(at).slice(0, 8)}</time></a> <span class="kind">${what}</span> ${text}</li>`,
    )}</ol></details>`;

export const rowSection = ({ row, above, text, reason }: Explanation): Html => {
  const lit = ROWS[row ?? 0];
  return html`<section aria-labelledby="h-row" id="row" data-live>
<h2 id="h-row">Why</h2>
<p class="why">${text}</p>
${
  lit &&
  html`<ol class="rows">${rowsTogether(above).map(
    ({ rows, because }) =>
      html`<li class="struck"><s>${rows.includes('-') ? 'Rows' : 'Row'} ${rows}</s> <span>${because}</span></li>`,
  )}<li class="lit" aria-current="true"><strong>Row ${row}, ${reason}</strong> <span>zone ${lit.zone} · mode ${lit.mode} · serving ${lit.serving} · others ${lit.others} → <strong>${lit.decision}</strong></span></li></ol>`
}
</section>`;
};
