import {
  type Announcement,
  announcementOf,
  announcementOfAll,
} from '../../lambda/core/messages/announcement.ts';
import type { Config, Site } from '../../lambda/core/site/site.ts';
import type { DeploymentState } from '../../lambda/core/state/deployment-state.ts';
import type { SiteNews } from '../../lambda/core/state/news.ts';
import { type Notice, noticeOf } from '../../lambda/core/state/notice.ts';
import type { SiteState } from '../../lambda/core/state/site-state.ts';

/** What a site's outbox holds, as people will read it. */
export const inWords = (site: Site, config: Config, { outbox }: Pick<SiteState, 'outbox'>): Announcement[] =>
  outbox.map((notice) => announcementOf(site, config, notice));

/** The same of the deployment. */
export const allInWords = (config: Config, { outbox }: Pick<DeploymentState, 'outbox'>): Announcement[] =>
  outbox.map((notice) => announcementOfAll(config, notice));

/** A notice that a test made up, with these words. */
export const worded = (
  kind: string,
  { site = 'www', atMs = 0, text = 'text' }: { site?: string; atMs?: number; text?: string } = {},
): Notice<SiteNews> => {
  const news = { type: 'worded', subject: `[www-1] ${kind} at ${site}`, text } as const;
  return noticeOf({ site, incident: 'www-1', kind, atMs, news });
};
