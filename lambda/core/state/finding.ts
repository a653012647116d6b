/**
 * `error`: visitors or people would be failed on the night; `warning`: it would cost more than it must; `note`: good to
 * know.
 */
export type Severity = 'error' | 'warning' | 'note';

/** What a finding is about: one site, all sites of a zone, or, with neither, the whole deployment. */
export type About = { site?: string; zone?: string };

/** One thing that the doctor found. Codes are stable. */
export type Finding = About & {
  code: string;
  severity: Severity;
  /** What was seen. */
  what: string;
  /** Why it matters on the night. */
  why: string;
  /** How to mend it. */
  mend: string;
  /** With those that would stop a failover, or keep visitors from following it: reads on after "because". */
  stops?: string;
  /** With those that leave open whether a failover would be made: what was not answered. Reads on after a colon. */
  unknown?: string;
};
