import { clockTime } from '../base/time.ts';
import { controllerName, shardNumber } from '../site/shard.ts';
import type { Config } from '../site/site.ts';
import { deploymentKey } from '../state/deployment-state.ts';
import type { DeploymentNews, NewsOf } from '../state/news.ts';
import { roleRecordName } from '../zone/role-record.ts';
import { checkup } from './checkup.ts';
import { type Letter, paragraphs, section } from './letter.ts';
import { holdAll } from './offers.ts';
import { asWorded, several, withHeadline } from './several.ts';

const nameOf = (config: Config): string => controllerName(config.deployment, shardNumber(config));

const vantageBlind = (
  { vantage, code, why, left }: NewsOf<'vantage-blind'>,
  { deployment, vantages, references }: Config,
): Letter => ({
  subject: `vantage ${vantage} of ${deployment} is blind`,
  lead: `The vantage ${vantage} could not look: ${why}`,
  text: paragraphs(
    section(
      'What you can do',
      // A vantage that doubts itself has a prober that runs: what to mend is elsewhere.
      code === 'unreferenced'
        ? `Look at \`references\` in the configuration (${references.join(', ')}): none of them answers ${vantage}. Replace one that is gone; if they answer elsewhere, see whether AWS reports trouble there.`
        : `See whether the function ${deployment}-prober exists and runs in ${vantage}, and whether AWS reports trouble there.`,
    ),
    section(
      'What that means',
      `It counts as having seen nothing, for no server and against none. ${left} of ${vantages.length} vantages still see; a switch needs more than half of all ${vantages.length} to agree.`,
    ),
  ),
});

const zoneUnreadable = ({ zone, sinceMs }: NewsOf<'zone-unreadable'>, config: Config): Letter => ({
  subject: `zone ${zone} cannot be read, no site in it can move`,
  lead: `Route 53 has not let us list the zone ${zone} since ${clockTime(sinceMs)}. No site in it can be moved.`,
  text: paragraphs(
    section(
      'What you can do',
      `Look for a Route 53 event on the AWS health page, and at the log of ${nameOf(config)} in ${config.homeRegion} for the error.`,
    ),
    section(
      'What that means',
      'DNS goes on answering with the last records. Servers are still watched, but no site of this zone can be moved, neither by Switchover nor, most likely, by hand in the Route 53 console.',
    ),
  ),
});

const movesWait = ({ sites, count, allowed }: NewsOf<'moves-wait'>, config: Config): Letter => {
  const { deployment, intervalSeconds } = config;
  const more = count > sites.length ? ` and ${count - sites.length} more` : '';
  return {
    subject: `${count} more of the sites of ${deployment} are due to move, ${allowed} may at a time`,
    lead: `More sites are due to move by themselves than ${allowed}, the number that may within ${intervalSeconds} s (maxMoveShare). ${count} wait.`,
    text: paragraphs(
      [
        'What you can do',
        '  Nothing, if the servers are really down. If they are not, stop it:',
        ...holdAll(config),
      ].join('\n'),
      section('Which wait', `${sites.join(', ')}${more}`),
      section(
        'What was done',
        'The others moved first, those without a working server before all. Each interval as many follow.',
      ),
    ),
  };
};

const sitesRemoved = ({ sites, count }: NewsOf<'sites-removed'>, { deployment }: Config): Letter => {
  const lines = sites.map(
    ({ site, serving }) => `${site}: ${serving === undefined ? 'as it stands' : `served by ${serving}`}`,
  );
  const more = count > sites.length ? [`and ${count - sites.length} more`] : [];
  const { site: first = '', serving } = sites[0] ?? {};
  const left = serving === undefined ? '' : `, ${serving} stays`;
  return {
    subject:
      count === 1
        ? `${first} is no longer watched${left}`
        : `${count} sites of ${deployment} are no longer watched`,
    lead: `The configuration that was deployed has ${count === 1 ? 'this site' : 'these sites'} no more. Nobody watches ${count === 1 ? 'it' : 'them'}, and nothing moves ${count === 1 ? 'it' : 'them'}.`,
    text: paragraphs(
      section(
        'What you can do',
        'If that was meant, see in the Route 53 console that each names the server that it should, and delete what nobody needs. If not, put the site back into the configuration and deploy: it is taken up as its role record says.',
      ),
      section('Which', ...lines, ...more),
      section(
        'What that means',
        `Their records stay as they are, and so do their role records (${roleRecordName(first)}): nothing of them is deleted or moved back.`,
      ),
    ),
  };
};

/** The state table is away: told directly, since nothing can be stored. */
const storeAway = (_: NewsOf<'store-away'>, config: Config): Letter => ({
  subject: `state table of ${config.deployment} is away`,
  lead: `The table ${config.deployment}-state cannot be read or written. Servers are still watched, and a failover is still made when the role record says auto.`,
  text: paragraphs(
    section(
      'What you can do',
      `See whether the table exists in ${config.homeRegion}, and look at the log of ${nameOf(config)} for the error.`,
    ),
    section('What that means', 'Nothing moves back meanwhile, and some messages may come twice.'),
  ),
});

/** Sites named in one message. */
const NAMED = 20;

/** Stored states of another version: told directly, since nothing is saved over them. */
const statesUnreadable = ({ sites }: NewsOf<'states-unreadable'>, { deployment }: Config): Letter => ({
  subject: `stored state of ${sites.length} sites of ${deployment} cannot be read`,
  lead: `The stored state of ${sites.slice(0, NAMED).join(', ')} is not one that this version of Switchover understands. These sites do not move.`,
  text: paragraphs(
    section(
      'What you can do',
      'Deploy the version that wrote it, or a later one. To begin from nothing, delete the items of these sites from the state table: holds and pins in the role records stay.',
    ),
    section(
      'What that means',
      'It is left as it is. These sites are watched and do not move until it can be read again.',
    ),
  ),
});

/** What is stored of the deployment itself is of another version: told directly, since nothing is saved over it. */
const deploymentUnreadable = (_: NewsOf<'deployment-unreadable'>, config: Config): Letter => ({
  subject: `what is stored about ${config.deployment} as a whole cannot be read`,
  lead: `The item site#${deploymentKey(config)} of the table ${config.deployment}-state is not one that this version of Switchover understands. Sites move as ever.`,
  text: paragraphs(
    section(
      'What you can do',
      `Deploy the version that wrote it, or a later one. To begin from nothing, delete the item site#${deploymentKey(config)}: no site moves by that.`,
    ),
    section(
      'What that means',
      'It is left as it is: nothing is saved over it. What concerns all sites (a blind vantage, a zone that cannot be read, the daily check) is remembered by each process alone, so it may come twice; what was still to be told when the item was written, and sites taken out of the configuration, are not told.',
    ),
  ),
});

/** Characters of a defect that are told: enough for its first lines. */
const LONGEST_DEFECT = 1000;

/** A defect of ours stopped part of a round: told directly, because what it touched cannot be trusted to be stored. */
const defect = ({ message }: NewsOf<'defect'>, config: Config): Letter => ({
  subject: `${config.deployment} met a defect of its own`,
  lead: message.slice(0, LONGEST_DEFECT),
  text: paragraphs(
    section(
      'What you can do',
      `Look at the log of ${nameOf(config)} in ${config.homeRegion} for lines with the code internal, and report them.`,
    ),
    section(
      'What that means',
      'The site or step named here was left out of a round; the others go on. It is tried again each round.',
    ),
  ),
});

const massOver = ({ sinceMs, count, but }: NewsOf<'mass-over'>, { deployment }: Config): Letter => ({
  subject: `${count} sites of ${deployment}: this incident is over${but === undefined ? '' : `; ${but.count} ${but.count === 1 ? 'differs' : 'differ'} by now`}`,
  lead:
    but === undefined
      ? `All ${count} sites of ${deployment} that failed are well again: the preferred server of each serves, and every server is up. It began at ${clockTime(sinceMs)}.`
      : `All ${count} sites of ${deployment} that failed were well again since: the preferred server of each served, and every server was up. It began at ${clockTime(sinceMs)}. By now ${but.count} of the sites of ${deployment} ${but.count === 1 ? 'is' : 'are'} held, pinned, moved or in trouble, for what came after: ${but.first.join(', ')}${but.count > but.first.length ? ` and ${but.count - but.first.length} more` : ''}.`,
  text: section(
    'What you can do',
    'Nothing has to be done. "npm run switchover -- status" shows how all sites fare.',
  ),
});

/** Once a week. Its words are the same each time, but for the date: who reads it knows it. */
const weeklyTest = ({ nextMs }: NewsOf<'weekly-test'>, { deployment }: Config): Letter => ({
  subject: `${deployment}: messages arrive`,
  lead: `This is the weekly test of ${deployment}. Nothing has happened, and nothing has to be done.`,
  text: paragraphs(
    section(
      'What that means',
      `The controller runs, its topic takes messages, and they reach you. The next one comes at ${clockTime(nextMs)}: if it does not, see who is subscribed:`,
      '  npm run switchover -- check --deployed',
    ),
    section('What you can do', '`weeklyTest: false` in the configuration leaves it out.'),
  ),
});

/** By what has happened: the words in which people are told. */
const LETTERS: { [T in DeploymentNews['type']]: (news: NewsOf<T>, config: Config) => Letter } = {
  'vantage-blind': vantageBlind,
  'zone-unreadable': zoneUnreadable,
  'moves-wait': movesWait,
  'sites-removed': sitesRemoved,
  checkup,
  'store-away': storeAway,
  'states-unreadable': statesUnreadable,
  'deployment-unreadable': deploymentUnreadable,
  defect,
  'mass-over': massOver,
  'weekly-test': weeklyTest,
  worded: asWorded,
  several: (news, config) =>
    several(news, config.deployment, (one) =>
      withHeadline(one, deploymentLetter(one as DeploymentNews, config).subject),
    ),
};

/** What has happened to the deployment as a whole, in words. */
export const deploymentLetter = (news: DeploymentNews, config: Config): Letter =>
  (LETTERS[news.type] as (news: DeploymentNews, config: Config) => Letter)(news, config);
