import { isoTime } from '../lambda/core/base/time.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import { type StatusDocument, sitePieces, sitesCounted } from '../lambda/core/orders/status-document.ts';
import { groupsOf } from '../lambda/core/orders/status-groups.ts';
import type { HistoryEntry } from '../lambda/core/state/history.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import type { Explanation } from '../lambda/status/explain.ts';
import { type Latency, latencySection } from './latency.ts';
import { siteHref } from './looks.ts';
import { momentForm, shown, steps, thenHref } from './moment.ts';
import { countLine, grid, groupList, table } from './overview.ts';
import { entries, rowSection, serverCards, siteHead, spanOf, timeSection } from './site.ts';

export type SiteThen = {
  name: string;
  /** As it was; undefined where nothing of that time or before it is on record. */
  site: SiteStatus | undefined;
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
  const { name, site, explanation, history, atMs, nowMs, minutes } = view;
  const path = siteHref(name);
  const turns = history.map(({ at }) => Date.parse(at)).toReversed();
  const when = `as it was at ${shown(atMs)} UTC`;
  const windows = (each: number): string => `?at=${isoTime(atMs)}&minutes=${each}`;
  return html`${
    site === undefined
      ? html`<div class="sitehead warn"><h1>${name}</h1><p class="what"><span class="badge warn">NOT ON RECORD</span> <strong>${when}</strong></p></div>`
      : siteHead(site, atMs, { isNow: false, when })
  }
${steps(path, atMs, nowMs, turns)}
${momentForm(path, atMs)}
${site && html`<section aria-labelledby="h-servers"><h2 id="h-servers">Servers</h2>${serverCards(site, atMs)}</section>`}
${explanation && rowSection(explanation)}
${site && timeSection({ site, history, minutes, nowMs: atMs, windows })}
${latencySection(view.latency, spanOf(history, minutes, atMs))}
${entries(history, path)}`;
};

/** All sites as they were. `names` are those that there are now: what is not among the sites of then is not on record. */
export const overviewThen = (
  document: StatusDocument,
  names: readonly string[],
  { atMs, nowMs }: { atMs: number; nowMs: number },
): Html => {
  const { sites } = document;
  const href = (site: string): string => thenHref(siteHref(site), atMs);
  const missing = names.length - sites.length;
  const groups = groupsOf(
    sites.filter(({ condition }) => condition !== 'fine'),
    atMs,
  );
  return html`<h1>All sites as they were at ${shown(atMs)} UTC</h1>
${countLine([
  ...sitePieces(document),
  ...(missing > 0 ? [{ text: `${missing} not on record`, condition: 'unknown' as const }] : []),
])}
${steps('/', atMs, nowMs, [])}
${momentForm('/', atMs)}
<section aria-labelledby="h-wrong"><h2 id="h-wrong">What was not fine</h2>
${groups.length > 0 ? groupList(groups, { href }) : html`<p class="calm">Nothing that is on record.</p>`}
</section>
${grid(sites, sitesCounted(sites.length), href)}
${sites.length > 0 && table(sites, href)}`;
};
