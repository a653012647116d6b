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

/** A text as it was before its lines were broken, so that what it says is found wherever a line ends. */
export const flowing = (text: string): string => text.replace(/\s+/g, ' ');

const asFlowing = (made: Announcement): Announcement => ({ ...made, text: flowing(made.text) });

/** What a site's outbox holds, as people will read it, but for where the lines end. */
export const inWords = (site: Site, config: Config, { outbox }: Pick<SiteState, 'outbox'>): Announcement[] =>
  outbox.map((notice) => asFlowing(announcementOf(site, config, notice)));

/** The same of the deployment. */
export const allInWords = (config: Config, { outbox }: Pick<DeploymentState, 'outbox'>): Announcement[] =>
  outbox.map((notice) => asFlowing(announcementOfAll(config, notice)));

/** A notice that a test made up, with these words. */
export const worded = (
  kind: string,
  { site = 'www', atMs = 0, text = 'text' }: { site?: string; atMs?: number; text?: string } = {},
): Notice<SiteNews> => {
  const news = { type: 'worded', subject: `[www-1] ${kind} at ${site}`, text } as const;
  return noticeOf({ site, incident: 'www-1', kind, atMs, news });
};
