import { same } from '../base/same.ts';
import { headlineOf } from './headline.ts';
import type { Notice } from './notice.ts';
import { remindersOf, withReminders } from './reminders.ts';
import type { SiteState } from './site-state.ts';
import type { Sides } from './three-way.ts';

/** What tells that a write which is due is not made. */
const KINDS: readonly string[] = ['write-refused', 'protected'];
type Override = NonNullable<SiteState['override']>;

const TOPICS = ['refused', 'protected'] as const;

/** One that is claimed may be on its way to people: then its end is told. */
const isUntold = ({ kind, claim }: Notice): boolean => KINDS.includes(kind) && claim === undefined;

/**
 * The state without what kept a write that was due before an order of a person. It is not told any more, and what the order makes due is
 * told anew where that is not made either.
 */
export const withoutRefusals = (state: SiteState): SiteState => {
  const { writeRefused: _, protected: __, ...rest } = state;
  const reminders = TOPICS.reduce((all, topic) => withReminders(all, topic, {}), state.reminders);
  return { ...rest, reminders, outbox: state.outbox.filter((one) => !isUntold(one)) };
};

/**
 * Whether a notice tells of a write as not made, or of a move as kept back by a hold, that was due before the last order of a person. One may
 * be claimed, with all that waits behind it, long before its turn comes; what the order makes due is told anew.
 */
export const isOvertaken = (one: Notice, { override }: Pick<SiteState, 'override'>): boolean =>
  override !== undefined &&
  ((KINDS.includes(one.kind) && one.atMs <= override.askedMs) || isHoldOver(one, override));

/**
 * Whether what kept a site from moving to a server that is well is over: a release, a hold in place of a pin, or a pin to another server came
 * after it. Epochs tell which is later: whoever noted that the site stays may have read the order a moment after it was given. That no
 * server works stays true.
 */
const isHoldOver = ({ atMs, news }: Notice, { askedMs, epoch, mode }: Override): boolean => {
  if (news.type !== 'stuck' || news.hold === undefined || headlineOf(news) !== 'NOT MOVED') return false;
  const { hold } = news;
  const isLater = hold.epoch === undefined ? atMs <= askedMs : hold.epoch < epoch;
  return isLater && !(mode.mode === hold.mode && (mode.mode !== 'pinned' || mode.pin === hold.server));
};

/** The orders of persons that a side knows of. */
const ordersOf = ({ override, point, failbackAsked }: SiteState) => [
  override,
  point?.askedMs,
  failbackAsked?.askedMs,
];

/** A side without what it came by of refused writes since `base`. */
const withoutNew = (side: SiteState, base: SiteState): SiteState => {
  const { writeRefused, protected: kept } = base;
  const { writeRefused: _, protected: __, ...rest } = side;
  const reminders = TOPICS.reduce(
    (all, topic) => withReminders(all, topic, remindersOf(base.reminders, topic)),
    side.reminders,
  );
  const isKnown = ({ id }: Notice) => base.outbox.some((one) => one.id === id);
  return {
    ...rest,
    ...(writeRefused && { writeRefused }),
    ...(kept && { protected: kept }),
    reminders,
    outbox: side.outbox.filter((one) => isKnown(one) || !isUntold(one)),
  };
};

/**
 * Two sides of which one has an order that the other did not know of: what that other one noted meanwhile of writes that were not made
 * concerns what is due no more. Where it still is, the next look tells it.
 */
export const withoutOvertakenRefusals = ({ base, ours, theirs }: Sides<SiteState>): Sides<SiteState> => {
  const [isOurs, isTheirs] = [ours, theirs].map((side) => !same(ordersOf(side), ordersOf(base)));
  return {
    base,
    ours: isTheirs && !isOurs ? withoutNew(ours, base) : ours,
    theirs: isOurs && !isTheirs ? withoutNew(theirs, base) : theirs,
  };
};
