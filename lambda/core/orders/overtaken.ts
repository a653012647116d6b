import { clockTime } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import type { SiteState } from '../state/site-state.ts';
import { modeText, twoWays } from './ordered.ts';

type Override = NonNullable<SiteState['override']>;

/** What an order asks of a site: `it` of what was ordered. */
export const orderText = ({ mode, serving }: Pick<Override, 'mode' | 'serving'>): string => {
  if (serving === undefined) return `be ${modeText(mode)}`;
  return mode.mode === 'auto' ? `be put back, ${serving} serving` : `be adopted, ${modeText(mode)}`;
};

/** The refusal of an order before which another one was given that is stored already: the last order wins. */
export const orderedSince = (site: Site, override: Override): string =>
  `Refused: ${override.by} ordered since (${clockTime(override.askedMs)}) that ${site.name} ${orderText(override)}. ${AGAIN}`;

const AGAIN = 'Look with "status", and repeat this if it is still wanted.';

/**
 * The answer to a person whose order was stored, so that people are told of it, and which another order ended before
 * its write was in DNS. `done`: what the order did.
 */
export const endedByOrder = (done: string, askedMs: number, override: Override): string =>
  `${done}, done at ${clockTime(askedMs)} and ended at ${clockTime(override.askedMs)} by ${override.by}, ` +
  `who ordered that it ${orderText(override)} (${override.reason}). ${AGAIN}`;

/** The same of one that an edit of the records ended. Nobody knows when that was made, only when it was seen. */
export const endedByEdit = (site: Site, done: string, askedMs: number, seenMs: number): string =>
  `${done}, done at ${clockTime(askedMs)} and overruled by an edit by hand that was seen at ${clockTime(seenMs)}. ${twoWays(site)}`;
