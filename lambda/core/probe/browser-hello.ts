import { fingerprint } from '../base/fingerprint.ts';

/** What came of a TLS hello as large as a browser's. */
export type BrowserHello = { outcome: 'passed' | 'failed'; detail: string };

const HOUR_MS = 3_600_000;

/**
 * Whether the look at `startMs` is the one in the hour that offers a site's servers a hello as large as a browser's. Each site has a
 * minute of its own for it, or all would be asked at once. Looks are at most `intervalMs` apart, so none of the hours is left out;
 * where two looks fall into one such interval both do it, which costs a handshake.
 */
export const isHelloDue = (site: string, startMs: number, intervalMs: number): boolean => {
  const offsetMs = Number.parseInt(fingerprint(`hello of ${site}`), 16) % HOUR_MS;
  return (startMs + offsetMs) % HOUR_MS < intervalMs;
};

/** Of several addresses of one server the one that takes no large hello counts: a visitor may get any of them. */
export const worseHello = (
  one: BrowserHello | undefined,
  other: BrowserHello | undefined,
): BrowserHello | undefined => (other === undefined || one?.outcome === 'failed' ? one : other);
