import { CONDITIONS } from '../lambda/core/orders/condition.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import {
  type CountPiece,
  countPieces,
  type StatusDocument,
  sitesCounted,
  timeOfDay,
  verdictOf,
} from '../lambda/core/orders/status-document.ts';
import { groupsOf, type SiteGroup } from '../lambda/core/orders/status-groups.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import { badge, glyphOf, toneOf } from '../lambda/core/view/looks.ts';
import { handsOfAll } from './hands.ts';
import { siteHref, siteNames } from './looks.ts';
import { momentForm } from './moment.ts';

/** What of it is shown, as it stands in the address. */
export type Filter = { search: string; tag: string; which: 'all' | 'not-fine'; each: boolean };

/** Rows of the table of all sites; the search finds the others. */
const MOST_ROWS = 200;
/** So many stand in a table unasked. */
const FEW = 20;

export const matches = ({ search, tag, which }: Filter, site: SiteStatus): boolean =>
  (tag === '' || site.tags.includes(tag)) &&
  (which === 'all' || site.condition !== 'fine') &&
  (search === '' || site.site.includes(search.toLowerCase()));

/** All sites: counts, what is not fine, a cell for each, and a table of what was searched for. */
export const overview = (document: StatusDocument, filter: Filter, called: string): Html => {
  const nowMs = Date.parse(document.at);
  const shown = document.sites.filter((site) => matches(filter, site));
  const groups = groupsOf(
    shown.filter(({ condition }) => condition !== 'fine'),
    nowMs,
  );
  const isFiltered = filter.search !== '' || filter.tag !== '';
  return html`<h1 class="vh">All sites of ${document.deployment}</h1>
${counts(document)}
${document.sites.length > 0 && handsOnAll(document.sites)}
${filterForm(document, filter)}
<section aria-labelledby="h-wrong" id="wrong" data-live>
<h2 id="h-wrong">What is not fine</h2>
${groups.length === 0 ? calm(document, isFiltered) : groupList(groups, { href: siteHref, called })}
</section>
${grid(shown, isFiltered ? `${shown.length} of ${sitesCounted(document.sites.length)}` : sitesCounted(shown.length), siteHref)}
${
  isFiltered || filter.each || shown.length <= FEW
    ? shown.length > 0 && table(shown, siteHref)
    : html`<p><a href="?each=1${filter.which === 'not-fine' && '&only=not-fine'}">Each site in a table</a></p>`
}
${momentForm('/')}`;
};

const handsOnAll = (sites: readonly SiteStatus[]): Html =>
  html`<nav class="hands" aria-label="Take all sites in hand" id="hands" data-live>${handsOfAll(sites).map(
    ({ action, label, hint }) =>
      html`<a class="button" href="/all/${action}" title="${hint}">${label} all…</a> `,
  )}</nav>`;

/** What may be made to fail of a local cloud; `playing` are those that do. */
export const troubleForms = (
  troubles: Readonly<Record<string, string>>,
  playing: readonly string[],
): Html => html`<section aria-labelledby="h-trouble" class="play" id="trouble" data-live>
<h2 id="h-trouble">Trouble in the cloud</h2>
<p>This cloud is on your machine. Make a part of it fail, then a server, and see what still works.</p>
<form method="post" action="/trouble" class="deeds">${Object.entries(troubles).map(
  ([name, means]) =>
    html`<button name="do" value="${name}"${playing.includes(name) && html` aria-pressed="true"`}>${means}</button>`,
)}<button name="do" value="clear">all well again</button></form>
</section>`;

export const countLine = (pieces: readonly CountPiece[]): Html =>
  html`<p class="counts">${pieces.map(
    ({ text, condition }) =>
      html`<span class="count ${condition === undefined ? 'plain' : toneOf(condition)}">${text}</span>`,
  )}</p>`;

const counts = (document: StatusDocument): Html =>
  html`<div id="counts" data-live>${countLine(countPieces(document))}${document.ok ? '' : html`<p class="verdict">${verdictOf(document)}</p>`}</div>`;

const filterForm = ({ sites }: StatusDocument, filter: Filter): Html => {
  const tags = [...new Set(sites.flatMap(({ tags: own }) => own))].sort();
  return html`<form class="filter" action="/" method="get" role="search">
<label for="q">Search</label>
<input id="q" name="q" type="search" value="${filter.search}" placeholder="name of a site" autocomplete="off" spellcheck="false">
${
  tags.length > 0 &&
  html`<label for="tag">Tag</label><select id="tag" name="tag"><option value="">all</option>${tags.map(
    (tag) => html`<option${tag === filter.tag && html` selected`}>${tag}</option>`,
  )}</select>`
}
<label class="check"><input type="checkbox" name="only" value="not-fine"${filter.which === 'not-fine' && html` checked`}> not fine only</label>
<button type="submit">Show</button>
</form>`;
};

const calm = (document: StatusDocument, isFiltered: boolean): Html =>
  isFiltered
    ? html`<p class="calm">Nothing among these.</p>`
    : html`<p class="calm"><span class="glyph" aria-hidden="true">✓</span> ${
        document.sites.length === 0
          ? 'No site is configured yet.'
          : 'Nothing. Every site is served, and something would take over.'
      }</p>`;

/** Where each site leads; `called` is absent where nothing can be ordered any more. */
type Ways = { href: (site: string) => string; called?: string };

export const groupList = (groups: readonly SiteGroup[], ways: Ways): Html =>
  html`<ul class="groups">${groups.map((group) => groupItem(group, ways))}</ul>`;

const groupItem = ({ condition, sites, text }: SiteGroup, { href, called }: Ways): Html => {
  const [first] = sites;
  const isOne = sites.length === 1;
  return html`<li class="group ${toneOf(condition)}">
<p class="what">${badge(condition)}${
    isOne && first
      ? html`<a class="name" href="${href(first.site)}">${first.site}</a>${first.incident && html`<span class="dim">incident ${first.incident}</span>`}`
      : html`<span class="name">${sitesCounted(sites.length)}</span>`
  }</p>
<p class="why">${text}</p>
${
  !isOne &&
  html`<p class="names">${siteNames(
    sites.map(({ site }) => site),
    href,
  )}</p>`
}
${called !== undefined && first?.holder && html`<p class="why"><a class="act" href="${siteHref(first.site)}/release">release…</a> <code>${called} ${first.holder.end}</code></p>`}
</li>`;
};

export const grid = (sites: readonly SiteStatus[], heading: string, href: Ways['href']): Html =>
  html`<section aria-labelledby="h-grid" id="grid" data-live>
<h2 id="h-grid">${heading}</h2>
<div class="grid">${sites.map((site) => cell(site, href))}</div>
${legend(sites)}
</section>`;

/** What the signs mean, of those that are there. */
const legend = (sites: readonly SiteStatus[]): Html => {
  const met = Object.keys(CONDITIONS).filter((one) => sites.some(({ condition }) => condition === one));
  return html`<p class="legend">${(met as (keyof typeof CONDITIONS)[]).map(
    (condition) =>
      html`<span><span class="cell ${toneOf(condition)}" aria-hidden="true">${glyphOf(condition)}</span> ${CONDITIONS[condition].label.toLowerCase()}</span> `,
  )}</p>`;
};

/** The table has the same links for the keyboard, so that nobody has to step through a thousand cells. */
const cell = ({ site, condition }: SiteStatus, href: Ways['href']): Html =>
  html`<a class="cell ${toneOf(condition)}" href="${href(site)}" tabindex="-1" title="${site}: ${CONDITIONS[condition].label}" aria-label="${site}: ${CONDITIONS[condition].label}">${glyphOf(condition)}</a>`;

export const table = (sites: readonly SiteStatus[], href: Ways['href']): Html =>
  html`<section aria-labelledby="h-table" id="table" data-live>
<h2 id="h-table">Each site</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Table of sites"><table>
<thead><tr><th scope="col">Site</th><th scope="col">State</th><th scope="col">Serves</th><th scope="col">Serves since</th><th scope="col">Next</th></tr></thead>
<tbody>${sites
    .slice(0, MOST_ROWS)
    .map(
      (site) =>
        html`<tr><th scope="row"><a href="${href(site.site)}">${site.site}</a></th><td>${badge(site.condition)}</td><td>${site.serving ?? '-'}</td><td>${servingSinceText(site)}</td><td>${site.next ?? 'nobody'}</td></tr>`,
    )}</tbody></table></div>
${sites.length > MOST_ROWS && html`<p class="dim">The first ${MOST_ROWS} of ${sites.length}. The search finds the others.</p>`}
</section>`;

const servingSinceText = ({ servingSince: since }: SiteStatus): string =>
  !since ? '-' : `${since.slice(0, 10)} ${timeOfDay(since).slice(0, 8)}`;
