/** Where the page of one site is. */
export const siteHref = (site: string): string => `/site/${encodeURIComponent(site)}`;
