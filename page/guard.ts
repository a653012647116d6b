import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Who may see the page: whoever was given its address. The token stands in that address once; from then on a cookie is shown that no
 * other site's page can have sent (SameSite=Strict) and no script can read.
 */
export type Guard = {
  token: string;
  /** The cookie for who has shown the token. */
  cookie(port: number): string;
  isKnown(headers: IncomingHttpHeaders, port: number): boolean;
  isToken(given: string | null): boolean;
  /** Whether a program shows the token, as `Authorization: Bearer TOKEN`. */
  isBearer(headers: IncomingHttpHeaders): boolean;
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/** Cookies are one for all ports of a host: each page has its own name. */
const nameFor = (port: number): string => `switchover-${port}`;

export const newGuard = (): Guard => {
  const token = randomBytes(24).toString('base64url');
  const session = randomBytes(24).toString('base64url');
  return {
    token,
    cookie: (port) => `${nameFor(port)}=${session}; Path=/; HttpOnly; SameSite=Strict`,
    isKnown: ({ cookie = '' }, port) =>
      cookie
        .split('; ')
        .some(
          (pair) =>
            pair.startsWith(`${nameFor(port)}=`) && isSame(pair.slice(nameFor(port).length + 1), session),
        ),
    isToken: (given) => given !== null && isSame(given, token),
    isBearer: ({ authorization = '' }) => isSame(authorization, `Bearer ${token}`),
  };
};

/** The name by which this machine may be asked: with any other a stranger's name was made to lead here. */
export const isOurHost = ({ host = '' }: IncomingHttpHeaders, port: number): boolean =>
  host === `127.0.0.1:${port}`;

/** Whether another page asks for something, be it only to look. Whoever opens an address or follows a link sends no Origin. */
export const isForeign = (headers: IncomingHttpHeaders): boolean =>
  headers.origin !== undefined && !isFromHere(headers);

/** Whether a request that changes something comes from a page of ours. Every browser says where a form was. */
export const isFromHere = ({ origin, host }: IncomingHttpHeaders): boolean => origin === `http://${host}`;

/** For every answer. No script and no style but from files of ours, nothing from another host, and nobody's frame around it. */
export const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** For a view that has a style within it. */
export const WITH_OWN_STYLE = HEADERS['content-security-policy'].replace(
  "style-src 'self'",
  "style-src 'self' 'unsafe-inline'",
);
