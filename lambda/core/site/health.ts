export type Health = 'up' | 'down' | 'unknown';

export type TargetHealth = {
  health: Health;
  /** Since when; milliseconds. */
  sinceMs: number;
  /** Start of the first of the rounds that turned it. */
  firstMs?: number;
  /** The address it was judged at: another address starts again at `unknown`. */
  address: string;
  /** Of one that is down: what each vantage saw in the round that turned it. People are told this, whatever a later one sees. */
  seen?: Record<string, string>;
  /** Verdicts that speak against `health`, in a row. */
  streak?: { verdict: 'passed' | 'failed'; count: number; firstMs: number; lastMs: number };
  /** Start of the last round that kept `health` fresh. */
  freshMs: number;
  /** The last round was to refresh it and saw nothing: a successor must not take the deployment's last round for a fresh look. */
  lapsed?: true;
};

/** Start of the first of the rounds that found the target so, milliseconds: since then visitors have fared as its health says. */
export const turnedMs = ({ firstMs, sinceMs }: TargetHealth): number => firstMs ?? sinceMs;
