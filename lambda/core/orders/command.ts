import { isoMs, missingDay } from '../base/moment.ts';
import { shownValue } from '../base/shown.ts';
import type { Config, Site } from '../site/site.ts';
import { type Entry, HISTORY_KINDS } from '../state/history.ts';

/** What a person can ask of the console function. The first five only look. */
export const ACTIONS = {
  config: [],
  status: ['at'],
  check: [],
  history: ['since', 'until', 'kind', 'limit'],
  explain: ['at'],
  hold: ['forSeconds', 'reason', 'by'],
  pin: ['server', 'forSeconds', 'reason', 'by', 'force'],
  release: ['reason', 'by'],
  failback: ['reason', 'by'],
  point: ['server', 'planned', 'reason', 'by'],
  adopt: ['forSeconds', 'reason', 'by'],
  'put-back': ['reason', 'by', 'force'],
  silence: ['forSeconds', 'reason', 'by'],
  unsilence: ['reason', 'by'],
  acknowledge: ['incident', 'reason', 'by'],
} as const satisfies Record<string, readonly string[]>;

export type Action = keyof typeof ACTIONS;

/** Those that only read. `check` looks, too, but by trying what an order would do, which takes the rights to do it. */
export const READS = ['config', 'status', 'history', 'explain'] as const satisfies readonly Action[];

/** Whether an event asks for nothing but to read; of one that is no command nobody can say so. */
export const onlyReads = (event: unknown): boolean =>
  (READS as readonly unknown[]).includes((Object(event) as { action?: unknown }).action);

export type Command = {
  action: Action;
  sites: Site[];
  by: string;
  reason: string;
  server?: string;
  /** With `acknowledge`: the incident, as every subject has it. */
  incident?: string;
  /** How long a hold, pin or silence lasts, milliseconds. */
  forMs: number;
  force: boolean;
  /** With `point`: lower the TTL and wait the old one out before the switch. */
  planned?: true;
  /** With `status` and `explain`: the moment they are about, milliseconds; now when absent. */
  atMs?: number;
  /** With `history`: how many entries at a time, newest first. */
  limit: number;
  /** With `history`: not before and not after these moments, milliseconds, and these kinds of entries alone. */
  sinceMs?: number;
  untilMs?: number;
  kinds?: Entry['what'][];
};

const DEFAULT_FOR_SECONDS = 86_400;
/** A hold or pin lasts thirty days at most: one that is forgotten must not last for ever. */
export const LONGEST_FOR_SECONDS = 30 * 86_400;
const LONGEST_TEXT = 200;
const DEFAULT_ENTRIES = 50;
const MOST_ENTRIES = 500;
const WHICH = ['site', 'tag', 'all'] as const;

/** Words as they will stand in announcements and logs: no control characters, no more than a line or two. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_TEXT && !/\p{C}/u.test(value);
const shown = (value: unknown): string => (value === undefined ? 'nothing' : shownValue(value, 200));
const isWhole = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;

/** Reads a command whole, or says everything that is wrong with it and what is allowed. */
export const readCommand = (event: unknown, config: Config): Command | { refused: string } => {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return { refused: `Expected a JSON object such as {"action":"status"}, received ${shown(event)}.` };
  }
  const given = event as Record<string, unknown>;
  const { action } = given;
  if (typeof action !== 'string' || !Object.hasOwn(ACTIONS, action)) {
    return {
      refused: `Expected action to be one of ${Object.keys(ACTIONS).join(', ')}, received ${shown(action)}.`,
    };
  }
  // An incident says which sites are meant.
  const which = action === 'acknowledge' ? [] : WHICH;
  const takes: readonly string[] = ['action', ...which, ...ACTIONS[action as Action]];
  const problems = Object.keys(given)
    .filter((key) => !takes.includes(key))
    .map((key) => `${action} does not take ${key}; it takes ${takes.join(', ')}.`);
  const sites = sitesOf(given, action as Action, config, problems);
  checkWords(given, takes, problems);
  checkServer(given, takes, sites, problems);
  checkIncident(given, takes, problems);
  const { forSeconds, force, planned, limit } = amountsOf(given, problems);
  const atMs = momentOf('at', given.at, problems);
  const sinceMs = momentOf('since', given.since, problems);
  const untilMs = momentOf('until', given.until, problems);
  const kinds = kindsOf(given.kind, problems);
  if (problems.length > 0) return { refused: problems.join(' ') };
  return {
    action: action as Action,
    sites,
    by: (given.by as string | undefined) ?? '',
    reason: (given.reason as string | undefined) ?? '',
    ...(given.server === undefined ? {} : { server: given.server as string }),
    ...(given.incident === undefined ? {} : { incident: given.incident as string }),
    forMs: forSeconds * 1000,
    force,
    ...(planned && { planned }),
    ...(atMs === undefined ? {} : { atMs }),
    limit,
    ...(sinceMs !== undefined && { sinceMs }),
    ...(untilMs !== undefined && { untilMs }),
    ...(kinds !== undefined && { kinds }),
  };
};

/** What is counted or said by yes and no. Wrong ones are noted as problems. */
const amountsOf = (given: Record<string, unknown>, problems: string[]) => {
  const {
    // A silence that nobody gave an end would be forgotten.
    forSeconds = given.action === 'silence' ? undefined : DEFAULT_FOR_SECONDS,
    force = false,
    planned = false,
    limit = DEFAULT_ENTRIES,
  } = given;
  if (!isWhole(forSeconds, LONGEST_FOR_SECONDS)) {
    problems.push(
      `Expected forSeconds to be a whole number from 1 to ${LONGEST_FOR_SECONDS} (30 days), received ${shown(forSeconds)}.`,
    );
  }
  if (typeof force !== 'boolean')
    problems.push(`Expected force to be true or false, received ${shown(force)}.`);
  if (typeof planned !== 'boolean')
    problems.push(`Expected planned to be true or false, received ${shown(planned)}.`);
  if (!isWhole(limit, MOST_ENTRIES)) {
    problems.push(`Expected limit to be a whole number from 1 to ${MOST_ENTRIES}, received ${shown(limit)}.`);
  }
  return {
    forSeconds: Number(forSeconds),
    force: force === true,
    planned: planned === true,
    limit: Number(limit),
  };
};

const momentOf = (name: string, value: unknown, problems: string[]): number | undefined => {
  const ms = typeof value === 'string' ? isoMs(value) : undefined;
  if (value !== undefined && ms === undefined) {
    const day = typeof value === 'string' ? missingDay(value) : undefined;
    const why = day === undefined ? '' : `: there is no ${day}`;
    problems.push(
      `Expected ${name} to be a time such as 2026-11-22T03:14:00Z, received ${shown(value)}${why}.`,
    );
  }
  return ms;
};

const kindsOf = (value: unknown, problems: string[]): Entry['what'][] | undefined => {
  if (value === undefined) return undefined;
  const named: string[] = typeof value === 'string' ? value.split(',') : [];
  const kinds = HISTORY_KINDS.filter((kind) => named.includes(kind));
  if (kinds.length > 0 && kinds.length === new Set(named).size) return kinds;
  problems.push(
    `Expected kind to be one or several of ${HISTORY_KINDS.join(', ')}, by commas, received ${shown(value)}.`,
  );
  return undefined;
};

const namesOf = ({ sites }: Config): string =>
  sites
    .map(({ name }) => name)
    .join(', ')
    .slice(0, 500);

const sitesOf = (
  given: Record<string, unknown>,
  action: Action,
  config: Config,
  problems: string[],
): Site[] => {
  const { site, tag, all } = given;
  const chosen = WHICH.filter((key) => given[key] !== undefined);
  const everywhere =
    chosen.length === 0 &&
    (['config', 'status', 'check', 'history', 'acknowledge'].includes(action) ||
      // Of one site alone it is plain which is meant; an order names it all the same.
      (action === 'explain' && config.sites.length === 1));
  if (!everywhere && chosen.length !== 1) {
    problems.push(
      `Expected exactly one of site, tag and all, received ${chosen.join(' and ') || 'none of them'}.${
        chosen.length === 0 ? ` Sites are ${namesOf(config)}.` : ''
      }`,
    );
    return [];
  }
  if (everywhere) return config.sites;
  if (all !== undefined && all !== true) problems.push(`Expected all to be true, received ${shown(all)}.`);
  const sites = config.sites.filter(
    (s) => all === true || s.name === site || (typeof tag === 'string' && s.tags.includes(tag)),
  );
  if (sites.length > 0) return sites;
  if (site !== undefined) {
    problems.push(`Expected site to be one of ${namesOf(config)}, received ${shown(site)}.`);
  } else if (tag !== undefined) {
    const tags = [...new Set(config.sites.flatMap((s) => s.tags))].join(', ').slice(0, 500);
    problems.push(
      tags === ''
        ? `Expected site or all, since no site has a tag (\`tags\` in the configuration), received tag ${shown(tag)}.`
        : `Expected tag to be one of ${tags}, received ${shown(tag)}.`,
    );
  }
  return [];
};

const checkWords = (given: Record<string, unknown>, takes: readonly string[], problems: string[]): void => {
  for (const key of ['reason', 'by'].filter((word) => takes.includes(word))) {
    if (isText(given[key])) continue;
    const text = given[key];
    const isLong = typeof text === 'string' && text.length > LONGEST_TEXT;
    const came = isLong ? `${text.length} characters` : shown(text);
    problems.push(`Expected ${key} to be 1 to ${LONGEST_TEXT} printable characters, received ${came}.`);
  }
};

const checkIncident = (
  { incident }: Record<string, unknown>,
  takes: readonly string[],
  problems: string[],
): void => {
  if (takes.includes('incident') && !isText(incident))
    problems.push(
      `Expected incident to be an incident's id such as www-k3f9ab, as it ends every subject, received ${shown(incident)}.`,
    );
};

const checkServer = (
  given: Record<string, unknown>,
  takes: readonly string[],
  sites: Site[],
  problems: string[],
): void => {
  if (!takes.includes('server')) return;
  for (const site of sites) {
    const names = site.servers.map((s) => s.name);
    if (names.includes(given.server as string)) continue;
    problems.push(
      `Expected server to be one of ${names.join(', ')} for ${site.name}, received ${shown(given.server)}.`,
    );
    return;
  }
};
