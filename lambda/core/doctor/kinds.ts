import type { Severity } from '../state/finding.ts';

export type Kind = {
  severity: Severity;
  /** Reads on after "because": present when nothing would move, or visitors would not follow. */
  stops?: string;
  /** Reads on after a colon: present when something was not answered, so that nobody can tell whether it would move. */
  unknown?: string;
  /** Why it matters on the night. */
  why: string;
  /** How to mend it. */
  mend: string;
};

export const error = (stops: string | undefined, why: string, mend: string): Kind => ({
  severity: 'error',
  ...(stops !== undefined && { stops }),
  why,
  mend,
});
export const unanswered = (unknown: string, why: string, mend: string): Kind => ({
  severity: 'warning',
  unknown,
  why,
  mend,
});
export const warning = (why: string, mend: string): Kind => ({ severity: 'warning', why, mend });
export const note = (why: string, mend: string): Kind => ({ severity: 'note', why, mend });
