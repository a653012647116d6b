import { CALLED } from '../lib/place.ts';
import { type CommandName, type Flag, flagsOf } from './grammar.ts';
import { HELP } from './help-texts.ts';

/** Each flag as the help on a command shows it. */
export const OF_FLAG: Record<Exclude<Flag, 'help' | 'version'>, string> = {
  tag: '--tag T          sites with this tag',
  all: '--all            all sites; for status each of them in a line of its own',
  server: "--server S       the server's name in the configuration; for probe its address",
  for: '--for TIME       30s, 20m, 2h, 3d; a day without it, but for silence',
  reason: '--reason TEXT    everybody who is told reads it; required',
  by: '--by NAME        who asks; your user name without it',
  force: '--force          even to a server that is not up',
  planned: '--planned        lower the TTL and wait the old one out first',
  at: '--at TIME        then instead of now',
  limit: '--limit N        so many entries',
  since: '--since TIME     not before then',
  until: '--until TIME     not after then',
  incident: '--incident ID    as it ends every subject',
  kind: '--kind KIND      these alone: told, or seen,decided',
  'not-fine': '--not-fine       leave out what is fine',
  sort: '--sort ORDER     worst (without it), name, or since: what changed last first',
  port: '--port N         on this port of 127.0.0.1; any free one without it',
  watch: '--watch          draw it again every two seconds, until Ctrl-C',
  offline: '--offline        look at the configuration alone',
  notify: '--notify         only post a test to each channel of `alerts`, and say what each answered',
  deployed: '--deployed       ask what is deployed, too, by way of the console function',
  dns: '--dns ADDRESS    ask this resolver, and name servers at its port: 9.9.9.9, or 127.0.0.1:5353; several by commas',
  svg: '--svg FILE       draw the course of the failure into this file',
  site: '--site SITE      the site whose standby this is',
  listen: '--listen H:P     where visitors come in',
  upstream: '--upstream URL   the application that the gate stands before',
  cert: '--cert FILE      certificate chain, PEM, for the host and for `dual.primaryHost`',
  key: '--key FILE       its private key, PEM',
  'name-server': '--name-server A  ask this name server for the role instead of those of the zone',
  every: '--every TIME     how often the role is asked for; 2s without it',
  keep: '--keep TIME      how long it is kept when nobody answers; 60s without it',
  url: '--url URL        the page to watch, as visitors know it',
  primary: '--primary A      the address of the server that serves while all is well',
  standby: '--standby A      the address of the backup server',
  zone: '--zone NAME      the zone at Route 53 for the record that moves; NAME=ID if it exists',
  email: '--email A        who is told',
  region: '--region R       where decisions are made',
  budget: '--budget N       dollars a month; it decides how often is looked',
  template: '--template DIR   write plain CloudFormation templates and zips into this new folder',
  yes: '--yes            take what is proposed, and ask nothing',
  json: '--json           the last line of standard output is one JSON object',
  local:
    '--local DIR      a running "npm start" with this state directory (.switchover), not AWS; SWITCHOVER_LOCAL without it',
  config: '--config FILE    the configuration; SWITCHOVER_CONFIG, else switchover.config.ts without it',
};

const example = (text: string): string => `  ${CALLED} ${text}`;

/** The one line that a slip of the hand is answered with. */
export const usageLine = (command: CommandName | undefined): string =>
  command === undefined
    ? `Usage: ${CALLED} COMMAND [SITE|--tag T|--all] [options]; "${CALLED} help" lists the commands.`
    : `Usage: ${CALLED} ${HELP[command].usage}; "${CALLED} help ${command}" says more.`;

/** The help on one command, or on all. */
export const helpText = (command: CommandName | undefined): string => {
  if (command === undefined) return overview();
  const { usage, does, more, examples } = HELP[command];
  const flags = flagsOf(command).filter((flag) => flag !== 'help');
  return [
    `${CALLED} ${usage}`,
    `${does[0]?.toUpperCase()}${does.slice(1)}.${more === undefined ? '' : `\n${more}`}`,
    ...(flags.length === 0
      ? []
      : [['Options:', ...flags.map((flag) => `  ${OF_FLAG[flag as keyof typeof OF_FLAG]}`)].join('\n')]),
    ['Examples:', ...examples.map(example)].join('\n'),
  ].join('\n\n');
};

const overview = (): string =>
  [
    `${CALLED} COMMAND [SITE|--tag T|--all] [options]`,
    Object.entries(HELP)
      .map(([name, { does }]) => `  ${name.padEnd(12)} ${does}`)
      .join('\n'),
    `Orders need --reason, and are announced. "${CALLED} help COMMAND" says more, with examples. Commands go to the
function DEPLOYMENT-console in the home region, with the usual AWS credentials (AWS_PROFILE); with --local DIR to a
running "npm start". "${CALLED} --version" says which version this is. Times are UTC. Ends with 0: done; 1: refused, or something was found; 2: the command line is wrong; 3: warnings.`,
    [
      'Examples:',
      example('check'),
      example('status'),
      example('hold --all --for 2h --reason "provider works on the network"'),
    ].join('\n'),
  ].join('\n\n');
