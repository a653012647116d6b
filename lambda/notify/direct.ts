import { type Assessments, assessmentOf } from '../assess/assess.ts';
import type { Book } from '../book/book.ts';
import { type Announcement, announcementOf, announcementOfAll } from '../core/messages/announcement.ts';
import type { Config, Site } from '../core/site/site.ts';
import { DEPLOYMENT, noticeOfAll } from '../core/state/deployment-state.ts';
import type { DeploymentNews } from '../core/state/news.ts';
import { incidentId, noticeOf } from '../core/state/notice.ts';

/** The name under which a process remembers that it has told this. */
export const nameOf = ({ site, kind }: Announcement): string => `${site} ${kind}`;

/** News of the deployment that is not stored. */
const direct = (config: Config, kind: string, news: DeploymentNews, atMs: number): Announcement =>
  announcementOfAll(config, noticeOfAll({ kind, news, atMs }, config));

/** What no outbox can hold, because nothing can be stored; each with the name under which a process remembers it. */
export const directNews = (
  { assessments, book, config }: { assessments: Assessments; book: Book; config: Config },
  nowMs: number,
): [string, Announcement][] => {
  const unreadable = config.sites.filter((site) => book.entries.get(site)?.unreadable);
  const sites = unreadable.map(({ name }) => name);
  const { storeFailed, deployment } = book;
  const message = book.work.defect;
  const news: Announcement[] = [
    ...(storeFailed ? [direct(config, 'store-away', { type: 'store-away' }, nowMs)] : []),
    ...(message === undefined ? [] : [direct(config, 'internal', { type: 'defect', message }, nowMs)]),
    ...(sites.length > 0
      ? [direct(config, 'state-unreadable', { type: 'states-unreadable', sites }, nowMs)]
      : []),
    ...unreadable.flatMap((site) => dueAndUnwritten(assessments, site, nowMs)),
  ];
  const named = news.map((one): [string, Announcement] => [nameOf(one), one]);
  // Of one kind with the news of sites, and other news.
  if (deployment.version === undefined)
    named.push([
      `${DEPLOYMENT} state-unreadable ${DEPLOYMENT}`,
      direct(config, 'state-unreadable', { type: 'deployment-unreadable' }, nowMs),
    ]);
  return named;
};

/** A move that is due at a site whose stored state cannot be read, and is therefore not made. */
const dueAndUnwritten = (assessments: Assessments, site: Site, nowMs: number): Announcement[] => {
  const assessment = assessmentOf(assessments, site);
  if (assessment?.decision.act !== 'serve') return [];
  const { facts, decision } = assessment;
  const news = { type: 'unwritten', from: facts.serving ?? null, to: decision.server ?? '' } as const;
  const incident = incidentId(site.name, nowMs);
  const notice = noticeOf({ site: site.name, incident, kind: 'write-refused', atMs: nowMs, news });
  return [announcementOf(site, assessments.config, notice)];
};
