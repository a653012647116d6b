/** What a gate takes its server for: the one that serves the site, or one that stands by. */
export type View = 'serves' | 'stands-by';

/** What of a request decides how it is answered. */
export type Asked = {
  /** The host that was asked for, as it was sent: `www.example.co.uk:8443`; absent in HTTP/1.0. */
  authority: string | undefined;
  /** The request target as it was sent: usually path and query, `http://host/path` of a proxy, or `*`. */
  target: string;
  /** How visitors came: what a redirect leads on with. */
  scheme: 'http' | 'https';
  /** The request has the probe's header with its value. */
  isProbe: boolean;
};

export type Answer =
  /** To the application behind the gate. */
  | { act: 'pass' }
  /** 307, which keeps method and body. */
  | { act: 'redirect'; location: string }
  /** 421: asked for the serving server's own name, which another server holds. */
  | { act: 'misdirected' };

/**
 * How a gate answers: the first line that matches.
 *
 *      request                        the gate's server     answer
 *      the probe's                    any                   pass: the application is what is probed
 *      any                            serves                pass
 *      for the primary's own name     stands by             421: whoever was sent here is sent nowhere else
 *      any                            stands by             307 to the primary's own name
 *
 * A redirect leads to the primary's name alone, and a request for that name is never redirected: so no visitor is sent on
 * twice by gates, whatever they believe and wherever DNS leads.
 */
export const answerTo = (asked: Asked, view: View, primaryHost: string): Answer => {
  if (asked.isProbe || view === 'serves') return { act: 'pass' };
  const { host, port } = authorityOf(asked);
  if (host === primaryHost) return { act: 'misdirected' };
  return { act: 'redirect', location: `${asked.scheme}://${primaryHost}${port}${pathOf(asked.target)}` };
};

/** Host without the dot of the root, lower case, and `:port` where one was given. The target's own host beats the header's. */
const authorityOf = ({ authority, target }: Asked): { host: string | undefined; port: string } => {
  const given = authorityIn(target) ?? authority ?? '';
  const [, host, port = ''] = /^(?:.*@)?(\[[^\]]*\]|[^:]*)(:\d{1,5})?:?$/.exec(given) ?? [];
  return { host: host?.toLowerCase().replace(/\.$/, '') || undefined, port };
};

/** Host and port that a target names itself: `http://host/path`, as it is sent to proxies. */
export const authorityIn = (target: string): string | undefined => /^https?:\/\/([^/?#]*)/i.exec(target)?.[1];

/** Path and query, for a target in any form (RFC 9112, 3.2). */
export const pathOf = (target: string): string => {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path === '*' ? '' : path}`;
};
