import type { SiteState } from '../state/site-state.ts';

/** What has happened at a site, as the way from its state to the next one. Only the book puts the next one in place. */
export type Step = (state: SiteState) => SiteState;
