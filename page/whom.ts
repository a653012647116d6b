import { createHash } from 'node:crypto';
import { drawnFor } from '../lambda/core/orders/drawn.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import { sitesCounted } from '../lambda/core/orders/status-document.ts';
import { siteHref } from './looks.ts';

/** Whom an order is about: one site, or all of them. */
export type Whom = SiteStatus | readonly SiteStatus[];

const isOne = (whom: Whom): whom is SiteStatus => 'site' in whom;
export const oneOf = (whom: Whom): SiteStatus | undefined => (isOne(whom) ? whom : undefined);
export const allOf = (whom: Whom): readonly SiteStatus[] => (isOne(whom) ? [whom] : whom);

export const nameOf = (whom: Whom): string => (isOne(whom) ? whom.site : 'all sites');
/** Where it is shown, and below which its forms are. */
export const placeOf = (whom: Whom): string => (isOne(whom) ? siteHref(whom.site) : '/');
export const formsOf = (whom: Whom): string => (isOne(whom) ? siteHref(whom.site) : '/all');

/**
 * What was there when a form was drawn. Of all sites it is whose hand is on each: servers die and sites move while somebody types, and that
 * must not stop who wants all of it to stop.
 */
export const drawnOf = (whom: Whom): string =>
  isOne(whom)
    ? drawnFor(whom)
    : createHash('sha256')
        .update(
          JSON.stringify(whom.map(({ site, mode, until, silence }) => [site, mode, until, silence?.since])),
        )
        .digest('base64url');

/** Sites with what people did to them: who may be surprised by an order on all. */
const byHand = (
  sites: readonly SiteStatus[],
  of: (site: SiteStatus) => string | null | undefined,
): string => {
  const names = new Set(sites.flatMap((site) => of(site) ?? []));
  return names.size === 0
    ? ''
    : `, by ${[...names].slice(0, 5).join(', ')}${names.size > 5 ? ' and others' : ''}`;
};

/** What an order on all sites comes to. */
export const consequenceForAll = (action: string, sites: readonly SiteStatus[]): string => {
  const counted = sitesCounted(sites.length);
  const held = sites.filter(({ mode }) => mode !== 'auto');
  const silent = sites.filter(({ silence }) => Boolean(silence));
  const unserved = sites.filter(({ servers }) =>
    servers.some(({ serves, health }) => serves && health === 'down'),
  ).length;
  const holders = `${sitesCounted(held.length)} held or pinned now${byHand(held, ({ holder }) => holder?.by)}`;
  if (action === 'hold')
    return `Nothing moves by itself, on any of ${counted}, until the hold ends.${unserved === 0 ? '' : ` ${sitesCounted(unserved)} DOWN now: visitors go on without.`}`;
  if (action === 'release') return `Switchover moves every site by itself again: ${holders}.`;
  if (action === 'silence')
    return `People are told of ${counted} only what is down, moves, and moves that could not be made. The deployment's own alarms are muted, too. Sites move as ever.`;
  return `Everything is told again, of ${sitesCounted(silent.length)} silenced now${byHand(silent, ({ silence }) => silence?.by)}. One message tells what still holds.`;
};
