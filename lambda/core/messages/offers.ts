import { clockTime } from '../base/time.ts';
import type { Config, Site } from '../site/site.ts';
import type { Hold } from '../state/news.ts';
import { isStranger } from '../zone/stranger.ts';
import { COLUMNS, commandLines } from './layout.ts';
import { section } from './letter.ts';

/** What a person can do, as an order of the console. `text` says what for. */
type Offer = { text: string; action: string; server?: string | undefined; force?: true };

const INDENT = '    ';

/** How the command line is called in a clone. */
const SWITCHOVER = 'npm run switchover --';

/** The command to copy. */
const commandOf = (target: string, { action, server, force }: Offer): string[] =>
  commandLines(
    [SWITCHOVER, action, target, server, force && '--force', '--reason "why"'].filter(
      (word) => typeof word === 'string',
    ),
  );

/** The command that shows what was kept back of a site. */
export const historyOfSilence = (site: string): string[] =>
  commandLines([SWITCHOVER, 'history', site, '--kind suppressed']);

/** The event to copy. JSON may be broken after any comma between its parts. */
const eventOf = (event: object): string[] => {
  const [first = '', ...more] = JSON.stringify(event).split(/(?<=,)(?=")/);
  const lines = [`${INDENT}${first}`];
  for (const part of more) {
    const last = lines.length - 1;
    if (`${lines[last]}${part}`.length <= COLUMNS) lines[last] += part;
    else lines.push(`${INDENT}${part}`);
  }
  return lines;
};

const withoutAShell = (
  { deployment, homeRegion }: Config,
  event: object | undefined,
  more: string[] = [],
): string[] =>
  event === undefined
    ? more
    : [
        `  Without a shell: AWS console, Lambda function ${deployment}-console in ${homeRegion}, tab Test, with the event`,
        ...eventOf(event),
        ...more,
      ];

const GIVEN = { reason: 'why', by: 'you' };

/** `plain`: what helps and is no order; it comes first. */
const whatYouCan = (
  site: Site,
  config: Config,
  { plain = [], offers, last = [] }: { plain?: string[]; offers: Offer[]; last?: string[] },
): string => {
  const [first] = offers;
  const event = first && {
    action: first.action,
    site: site.name,
    ...(first.server !== undefined && { server: first.server }),
    ...(first.force && { force: true }),
    ...GIVEN,
  };
  return [
    section('What you can do', ...plain),
    ...offers.flatMap((offer) => [`  ${offer.text}:`, ...commandOf(site.name, offer)]),
    '  See why it stands as it does:',
    ...commandLines([SWITCHOVER, 'explain', site.name]),
    ...withoutAShell(config, event, last),
  ].join('\n');
};

const byRecord = (site: Site): string =>
  site.readdress?.allocationId === undefined
    ? `  Or edit the record ${site.name} in the hosted zone ${site.zone}: Switchover then leaves it alone and says so.`
    : `  Or give ${site.readdress.address} to another instance in the EC2 console: Switchover then leaves it alone and says so.`;

const HOLD: Offer = { text: 'Keep everything as it is for a day', action: 'hold' };

const pinTo = (server: string | undefined): Offer[] =>
  server === undefined ? [] : [{ text: `Serve ${server}, whatever is seen of it`, action: 'pin', server }];

/**
 * How a site stands, as far as a message knows. `serving`: the server that DNS names. `up`: servers that are up. `blocked`: servers to which
 * Route 53 would refuse a move, whoever asks for it.
 */
type Standing = {
  serving?: string | undefined;
  up?: readonly string[] | undefined;
  blocked?: readonly string[] | undefined;
};

/** How a person moves it away from what serves. What would be refused is not offered. */
const moveFrom = (site: Site, { serving, up = [], blocked = [] }: Standing): Offer[] => {
  const [primary, ...standbys] = site.servers.map(({ name }) => name);
  if (serving === undefined || primary === undefined) return [];
  if (serving === primary) return pinTo(standbys.find((name) => !blocked.includes(name)));
  if (blocked.includes(primary)) return [];
  // A failback moves from one configured server to another.
  if (isStranger(site, serving)) return pinTo(primary);
  return [
    { text: `Move back to ${primary}${up.includes(primary) ? '' : ', once it is up'}`, action: 'failback' },
  ];
};

/** How a person takes over. `plain`: what helps and is no order. */
export const byHand = (
  site: Site,
  config: Config,
  { plain, ...standing }: Standing & { plain?: string[] } = {},
): string =>
  whatYouCan(site, config, {
    ...(plain && { plain }),
    offers: [...moveFrom(site, standing), HOLD],
    last: [byRecord(site)],
  });

/** Route 53 takes no change, whoever sends it: no order helps before that is mended. */
export const afterRefusal = (site: Site, config: Config): string =>
  whatYouCan(site, config, {
    plain: ['Mend what is said above. Nothing has to be switched by hand then: it is sent again by itself.'],
    offers: [],
    last: [byRecord(site)],
  });

/** A standby is no standby: nothing is to be moved, and nothing to be kept. */
export const repair = (site: Site, config: Config, server: string): string =>
  whatYouCan(site, config, { plain: [`Repair ${server} while all is well.`], offers: [] });

/** All is well, and stays so by itself. */
export const nothingToDo = (site: Site, config: Config): string =>
  whatYouCan(site, config, { plain: ['Nothing has to be done.'], offers: [] });

/** After an edit by hand: the two ways out of it are what works. */
export const afterEdit = (site: Site, config: Config): string =>
  whatYouCan(site, config, {
    offers: [
      { text: 'Take the edit as it is', action: 'adopt' },
      { text: 'Undo it', action: 'put-back' },
    ],
  });

/** `held by oncall-b until 2026-11-22 23:00:00 UTC: "db migration"`. */
export const holdText = ({ mode, server, by, reason, untilMs }: Hold): string => {
  const what = mode === 'held' ? 'held' : `pinned to ${server}`;
  const why = reason === undefined ? '' : `: "${reason}"`;
  return `${what} by ${by ?? 'a person whose name is lost'} until ${clockTime(untilMs)}${why}`;
};

/** A hold or pin keeps it: ending that comes first. `after`: what happens then. */
export const endHold = (
  site: Site,
  config: Config,
  { mode }: Pick<Hold, 'mode'>,
  { plain, after = '' }: { plain?: string[]; after?: string } = {},
): string =>
  whatYouCan(site, config, {
    ...(plain && { plain }),
    offers: [{ text: `End the ${mode === 'held' ? 'hold' : 'pin'}${after}`, action: 'release' }],
  });

/** Messages about it are kept back: only ending that shows the rest before the time. */
export const endSilence = (site: Site, config: Config): string =>
  whatYouCan(site, config, { offers: [{ text: 'Hear of everything again', action: 'unsilence' }] });

/** The command that ends a silence, and the one that stops the reminders of an incident, to copy. */
export const unsilence = (site: string): string[] => commandOf(site, { text: '', action: 'unsilence' });
/** An order, to copy. */
export const orderOf = (target: string, action: string): string[] => commandOf(target, { text: '', action });
export const acknowledge = (incident: string): string[] =>
  commandOf(incident, { text: '', action: 'acknowledge' });

/** Somebody sees to it: there is only something to look at. */
export const seeWhy = (site: Site, config: Config): string => whatYouCan(site, config, { offers: [] });

/** No server works. Nothing that is switched helps; what is repaired serves by itself, where nothing holds the site. */
export const nothingWorks = (site: Site, config: Config, { serving, blocked = [] }: Standing): string => {
  const other = site.servers.find(({ name }) => name !== serving && !blocked.includes(name))?.name;
  return whatYouCan(site, config, {
    plain: [
      'Repair any of its servers. Nothing has to be switched by hand: the first that works serves, by itself.',
    ],
    offers:
      other === undefined
        ? []
        : [{ text: `Serve ${other} all the same`, action: 'pin', server: other, force: true }],
  });
};

/** What stops everything at once. */
export const holdAll = (config: Config): string[] => [
  ...commandOf('--all', { text: '', action: 'hold' }),
  ...withoutAShell(config, { action: 'hold', all: true, ...GIVEN }),
];

/** The way back of every site that has one. */
export const failbackAll = (): string[] => commandOf('--all', { text: '', action: 'failback' });
