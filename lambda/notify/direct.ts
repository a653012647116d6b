import { type Assessments, assessmentOf } from '../assess/assess.ts';
import { type Announcement, announcementOf, announcementOfAll } from '../core/messages/announcement.ts';
import type { MadeEvent } from '../core/messages/event-of.ts';
import type { Site } from '../core/site/site.ts';
import { DEPLOYMENT, noticeOfAll } from '../core/state/deployment-state.ts';
import type { DeploymentNews } from '../core/state/news.ts';
import { incidentId, noticeOf } from '../core/state/notice.ts';
import { eventApart, eventsOfAll } from './events.ts';
import type { Teller } from './open.ts';

/** The name under which a process remembers that it has told this. */
export const nameOf = ({ site, kind }: Announcement): string => `${site} ${kind}`;

/** What no outbox holds, with the name under which a process remembers it; `made`: the same as events. */
type Direct = { name: string; announcement: Announcement; made(): MadeEvent[] };

/** News of the deployment that is not stored. */
const direct = (teller: Teller, kind: string, news: DeploymentNews, atMs: number): Direct => {
  const notice = noticeOfAll({ kind, news, atMs }, teller.config);
  const announcement = announcementOfAll(teller.config, notice);
  return {
    name: nameOf(announcement),
    announcement,
    made: () => eventsOfAll(teller, notice, announcement),
  };
};

/** What no outbox can hold, because nothing can be stored. */
export const directNews = (teller: Teller, nowMs: number): Direct[] => {
  const { assessments, book, config } = teller;
  const unreadable = config.sites.filter((site) => book.entries.get(site)?.unreadable);
  const sites = unreadable.map(({ name }) => name);
  const { storeFailed, deployment } = book;
  const message = book.work.defect;
  const news: Direct[] = [
    ...(storeFailed ? [direct(teller, 'store-away', { type: 'store-away' }, nowMs)] : []),
    ...(message === undefined ? [] : [direct(teller, 'internal', { type: 'defect', message }, nowMs)]),
    ...(sites.length > 0
      ? [direct(teller, 'state-unreadable', { type: 'states-unreadable', sites }, nowMs)]
      : []),
    ...unreadable.flatMap((site) => dueAndUnwritten(teller, assessments, site, nowMs)),
  ];
  // Of one kind with the news of sites, and other news.
  if (deployment.version === undefined)
    news.push({
      ...direct(teller, 'state-unreadable', { type: 'deployment-unreadable' }, nowMs),
      name: `${DEPLOYMENT} state-unreadable ${DEPLOYMENT}`,
    });
  return news;
};

/** A move that is due at a site whose stored state cannot be read, and is therefore not made. */
const dueAndUnwritten = (teller: Teller, assessments: Assessments, site: Site, nowMs: number): Direct[] => {
  const assessment = assessmentOf(assessments, site);
  if (assessment?.decision.act !== 'serve') return [];
  const { facts, decision } = assessment;
  const news = { type: 'unwritten', from: facts.serving ?? null, to: decision.server ?? '' } as const;
  const incident = incidentId(site.name, nowMs);
  const notice = noticeOf({ site: site.name, incident, kind: 'write-refused', atMs: nowMs, news });
  const announcement = announcementOf(site, teller.config, notice);
  return [
    {
      name: nameOf(announcement),
      announcement,
      made: () => eventApart(teller, site, { notice, announcement }),
    },
  ];
};
