import type { Outcome } from '../probe/request.ts';

export type Health = 'up' | 'down' | 'unknown';

/** What one vantage saw of a target, as far as it decided: a code of `probe/outcome.ts`, and the words for people. */
export type Glimpse = { outcome: Outcome; code: string; detail: string };

export type TargetHealth = {
  health: Health;
  /** Since when; milliseconds. */
  sinceMs: number;
  /** Start of the first of the rounds that turned it. */
  firstMs?: number;
  /** The address it was judged at: another address starts again at `unknown`. */
  address: string;
  /** What each vantage saw in the round that turned it. People are told this, whatever a later one sees. */
  turnedBy?: Record<string, Glimpse>;
  /** Verdicts that speak against `health`, in a row. */
  streak?: { verdict: 'passed' | 'failed'; count: number; firstMs: number; lastMs: number };
  /** Start of the last round that kept `health` fresh. */
  freshMs: number;
  /** The last round was to refresh it and saw nothing: a successor must not take the deployment's last round for a fresh look. */
  lapsed?: true;
};

/** Start of the first of the rounds that found the target so, milliseconds: since then visitors have fared as its health says. */
export const turnedMs = ({ firstMs, sinceMs }: TargetHealth): number => firstMs ?? sinceMs;
