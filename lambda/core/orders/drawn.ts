import type { SiteStatus } from './status.ts';

/** What a site was when a form or a button was drawn. An order that was given on something else is not carried out. */
export const drawnFor = ({ epoch, mode, until, serving, zone }: SiteStatus): string =>
  [epoch ?? '-', mode, until ?? '-', serving ?? '-', zone].join(' ');
