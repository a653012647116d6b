import { isoTime } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import { silenceNow } from '../state/silence.ts';
import type { SiteState } from '../state/site-state.ts';

/** Who keeps the messages about a site back. */
export type SilenceStatus = {
  by: string;
  reason: string;
  /** ISO 8601 UTC. */
  since: string;
  until: string;
  /** Messages that were kept back so far. */
  suppressed: number;
  /** The command that ends it, as it follows the name of the program. */
  end: string;
};

/** Who has acknowledged the incident that is open: nobody is reminded of it until it changes or ends. */
export type AcknowledgedStatus = { by: string; reason: string; since: string };

/** What of a site people are not told at the moment, and whose doing that is. Null: nothing is kept back. */
export type QuietStatus = { silence: SilenceStatus | null; acknowledged: AcknowledgedStatus | null };

export const quietNow = (site: Site, state: SiteState | undefined, nowMs: number): QuietStatus => {
  const silence = state && silenceNow(state, nowMs);
  const acknowledged = state?.incident?.acknowledged;
  return {
    silence:
      silence === undefined
        ? null
        : {
            by: silence.by,
            reason: silence.reason,
            since: isoTime(silence.askedMs),
            until: isoTime(silence.untilMs),
            suppressed: silence.suppressed,
            end: `unsilence ${site.name} --reason "why"`,
          },
    acknowledged:
      acknowledged === undefined
        ? null
        : { by: acknowledged.by, reason: acknowledged.reason, since: isoTime(acknowledged.askedMs) },
  };
};
