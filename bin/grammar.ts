import { ACTIONS } from '../lambda/core/orders/command.ts';

/** The commands that look. */
export const LOOKS = ['status', 'history', 'explain'] as const;
/** The commands by which a person takes the wheel or gives it back. */
export const ORDERS = [
  'hold',
  'pin',
  'release',
  'failback',
  'point',
  'adopt',
  'put-back',
  'silence',
  'unsilence',
  'acknowledge',
] as const;
/** The commands about the configuration on this machine. */
const PREPARATIONS = ['init', 'check', 'diff', 'forecast', 'cost', 'synth'] as const;
/** The page to look at; one probe of one server; what stands before a server; and what makes one fail. */
const TOOLS = ['page', 'probe', 'gate', 'demo-server'] as const;
/** Programs of their own, which read their own options: the local cloud, and the failover that tells itself. */
const PROGRAMS = ['start', 'demo'] as const;
/** The command about this program in a shell. */
const SHELL = ['completion'] as const;
export const COMMANDS = [...LOOKS, ...ORDERS, ...PREPARATIONS, ...TOOLS, ...PROGRAMS, ...SHELL] as const;

export type OrderName = (typeof ORDERS)[number];
export type CommandName = (typeof COMMANDS)[number];

export type ProgramName = (typeof PROGRAMS)[number];

export const isProgram = (word: string | undefined): word is ProgramName =>
  (PROGRAMS as readonly (string | undefined)[]).includes(word);

export const isOrder = (command: CommandName): command is OrderName =>
  (ORDERS as readonly string[]).includes(command);

/** Every flag: what must follow it, in words for people, or `alone`. */
export const FLAGS = {
  tag: 'a tag',
  all: 'alone',
  server: "a server's name, or for probe its address",
  for: 'a time such as 20m or 2h',
  reason: 'a reason, in quotes',
  by: 'a name',
  force: 'alone',
  planned: 'alone',
  at: 'a time such as "2026-11-22 03:14" (UTC) or 20m',
  limit: 'a number',
  since: 'a time such as "2026-11-22 03:14" (UTC) or 2h',
  until: 'a time such as "2026-11-22 03:14" (UTC) or 20m',
  kind: 'what is to be shown, such as told or seen,told',
  incident: "an incident's id such as www-k3f9ab",
  'not-fine': 'alone',
  sort: 'worst, name or since',
  watch: 'alone',
  port: 'a port',
  offline: 'alone',
  deployed: 'alone',
  notify: 'alone',
  dns: 'the address of a resolver, such as 9.9.9.9',
  svg: 'a file to write',
  site: "a site's name",
  listen: 'an address and port such as 0.0.0.0:80',
  upstream: 'a URL such as http://127.0.0.1:8080',
  cert: 'a file',
  key: 'a file',
  'name-server': 'an address such as 192.0.2.53, or 127.0.0.1:5300',
  every: 'a time such as 2s',
  keep: 'a time such as 60s',
  url: 'a URL such as https://www.example.com/healthz',
  primary: 'an address such as 203.0.113.10',
  standby: 'an address such as 198.51.100.20',
  zone: 'a zone such as dyn.example.com',
  email: 'an e-mail address',
  region: 'a region such as eu-west-1',
  budget: 'a number of dollars',
  template: 'a folder to make',
  yes: 'alone',
  json: 'alone',
  local: 'the state directory of a running "npm start", usually .switchover',
  config: 'a file',
  help: 'alone',
  version: 'alone',
} as const;

export type Flag = keyof typeof FLAGS;
/** What the flags were given; a flag that stands alone is true. */
export type Values = { [F in Flag]?: (typeof FLAGS)[F] extends 'alone' ? true : string };

/** The flags of the fields that the console takes, see `ACTIONS`. */
const FLAG_OF = {
  server: 'server',
  forSeconds: 'for',
  reason: 'reason',
  by: 'by',
  force: 'force',
  planned: 'planned',
  at: 'at',
  limit: 'limit',
  since: 'since',
  until: 'until',
  kind: 'kind',
  incident: 'incident',
} as const;

/** The flags that only a gate has a use for. */
const GATE_FLAGS = [
  'site',
  'listen',
  'upstream',
  'cert',
  'key',
  'name-server',
  'every',
  'keep',
] as const satisfies Flag[];

/** The flags that answer a question of `init`. */
export const ANSWER_FLAGS = [
  'url',
  'primary',
  'standby',
  'zone',
  'email',
  'region',
  'budget',
] as const satisfies Flag[];

/** The flags that a command takes, beside --help. */
export const flagsOf = (command: CommandName): Flag[] => {
  if (command === 'check') return ['tag', 'offline', 'deployed', 'notify', 'dns', 'config', 'local', 'json'];
  if (command === 'init') return [...ANSWER_FLAGS, 'yes', 'offline', 'json'];
  if (command === 'diff') return ['config', 'local', 'json'];
  if (command === 'forecast') return ['svg', 'config', 'json'];
  if (command === 'cost') return ['config', 'json'];
  if (command === 'synth') return ['template', 'config', 'json'];
  if (command === 'probe') return ['server', 'json'];
  if (command === 'page') return ['port', 'json', 'local', 'config'];
  if (command === 'demo-server') return ['local', 'json'];
  if (isProgram(command)) return [];
  if (command === 'completion') return ['json'];
  if (command === 'gate') return [...GATE_FLAGS, 'server', 'config', 'json'];
  if (command === 'status') return ['tag', 'all', 'not-fine', 'sort', 'watch', 'json', 'local', 'config'];
  const own = ACTIONS[command].map((field) => FLAG_OF[field]);
  // It says which sites are meant.
  if (command === 'acknowledge') return [...own, 'json', 'local', 'config'];
  return ['tag', 'all', ...own, 'json', 'local', 'config'];
};

/**
 * Whether a command may do without SITE, --tag and --all: it is about all sites then, and `explain` about the only one; where there
 * are several, the console knows, and names them.
 */
export const isAboutAll = (command: CommandName): boolean =>
  ['status', 'history', 'explain', 'check', 'diff', 'forecast', 'cost', 'synth', 'page'].includes(command);

/** The command line is wrong; the message is a sentence or two. `command` is the one whose usage helps. */
export class UsageError extends Error {
  readonly command: CommandName | undefined;

  constructor(message: string, command?: CommandName) {
    super(message);
    this.command = command;
  }
}

/** Refuses the command line: throws a `UsageError` of its command. */
export type Refuse = (message: string) => never;
