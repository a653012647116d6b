import { storedBytes } from '../base/stored-bytes.ts';
import { duration, isoTime } from '../base/time.ts';
import { CONDITIONS } from '../orders/condition.ts';
import { drawnFor } from '../orders/drawn.ts';
import type { ServerStatus } from '../orders/site-now.ts';
import { roleText, standingText } from '../orders/standing.ts';
import type { SiteStatus } from '../orders/status.ts';
import {
  countPieces,
  holderText,
  quietTexts,
  type StatusDocument,
  sitesCounted,
  timeOfDay,
  verdictOf,
} from '../orders/status-document.ts';
import { groupsOf, type SiteGroup, shortNames, siteText } from '../orders/status-groups.ts';
import type { HistoryEntry } from '../state/history.ts';
import { type Html, html } from './html.ts';
import { glyphOf, toneOf } from './looks.ts';
import { lanesOf, timeline } from './timeline.ts';
import { widgetStyle } from './widget-style.ts';

/** What surrounds a widget of a CloudWatch dashboard, as far as it is used: nothing of it is believed but how to draw. */
export type Surroundings = { theme: 'light' | 'dark'; statusArn: string; consoleArn: string };

/** Our own bound of an answer, since CloudWatch names none: 500 KB, less what stands around the sites. */
const MOST_BYTES = 490_000;
const MOST_NAMES = 30;
const MOST_GROUPS = 20;
/** A button may be pressed for so long after it was drawn. */
const BUTTON_MS = 15 * 60_000;
const HOLD_SECONDS = 14_400;

/** The element that CloudWatch makes of the one before it a button of. */
const action = (
  endpoint: string,
  event: object,
  more: { popup?: boolean; confirmation?: string } = {},
): Html =>
  html`<cwdb-action action="call" endpoint="${endpoint}" display="${more.popup === true ? 'popup' : 'widget'}"${more.confirmation !== undefined && html` confirmation="${more.confirmation}"`}>${JSON.stringify(event)}</cwdb-action>`;

const opens = (text: string, site: string, { statusArn }: Surroundings): Html =>
  html`<a class="cwdb-no-default-styles" title="${site}">${text}</a>${action(statusArn, { view: 'site', site })}`;

/** A sign that opens its site. Who hears the page is told the name in its place. */
const cellOf = ({ site, condition }: SiteStatus, { statusArn }: Surroundings): Html => {
  const label = `${site}: ${CONDITIONS[condition].label}`;
  return html`<a class="cell ${toneOf(condition)} cwdb-no-default-styles" title="${label}" aria-label="${label}">${glyphOf(condition)}</a>${action(statusArn, { view: 'site', site })}`;
};

/** The pieces from the first on that are within `most` bytes of UTF-8. */
const within = (pieces: Html[], most: number): Html[] => {
  let left = most;
  return pieces.filter(({ markup }) => {
    left -= storedBytes(markup);
    return left >= 0;
  });
};

/** Those whose name has what was looked for in it, or that have it as a tag; the one that is named so first. */
const foundIn = (sites: readonly SiteStatus[], search: string): SiteStatus[] => {
  const words = search.toLowerCase();
  const found = sites.filter(({ site, tags }) => site.toLowerCase().includes(words) || tags.includes(search));
  return found.sort((a, b) => Number(b.site === words) - Number(a.site === words));
};

const foundText = (found: readonly SiteStatus[], search: string): string =>
  found.length === 0
    ? `No site has ${search} in its name, or as a tag.`
    : `${sitesCounted(found.length)} found for ${search}.`;

const framed = (around: Surroundings, main: Html): string =>
  html`${widgetStyle(around.theme)}<div class="sw">${main}</div>`.markup;

/**
 * All sites: the counts, what is not fine with the worst first, and a cell that opens each. Where more are there than an answer holds, a
 * field to look for the others. `search` is what was typed there.
 */
export const widgetOfAll = (document: StatusDocument, around: Surroundings, search = ''): string => {
  const nowMs = Date.parse(document.at);
  const sites = foundIn(document.sites, search);
  const wrong = groupsOf(
    sites.filter(({ condition }) => condition !== 'fine'),
    nowMs,
  );
  const above = html`<p class="counts">${countPieces(document).map(
    ({ text, condition }) =>
      html`<span class="${condition === undefined ? 'dim' : toneOf(condition)}"><b>${text}</b></span>`,
  )}</p>
${!document.ok && html`<p>${verdictOf(document)}</p>`}
${search !== '' && html`<p><a class="btn">All sites</a>${action(around.statusArn, { view: 'all' })} ${foundText(sites, search)}</p>`}
${wrong.slice(0, MOST_GROUPS).map((group) => groupOf(group, around))}
${wrong.length > MOST_GROUPS && html`<p class="dim">And ${wrong.length - MOST_GROUPS} more kinds of trouble.</p>`}`;
  const names = sites.length <= MOST_NAMES ? sites : [];
  const cells = within(
    sites.map((site) => cellOf(site, around)),
    MOST_BYTES - storedBytes(above.markup),
  );
  return framed(
    around,
    html`${above}
<p>${cells}</p>
<p class="dim">${sitesCounted(document.sites.length)}, as it was at ${timeOfDay(document.at)}.${cells.length < sites.length && ` The first ${cells.length} of ${sites.length} are drawn: look for another by its name.`}</p>
${(cells.length < sites.length || search !== '') && searchForm(search, around)}
${names.length > 0 && html`<p>${names.map(({ site }) => html`${opens(site, site, around)} `)}</p>`}`,
  );
};

const searchForm = (search: string, { statusArn }: Surroundings): Html =>
  html`<form><p><input name="search" title="Part of a site's name, or a tag" placeholder="part of a name, or a tag" size="30" maxlength="200" value="${search}"></p></form>
<p><a class="btn">Find</a>${action(statusArn, { view: 'search' })}</p>`;

const groupOf = ({ condition, sites, text }: SiteGroup, around: Surroundings): Html => {
  const short = shortNames(sites.map(({ site }) => site));
  return html`<div class="item"><b class="${toneOf(condition)}">${glyphOf(condition)} ${CONDITIONS[condition].label}</b> ${sites.length > 1 && sitesCounted(sites.length)}
<br>${text}<br>${sites.slice(0, MOST_NAMES).map(({ site }, at) => html`${opens(short[at] ?? site, site, around)} `)}${sites.length > MOST_NAMES && html`<span class="dim">and ${sites.length - MOST_NAMES} more</span>`}</div>`;
};

/** One site: who serves, whose hand is on it, each server with its last causes, what happened, and the buttons. */
export const widgetOfSite = (
  document: StatusDocument,
  site: SiteStatus,
  history: readonly HistoryEntry[],
  { around, fromMs, toMs }: { around: Surroundings; fromMs: number; toMs: number },
): string => {
  const nowMs = Date.parse(document.at);
  return framed(
    around,
    html`<p><a class="btn">All sites</a>${action(around.statusArn, { view: 'all' })} <b>${site.site}</b> <b class="${toneOf(site.condition)}">${glyphOf(site.condition)} ${CONDITIONS[site.condition].label}</b></p>
<p>${standingText(site, nowMs)}. ${siteText(site, nowMs)}</p>
${site.holder && html`<p class="hand"><b>${holderText(site.holder, nowMs)}</b>${site.holder.reason && html`: ${site.holder.reason}`}</p>`}
${quietTexts(site, nowMs).map((text) => html`<p class="hand">${text}</p>`)}
${site.servers.map((server) => serverOf(server, nowMs))}
${site.notes.map(({ text }) => html`<p>${text}</p>`)}
${site.decision && html`<p>Row ${site.decision.row}, ${site.decision.reason}: ${site.decision.text}</p>`}
${timeline(lanesOf(site, history, { fromMs, toMs }))}
${buttons(site, nowMs, around)}`,
  );
};

const serverOf = (server: ServerStatus, nowMs: number): Html => {
  const { health, serves, armed, notArmed, causes, since } = server;
  const tone = health === 'up' ? 'fine' : health === 'down' ? 'bad' : 'warn';
  const why = serves || armed ? '' : ` because ${notArmed}`;
  const role = `${roleText(server).toUpperCase()}${why}`;
  const age = since === null ? '' : ` for ${duration(nowMs - Date.parse(since))}`;
  return html`<div class="item"><b>${server.server}</b> <b class="${tone}">${health.toUpperCase()}</b>${age}. ${role}${causes.map(
    ({ code, phrase, vantages }) =>
      html`<br><span class="dim">${code}: ${phrase} (${vantages.join(', ')})</span>`,
  )}</div>`;
};

/** One form for all buttons, since its fields come with each of them. Each press is for what is drawn here, and for some minutes. */
const buttons = (site: SiteStatus, nowMs: number, { consoleArn }: Surroundings): Html => {
  const drawn = { site: site.site, drawn: drawnFor(site), until: isoTime(nowMs + BUTTON_MS) };
  const button = (label: string, event: object, confirmation: string): Html =>
    html`<a class="btn">${label}</a>${action(consoleArn, { ...event, ...drawn }, { popup: true, confirmation })} `;
  const serving = site.serving ?? 'nothing';
  const at = site.servers.findIndex(({ serves }) => serves);
  // Another one would be refused.
  const back = site.servers.slice(0, Math.max(0, at)).find(({ health }) => health === 'up')?.server;
  const isAuto = site.mode === 'auto';
  return html`<form><p><input name="reason" title="Reason" placeholder="reason: everybody who is told reads it" size="40" maxlength="200"> <input name="by" title="Your name" placeholder="your name" size="20" maxlength="200"></p></form>
<p>${button('Hold for 4 h', { action: 'hold', forSeconds: HOLD_SECONDS }, `Hold ${site.site}? Nothing moves by itself until the hold ends, also if ${serving} is down.`)}
${!isAuto && button('Release', { action: 'release' }, `Release ${site.site}? Switchover moves it by itself again.`)}
${isAuto && back !== undefined && button('Fail back', { action: 'failback' }, `Move ${site.site} back to ${back}?`)}
${site.servers
  .filter(({ serves, health }) => !serves && health === 'up')
  .map(({ server }) =>
    button(
      `Pin to ${server} for 4 h`,
      { action: 'pin', server, forSeconds: HOLD_SECONDS },
      `Pin ${site.site} to ${server}, which is UP? Visitors move to it within about two minutes.`,
    ),
  )}</p>
<p class="dim">The name is what you type: CloudWatch tells nobody who presses.</p>`;
};

/** What came of a button, for its popup. */
export const widgetAnswer = (isDone: boolean, text: string): string =>
  html`<p><b>${isDone ? 'Done.' : 'Not done.'}</b> ${text}</p>`.markup;

/** What the functions say of themselves where a dashboard asks. The first block fills in a widget's parameters. */
export const WIDGET_DOCS = `## Switchover
Shows all sites of a deployment, what is not fine first; with \`view: site\` one of them.

\`\`\` yaml
view: all
\`\`\`
`;
