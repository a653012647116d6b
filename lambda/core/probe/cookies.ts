import {
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

/** The cookies after an answer of `url` with these `set-cookie` headers (RFC 6265, 5.2 and 5.3, as far as one probe needs it). */
export const withCookies = (cookies: readonly Cookie[], url: URL, headers: string[]): Cookie[] => {
  const kept = new Map(cookies.map((cookie) => [keyOf(cookie), cookie]));
  for (const header of headers) {
    const set = cookieIn(header, url);
    if (set === undefined) continue;
    const { isOver, ...cookie } = set;
    kept.delete(keyOf(cookie));
    if (!isOver && kept.size < MAX_COOKIES) kept.set(keyOf(cookie), cookie);
  }
  return [...kept.values()];
};

/** What a cookie has alone. No name and no host has a semicolon in it. */
const keyOf = ({ name, host, path }: Cookie): string => `${name};${host};${path}`;

const cookieIn = (header: string, url: URL): (Cookie & { isOver: boolean }) | undefined => {
  const [pair = '', ...parts] = header.split(';', 1 + MAX_COOKIE_ATTRIBUTES).map((part) => part.trim());
  if (pair.length > MAX_COOKIE_CHARACTERS || !SENDABLE.test(header)) return undefined;
  // What is no pair is a value without a name, and goes back as it came.
  const [name, value] = pair.includes('=') ? inTwo(pair) : ['', pair];
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
    // Dates need a clock; a probe is over before any that is in the future. Those that delete say 1970.
    isOver: /^-?\d+$/.test(maxAge) ? Number(maxAge) <= 0 : /\b1970\b/.test(attributes.get('expires') ?? ''),
  };
};

type Attributes = ReadonlyMap<string, string>;

/** Whether browsers take a cookie with these attributes from `url` (RFC 6265bis, 5.7; Chromium 156 takes and refuses the same). */
const isAllowed = (name: string, attributes: Attributes, domain: string, url: URL): boolean => {
  const isSecure = attributes.has('secure');
  if (isSecure && url.protocol !== 'https:') return false;
  const wantsSecure =
    /^__(?:secure|host)-/i.test(name) ||
    attributes.has('partitioned') ||
    attributes.get('samesite')?.toLowerCase() === 'none';
  if (wantsSecure && !isSecure) return false;
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
      (url.pathname === path || url.pathname.startsWith(path.endsWith('/') ? path : `${path}/`)),
  );
  return fit.length === 0
    ? undefined
    : fit.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
};
