import type { Site } from '../site/site.ts';
import type { RecordSet } from './records.ts';

/** Whether `serving` is something that no configured server is: adopted as it was, or removed from the configuration since. */
export const isStranger = (site: Site, serving: string): boolean =>
  !site.servers.some(({ name }) => name === serving);

/** More values than this say nothing to a tired person. */
const VALUES_NAMED = 3;

/** What serves, by its name, or by what `records` hold where a person adopted what no server has. */
export const servingText = (site: Site, serving: string, records: RecordSet[] = []): string => {
  if (serving !== 'other' || !isStranger(site, serving)) return serving;
  const values = [...new Set(records.flatMap(({ alias, values }) => alias?.name ?? values))];
  const more = values.length > VALUES_NAMED ? ', …' : '';
  return values.length === 0 ? serving : `${values.slice(0, VALUES_NAMED).join(', ')}${more}`;
};
