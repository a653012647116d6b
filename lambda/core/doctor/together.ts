import { sitesCounted } from '../orders/status-document.ts';
import type { Finding } from '../state/finding.ts';
import type { Prognosis } from './diagnosis.ts';

/** What was seen, in one sentence, and the sites of which that is so. */
export type Told = { what: string; sites: string[] };

/** What is so of several sites, with their names. */
export const toldText = ({ what, sites }: Told): string =>
  sites.length < 2 ? what : `${what} ${sitesCounted(sites.length)}: ${sites.join(' ')}`;

/** Findings of one kind that have one mend: whoever reads of 200 sites reads why it matters once. */
export type FindingGroup = Pick<Finding, 'code' | 'severity' | 'why' | 'mend' | 'zone'> & { told: Told[] };

const SITE = 'SITE';

/** The text as it would be of any site. Another name that has the site's within it is another name. */
const ofAny = (text: string, site: string | undefined): string =>
  site === undefined
    ? text
    : text.replaceAll(
        new RegExp(`(?<![\\w.-])${site.replaceAll(/[^\w-]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g'),
        SITE,
      );

/** What is so of several, without the name of one. */
const ofEach = (text: string): string =>
  text
    .replace(/^SITE: (.)/, (_, first: string) => first.toUpperCase())
    .replace(/^SITE\b/, 'Each of these')
    .replaceAll(/\bSITE\b/g, 'each');

/** Findings in the order in which they came, those of one kind together. */
export const findingsTogether = (findings: readonly Finding[]): FindingGroup[] => {
  const kinds = Map.groupBy(findings, ({ code, zone = '', site, mend }) =>
    [code, zone, ofAny(mend, site)].join('\n'),
  );
  return [...kinds.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const { code, severity, why, zone } = first;
    const isOne = alike.every(({ site }) => site === first.site);
    const mend = isOne ? first.mend : ofAny(first.mend, first.site);
    const seen = Map.groupBy(alike, ({ what, site }) => ofAny(what, site));
    const told = [...seen].map(([what, of]) => ({
      what: of.length === 1 ? (of[0]?.what ?? '') : ofEach(what),
      sites: of.flatMap(({ site }) => site ?? []),
    }));
    return [{ code, severity, why, mend, told, ...(zone !== undefined && { zone }) }];
  });
};

/** Sites with one prognosis for one reason. */
export type PrognosisGroup = Pick<Prognosis, 'would' | 'because'> & { sites: string[] };

const ORDER: Prognosis['would'][] = ['not', 'unknown', 'fail-over'];

/** Those that would not fail over first. */
export const prognosesTogether = (prognoses: readonly Prognosis[]): PrognosisGroup[] => {
  const groups = Map.groupBy(prognoses, ({ would, because = '' }) => `${would} ${because}`);
  return [...groups.values()]
    .flatMap(([first, ...more]) => {
      if (first === undefined) return [];
      const { would, because } = first;
      const sites = [first, ...more].map(({ site }) => site);
      return [{ would, sites, ...(because !== undefined && { because }) }];
    })
    .sort((a, b) => ORDER.indexOf(a.would) - ORDER.indexOf(b.would));
};
