import type { Authorities } from './authorities.ts';
import type { ChainEnd } from './chain-end.ts';
import type { Way } from './ways-up.ts';

/** A server's certificate in which nothing was wrong, what that depends on, and what was found of its chain. */
export type KnownCertificate = {
  digest: string;
  suite: string;
  /** Not their text, of which each event brings a copy. */
  authorities: Authorities | undefined;
  end: ChainEnd | undefined;
  /** When it was looked at, milliseconds since 1970. */
  atMs: number;
};

/** What this process has learned of a server over TLS, so that it need not look at everything again a few seconds later. */
export type KnownServer = {
  /** How many bytes it sent up to the end of its handshake, once its certificates were looked at and found cheap to verify. */
  handshakeBytes?: number;
  certificate?: KnownCertificate;
  /** By which of several ways its certificate leads to an authority, where it is not by the first. */
  way?: Way;
};

/** By address, host and hello. More than any deployment has; then all are looked at once more. */
const known = new Map<string, KnownServer>();
const MAX_KNOWN = 10_000;

/** What is known of a server; nothing of one that is met for the first time. */
export const knownServer = (server: string): Readonly<KnownServer> => known.get(server) ?? NOTHING;
const NOTHING: KnownServer = {};

export const rememberServer = (server: string, learned: KnownServer): void => {
  const before = known.get(server);
  if (before !== undefined) {
    Object.assign(before, learned);
    return;
  }
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(server, { ...learned });
};

/** Something was wrong with it, or is no longer as it was: it is met as if for the first time. */
export const forgetServer = (server: string): void => void known.delete(server);
