import type { Site } from '../site/site.ts';
import type { Finding } from '../state/finding.ts';
import { accountFindings } from './account.ts';
import { delegationFindings } from './delegation.ts';
import type { DoctorFacts } from './facts.ts';
import { keyOf } from './findings.ts';
import { besideFindings, nameFindings, plannedFindings } from './names.ts';
import { serverFindings } from './servers.ts';

/** Whether a failover of the site would be made and reach its visitors; `because` says why not, where the site is named already. */
export type Prognosis = {
  site: string;
  would: 'fail-over' | 'not' | 'unknown';
  text: string;
  because?: string;
};

/** What the doctor says: findings, the worst first, and a prognosis for each site. */
export type Diagnosis = { findings: Finding[]; prognoses: Prognosis[] };

const ORDER = ['error', 'warning', 'note'];

/** Facts in, findings out. One set of rules, wherever the facts were gathered; what was not gathered is not judged. */
export const diagnose = (facts: DoctorFacts, sites: Site[], nowMs: number): Diagnosis => {
  const own = new Map(facts.account?.zones.map(({ zone, nameServers }) => [zone, nameServers]));
  const found = [
    ...facts.zones.flatMap((dns) => delegationFindings(dns, own.get(dns.zone))),
    ...sites.flatMap((site) => {
      const dns = facts.names.find((one) => one.site === site.name);
      const servers = facts.servers.find((one) => one.site === site.name);
      return [
        ...plannedFindings(site),
        ...(dns === undefined ? [] : nameFindings(site, dns)),
        ...(dns === undefined || isListed(facts, site) ? [] : besideFindings(site, dns)),
        ...(servers === undefined ? [] : serverFindings(site, servers, nowMs)),
      ];
    }),
    ...(facts.account === undefined ? [] : accountFindings(facts.account)),
  ];
  const findings = [...new Map(found.map((one) => [`${keyOf(one)} ${one.what}`, one])).values()];
  findings.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return { findings, prognoses: sites.map((site) => prognosis(site, facts, findings)) };
};

/** Whether the account has told how the zone lists the site: then nothing is concluded from name servers that may be behind. */
const isListed = ({ account }: DoctorFacts, site: Site): boolean =>
  account?.sites.some((one) => one.site === site.name && one.zone !== 'unreadable') ?? false;

/** Whether a finding is about this site: its own, its zone's or the whole deployment's. */
export const concerns = (found: Finding, site: Site): boolean =>
  found.site === undefined ? found.zone === undefined || found.zone === site.zone : found.site === site.name;

const prognosis = (site: Site, facts: DoctorFacts, findings: Finding[]): Prognosis => {
  const stops = findings.filter((one) => one.stops !== undefined && concerns(one, site));
  if (stops.length > 0) {
    const because = [...new Set(stops.map((one) => `${one.stops} (${one.code})`))].join('; ');
    const text = `${site.name} WOULD NOT FAIL OVER, because ${because}.`;
    return { site: site.name, would: 'not', text, because: `because ${because}.` };
  }
  const open = findings.filter((one) => one.unknown !== undefined && concerns(one, site));
  if (open.length > 0) {
    const because = [...new Set(open.map((one) => `${one.unknown} (${one.code})`))].join('; ');
    const text = `Nobody can tell whether ${site.name} WOULD FAIL OVER: ${because}.`;
    return { site: site.name, would: 'unknown', text, because: `${because}.` };
  }
  const servers = facts.servers.find((one) => one.site === site.name);
  if (servers?.standby === 'unknown') {
    const text = `Nobody can tell from here whether ${site.name} WOULD FAIL OVER: ${servers.text}`;
    return { site: site.name, would: 'unknown', text, because: servers.text };
  }
  const unseen = facts.account === undefined ? ', as far as can be seen without asking what is deployed' : '';
  return { site: site.name, would: 'fail-over', text: `${site.name} WOULD FAIL OVER${unseen}.` };
};
