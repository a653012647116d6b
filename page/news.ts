import { CONDITIONS } from '../lambda/core/orders/condition.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import type { StatusDocument } from '../lambda/core/orders/status-document.ts';

/** More than this at once is summed up: a voice that reads fifty lines helps nobody. */
const MOST_SAID = 3;

const newsOf = (before: SiteStatus | undefined, now: SiteStatus): string[] => {
  if (before === undefined) return [];
  if (before.serving !== now.serving && now.serving !== null)
    return [`${now.site}: ${now.serving} serves now`];
  if (before.condition !== now.condition)
    return [`${now.site}: ${CONDITIONS[now.condition].label.toLowerCase()}`];
  return [];
};

/** What is to be said aloud of the change from one status to the next. */
export const newsBetween = (before: StatusDocument | undefined, now: StatusDocument): string => {
  if (before === undefined) return '';
  const known = new Map(before.sites.map((site) => [site.site, site]));
  const news = now.sites.flatMap((site) => newsOf(known.get(site.site), site));
  const more = news.length - MOST_SAID;
  return more > 0 ? `${news.slice(0, MOST_SAID).join('. ')}. And ${more} more.` : news.join('. ');
};
