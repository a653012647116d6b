import { closest } from '../lib/closest.ts';
import type { Deed } from '../local/deeds.ts';
import { type GateGiven, gateIn } from './gate-arguments.ts';
import {
  COMMANDS,
  type CommandName,
  type Flag,
  flagsOf,
  isAboutAll,
  isProgram,
  type Refuse,
  UsageError,
  type Values,
} from './grammar.ts';
import { demandTheNecessary, takesServer } from './necessary-arguments.ts';
import { numbersIn } from './number-arguments.ts';
import { localIn, shownIn } from './shown-arguments.ts';
import type { Sort } from './sorts.ts';
import { tokensOf } from './tokens.ts';
import { demoIn, type InitGiven, initIn, type Shell, shellIn, urlIn } from './tool-arguments.ts';

/** What was asked for, and on which sites; fields are absent where the command line is silent. */
export type Given = {
  command: CommandName;
  /** At most one of them. */
  which: { site?: string; tag?: string; all?: true };
  /** As typed: what to ask for, for the command that is about no site. */
  url?: string;
  server?: string;
  /** Of `acknowledge`. */
  incident?: string;
  forSeconds?: number;
  reason?: string;
  by?: string;
  force?: true;
  planned?: true;
  /** ISO 8601 UTC. */
  at?: string;
  limit?: number;
  /** ISO 8601 UTC. */
  since?: string;
  until?: string;
  /** As typed: kinds of entries, by commas. */
  kind?: string;
  /** For `status`: each site in a line of its own; only what is not fine; in which order; again and again. */
  unfolded?: true;
  notFine?: true;
  sort?: Sort;
  watch?: true;
  /** Of the page. */
  port?: number;
  /** Present for the command `demo-server` alone. */
  demo?: { server: string; deed: Deed };
  /** Present for the command `gate` alone. */
  gate?: GateGiven;
  /** Present for the command `init` alone. */
  init?: InitGiven;
  /** Present for the command `completion` alone. */
  shell?: Shell;
  json: boolean;
  offline: boolean;
  /** What is deployed is asked, too. */
  deployed?: true;
  /** Channels are tried, and nothing else. */
  notify?: true;
  /** As typed: resolvers to ask in place of this machine's, with a port if it is not 53. */
  dns?: string;
  /** As typed: the folder that plain templates are written into. */
  template?: string;
  /** As typed: where the plot of a forecast goes. */
  svg?: string;
  /** As typed: the state directory of a running local cloud. */
  local?: string;
  /** As typed: the configuration. */
  config?: string;
};

/** What people call our commands. */
const MEANT: Record<string, CommandName> = {
  unhold: 'release',
  unpin: 'release',
  resume: 'release',
  pause: 'hold',
  stop: 'hold',
  off: 'hold',
  failover: 'pin',
  switch: 'point',
  move: 'point',
  mute: 'silence',
  unmute: 'unsilence',
  quiet: 'silence',
  snooze: 'silence',
  ack: 'acknowledge',
  log: 'history',
  why: 'explain',
  plan: 'diff',
  doctor: 'check',
};

/** What people call our commands, and may. */
const SAME: Record<string, CommandName> = { list: 'status' };

/** What is asked of the command line itself; `help` without a command is about all of them. */
export type About = { help: CommandName | undefined } | { version: true };

/** Reads the arguments whole, or throws a `UsageError`. `env` may name the local cloud that is meant (SWITCHOVER_LOCAL). */
export const readArguments = (
  args: string[],
  nowMs: number,
  env: Record<string, string | undefined> = {},
): Given | About => {
  const { values, words, repeated, unknown, wrong } = tokensOf(args);
  const [first, ...rest] = words;
  if (first === 'help')
    return { help: [undefined, 'help'].includes(rest[0]) ? undefined : commandNamed(rest[0] ?? '') };
  if (values.help) return { help: COMMANDS.find((name) => name === first) };
  if (values.version || first === 'version') return { version: true };
  if (first === undefined) throw new UsageError('Expected a command, received none.');
  const command = commandNamed(first);
  const refuse: Refuse = (message) => {
    throw new UsageError(message, command);
  };
  if (isProgram(command)) refuse(`Expected ${command} as the first word, with options of its own after it.`);
  if (unknown !== undefined) refuse(unknownFlag(unknown, command));
  if (wrong !== undefined) refuse(wrong);
  if (repeated !== undefined) refuse(`Expected --${repeated} once, received it twice.`);
  const stray = (Object.keys(values) as Flag[]).find((flag) => !flagsOf(command).includes(flag));
  if (stray !== undefined) refuse(`${command} does not take --${stray}. ${takes(command)}`);
  if (takesServer(command) && rest.length === 2 && values.server === undefined)
    values.server = rest.pop() ?? '';
  const url = command === 'probe' ? urlIn(rest, refuse) : undefined;
  const gate = command === 'gate' ? gateIn(rest, values, refuse) : undefined;
  const demo = command === 'demo-server' ? demoIn(rest, refuse) : undefined;
  const shell = command === 'completion' ? shellIn(rest, refuse) : undefined;
  const init = command === 'init' ? initIn(rest, values, refuse) : undefined;
  const incident = command === 'acknowledge' ? incidentIn(rest, values, refuse) : undefined;
  const isAboutSites = [url, gate, demo, shell, init, incident].every((own) => own === undefined);
  const which = isAboutSites ? whichSites(command, rest, values, refuse) : {};
  demandTheNecessary(command, values, refuse);
  return {
    command,
    which,
    ...(url !== undefined && { url }),
    ...(gate !== undefined && { gate }),
    ...(demo !== undefined && { demo }),
    ...(shell !== undefined && { shell }),
    ...(init !== undefined && { init }),
    ...numbersIn(values, nowMs, refuse),
    ...shownIn(command, values, refuse),
    ...(values.server !== undefined && { server: values.server }),
    ...(incident !== undefined && { incident }),
    ...(values.reason !== undefined && { reason: values.reason }),
    ...(values.by !== undefined && { by: values.by }),
    ...(values.force && { force: true }),
    ...(values.planned && { planned: true }),
    json: values.json ?? false,
    offline: values.offline ?? false,
    ...(values.deployed && { deployed: true }),
    ...(values.notify && { notify: true }),
    ...(values.dns !== undefined && { dns: values.dns }),
    ...(values.svg !== undefined && { svg: values.svg }),
    ...(values.template !== undefined && { template: values.template }),
    ...localIn(command, values, env),
    ...(values.config !== undefined && { config: values.config }),
  };
};

/** The incident, as the end of a subject has it, brackets and all. */
const incidentIn = (words: string[], { incident }: Values, refuse: Refuse): string => {
  const given = [...words, ...(incident === undefined ? [] : [incident])];
  if (given.length !== 1)
    refuse(
      `Expected one incident, such as www-k3f9ab at the end of a subject, received ${given.length === 0 ? 'none' : given.join(' and ')}.`,
    );
  return (given[0] ?? '').replace(/^\[(.*)\]$/, '$1');
};

const commandNamed = (word: string): CommandName => {
  const found = COMMANDS.find((name) => name === word) ?? SAME[word];
  if (found !== undefined) return found;
  const near = MEANT[word.toLowerCase()] ?? COMMANDS.find((name) => name === closest(word, COMMANDS));
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  throw new UsageError(
    `Expected a command, received "${word}".${hint} There are ${COMMANDS.join(', ')}.`,
    near,
  );
};

const takes = (command: CommandName): string =>
  `It takes ${flagsOf(command)
    .map((flag) => `--${flag}`)
    .join(', ')}.`;

const unknownFlag = (rawName: string, command: CommandName): string => {
  const near = closest(rawName.replace(/^-+/, ''), flagsOf(command));
  const hint = near === undefined ? '' : ` Did you mean --${near}?`;
  return `${command} does not know ${rawName}.${hint} ${takes(command)}`;
};

const whichSites = (
  command: CommandName,
  words: string[],
  { tag, all }: Values,
  refuse: Refuse,
): Given['which'] => {
  const [site, ...more] = words;
  if (['diff', 'cost', 'synth', 'page'].includes(command) && site !== undefined)
    refuse(`${command} is about all sites, received "${site}".`);
  if (more.length > 0) refuse(tooManyWords(command, words));
  // There it means to show each site; all are meant anyway.
  const isAll = command === 'status' ? undefined : all;
  const chosen = [site && `"${site}"`, tag && '--tag', isAll && '--all'].filter(Boolean);
  if (chosen.length > 1) refuse(`Expected one of SITE, --tag and --all, received ${chosen.join(' and ')}.`);
  if (chosen.length === 0 && !isAboutAll(command))
    refuse('Expected SITE, --tag T or --all, received none of them.');
  // As people copy it from a browser or from dig.
  if (site !== undefined) return { site: site.toLowerCase().replace(/\.$/, '') };
  return { ...(tag !== undefined && { tag }), ...(isAll && { all: isAll }) };
};

const tooManyWords = (command: CommandName, words: string[]): string => {
  const what = takesServer(command) ? 'SITE and SERVER' : 'one SITE';
  return (
    `Expected ${what}, received ${words.map((word) => `"${word}"`).join(' and ')}. ` +
    'Several sites are meant by --tag or --all; several words need quotes, as in --reason "load test".'
  );
};
