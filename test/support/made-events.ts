import { virtualConfig, virtualSite } from '../../fixtures/virtual/world.ts';
import { announcementOf, announcementOfAll } from '../../lambda/core/messages/announcement.ts';
import type { AlertEvent } from '../../lambda/core/messages/event.ts';
import { eventOf, eventOfAll, type MadeEvent, type OpenAlerts } from '../../lambda/core/messages/event-of.ts';
import { eventsTogether } from '../../lambda/core/messages/events-together.ts';
import { together } from '../../lambda/core/messages/together.ts';
import type { Site } from '../../lambda/core/site/site.ts';
import type { Alerts } from '../../lambda/core/state/alerts.ts';
import { noticeOfAll } from '../../lambda/core/state/deployment-state.ts';
import type { DeploymentNews, News, SiteNews } from '../../lambda/core/state/news.ts';
import { noticeOf } from '../../lambda/core/state/notice.ts';
import { emptyState } from '../../lambda/core/state/site-state.ts';
import { isOfSite } from './event-table.ts';

const AT_MS = 1_795_982_806_000;
const WWW = virtualSite('www', { tags: ['shop', 'eu'] });
const CONFIG = virtualConfig([WWW]);

/** What is open at the sites of an event, and at others. */
export const openOf = (
  alerts: Alerts = {},
  elsewhere: string[] = [],
  untaken: string[] = [],
): OpenAlerts => ({
  of: () => alerts,
  elsewhere: new Set(elsewhere),
  untaken: new Set(untaken),
});

/** News of one site as an event, in the incident `www-tpa57a`. */
export const made = (news: SiteNews, open = openOf(), site: Site = WWW): MadeEvent => {
  const notice = noticeOf({ site: site.name, incident: 'www-tpa57a', kind: 'kind', atMs: AT_MS, news });
  const announcement = announcementOf(site, CONFIG, notice);
  return eventOf(CONFIG, { site, state: emptyState() }, { notice, announcement }, open);
};

export const eventFor = (news: News): AlertEvent => {
  if (isOfSite(news)) return made(news).event;
  const notice = noticeOfAll({ kind: 'kind', atMs: AT_MS, news: news as DeploymentNews }, CONFIG);
  return eventOfAll(CONFIG, { notice, announcement: announcementOfAll(CONFIG, notice) });
};

/** The same news of each of these sites, told at once in the incident `main-tk3e`. */
export const madeTogether = (of: Site[], news: SiteNews, open = openOf()): MadeEvent[] => {
  const config = virtualConfig(of);
  const all = of.map((site) => {
    const incident = `${site.name.split('.')[0]}-tk3f`;
    const notice = noticeOf({ site: site.name, incident, kind: 'failover', atMs: AT_MS, news });
    return { site, notice, before: [] };
  });
  const [first, ...rest] = all;
  if (first === undefined) return [];
  const announcement = together([first, ...rest], config, { incident: 'main-tk3e' });
  return eventsTogether(all, config, announcement, open);
};
