import { type Book, stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { mustGet } from '../core/base/must-get.ts';
import { afterWaiting } from '../core/decision/damping.ts';
import { type Look, sightedVantages } from '../core/evidence/judge.ts';
import { servingOf } from '../core/evidence/targets.ts';
import { quorum, type Site } from '../core/site/site.ts';
import { advancePoint } from '../core/state/planned-switch.ts';
import { assess, judge } from '../core/steps/assess.ts';
import type { Assessment } from '../core/steps/assessment.ts';
import type { Logging, World } from '../ports.ts';
import { type Listings, listedOf, viewOf } from '../zones/listing.ts';

/** What was made of one site's looks. */
export type Assessed = {
  readonly lastLook?: Look;
  readonly blindRounds: number;
  /** A move back waits only for a round in which all vantages look. */
  readonly moveWaits: boolean;
  /** What was decided on the last look; absent where nothing could be. */
  readonly assessment?: Assessment | undefined;
};

export type AssessPorts = Logging & Pick<World, 'config' | 'memory'>;

/** What is decided for each site, and what people are to hear of it. */
export type Assessments = AssessPorts & {
  book: Book;
  listings: Listings;
  sites: ReadonlyMap<Site, Assessed>;
};

export const openAssessments = (ports: AssessPorts, book: Book, listings: Listings): Assessments => ({
  ...ports,
  book,
  listings,
  sites: new Map(ports.config.sites.map((site) => [site, { blindRounds: 0, moveWaits: false }])),
});

export const assessedOf = ({ sites }: Assessments, site: Site): Assessed => mustGet(sites, site);

export const assessmentOf = (assessments: Assessments, site: Site): Assessment | undefined =>
  assessedOf(assessments, site).assessment;

const note = (assessments: Assessments, site: Site, assessed: Partial<Assessed>): void => {
  Object.assign(assessedOf(assessments, site), assessed);
};

/** Goes on with the count of the predecessor: it may have made but one look. */
export const resumeBlind = (assessments: Assessments, site: Site, blindRounds: number): void =>
  note(assessments, site, { blindRounds });

/** Nothing is decided for a site until it was looked at again. */
export const forgetAssessment = (assessments: Assessments, site: Site): void =>
  note(assessments, site, { assessment: undefined });

/** Judges a look at a site, and decides. Waits for nothing. */
export const judgeAndDecide = (assessments: Assessments, site: Site, look: Look): void => {
  const { book, clock, config, listings } = assessments;
  const nowMs = clock.now();
  const view = viewOf(listings, site);
  const listed = listedOf(listings, site).view ?? { kind: 'nothing' as const };
  const judged = judge({ site, state: stateOf(book, site), view: view ?? listed }, look, config);
  change(book, site, () => advancePoint(site, judged, listed, nowMs));
  note(assessments, site, {
    lastLook: look,
    ...(look.full && { blindRounds: blindAfter(assessments, site, look) }),
  });
  if (view === undefined) {
    // Nobody knows what DNS says: health is judged, and nothing is decided until the zone could be read.
    forgetAssessment(assessments, site);
    return;
  }
  const state = stateOf(book, site);
  const { moveWaits, ...decided } = assess({ site, state, view }, look, nowMs, config);
  if (decided.decision.reason === 'flapping')
    change(book, site, (now) => ({ ...now, damping: afterWaiting(now.damping, nowMs) }));
  note(assessments, site, { moveWaits, assessment: { site, state, view, look, nowMs, config, ...decided } });
};

const blindAfter = (assessments: Assessments, site: Site, look: Look): number => {
  const isBlind = sightedVantages(look).length < quorum(assessments.config.vantages.length);
  return isBlind ? assessedOf(assessments, site).blindRounds + 1 : 0;
};

/** The decision once more, on what the zone lists now. */
export const decideAgain = (assessments: Assessments, site: Site): void => {
  const { book, clock, config, listings } = assessments;
  const before = assessmentOf(assessments, site);
  const { view } = listedOf(listings, site);
  if (before === undefined || view === undefined) return;
  // What serves now is not what was looked at as serving: the next look decides.
  if (servingOf(view) !== servingOf(before.view)) {
    forgetAssessment(assessments, site);
    return;
  }
  const nowMs = clock.now();
  const state = stateOf(book, site);
  const { facts, decision } = assess({ site, state, view }, before.look, nowMs, config);
  note(assessments, site, { assessment: { ...before, state, view, facts, decision, nowMs } });
};

/** The site is left, because only so many may move at a time; people hear that it waits. */
export const letWait = (assessments: Assessments, site: Site): void => {
  const before = assessmentOf(assessments, site);
  if (before === undefined) return;
  const decision = { ...before.decision, act: 'leave', waits: true } as const;
  note(assessments, site, { assessment: { ...before, decision } });
};

/** The sites that wait for others to move first. */
export const waitingOf = (assessments: Assessments): Site[] =>
  assessments.config.sites.filter((site) => assessmentOf(assessments, site)?.decision.waits);
