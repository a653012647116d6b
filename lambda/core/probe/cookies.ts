import {
  KEPT_COOKIES,
  MAX_ATTRIBUTE_CHARACTERS,
  MAX_COOKIE_ATTRIBUTES,
  MAX_COOKIE_CHARACTERS,
  MAX_COOKIES,
} from './bounds.ts';

/** A cookie that a server set earlier in the same probe. Nothing of it outlives the probe. */
export type Cookie = {
  name: string;
  value: string;
  /** The host that gets it; with `below` those below it too. */
  host: string;
  below: boolean;
  path: string;
  secure: boolean;
};

/** Bytes that may stand in a header that is sent; browsers refuse a cookie with others. */
const SENDABLE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The cookies after an answer of `url` with these `set-cookie` headers (RFC 6265, 5.2 and 5.3, as far as one probe needs it), the oldest first.
 * `nowMs`: the time, milliseconds since 1970, by which some of them are over.
 */
export const withCookies = (
  cookies: readonly Cookie[],
  url: URL,
  headers: string[],
  nowMs: number,
): Cookie[] => {
  const kept = new Map(cookies.map((cookie) => [keyOf(cookie), cookie]));
  for (const header of headers) {
    const set = cookieIn(header, url, nowMs);
    if (set === undefined) continue;
    const { isOver, ...cookie } = set;
    if (url.protocol !== 'https:' && [...kept.values()].some((each) => isGuardedBy(cookie, each))) continue;
    kept.delete(keyOf(cookie));
    if (!isOver) kept.set(keyOf(cookie), cookie);
    if (kept.size > MAX_COOKIES)
      for (const oldest of [...kept.keys()].slice(0, kept.size - KEPT_COOKIES)) kept.delete(oldest);
  }
  return [...kept.values()];
};

/** What came without TLS changes nothing that was set as secure (RFC 6265bis, 5.7, step 16). */
const isGuardedBy = (cookie: Cookie, secure: Cookie): boolean =>
  secure.secure &&
  cookie.name === secure.name &&
  (isBelow(cookie.host, secure.host) || isBelow(secure.host, cookie.host)) &&
  isOnPath(cookie.path, secure.path);

const isOnPath = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);

/** What a cookie has alone. No name and no host has a semicolon in it. */
const keyOf = ({ name, host, path }: Cookie): string => `${name};${host};${path}`;

const cookieIn = (header: string, url: URL, nowMs: number): (Cookie & { isOver: boolean }) | undefined => {
  const [pair = '', ...parts] = header.split(';', 1 + MAX_COOKIE_ATTRIBUTES).map((part) => part.trim());
  if (!SENDABLE.test(header)) return undefined;
  // What is no pair is a value without a name, and goes back as it came.
  const [name, value] = pair.includes('=') ? inTwo(pair) : ['', pair];
  if (name.length + value.length > MAX_COOKIE_CHARACTERS || `${name}${value}`.includes('\t'))
    return undefined;
  // A server would read it as one with that name.
  if (name === '' && PROMISES.test(value)) return undefined;
  const short = parts.filter((part) => part.length <= MAX_ATTRIBUTE_CHARACTERS);
  const attributes: Attributes = new Map(short.map(inTwo).map(([key, text]) => [key.toLowerCase(), text]));
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  if (name + value === '' || !isAllowed(name, attributes, domain, url)) return undefined;
  const path = attributes.get('path') ?? '';
  const maxAge = attributes.get('max-age') ?? '';
  return {
    name,
    value,
    host: domain === '' ? url.hostname : domain,
    below: domain !== '',
    path: path.startsWith('/') ? path : url.pathname.replace(/\/[^/]*$/, '') || '/',
    secure: attributes.has('secure'),
    isOver: /^-?\d+$/.test(maxAge)
      ? Number(maxAge) <= 0
      : (dateIn(attributes.get('expires') ?? '') ?? Number.POSITIVE_INFINITY) <= nowMs,
  };
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A date of a cookie, milliseconds since 1970, by the first part of each kind (RFC 6265, 5.1.1); undefined where one is missing. */
const dateIn = (text: string): number | undefined => {
  const parts = text.toLowerCase().split(/[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/);
  let time: number[] | undefined;
  let [day, month, year]: (number | undefined)[] = [];
  for (const part of parts) {
    const clock = /^(\d\d?):(\d\d?):(\d\d?)(?:\D|$)/.exec(part);
    const number = Number(/^(\d\d?)(?:\D|$)/.exec(part)?.[1]);
    const at = MONTHS.indexOf(part.slice(0, 3));
    const years = /^(\d{2,4})(?:\D|$)/.exec(part)?.[1];
    if (time === undefined && clock !== null) time = clock.slice(1).map(Number);
    else if (day === undefined && number >= 0) day = number;
    else if (month === undefined && at !== -1) month = at;
    else if (year === undefined && years !== undefined) year = Number(years);
  }
  if (time === undefined || day === undefined || month === undefined || year === undefined) return undefined;
  if (year < 100) year += year < 70 ? 2000 : 1900;
  const [hours = 0, minutes = 0, seconds = 0] = time;
  if (day < 1 || day > 31 || year < 1601 || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return Date.UTC(year, month, day, hours, minutes, seconds);
};

type Attributes = ReadonlyMap<string, string>;

/** Names by which a cookie promises how it was set; all of them promise that it was as secure. */
const PROMISES = /^__(?:secure|host|http)-/i;

/** Whether browsers take a cookie with these attributes from `url` (RFC 6265bis, 5.7; Chromium 156 takes and refuses the same). */
const isAllowed = (name: string, attributes: Attributes, domain: string, url: URL): boolean => {
  const isSecure = attributes.has('secure');
  if (isSecure && url.protocol !== 'https:') return false;
  const wantsSecure =
    PROMISES.test(name) ||
    attributes.has('partitioned') ||
    attributes.get('samesite')?.toLowerCase() === 'none';
  if (wantsSecure && !isSecure) return false;
  if (/^__(?:host-)?http-/i.test(name) && !attributes.has('httponly')) return false;
  if (/^__host-/i.test(name) && (domain !== '' || attributes.get('path') !== '/')) return false;
  // Of the suffixes that are nobody's own, those of one label are known here.
  return domain === '' || domain === url.hostname || (domain.includes('.') && isBelow(url.hostname, domain));
};

const inTwo = (text: string): [before: string, behind: string] => {
  const at = text.indexOf('=');
  return at === -1 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
};

const isBelow = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

/** What goes to `url` as the header `cookie`; undefined if nothing does. */
export const cookieHeader = (cookies: readonly Cookie[], url: URL): string | undefined => {
  const fit = cookies.filter(
    ({ host, below, path, secure }) =>
      (below ? isBelow(url.hostname, host) : url.hostname === host) &&
      (!secure || url.protocol === 'https:') &&
      isOnPath(url.pathname, path),
  );
  return fit.length === 0
    ? undefined
    : fit
        // Those for longer paths first, else the older (RFC 6265, 5.4).
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => (name === '' ? value : `${name}=${value}`))
        .join('; ');
};
