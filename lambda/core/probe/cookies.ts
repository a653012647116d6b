import { MAX_COOKIE_CHARACTERS, MAX_COOKIES } from './bounds.ts';

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
  let kept = [...cookies];
  for (const header of headers) {
    const set = cookieIn(header, url);
    if (set === undefined) continue;
    const { isOver, ...cookie } = set;
    kept = kept.filter(
      (one) => one.name !== cookie.name || one.host !== cookie.host || one.path !== cookie.path,
    );
    if (!isOver && kept.length < MAX_COOKIES) kept.push(cookie);
  }
  return kept;
};

const cookieIn = (header: string, url: URL): (Cookie & { isOver: boolean }) | undefined => {
  if (header.length > MAX_COOKIE_CHARACTERS || !SENDABLE.test(header)) return undefined;
  const [pair = '', ...parts] = header.split(';').map((part) => part.trim());
  const [name, value] = inTwo(pair);
  const attributes = new Map(parts.map(inTwo).map(([key, text]) => [key.toLowerCase(), text]));
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  if (name === '' || (domain !== '' && !isBelow(url.hostname, domain))) return undefined;
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
  return fit.length === 0 ? undefined : fit.map(({ name, value }) => `${name}=${value}`).join('; ');
};
