import type { Account } from '../../lambda/core/doctor/facts.ts';
import type { Config, Site } from '../../lambda/core/site/site.ts';
import { referencesOf } from '../../lambda/observe/ask-vantages.ts';
import { probeBatch } from '../../lambda/prober/batch.ts';
import { counted } from '../screen.ts';

/** Which references do not answer this machine, a sentence each; they are asked as the vantages ask them. */
export const silentReferences = async (config: Config): Promise<string[]> => {
  const probes = referencesOf(config).map(({ request }) => request);
  if (probes.length === 0) return [];
  const deadlineMs = Math.max(...probes.map(({ timeoutMs }) => timeoutMs)) + 1000;
  const { observations } = await probeBatch({ probes, deadlineMs });
  const silent = observations.filter(({ outcome }) => outcome !== 'passed');
  const all = silent.length === probes.length;
  const means = all
    ? 'A vantage that sees none of its references counts as having seen nothing: look at `references`.'
    : 'The others are enough, but look at `references`.';
  return silent.map(({ id, code, detail }) => {
    const url = probes.find((probe) => probe.id === id)?.url;
    return `The reference ${url} does not answer this machine (${code}: ${detail}). ${means}`;
  });
};

/** Whether servers take a hello as large as a browser's can be tried only where one can be made. */
export const helloNote = (sites: Site[], able: boolean): string[] =>
  able || sites.every(({ probe }) => !/^(https|tls):/.test(probe.url))
    ? []
    : [
        `Whether servers take a TLS hello as large as a browser's was not tried: that needs OpenSSL 3.5, and this Node (${process.version}) has ${process.versions.openssl}. Node 24.5 or later has it.`,
      ];

/** A secret is read by the controller alone: nobody who checks a configuration needs to be able to. */
export const secretNote = (sites: Site[]): string[] => {
  const without = sites.filter(({ probe }) => probe.secretHeaders !== undefined);
  const headers = [...new Set(without.flatMap(({ probe }) => Object.keys(probe.secretHeaders ?? {})))];
  return without.length === 0
    ? []
    : [
        `The probes of ${counted(without.length, 'site')} were sent without their secret headers (${headers.join(', ')}), which only the controller reads: a server or firewall that waits for one turns them away from here.`,
      ];
};

/** What was found of the roles by which dashboards are shared, where it is no finding. */
export const sharingNote = ({ sharing, sharingUnread }: Account): string[] => {
  if (sharingUnread !== undefined)
    return [
      `Whether a dashboard is shared by a role that may give orders was not looked up: ${sharingUnread}. It takes iam:ListRoles and iam:SimulatePrincipalPolicy.`,
    ];
  if (sharing === undefined || sharing.length === 0 || sharing.some(({ mayOrder }) => mayOrder)) return [];
  return [
    `Dashboards of this account are shared by ${sharing.map(({ role }) => role).join(', ')}, and nobody can give orders by that.`,
  ];
};
