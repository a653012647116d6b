import { entryOf, stateOf } from '../book/book.ts';
import { change, forgetLoss, logApplied } from '../book/change.ts';
import { isAway, save } from '../book/table.ts';
import { same } from '../core/base/same.ts';
import type { Site } from '../core/site/site.ts';
import { isUnanswered } from '../core/state/answered-order.ts';
import { withClaims } from '../core/state/claim.ts';
import { reminderKey, remindersOf } from '../core/state/reminders.ts';
import type { SiteState } from '../core/state/site-state.ts';
import { ABOUTS } from '../core/steps/stuck.ts';
import { tell } from '../core/steps/tell.ts';
import { editOf, isBehind, listedOf } from '../zones/listing.ts';
import { type Assessments, assessedOf } from './assess.ts';

/**
 * Writes down what people are to hear of a site: what changed and why. The teller (notify/teller.ts) publishes it along
 * with the rounds and acknowledges it, so that a controller that dies in between leaves it to its successor, and a
 * topic that does not answer keeps no site waiting.
 */
export const announce = async (assessments: Assessments, site: Site): Promise<void> => {
  const { book, clock } = assessments;
  noteNews(assessments, site);
  // Saved with the outbox, so that nobody else tells it meanwhile.
  if (!book.work.over)
    change(book, site, (state) =>
      withClaims(state, book.id, clock.now(), (one) => !isUnanswered(one, state.outbox)),
    );
  const isKept = (await save(book, site)) || isAway(book, site);
  logApplied(book, site, isKept);
  // With nothing to tell of a site, the outboxes of all others are not looked through for its sake.
  if (stateOf(book, site).outbox.length > 0) book.tell.ring();
};

/** Writes down what the last decision gives reason to tell; not stored yet. A defect in it concerns this site alone. */
export const noteNews = (assessments: Assessments, site: Site): void => {
  try {
    noteSeen(assessments, site);
  } catch (error) {
    assessments.book.work.noteDefect(error, site.name);
  }
};

const noteSeen = (assessments: Assessments, site: Site): void => {
  const { book, listings, memory } = assessments;
  const { assessment, blindRounds } = assessedOf(assessments, site);
  // What is told must be true of the zone as it is: of a newer write it is told once the zone was listed again.
  if (assessment === undefined || isBehind(listings, site)) return;
  const { state: before, stateLost, version } = entryOf(book, site);
  // Of a site that a person has given an order for since, the next look decides and tells.
  if (!same(assessment.state.override, before.override)) return;
  const listed = listedOf(listings, site).view;
  const state = version === undefined ? withRemembered(memory, site, before) : before;
  const next = tell({
    ...assessment,
    state,
    view: listed ?? assessment.view,
    blindRounds,
    editConfirmed: editOf(listings, site)?.confirmed ?? false,
    stateLost,
    stateKnown: version !== undefined,
    listed: listed !== undefined,
  });
  change(book, site, () => next);
  forgetLoss(book, site);
  rememberStuck(assessments, site);
};

const nameOf = (site: Site, about: string): string => `${site.name} stuck ${about}`;

/** Told once and then hourly also while nothing can be stored: then this process remembers, as far as it lives. */
const rememberStuck = ({ book, memory }: Assessments, site: Site): void => {
  const told = remindersOf(stateOf(book, site).reminders, 'stuck');
  for (const about of ABOUTS) {
    const atMs = told[about];
    if (atMs === undefined) memory.delete(nameOf(site, about));
    else memory.set(nameOf(site, about), atMs);
  }
};

const withRemembered = (memory: Assessments['memory'], site: Site, state: SiteState): SiteState => {
  const told = ABOUTS.flatMap((about) => {
    const atMs = memory.get(nameOf(site, about));
    return atMs === undefined ? [] : [[reminderKey('stuck', about), atMs] as const];
  });
  return told.length === 0 ? state : { ...state, reminders: { ...state.reminders, ...Object.fromEntries(told) } };
};
