import type { Config, Site } from './site.ts';

/** What a person can ask of the console function. */
export type Command =
  | { action: 'status'; sites: Site[] }
  | { action: 'failback'; sites: Site[]; by: string; reason: string };

const ALLOWED: Record<string, string[]> = {
  status: ['action', 'site'],
  failback: ['action', 'site', 'reason', 'by'],
};

const LONGEST_TEXT = 200;

/** A line of plain words, as it will stand in announcements and logs. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_TEXT && !/\p{C}/u.test(value);

/** Reads a command whole, or says what is wrong with it and what is allowed. */
export const readCommand = (event: unknown, config: Config): Command | { refused: string } => {
  const refuse = (why: string) => ({
    refused: `${why} Allowed: {"action":"status"} or {"action":"failback","site":"${config.sites[0]?.name}","reason":"why","by":"who"}.`,
  });
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    return refuse(`Expected a JSON object, received ${JSON.stringify(event)}.`);
  }
  const { action, site, reason, by } = event as Record<string, unknown>;
  const allowed = typeof action === 'string' && Object.hasOwn(ALLOWED, action) ? ALLOWED[action] : undefined;
  if (allowed === undefined)
    return refuse(`Expected action to be status or failback, received ${JSON.stringify(action)}.`);
  const unknown = Object.keys(event).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) return refuse(`The action ${action} does not take ${unknown.join(', ')}.`);
  const sites = site === undefined ? config.sites : config.sites.filter((s) => s.name === site);
  if (sites.length === 0) {
    return refuse(
      `Expected site to be one of ${config.sites
        .map((s) => s.name)
        .join(', ')
        .slice(0, 500)}, received ${JSON.stringify(site)}.`,
    );
  }
  if (action === 'status') return { action, sites };
  if (site === undefined) return refuse('Expected site to name the site to move back, received nothing.');
  if (!isText(reason))
    return refuse(
      `Expected reason to be 1 to ${LONGEST_TEXT} printable characters, received ${JSON.stringify(reason)}.`,
    );
  if (!isText(by))
    return refuse(
      `Expected by to name who asks, in 1 to ${LONGEST_TEXT} printable characters, received ${JSON.stringify(by)}.`,
    );
  return { action: 'failback', sites, by, reason };
};
