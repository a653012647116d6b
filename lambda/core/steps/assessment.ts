import type { Decision, Facts } from '../decision/decide.ts';
import type { Look } from '../evidence/judge.ts';
import type { Config, Site } from '../site/site.ts';
import type { SiteState } from '../state/site-state.ts';
import type { ZoneView } from '../zone/zone-view.ts';

/** What was seen and decided for one site in one round. */
export type Assessment = {
  site: Site;
  state: SiteState;
  view: ZoneView;
  look: Look;
  facts: Facts;
  decision: Decision;
  nowMs: number;
  config: Config;
};

/** An assessment with what matters for people alone. */
export type Telling = Assessment & {
  /** Rounds in a row in which all vantages were called and no quorum saw anything. */
  blindRounds: number;
  /** The edit was listed twice, some time apart. */
  editConfirmed: boolean;
  /** Nothing was stored for this site although the store could be read. */
  stateLost: boolean;
  /** What was told before is known. Without the store every controller would tell the same turns again each minute. */
  stateKnown: boolean;
  /** The zone was listed by this controller: `view` is what it lists, and not only what was left there. */
  listed: boolean;
};
