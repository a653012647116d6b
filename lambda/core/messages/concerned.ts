import type { Config, Site } from '../site/site.ts';
import type { DeploymentNews, News } from '../state/news.ts';

/** Each tag of these sites once, sorted. */
export const tagsOf = (sites: readonly Site[]): string[] =>
  [...new Set(sites.flatMap(({ tags }) => tags))].sort();

/** Sites by name. Where not all names were kept, nobody can tell whose are missing: then all of them. */
const named = ({ sites }: Config, names: readonly string[], count: number): readonly Site[] =>
  names.length < count ? sites : sites.filter(({ name }) => names.includes(name));

const inZone = ({ sites }: Config, name: string): Site[] => sites.filter(({ zone }) => zone === name);

/** The sites that news of the deployment is about. None where it is about Switchover itself: that is for those who run it. */
const sitesOf = (news: News, config: Config): readonly Site[] => {
  switch (news.type) {
    case 'zone-unreadable':
      return inZone(config, news.zone);
    case 'moves-wait':
      return named(config, news.sites, news.count);
    case 'states-unreadable':
      return named(config, news.sites, news.sites.length);
    case 'checkup':
      if (news.findings.length < news.count) return config.sites;
      return news.findings.flatMap(({ site, zone }) => [
        ...(site === undefined ? [] : named(config, [site], 1)),
        ...(zone === undefined ? [] : inZone(config, zone)),
      ]);
    // Whoever was told of a part of a mass failure is told of its end.
    case 'mass-over':
      return config.sites;
    // The tags of sites that are gone nobody knows, and the end of an alert is for whoever has it.
    case 'sites-removed':
      return news.ended === undefined ? [] : config.sites;
    case 'several':
      return news.more > 0 ? config.sites : news.of.flatMap((one) => sitesOf(one.news, config));
    default:
      return [];
  }
};

/** Tags that somebody waits for. Of several controllers each knows the tags of its own sites alone, and these of all. */
const waitedFor = ({ alerts: { wanted = {}, channels = [] } }: Config): string[] =>
  [...Object.values(wanted), ...channels.map((channel) => channel.wanted)].flatMap(({ tags = [] }) => tags);

/**
 * The tags that news of the deployment as a whole has, so that the filter of a team lets through what concerns its sites. The weekly test has
 * those of all: it is to show that messages arrive, through each filter.
 */
export const concernedBy = (news: DeploymentNews, config: Config): string[] => {
  if (news.type !== 'weekly-test') return tagsOf(sitesOf(news, config));
  return [...new Set([...tagsOf(config.sites), ...waitedFor(config)])].sort();
};
