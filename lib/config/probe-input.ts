import type { HeaderRule, JsonRule, StatusRule } from '../../lambda/core/probe/request.ts';

export type SecretInput = {
  /** The name of the SSM parameter (SecureString) that holds it, such as /shop/slack: it is read when it is needed, and never shown. */
  secret: string;
};

/** Text, or the name of the SSM parameter (SecureString) that holds it: it is read when it is needed, and never shown. */
export type HeaderInput = string | SecretInput;

export type JsonRuleInput = {
  /** A JSON pointer (RFC 6901) to the value: /status, or /checks/0/name. */
  pointer: string;
  /** What it must be: a text, a number, true, false or null. */
  equals: JsonRule['equals'];
};

export type ProbeInput = {
  /**
   * What a probe asks for: scheme, host (Host header, SNI, certificate), port and path. Required here or in `defaults`.
   * tls://HOST:PORT asks for nothing and ends after the TLS handshake, certificate included; tcp://HOST:PORT once the
   * connection is there.
   */
  url?: string;
  /** Default 'GET'. Also 'HEAD', 'OPTIONS' and 'POST'; a probe is repeated every few seconds and must change nothing. */
  method?: string;
  /** Sent along with the request. Default none. A secret is written as { Authorization: { secret: '/shop/probe-key' } }. */
  headers?: Record<string, HeaderInput>;
  /** Sent with POST, at most 4,096 bytes; say what it is in `headers`: { 'content-type': 'application/json' }. */
  body?: string;
  /** Default [200]. Statuses and ranges: [200, '301-303']. */
  expectStatus?: StatusRule[];
  /** Headers that a good answer has: { 'x-role': 'primary', age: { matches: '^\\d$' }, etag: true, 'x-error': false }. */
  expectHeaders?: Record<string, HeaderRule>;
  /** Text that a good answer contains. Of a body the first 65,536 bytes are looked at. */
  bodyIncludes?: string;
  /** Text that a good answer does not contain. */
  bodyExcludes?: string;
  /** Source of a regular expression (flag `u`) that a good answer matches. It has a quarter of a second. */
  bodyMatches?: string;
  /** A value in a JSON answer: { pointer: '/status', equals: 'ok' }, a JSON pointer (RFC 6901). */
  bodyJson?: JsonRuleInput;
  /** Default 'passed'. 'failed' makes a slow server one that does not work. */
  slowIs?: 'passed' | 'failed';
  /**
   * Default 'failed'. What it means that a firewall or bot filter answers instead of the server (403, 429, challenge pages);
   * with 'unknown' nothing moves while it does.
   */
  blockedIs?: 'failed' | 'unknown';
  /** A good answer that took longer is told as `slow`; less than `timeoutSeconds`. */
  slowAfterSeconds?: number;
  /** Default 0, at most 5. How many redirects are followed; those to the site's own host go to the server that is probed. */
  followRedirects?: number;
  /**
   * Other hosts to which a redirect may lead. One that lies at a private address is followed if that address is listed
   * too. Headers and body of the probe are not sent there.
   */
  redirectHosts?: string[];
  /** What to trust instead of the public authorities, PEM or its file: a root, an intermediate, or the server's own certificate. */
  ca?: string | { file: string };
  /** Default '1.2'. The oldest version of TLS that will do. */
  minTls?: '1.2' | '1.3';
  /**
   * Default 'auto': over https HTTP/2 with a server that offers it and HTTP/1.1 with others, as a browser; 1 and 2 speak that version alone.
   * Over http it is always HTTP/1.1.
   */
  http?: 'auto' | 1 | 2;
  /** Default 3. Time for one probe in all, name resolution and body included; less than `intervalSeconds`. */
  timeoutSeconds?: number;
};
