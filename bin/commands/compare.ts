import { stackNames } from '../../lambda/contract.ts';
import type { Alerts, Wanted } from '../../lambda/core/site/alerts.ts';
import {
  type Config,
  deadManRegion,
  partsOfRole,
  quorum,
  type Site,
  type Zone,
} from '../../lambda/core/site/site.ts';
import { roleRecordName } from '../../lambda/core/zone/role-record.ts';
import { compareSite, type Difference, type Now, shown } from './compare-site.ts';

export type SiteChange = { site: string; change: 'added' | 'removed' | 'changed'; differences: Difference[] };
/** What a deploy would change; both lists are empty when it would change nothing. */
export type Comparison = { deployment: Difference[]; sites: SiteChange[] };

/** Compares the configuration that is deployed with another. `now` says how the deployed sites stand, as far as is known. */
export const compare = (before: Config, after: Config, now: ReadonlyMap<string, Now>): Comparison => {
  const old = new Map(before.sites.map((site) => [site.name, site]));
  const kept = new Set(after.sites.map(({ name }) => name));
  const sites = [
    ...after.sites.flatMap((site): SiteChange[] => {
      const was = old.get(site.name);
      if (was === undefined) return [{ site: site.name, change: 'added', differences: [added(site)] }];
      const differences = compareSite(was, site, now.get(site.name));
      return differences.length === 0 ? [] : [{ site: site.name, change: 'changed', differences }];
    }),
    ...before.sites
      .filter(({ name }) => !kept.has(name))
      .map((site): SiteChange => ({ site: site.name, change: 'removed', differences: [removed(site)] })),
  ];
  return { deployment: compareDeployment(before, after), sites };
};

const added = (site: Site): Difference => ({
  what: `added, in the zone ${site.zone}`,
  means:
    "Where there are no records, they are made once a server is up (row 2). Records that are one of its servers' are adopted as they are (row 4); " +
    'any others are left alone, and you are told (row 5).',
});

const removed = (site: Site): Difference => ({
  what: 'removed',
  means:
    `It is no longer watched and no longer moved. Its records (${site.names.join(', ')}) stay as they are, and so does ${roleRecordName(site.name)}: ` +
    'delete them by hand when nobody needs them. You are told which server each was left with.',
});

const listChange = (before: string[], after: string[]): string => {
  const gone = before.filter((one) => !after.includes(one)).map((one) => `-${one}`);
  const come = after.filter((one) => !before.includes(one)).map((one) => `+${one}`);
  return [...gone, ...come].join(' ');
};

const compareDeployment = (before: Config, after: Config): Difference[] => {
  const found: Difference[] = [];
  const tell = (
    field: keyof Config,
    means: string,
    what = `${shown(before[field])} becomes ${shown(after[field])}`,
  ) => {
    if (what !== '' && shown(before[field]) !== shown(after[field]))
      found.push({ what: `${field}: ${what}`, means });
  };
  tell(
    'deployment',
    'That is another deployment, made beside the one that runs, and both would move the sites they share: destroy that one first.',
  );
  tell(
    'homeRegion',
    'That is a second controller, made in the other region beside the one that runs, and both would move the sites: destroy that one first.',
  );
  tell('local', after.local ? 'What is local cannot be deployed.' : 'It can be deployed then.');
  tell('vantages', vantagesMean(before, after), listChange(before.vantages, after.vantages));
  tell(
    'intervalSeconds',
    'Sites that are well are looked at as often as that; health goes stale after three intervals.',
  );
  tell(
    'sitesPerController',
    'Sites may go to another controller. Until the deploy is over two may look at the same site, which does no harm.',
  );
  tell(
    'maxMoveShare',
    'So large a share of all sites may move by themselves within one interval from the next round on.',
  );
  tell('weeklyTest', 'Whether a message says each Monday that messages arrive.');
  tell('dashboard', 'A dashboard in CloudWatch is made, or taken away; nothing else changes.');
  found.push(...zoneDifferences(before, after));
  const emails = listChange(before.alerts.emails, after.alerts.emails);
  if (emails !== '') {
    const means =
      'AWS asks each new address to confirm, and nobody is told there before; one that is dropped is told nothing more.';
    found.push({ what: `alerts.emails: ${emails}`, means });
  }
  found.push(...channelDifferences(before.alerts, after.alerts));
  return found;
};

/** What those want who are mailed some messages only, and what is posted to. */
const channelDifferences = (before: Alerts, after: Alerts): Difference[] => {
  const channels = listChange(channelTexts(before), channelTexts(after));
  const wanted = listChange(wantedTexts(before), wantedTexts(after));
  return [
    ...(wanted === ''
      ? []
      : [
          {
            what: `alerts: ${wanted}`,
            means: 'SNS takes up to 15 minutes to filter mails as is wanted now.',
          },
        ]),
    ...(channels === ''
      ? []
      : [
          {
            what: `alerts: ${channels}`,
            means: 'The notifier posts to what is there once it is deployed; "check --notify" tries it.',
          },
        ]),
  ];
};

const wantedText = ({ tags, from }: Wanted): string =>
  `${tags === undefined ? 'everything' : `the tags ${tags.join(', ')}`}${from === undefined ? '' : ` from ${from}`}`;

const wantedTexts = ({ wanted = {} }: Alerts): string[] =>
  Object.entries(wanted).map(([email, own]) => `${email} for ${wantedText(own)}`);

const channelTexts = ({ channels = [] }: Alerts): string[] =>
  channels.map(
    ({ kind, secrets, wanted, service }) =>
      `${kind} by ${[...Object.values(secrets), ...(service === undefined ? [] : [service])].join(' and ')} for ${wantedText(wanted)}`,
  );

const vantagesMean = (before: Config, after: Config): string => {
  const of = ({ vantages }: Config): string => `${quorum(vantages.length)} of ${vantages.length}`;
  const gone = before.vantages.filter(
    (region) => !after.vantages.includes(region) && region !== before.homeRegion,
  );
  const [was, is] = [deadManRegion(before), deadManRegion(after)];
  return [
    `A verdict takes ${of(after)} vantages, now ${of(before)}.`,
    gone.length === 0
      ? ''
      : ` The CDK leaves the stacks ${gone.map((region) => `${before.deployment}-vantage-${region}`).join(', ')} behind: destroy them by hand.`,
    was === is
      ? ''
      : ` The dead-man alarm moves from ${was} to ${is}: its topic there has to be confirmed anew, and the stack ${before.deployment}-dead-man-${was} destroyed by hand.`,
  ].join('');
};

/** Of a hosted zone that stays the same: who is asked to let us in. */
const accountDifference = ({ account: was }: Zone, { name, account }: Zone): Difference[] => {
  if (was?.roleArn === account?.roleArn && was?.externalId === account?.externalId) return [];
  const by = (one: Zone['account']) =>
    one === undefined ? 'the rights of our own account' : `${one.roleArn} with ${one.externalId}`;
  const means =
    account === undefined
      ? 'Unless the zone is in our own account, nothing is moved there any more.'
      : 'Make that role first (docs/zone-in-another-account.md): until it lets the functions in, nothing is moved there.';
  return [{ what: `zones: ${name}, reached by ${by(was)}, now by ${by(account)}`, means }];
};

/** In another account the names that may be written stand in a stack that is not deployed with the others. */
const namesAbroad = (before: Config, after: Config, { name, account }: Zone): Difference[] => {
  if (account === undefined) return [];
  const namesIn = ({ sites }: Config) =>
    sites.filter(({ zone }) => zone === name).flatMap(({ names }) => names);
  const known = new Set(namesIn(before));
  const added = namesIn(after).filter((one) => !known.has(one));
  if (added.length === 0) return [];
  const stack = stackNames(after.deployment).zoneRoles(partsOfRole(account.roleArn).account);
  return [
    {
      what: `zones: ${name}, ${added.length} more to write: ${added.join(' ')}`,
      means: `Deploy ${stack} in that account first: its role may write the names that it was made with, and no other.`,
    },
  ];
};

const zoneDifferences = (before: Config, after: Config): Difference[] => {
  const old = new Map(before.zones.map((zone) => [zone.name, zone]));
  const kept = new Set(after.zones.map(({ name }) => name));
  return [
    ...after.zones.flatMap((zone): Difference[] => {
      const was = old.get(zone.name);
      const what = `zones: ${zone.name}`;
      if (was === undefined) {
        const means =
          zone.id === undefined
            ? 'The zone is made, and answers nobody before it is delegated to.'
            : `The zone ${zone.id} is used as it is.`;
        return [{ what: `${what} added`, means }];
      }
      const reached = [...accountDifference(was, zone), ...namesAbroad(before, after, zone)];
      if (was.id === zone.id) return reached;
      const means =
        'Unless that is the same hosted zone, its sites have no records there and are left alone (row 5) until "put-back".';
      return [
        {
          what: `${what}, id ${was.id ?? 'of the zone that the stack made'} becomes ${zone.id ?? 'a zone that the stack makes'}`,
          means,
        },
        ...reached,
      ];
    }),
    ...before.zones
      .filter(({ name }) => !kept.has(name))
      .map(({ name }) => ({
        what: `zones: ${name} removed`,
        means: 'The hosted zone is kept with all its records; nothing here touches it any more.',
      })),
  ];
};
