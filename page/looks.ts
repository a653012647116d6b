import { shortNames } from '../lambda/core/orders/status-groups.ts';
import { type Html, html } from '../lambda/core/view/html.ts';

/** Where the page of one site is. */
export const siteHref = (site: string): string => `/site/${encodeURIComponent(site)}`;

/** Names that a line shows. */
const MOST_NAMES = 60;

/** The names of sites that fare alike, each leading to its site. */
export const siteNames = (sites: readonly string[], href = siteHref): Html => {
  const short = shortNames(sites);
  return html`${sites.slice(0, MOST_NAMES).map((site, at) => html`<a href="${href(site)}">${short[at]}</a> `)}${
    sites.length > MOST_NAMES && html`<span class="dim">and ${sites.length - MOST_NAMES} more</span>`
  }`;
};
