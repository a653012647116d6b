import { constants } from 'node:crypto';
import tls from 'node:tls';
import { trustedNow } from './authorities.ts';
import type { Way } from './ways-up.ts';

/** What a hello says of us: `small`, with as few bytes as do, or `browser`, as large as a browser's. */
export type HelloSize = 'small' | 'browser';

/** For TLS 1.3 all that browsers offer; for 1.2 those of Chromium, which offers neither DHE nor CBC with anything but SHA-1. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  // OpenSSL's level 2, Node's default, refuses RSA keys of 1,024 bits, which browsers take from an authority of one's own. Level 1
  // refuses what is signed with SHA-1, as browsers do.
  '@SECLEVEL=1',
].join(':');

/** Chromium's: no Ed25519, no P-521, no keys for RSA-PSS alone, no SHA-1. */
const SIGNATURE_ALGORITHMS = [
  'ecdsa_secp256r1_sha256',
  'rsa_pss_rsae_sha256',
  'rsa_pkcs1_sha256',
  'ecdsa_secp384r1_sha384',
  'rsa_pss_rsae_sha384',
  'rsa_pkcs1_sha384',
  'rsa_pss_rsae_sha512',
  'rsa_pkcs1_sha512',
].join(':');

/**
 * The groups for key exchange; with TLS 1.2 they are also the curves that a certificate's key may be on. A hello has a key share of
 * the first. Browsers offer a post-quantum group before them, whose share makes a hello four times as large (docs/cost.md), and
 * which no server demands.
 */
const SMALL_GROUPS = 'X25519:P-256:P-384';

/** Those of Firefox, with the three key shares that it sends: a hello of about 1,560 bytes, which is two packets. */
const BROWSER_GROUPS = '*X25519MLKEM768:*X25519:*P-256:P-384';

/** Whether the OpenSSL of this Node can make a hello like that: 3.5 knows its groups, and Node has it since 24.5. */
export const knowsBrowserHello = (offer: Offer = {}): boolean => {
  try {
    contextFor({ ...offer, hello: 'browser' }, false);
    return true;
  } catch {
    return false;
  }
};

export type Offer = {
  /** Certificate authorities, PEM, instead of Node's own and `NODE_EXTRA_CA_CERTS`. */
  ca?: string | undefined;
  /** The oldest version of TLS that will do; 1.2 if absent. */
  minTls?: '1.2' | '1.3' | undefined;
  /** What a server sent that OpenSSL is to look at first, PEM. Nothing of it is trusted. */
  way?: Way | undefined;
  /** `small` if absent. */
  hello?: HelloSize;
};

/**
 * TLS contexts by the authorities and by the rest of what they offer. Parsing authorities costs more than a handshake, so one context
 * serves many probes; and a text of thousands of letters is not made longer for each.
 */
const contexts = new Map<string | undefined, Map<string, tls.SecureContext>>();

/** Keys of those for one of several ways up, which are few: a server whose chain has two is rare. Each takes 11 ms and 2 MB. */
const ofWays = new Set<string | undefined>();
const MAX_WAYS = 4;
const forgetWays = (): void => {
  if (ofWays.size < MAX_WAYS) return;
  for (const one of ofWays) contexts.delete(one);
  ofWays.clear();
};

/**
 * What is offered to a server, and which authorities it must lead to. Where one connection is listened to for its keys, Node tells those of all
 * that share its context, which takes 7 % of a probe: those that are (`isHeard`) have a context of their own.
 */
export const contextFor = (
  { ca: named, minTls = '1.2', hello = 'small', way }: Offer,
  isHeard: boolean,
): tls.SecureContext => {
  const ca = named === undefined ? undefined : trustedNow(named);
  // One for both where it is rare: each holds all public authorities.
  const key = `${isHeard || way !== undefined} ${minTls} ${hello}`;
  const authorities = way === undefined ? ca : `${ca}\n${way}`;
  if (way !== undefined && !contexts.has(authorities)) forgetWays();
  const ofAuthorities = contexts.get(authorities) ?? new Map<string, tls.SecureContext>();
  let context = ofAuthorities.get(key);
  if (context === undefined) {
    context = tls.createSecureContext({
      // OpenSSL looks here before it looks at what was sent. Only a root among them can be the end of a way.
      ca: way === undefined ? ca : [...(ca === undefined ? tls.getCACertificates('default') : [ca]), way],
      minVersion: `TLSv${minTls}`,
      ciphers: CIPHERS,
      sigalgs: SIGNATURE_ALGORITHMS,
      ecdhCurve: hello === 'browser' ? BROWSER_GROUPS : SMALL_GROUPS,
      // Servers from before RFC 5746 (2010) are shown by browsers; OpenSSL 3 refuses them by itself.
      secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
      // What `ca` names is trusted, be it a root, an intermediate or the server's own certificate; what a server sends never is.
      allowPartialTrustChain: ca !== undefined && way === undefined,
    });
    ofAuthorities.set(key, context);
    contexts.set(authorities, ofAuthorities);
    if (way !== undefined) ofWays.add(authorities);
  }
  return context;
};
