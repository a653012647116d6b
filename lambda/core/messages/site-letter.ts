import type { NewsOf, SiteNews } from '../state/news.ts';
import { edited, expired, heldElsewhere, ordered, switchEnded } from './by-person.ts';
import type { Context, Letter } from './letter.ts';
import { foundMoved, moved, rolledBack, stateLost, unread } from './moved.ts';
import { addressAnswers, addressLate } from './moved-address.ts';
import { forbidden, notMade, notMovedBack, over, refused, stuck, unwritten } from './not-moved.ts';
import { blocked, unblocked } from './obstacles.ts';
import { lagging, visible } from './propagation.ts';
import { expiring, flaps, largeHello, steady, turned, unseenServer } from './servers.ts';
import { asWorded, several, withHeadline } from './several.ts';
import { silenceEnded } from './silence.ts';

/** By what has happened: the words in which people are told. */
const LETTERS: { [T in SiteNews['type']]: (news: NewsOf<T>, context: Context) => Letter } = {
  moved,
  found: foundMoved,
  unread,
  'rolled-back': rolledBack,
  'state-lost': stateLost,
  'address-answers': addressAnswers,
  'address-late': addressLate,
  turned,
  flapping: flaps,
  steady,
  unseen: unseenServer,
  'large-hello': largeHello,
  certificate: expiring,
  stuck,
  over,
  refused,
  late: notMade,
  protected: forbidden,
  unwritten,
  'failback-not-done': notMovedBack,
  ordered,
  'silence-ended': silenceEnded,
  edited,
  'held-elsewhere': heldElsewhere,
  'switch-ended': switchEnded,
  expired,
  blocked,
  unblocked,
  visible,
  lagging,
  worded: asWorded,
  several: (news, { site, config }) =>
    several(news, site.name, (one, atMs) =>
      withHeadline(one, siteLetter(one as SiteNews, { site, config, atMs }).subject),
    ),
};

/** What has happened at a site, in words. */
export const siteLetter = (news: SiteNews, context: Context): Letter =>
  (LETTERS[news.type] as (news: SiteNews, context: Context) => Letter)(news, context);
